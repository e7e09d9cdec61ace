/*
 * Whether a book is complete: what each of its sides says about the same thing, held against the other. Numbers against how many
 * there are, feed files against what they brought, ledger lines against documents, receivables rolled forward from movements
 * against the balances that the fold made, and lines of a ledger file from the ERP against those that were posted.
 */
#ifndef AUDIT_COMPLETENESS_H
#define AUDIT_COMPLETENESS_H

#include <stdint.h>

#include "ledger/status.h"

struct sql;

enum {
    COMPLETENESS_LEDGER_LINES_MAX = 1000000
}; /* of a ledger file: they are held in memory as one text, about 100 MB */

enum completeness_verdict {
    COMPLETENESS_TIES,
    COMPLETENESS_MISSING, /* a ledger file lacks it, or has what is of another period: it may be late */
    COMPLETENESS_DIFFERS  /* the two sides contradict each other */
};

struct completeness_ask {
    const char *from,
        *to;            /* days of the effective date, both included; NULL: no bound. Numbers and feeds: always whole */
    const char *entity; /* NULL: all */
    const char *ledger; /* NULL: none. List of [line, number, account, "dr" or "cr", minor units, currency] as JSON */
    const char *name;   /* of the ledger file */
};

/* One thing that was held against another. Lent during the call. */
struct completeness_line {
    const char *check; /* "numbers" */
    const char *items,
        *units; /* "series", "numbers": what its lines and their counts are; NULL: each line is told by itself */
    const char *text;
    enum completeness_verdict verdict;
    uint64_t count; /* of what was compared */
};
typedef enum status completeness_step(void *context, const struct completeness_line *line, struct err *err);

/*
 * Asks everything, check by check; hands over each line.
 *
 * errors  INPUT (ledger), LIMIT (sums leave 64 bits), IO, MEMORY, those of the step.
 */
MUST_USE enum status completeness_check(struct sql *sql, const struct completeness_ask *ask, completeness_step *step,
                                        void *context, struct err *err);

#endif
