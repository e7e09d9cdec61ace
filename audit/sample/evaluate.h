/*
 * What the results of testing a sample bound in its population (SAMPLING.md section 5). Statements about the rest are made
 * only of samples that were drawn.
 */
#ifndef AUDIT_SAMPLE_EVALUATE_H
#define AUDIT_SAMPLE_EVALUATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "audit/sample/file.h"
#include "audit/sample/size.h"
#include "ledger/status.h"

/* One result of testing. Borrowed. */
struct sample_tested {
    const char *item;
    bool has_deviation, deviation;
    bool has_audited;
    int64_t audited_minor;
    int64_t line; /* of the file, for errors */
};

/* What to hold the result against; 0: what the plan of the selection says. */
struct sample_criteria {
    int32_t risk_ppm, tolerable_ppm;
    int64_t tolerable_minor;
};

struct sample_outcome {
    enum sample_method method;
    int32_t risk_ppm;
    int64_t tested, deviations;         /* of the drawn ones; the top stratum apart */
    int64_t top_tested, top_deviations; /* all there are */
    bool bounded;                       /* limits follow; not of judgement */
    int32_t upper_ppm[SAMPLE_DISTRIBUTIONS];
    int64_t population; /* that the rate is of */
    int32_t tolerable_ppm;
    bool has_verdict, supported; /* the limit is within what is tolerable */

    /* MUS, in minor units */
    int64_t interval_minor, tolerable_minor;
    int64_t over_count, under_count; /* items with too much in the book, with too little */
    int64_t over_minor, under_minor; /* what was found in them */
    struct mus_limit over, under;
    char currency[SAMPLE_CURRENCY_BYTES];
    int digits;
};

/*
 * in      tested: results[0..count), in any order. A deviation for each item, or for MUS an audited amount.
 * errors  INPUT (an item without a result, with two, or one that was not selected; a confidence or a tolerable value that
 *         neither plan nor criteria name), LIMIT, MEMORY.
 */
MUST_USE enum status sample_evaluate(const struct sample_file *file, const struct sample_tested *tested, size_t count,
                                     const struct sample_criteria *criteria, struct sample_outcome *ret_outcome,
                                     struct err *err);

#endif
