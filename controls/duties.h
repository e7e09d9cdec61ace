/*
 * What a person holds, and what of it the policy or a floor keeps apart: the one place where static segregation of duties is
 * worked out, for a grant (C-20, C-24), for a policy over everybody (C-20), and for the list that officers and auditors read.
 */
#ifndef CONTROLS_DUTIES_H
#define CONTROLS_DUTIES_H

#include <stdbool.h>
#include <stddef.h>

#include "controls/facts.h"
#include "controls/policy.h"
#include "ledger/limits.h"
#include "ledger/status.h"

/* One function, and where it comes from. */
struct duty_item {
    const char *function; /* of the policy: lends while that lives */
    const char *role;
    char grant[ID_BYTES_MAX + 1]; /* "" for a role that is only being considered */
    char user[ID_BYTES_MAX + 1];
    bool waits; /* the grant still waits for its second signature */
};

/* Everything one person holds, oldest first: held, then waiting, then considered. */
struct holding {
    struct duty_item *items;
    size_t count, capacity;
    size_t first_new; /* items from here on are considered; count when none are */
};

void holding_done(struct holding *holding);

/*
 * All functions of a person under facts->policy, over all users, every entity, inherited roles, grants that begin later;
 * with waiting, those of grants that wait, too, but the one of that number.
 *
 * in      holding: zeroed. not_number: NULL for none.
 * errors  CORRUPT, IO, MEMORY.
 */
MUST_USE enum status holding_collect(const struct facts *facts, const char *person, bool waiting,
                                     const char *not_number, struct holding *holding, struct err *err);
/* Adds a role that is being considered. errors MEMORY. */
MUST_USE enum status holding_consider(struct holding *holding, const struct policy_role *role, const char *user,
                                      struct err *err);

enum clash_rule { CLASH_FLOOR, CLASH_NEVER, CLASH_MITIGATED, CLASH_EXCLUSIVE };

/* Two things that one person may not hold, or a set of which the person holds too many. */
struct clash {
    enum clash_rule rule;
    const char *name;            /* CLASH_FLOOR: the floor; CLASH_EXCLUSIVE: the set */
    const char *a_duty, *b_duty; /* of the pair, a < b; NULL for the other rules */
    const struct duty_item *a;   /* the newer one, where one is considered */
    const struct duty_item *b;   /* NULL for CLASH_EXCLUSIVE */
    size_t held, fewer_than;     /* CLASH_EXCLUSIVE */
};
typedef enum status clash_step(void *context, const struct clash *clash, struct err *err);

/*
 * Calls step for each clash, once a floor, pair or set; where items are considered, only for clashes that one of them
 * takes part in.
 *
 * errors  of the step.
 */
MUST_USE enum status holding_clashes(const struct policy *policy, const struct holding *holding, clash_step *step,
                                     void *context, struct err *err);

/* The floor that keeps two functions apart; NULL when there is none. */
const char *duties_floor(const char *a, const char *b);
/* "never", "mitigated", "floor", "exclusive". Lends for ever. */
const char *clash_rule_word(enum clash_rule rule);

/*
 * The living mitigation of a person for a pair of duties (either order).
 *
 * out     *ret_record: gives; NULL when none lives at the facts' time.
 */
MUST_USE enum status facts_mitigation(const struct facts *facts, const char *person, const char *a, const char *b,
                                      json_t **ret_record, struct err *err);

/* Calls step for each person that has a user. Returning false in *ret_more stops. */
typedef enum status person_step(void *context, const char *person, bool *ret_more, struct err *err);
MUST_USE enum status facts_persons(const struct facts *facts, person_step *step, void *context, struct err *err);

/* Calls step for each user of a person. */
typedef enum status user_step(void *context, const char *user, bool *ret_more, struct err *err);
MUST_USE enum status facts_person_users(const struct facts *facts, const char *person, user_step *step, void *context,
                                        struct err *err);

#endif
