/*
 * Delegations at the moment of a decision: who may act for whom, doing what, and what a delegation is worth now. Errors
 * everywhere: CORRUPT, IO, MEMORY.
 */
#ifndef CONTROLS_FACTS_DELEGATION_H
#define CONTROLS_FACTS_DELEGATION_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "controls/facts.h"
#include "ledger/status.h"

/* What the best delegation between two users comes to for one act; the later, the nearer to being allowed. */
enum delegation_state {
    DELEGATION_NONE,  /* none between the two that names the function */
    DELEGATION_OVER,  /* ended, revoked, or not begun */
    DELEGATION_LOST,  /* the one who gave it does not hold the function for the entity now, or has left */
    DELEGATION_ABOVE, /* the amount is above its limit */
    DELEGATION_GOOD
};

struct delegation_ask {
    const char *from_user, *to_user;
    const char *function, *entity;
    int64_t amount_minor; /* base currency */
};

/* *ret_record: the delegation that the answer is about, gives; NULL for DELEGATION_NONE. */
MUST_USE enum status facts_delegation(const struct facts *facts, const struct delegation_ask *ask,
                                      enum delegation_state *ret_state, json_t **ret_record, struct err *err);

/* NULL when there is none of that number; gives. */
MUST_USE enum status facts_delegation_find(const struct facts *facts, const char *number, json_t **ret_record,
                                           struct err *err);

/* Calls step for each delegation that a user has given or received, in any state. */
typedef enum status facts_delegation_step(void *context, const json_t *delegation, bool *ret_more, struct err *err);
MUST_USE enum status facts_delegations_of(const struct facts *facts, const char *user, facts_delegation_step *step,
                                          void *context, struct err *err);

/* Whether its dates, no revocation and no review that nobody answered let it stand: now; or its dates and no revocation, at some
 * time from now on. */
MUST_USE enum status facts_delegation_stands(const struct facts *facts, const json_t *delegation, bool future_too,
                                             bool *ret_stands, struct err *err);

/* What actor received from `from_user` with the function and a review has suspended; NULL when there is none; gives. */
MUST_USE enum status facts_suspended_delegation(const struct facts *facts, const struct delegation_ask *ask,
                                                json_t **ret_record, struct err *err);

/* How many other delegations of a person, given or received, overlap the time from..to. */
struct delegation_count {
    const char *person;
    bool given;            /* else received */
    const char *from, *to; /* instants */
    const char *not_number;
};
MUST_USE enum status facts_delegation_overlaps(const struct facts *facts, const struct delegation_count *count,
                                               size_t *ret_count, struct err *err);

#endif
