/*
 * Facts about cut-off: what an entity's month is, who is excepted from it, whether an entity's opening balances were tied
 * out, and how old its feeds are. Errors as in facts.h.
 */
#ifndef CONTROLS_FACTS_PERIOD_H
#define CONTROLS_FACTS_PERIOD_H

#include <stdbool.h>
#include <stdint.h>

#include "controls/facts.h"
#include "ledger/instant.h"
#include "ledger/limits.h"
#include "ledger/status.h"

enum { MONTH_TEXT_BYTES = 8 }; /* YYYY-MM and NUL */

enum period_state { PERIOD_OPEN, PERIOD_SOFT, PERIOD_HARD };

struct period {
    enum period_state state;
    bool by_calendar;              /* closed by the policy's days, not by a document */
    char number[ID_BYTES_MAX + 1]; /* the document that says so; "" by calendar, or when nothing does */
    bool document_hard;            /* a document closed it for good, whatever the calendar says */
    uint64_t seq;                  /* of that document; exceptions before it have ended with it */
};

/* "open", "soft", "hard". Lends for ever. */
const char *period_state_name(enum period_state state);

/* The month of a date, and back: its first and last day. errors INPUT (no month of 1970..9999). */
void month_of_date(int32_t date_days, char ret_month[static MONTH_TEXT_BYTES]);
MUST_USE enum status month_parse(const char *text, int32_t *ret_first, int32_t *ret_last, struct err *err);

/*
 * A month of an entity of the policy in force, at the entry's time. The strictest word counts: a hard closing, by document
 * or by the calendar of any policy while it was in force, is for ever; else the last document, except that one from
 * before the calendar's soft day does not hold it off.
 *
 * cost    O(policies).
 */
MUST_USE enum status facts_period(const struct facts *facts, const struct policy_entity *entity, const char *month,
                                  struct period *ret_period, struct err *err);

struct period_exception {
    char number[ID_BYTES_MAX + 1]; /* "" when there is none */
    char until[INSTANT_TEXT_BYTES];
    bool over; /* there was one, until then */
};

/* The user's exception to a month: one that holds at the entry's time, else the last one that has ended. period: that month,
 * from facts_period. */
MUST_USE enum status facts_period_exception(const struct facts *facts, const char *entity, const char *month,
                                            const char *user, const struct period *period,
                                            struct period_exception *ret_exception, struct err *err);

/* Whether anybody has an exception to a month that holds. */
MUST_USE enum status facts_period_excepted(const struct facts *facts, const char *entity, const char *month,
                                           const struct period *period, bool *ret_any, struct err *err);

/* Whether documents may be made in the entity: of the first policy, or tied out since. */
MUST_USE enum status facts_entity_opened(const struct facts *facts, const char *entity, bool *ret_opened,
                                         struct err *err);

/* When the feed's last file was closed; -1 when none was. */
MUST_USE enum status facts_feed_closed(const struct facts *facts, const char *entity, const char *feed,
                                       int64_t *ret_time_ms, struct err *err);

#endif
