/*
 * Where the rows of a report come from: whoever answers SQL over the tables of a book. Tests give rows of their own.
 */
#ifndef AUDIT_REPORT_SOURCE_H
#define AUDIT_REPORT_SOURCE_H

#include <stddef.h>

#include "audit/report/report.h"
#include "ledger/status.h"

struct sql;

/* A value for :name in a statement; NULL is SQL's NULL. Names that a statement does not have are left alone. */
struct report_binding {
    const char *name; /* "period_from" */
    const char *value;
};

struct report_source {
    /*
     * Answers a query, row by row.
     *
     * errors  INPUT (the statement), IO, MEMORY, those of the step.
     */
    enum status (*query)(void *context, const char *sql, const struct report_binding *bindings, report_row_step *step,
                         void *step_context, struct err *err);
    void *context;
    struct sql *sql; /* what is asked, for rows that more than one question makes; NULL: rows that are made up */
};

#endif
