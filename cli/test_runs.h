/*
 * Runs of tests that stand on record: found again, and missed.
 */
#ifndef CLI_TEST_RUNS_H
#define CLI_TEST_RUNS_H

#include <stdbool.h>
#include <stdint.h>

#include "cli/cli.h"
#include "cli/options.h"
#include "ledger/status.h"

struct report_book;

/*
 * Runs again what a run on record found, over the book as it was then, and says whether it finds the same.
 *
 * out     the exit status: EXIT_INTEGRITY where it finds something else. Errors are printed.
 */
int test_run_check(struct cli *cli, const struct options *options, const char *number);

/*
 * Prints each month, or quarter, since the book began for which a test has no run on record that was made after its end.
 *
 * out     *ret_missed: how many.
 * errors  INPUT, those of sql_query.
 */
MUST_USE enum status test_runs_missed(struct cli *cli, struct report_book *book, uint64_t *ret_missed, struct err *err);

#endif
