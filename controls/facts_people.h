/*
 * What HR says of persons at the moment of a decision: employed or gone, whose report, who stands in. HR's events are
 * folded at the time of the question, so that a date in the future takes effect on its day without anybody doing
 * anything, and the order in which files came in makes no difference: among events in effect the latest date counts,
 * ties go to the greater event id.
 *
 * A join or a move takes effect when its date begins, a leave when its date is over, both in the calendar of the entity
 * whose file brought it. Errors everywhere: CORRUPT, IO, MEMORY.
 */
#ifndef CONTROLS_FACTS_PEOPLE_H
#define CONTROLS_FACTS_PEOPLE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "controls/facts.h"
#include "ledger/limits.h"
#include "ledger/status.h"

enum {
    REPORTING_CHAIN_MAX = 32
}; /* managers above one another: no company is deeper, so more is a mistake or a cycle */

struct hr_person {
    bool known; /* HR has an event of this person that is in effect */
    bool left;
    int64_t left_ms;                  /* from when on the person is gone; 0 unless left */
    int64_t moved_ms;                 /* when the latest move took effect; -1: never moved */
    int32_t left_date;                /* the last day; 0 unless left */
    char manager[ID_BYTES_MAX + 1];   /* "": none */
    char successor[ID_BYTES_MAX + 1]; /* of a leaver: the one HR names, else the manager; "": none */
};

/* Whether HR's people are in the book at all. */
MUST_USE enum status facts_people_used(const struct facts *facts, bool *ret_used, struct err *err);

/* What HR says now; all empty for somebody whom it does not know. */
MUST_USE enum status facts_hr_person(const struct facts *facts, const char *person, struct hr_person *ret_person,
                                     struct err *err);

/* The same for the person behind a user; empty for an unknown user. */
MUST_USE enum status facts_hr_user(const struct facts *facts, const char *user, struct hr_person *ret_person,
                                   struct err *err);

enum reporting {
    REPORTING_NO,
    REPORTING_YES,
    REPORTING_UNKNOWN, /* HR does not know the person */
    REPORTING_ENDLESS  /* the chain has no end within REPORTING_CHAIN_MAX */
};

/* Whether person reports to superior, directly or through others. */
MUST_USE enum status facts_reports_to(const struct facts *facts, const char *person, const char *superior,
                                      enum reporting *ret_reporting, struct err *err);

/*
 * Events that are not in the books yet, for the check of a file: an object, person -> list of records as the feed has them.
 * Whether following managers up from person comes back to somebody already passed, as things stand at at_ms.
 */
MUST_USE enum status facts_manager_cycle(const struct facts *facts, const json_t *coming, const char *person,
                                         int64_t at_ms, bool *ret_cycle, struct err *err);

/* When an event of the feed takes effect. */
int64_t hr_event_effective(const struct facts *facts, const char *entity, const json_t *event);

/* Whether person stands in for a maker who has left: the successor, or the successor's own when that one has left too. */
MUST_USE enum status facts_succeeds(const struct facts *facts, const char *person, const char *maker,
                                    bool *ret_succeeds, struct err *err);

/* Since when the user has done nothing: the last entry of the user's that was not wholly refused, or the enrolment. */
MUST_USE enum status facts_last_act(const struct facts *facts, const char *user, int64_t *ret_time_ms,
                                    uint64_t *ret_seq, struct err *err);

/* Whether a user of that sort has done nothing for longer than the policy lets accounts sleep (C-28). */
MUST_USE enum status facts_dormant(const struct facts *facts, const char *user, const char *sort, bool *ret_dormant,
                                   struct err *err);

/* Whether the user named is of a person whose manager is that person. False without HR. */
MUST_USE enum status facts_manages_user(const struct facts *facts, const char *person, const char *user,
                                        bool *ret_manages, struct err *err);

#endif
