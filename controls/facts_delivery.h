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

#endif
