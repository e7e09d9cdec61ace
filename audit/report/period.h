/*
 * The period of a report: fiscal years as the policy in force at the head has them (audit/fiscal.h), asked through the source.
 */
#ifndef AUDIT_REPORT_PERIOD_H
#define AUDIT_REPORT_PERIOD_H

#include "audit/period.h"
#include "ledger/status.h"

struct report_source;

/*
 * The month in which the fiscal year of an entity begins; entity NULL: of all entities.
 *
 * out     *ret_month: as fiscal_month.
 * errors  those of the source.
 */
MUST_USE enum status report_fiscal_month(const struct report_source *source, const char *entity, int *ret_month,
                                         struct err *err);

/*
 * Reads a period by it, for an option --period beside an --entity, which the errors name.
 *
 * in      entity: NULL for all.
 * errors  those of audit_period_parse and the source; INPUT (the policy has no such entity).
 */
MUST_USE enum status report_period_read(const struct report_source *source, const char *text, const char *entity,
                                        struct audit_period *ret_period, struct err *err);

#endif
