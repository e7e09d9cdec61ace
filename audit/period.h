/*
 * The time that a command is asked for, in one grammar for all of them:
 *
 *   period  = part [ ".." part ]              from the first day of one to the last day of the other
 *   part    = year | quarter | month | day
 *   year    = YYYY                            2027        fiscal, named by the year in which it ends (POLICY.md, entities)
 *   quarter = YYYY "-Q" ( "1" .. "4" )        2027-Q1     of that fiscal year
 *   month   = YYYY "-" MM                     2026-07     of the calendar
 *   day     = YYYY "-" MM "-" DD              2026-07-14
 *
 * Both days are included. Which day an item has, an effective date or the UTC day of an entry, is each command's to say.
 */
#ifndef AUDIT_PERIOD_H
#define AUDIT_PERIOD_H

#include <stdint.h>

#include "ledger/instant.h"
#include "ledger/status.h"

/* For help texts. */
#define AUDIT_PERIOD_FORMS "2026-Q3 or 2026 (fiscal), 2026-07, 2026-07-14, or FROM..TO of these"

struct audit_period {
    int32_t first, last;                             /* as instant.h counts days */
    char from[DATE_TEXT_BYTES], to[DATE_TEXT_BYTES]; /* the same as text */
};

/* What fiscal_month (fiscal.h) says instead of a month, 1..12. */
enum { FISCAL_DIFFER = 0, FISCAL_UNKNOWN = -1 };

enum { AUDIT_PERIOD_BYTES_MAX = 22 }; /* 2026-07-01..2026-09-30 */

/*
 * Reads it. A fiscal year begins on the first of fiscal_month.
 *
 * in      fiscal_month: 1..12; FISCAL_DIFFER, FISCAL_UNKNOWN: of years and quarters nothing can be told.
 * errors  INPUT: names what is wrong, and what would be right.
 */
MUST_USE enum status audit_period_parse(const char *text, int fiscal_month, struct audit_period *ret_period,
                                        struct err *err);

/* Whether it is one at all, before there is a book to ask for fiscal years. errors INPUT. */
MUST_USE enum status audit_period_check(const char *text, struct err *err);

#endif
