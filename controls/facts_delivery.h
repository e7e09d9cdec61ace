/*
 * Facts about deliveries: what was posted and is on its way to the ERP. As in facts.h, "not there" is an answer.
 */
#ifndef CONTROLS_FACTS_DELIVERY_H
#define CONTROLS_FACTS_DELIVERY_H

#include <jansson.h>

#include "controls/facts.h"

/* A delivery's record (BOOKS_DELIVERIES); NULL when there is none; gives. */
MUST_USE enum status facts_delivery(const struct facts *facts, const char *entity, const char *delivery,
                                    json_t **ret_record, struct err *err);

/*
 * Calls step with the record of each delivery that the ERP has not acknowledged just once, as they were posted. The key
 * begins with the entity.
 *
 * in      entity: NULL: of all.
 */
MUST_USE enum status facts_outbox(const struct facts *facts, const char *entity, books_step *step, void *context,
                                  struct err *err);

/* How much is on its way. */
struct outbox_depth {
    uint64_t count;
    int64_t oldest_ms; /* when the first of it was posted; -1 where there is nothing, or nothing that may be read */
};

/*
 * How many deliveries the ERP has not acknowledged just once, and since when.
 *
 * errors  PERMISSION (who reads through a server may not count them).
 * cost    O(entities).
 */
MUST_USE enum status facts_outbox_depth(const struct facts *facts, struct outbox_depth *ret_depth, struct err *err);

#endif
