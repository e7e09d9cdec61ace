/*
 * Facts about an entity's opening balances: what the feeds have brought so far. Errors as in facts.h.
 */
#ifndef CONTROLS_FACTS_OPENING_H
#define CONTROLS_FACTS_OPENING_H

#include <jansson.h>
#include <stdbool.h>

#include "controls/facts.h"
#include "ledger/status.h"

/*
 * What stands in the books for an entity, in the form in which an `entity` document states it.
 *
 * out     *ret_opening: {customers, opening: [{count, currency, total}]} sorted by currency: invoices, and what they and the
 *         customers' accounts come to; gives.
 * errors  LIMIT (a sum leaves 64 bits).
 * cost    O(customers + invoices of the entity).
 */
MUST_USE enum status facts_opening(const struct facts *facts, const char *entity, json_t **ret_opening,
                                   struct err *err);

/* A feed of the entity whose file was begun and not finished; NULL when there is none. Lends for ever. */
MUST_USE enum status facts_unfinished_file(const struct facts *facts, const char *entity, const char **ret_feed,
                                           struct err *err);

#endif
