/*
 * The part of C-35 that is about a customer's account: what recoveries and credit balances given up take of it.
 */
#ifndef CONTROLS_RULES_C35_ACCOUNT_H
#define CONTROLS_RULES_C35_ACCOUNT_H

#include <jansson.h>
#include <stddef.h>

#include "controls/control.h"
#include "ledger/status.h"

/* A recovery: no more than was written off and not yet recovered, by invoice, and than its receipt and account have. */
MUST_USE enum status recovery_judge(const struct request *request, const struct facts *facts, struct answers *answers,
                                    struct err *err);

/* An amount that is taken from what stands on the customer's account; own_minor of what waits there is its own. */
struct account_taking {
    const char *entity, *customer, *currency;
    int64_t amount_minor, own_minor;
};
MUST_USE enum status account_judge(const struct account_taking *taking, const struct facts *facts,
                                   struct answers *answers, struct err *err);

/* What the document holds of its amount while it waits; 0 when it does not. errors INPUT, LIMIT. */
MUST_USE enum status held_amount(const struct request *request, int64_t *ret_minor, struct err *err);

/* The sentences of their codes; false: not one of them. */
bool account_sentence(const json_t *answer, char ret_text[static SENTENCE_BYTES]);

#endif
