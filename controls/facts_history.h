/*
 * Facts about who acted on what before: documents that name a document, and acts on a group of customers.
 */
#ifndef CONTROLS_FACTS_HISTORY_H
#define CONTROLS_FACTS_HISTORY_H

#include "controls/facts.h"

/* Calls step with the number of each document that names this one. Returning false in *ret_more stops. */
typedef enum status number_step(void *context, const char *number, bool *ret_more, struct err *err);
MUST_USE enum status facts_linked(const struct facts *facts, const char *number, number_step *step, void *context,
                                  struct err *err);

/* One act of a person on a customer: a limit made or approved (document), or cash applied (feed, sequence). */
struct past_act {
    const char *entity, *customer;
    const char *function;
    const char *document; /* NULL for a feed */
    const char *feed;
    int64_t sequence;
    const char *time;
    uint64_t seq; /* its entry */
};
typedef enum status past_step(void *context, const struct past_act *act, bool *ret_more, struct err *err);

/*
 * A person's acts on any customer of the group, later than after_ms, latest first for each customer.
 *
 * errors  of the step, CORRUPT, IO, MEMORY.
 * cost    one look-up for a person without any in the window; else O(customers of the group + acts in the window).
 */
MUST_USE enum status facts_history(const struct facts *facts, const char *person, const char *group, int64_t after_ms,
                                   past_step *step, void *context, struct err *err);

/* The customer's record that a document is about: its own, a reversal's original's; NULL where there is none. Gives.
 * errors CORRUPT, IO, MEMORY. */
MUST_USE enum status facts_customer_of(const struct facts *facts, const json_t *document, json_t **ret_customer,
                                       struct err *err);

#endif
