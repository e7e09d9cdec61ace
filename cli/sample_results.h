/*
 * Results of testing, read from the worksheet that a draw wrote.
 */
#ifndef CLI_SAMPLE_RESULTS_H
#define CLI_SAMPLE_RESULTS_H

#include <stddef.h>

#include "audit/sample/evaluate.h"
#include "ledger/status.h"

struct sample_results {
    struct sample_tested *tested;
    size_t count, room;
};

/*
 * in      results: all zero; digits: of the audited amounts.
 * out     results: also after an error, to be released by sample_results_done.
 * errors  INPUT (file, line and column), NOT_FOUND, LIMIT, IO, MEMORY.
 */
MUST_USE enum status sample_results_read(const char *path, int digits, struct sample_results *results, struct err *err);
void sample_results_done(struct sample_results *results);

#endif
