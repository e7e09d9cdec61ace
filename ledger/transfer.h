/*
 * Transfers between customers and invoices (FORMAT.md 5.3, adjustment of charge `transfer`): one document with two sides.
 * The document itself says what is taken off one customer; what is put on the other is read here as a document of its own,
 * so that whatever asks about a customer, an invoice or an allocation can ask it of both sides.
 */
#ifndef LEDGER_TRANSFER_H
#define LEDGER_TRANSFER_H

#include <jansson.h>
#include <stdbool.h>

#include "ledger/status.h"

/* Whether the document is a transfer of the credit on a customer's account; other transfers move debt. */
bool transfer_of_credit(const json_t *document);

/*
 * The side that receives: the document without `to`, with its customer and allocations, and a direction: `up` where debt
 * is put on the customer, `down` where credit is.
 *
 * out     *ret_receiving: gives; NULL when the document is no transfer.
 * errors  MEMORY.
 */
MUST_USE enum status transfer_receiving(const json_t *document, json_t **ret_receiving, struct err *err);

#endif
