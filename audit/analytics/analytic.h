/*
 * Tests of whole populations (the catalogue's C-45 to C-50, and the tests of journal entries that AS 2401 asks for), as questions
 * to the tables of a book (sql.h). A test finds exceptions: places to look at, never proofs of wrong. One file a test in
 * audit/analytics/, one row of the table below.
 *
 * An exception has a key that stays the same when the test is run again, so that what somebody concluded about it (a `disposition`
 * whose `about` is the key) answers for it. A run over a period is put on record as a `test-run` whose `result` is the hash of
 * what it found; whoever has the book finds the same again (ANALYTICS.md).
 */
#ifndef AUDIT_ANALYTIC_H
#define AUDIT_ANALYTIC_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/hash.h"
#include "ledger/status.h"

struct sql;
struct sql_row;

enum { ANALYTIC_PARAMETERS_MAX = 6, ANALYTIC_EXCEPTIONS_MAX = 100000 };

/* A number that a test reads; SQL knows it as :name. A table ends with a row whose name is NULL. */
struct analytic_parameter {
    const char *name;
    int64_t value; /* unless another is given */
    int64_t min, max;
    const char *meaning; /* with its unit */
};

/* How often a test has to be run: each month, each quarter of the calendar. */
enum analytic_cadence { ANALYTIC_MONTHLY, ANALYTIC_QUARTERLY };

struct analytic {
    const char *id; /* "C-45" */
    const char *title;
    const char *question; /* one sentence */
    const char *source;   /* where the test is from */
    enum analytic_cadence cadence;
    const struct analytic_parameter *parameters;
    /*
     * The exceptions: columns key, document, entity, person, metric, threshold, text, ordered by key. May name :from, :to (days; NULL:
     * from the beginning, to the end), :entity (NULL: all), :label (the period as text, for keys of what is about a period), and
     * its parameters.
     */
    const char *sql;
    /* NULL: every row is an exception. Else it says which, where SQL cannot. */
    bool (*unusual)(const struct sql_row *row, const int64_t *values);
};

/* In order of ids. Lends for ever. */
extern const struct analytic *const analytics[];
extern const size_t analytic_count;
/* NULL when there is none. */
const struct analytic *analytic_find(const char *id);

/* What a run looks at. Texts borrowed. */
struct analytic_scope {
    const char *from, *to; /* days of the effective date, both included; NULL: no bound */
    const char *entity;    /* NULL: all */
    const char *label;     /* how the period was called: "2026-Q3"; "all" */
    const int64_t *values; /* of the test's parameters, in their order; NULL: as the table has them */
};

struct analytic_exception {
    const char *key, *document, *entity, *person, *metric, *threshold, *text; /* document, entity, person may be NULL */
    const char *disposition, *conclusion, *by, *at; /* the latest that answers for it; NULL: none */
};

/* Takes an exception; lent during the call. */
typedef enum status analytic_step(void *context, const struct analytic_exception *exception, struct err *err);

struct analytic_result {
    uint64_t exceptions, answered; /* answered: of them by a disposition */
    struct hash hash;              /* of what was asked and found, dispositions left aside (ANALYTICS.md section 3) */
};

/*
 * Runs a test.
 *
 * in      step may be NULL.
 * errors  LIMIT (more than ANALYTIC_EXCEPTIONS_MAX: say so, and narrow the parameters), those of sql_query and of the step.
 */
MUST_USE enum status analytic_run(struct sql *sql, const struct analytic *analytic, const struct analytic_scope *scope,
                                  analytic_step *step, void *context, struct analytic_result *ret_result,
                                  struct err *err);

/*
 * What was asked, as the text that goes on record with a run: "2026-Q3 US01 delta_percent=5". Says all that is needed to run it
 * again.
 *
 * out     *ret_text: gives (free).
 */
MUST_USE enum status analytic_asked(const struct analytic *analytic, const struct analytic_scope *scope,
                                    char **ret_text, struct err *err);

#endif
