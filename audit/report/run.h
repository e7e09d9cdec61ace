/*
 * A report being made: what was asked, two passes over its rows (the first counts and hashes, the second writes), and the header
 * block. The same question at the same head and the same clock gives the same bytes.
 */
#ifndef AUDIT_REPORT_RUN_H
#define AUDIT_REPORT_RUN_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "audit/report/facts.h"
#include "audit/report/report.h"
#include "audit/report/source.h"
#include "ledger/status.h"

/* Is handed each row: cells[0..columns of the header), never NULL. Lent during the call. */
typedef enum status report_cells_step(void *context, const char *const cells[], struct err *err);

/* Rows that can be walked more than once. */
struct report_rows {
    enum status (*walk)(void *context, report_cells_step *step, void *step_context, struct err *err);
    void *context;
};

struct report_made;

/*
 * Asks it: counts, totals, hash.
 *
 * in      ask, source, facts: kept until report_made_free. source may be without a query where the report certifies.
 * out     *ret_made: gives.
 * errors  INPUT (a parameter that the report does not take, or what it is), LIMIT (totals leave 64 bits), CORRUPT, those of the
 *         source.
 */
MUST_USE enum status report_make(const struct report_ask *ask, const struct report_source *source,
                                 const struct report_facts *facts, struct report_made **ret_made, struct err *err);

/* Both lend until report_made_free. */
const json_t *report_made_header(const struct report_made *made);
struct report_rows report_made_rows(struct report_made *made);

/* The parameters as they are bound, closed by a NULL name; lend until report_made_free. */
const struct report_binding *report_made_bindings(const struct report_made *made);

void report_made_free(struct report_made *made);

#endif
