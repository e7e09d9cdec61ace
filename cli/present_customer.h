/*
 * A customer as an approver has to see it beside a document.
 */
#ifndef CLI_PRESENT_CUSTOMER_H
#define CLI_PRESENT_CUSTOMER_H

#include <jansson.h>

#include "cli/block.h"
#include "controls/facts.h"
#include "ledger/status.h"

/*
 * The customer's limit, balance and documents of the last twelve months.
 *
 * in      record: the document that is shown; those without a customer have none.
 * out     *ret_customer: gives {balance, customer, documents, record}; JSON null for none. With block (may be NULL) it is
 *         printed too.
 * errors  of the facts.
 * cost    O(the customer's documents in twelve months), at most CUSTOMER_DOCUMENTS_MAX of them.
 */
enum { CUSTOMER_DOCUMENTS_MAX = 1000, CUSTOMER_DOCUMENTS_SHOWN = 8 };
MUST_USE enum status present_customer(struct block *block, const struct facts *facts, const json_t *record,
                                      json_t **ret_customer, struct err *err);

#endif
