/*
 * What a test is asked for, read from the words that people type and that stand on record with a run: "2026-Q3 US01
 * delta_percent=5".
 */
#ifndef AUDIT_ANALYTIC_SCOPE_H
#define AUDIT_ANALYTIC_SCOPE_H

#include "audit/analytics/analytic.h"
#include "audit/period.h"
#include "ledger/status.h"
#include "ledger/text.h"

struct sql;

struct analytic_asking {
    char label[AUDIT_PERIOD_BYTES_MAX + 1];
    char entity[TEXT_CODE_BYTES_MAX + 1];
    struct audit_period period;
    int64_t values[ANALYTIC_PARAMETERS_MAX];
    struct analytic_scope scope; /* points into this: not to be copied */
};

/*
 * A period and an entity, with the parameters as the table has them.
 *
 * in      period: as audit_period_parse has it; NULL or "all": no bound. entity may be NULL.
 * errors  INPUT: names what may be written instead, and an entity that the policy does not know; those of sql_query.
 */
MUST_USE enum status analytic_asking_set(struct sql *sql, const struct analytic *analytic, const char *period,
                                         const char *entity, struct analytic_asking *ret_asking, struct err *err);

/* Changes a parameter: "name=value". errors INPUT: names those that there are, and their bounds. */
MUST_USE enum status analytic_asking_parameter(const struct analytic *analytic, const char *text, size_t length,
                                               struct analytic_asking *asking, struct err *err);

/* Reads what analytic_asked wrote. errors INPUT, those of sql_query. */
MUST_USE enum status analytic_asking_parse(struct sql *sql, const struct analytic *analytic, const char *text,
                                           struct analytic_asking *ret_asking, struct err *err);

#endif
