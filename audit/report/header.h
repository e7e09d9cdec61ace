/*
 * The header block of a report, one canonical JSON object: what every format shows, in one order and under the same labels. It
 * bears a hash of itself besides that of the body, so that a changed figure shows without the book.
 */
#ifndef AUDIT_REPORT_HEADER_H
#define AUDIT_REPORT_HEADER_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "audit/report/facts.h"
#include "audit/report/period.h"
#include "audit/report/report.h"
#include "ledger/hash.h"
#include "ledger/status.h"

struct report_total {
    char currency[8];
    int64_t debit_minor, credit_minor, absolute_minor;
};

struct report_excluded {
    const char *reason; /* the parameter that left it out */
    uint64_t count;
};

/* What the first pass found. */
struct report_counts {
    uint64_t population, rows;
    struct report_excluded excluded[REPORT_REASONS_MAX];
    size_t excluded_count;
    struct report_total totals[REPORT_CURRENCIES_MAX]; /* sorted by currency */
    size_t total_count;
    struct hash body;
};

/*
 * Makes the header.
 *
 * in      period: NULL where none was asked.
 * out     *ret_header: gives.
 * errors  MEMORY.
 */
MUST_USE enum status report_header_make(const struct report_ask *ask, const struct report_facts *facts,
                                        const struct audit_period *period, const struct report_counts *counts,
                                        json_t **ret_header, struct err *err);

/* Sets the member header_sha256: of the canonical bytes of all others. errors MEMORY. */
MUST_USE enum status report_header_seal(json_t *header, struct err *err);
/* Whether it is that. errors MEMORY. */
MUST_USE enum status report_header_sealed(const json_t *header, bool *ret_good, struct err *err);

/* Canonical bytes (FORMAT.md section 1); gives, free. NULL without memory. */
char *report_header_text(const json_t *header);

/* The lines of the block, in order; text is NUL-terminated and may be long. Lent during the call. */
typedef enum status report_field_step(void *context, const char *label, const char *text, struct err *err);
MUST_USE enum status report_header_walk(const json_t *header, report_field_step *step, void *context, struct err *err);

/* "complete: sequences 0..41 dense, 42 events, 7 excluded by filter (period 7)". */
enum { REPORT_FOOTER_BYTES = 512 };
void report_header_footer(const json_t *header, char ret_text[static REPORT_FOOTER_BYTES]);

/* Columns as the header lists them. Lend. "" and REPORT_TEXT past the end or where it has another form. */
size_t report_header_columns(const json_t *header);
const char *report_header_column(const json_t *header, size_t index);
enum report_type report_header_type(const json_t *header, size_t index);

/* A member's text, "" where it is none. Lends. */
const char *report_header_member(const json_t *header, const char *name);

#endif
