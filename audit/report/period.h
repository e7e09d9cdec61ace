/*
 * The time that a report is asked for: 2026-Q3 and 2026 in an entity's fiscal calendar, 2026-07, 2026-07-01..2026-09-30.
 */
#ifndef AUDIT_REPORT_PERIOD_H
#define AUDIT_REPORT_PERIOD_H

#include "ledger/instant.h"
#include "ledger/status.h"

struct report_period {
    char from[DATE_TEXT_BYTES], to[DATE_TEXT_BYTES]; /* days, both included */
};

/*
 * Reads it. A fiscal year begins on the first of fiscal_month and is named by the year in which it ends (POLICY.md, entities).
 *
 * in      fiscal_month: 1..12; 0: entities differ, and quarters and years cannot be told.
 * errors  INPUT: names what may be written instead.
 */
MUST_USE enum status report_period_parse(const char *text, int fiscal_month, struct report_period *ret_period,
                                         struct err *err);

enum { REPORT_NO_ENTITY = -1 };

/*
 * The month in which the fiscal year of an entity begins, by the policy in force at the head; entity NULL: of all entities.
 *
 * out     *ret_month: as report_period_parse takes it; REPORT_NO_ENTITY: the policy knows no such entity.
 * errors  those of sql_number.
 */
struct sql;
MUST_USE enum status report_fiscal_month(struct sql *sql, const char *entity, int *ret_month, struct err *err);

#endif
