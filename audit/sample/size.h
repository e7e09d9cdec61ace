/*
 * How large a sample has to be, and what its result bounds, by the published formulas (SAMPLING.md section 5). Rates and
 * risks are counts of millionths, money is in minor units; every limit is rounded away from the reassuring side.
 */
#ifndef AUDIT_SAMPLE_SIZE_H
#define AUDIT_SAMPLE_SIZE_H

#include <stddef.h>
#include <stdint.h>

#include "audit/sample/probability.h"
#include "ledger/status.h"

enum {
    SAMPLE_SIZE_MAX = 100000,     /* items that people could test; what asks for more is planned wrongly */
    SAMPLE_RATE_SCAN_MAX = 20000, /* of a size for an expected rate, which has to be looked for one by one */
    SAMPLE_TAINTS_MAX = 10000     /* errors in a monetary unit sample */
};

enum sample_distribution { SAMPLE_BINOMIAL, SAMPLE_POISSON, SAMPLE_HYPERGEOMETRIC, SAMPLE_DISTRIBUTIONS };

/* "binomial". Lends for ever. */
const char *sample_distribution_name(enum sample_distribution distribution);

struct attribute_plan {
    enum sample_distribution distribution;
    int32_t risk_ppm;      /* 1 - confidence, above 0 */
    int32_t tolerable_ppm; /* above 0, below 100 % */
    int64_t expected;      /* deviations; -1: expected_ppm counts, a share of the sample, rounded up */
    int32_t expected_ppm;
    int64_t population; /* items; hypergeometric only */
};

/*
 * The smallest sample in which so few deviations as expected are found with a probability of at most the risk, were the
 * population's rate the tolerable one.
 *
 * out     *ret_size, *ret_deviations: how many may be found in it.
 * errors  LIMIT (more than SAMPLE_SIZE_MAX, or SAMPLE_RATE_SCAN_MAX for a rate), INPUT (expected at or above tolerable).
 */
MUST_USE enum status sample_attribute_size(const struct attribute_plan *plan, int64_t *ret_size,
                                           int64_t *ret_deviations, struct err *err);

/* What was found in how many. */
struct attribute_result {
    int64_t size, deviations;
    int64_t population; /* hypergeometric only */
};

/* The achieved upper limit of the deviation rate: the smallest millionth that is not below it. At most 100 %. */
int32_t sample_upper_ppm(enum sample_distribution distribution, const struct attribute_result *result,
                         int32_t risk_ppm);

/* R_k: the smallest ten-thousandth that a Poisson mean has to have for P(X <= k) <= risk. */
int64_t sample_factor_e4(int64_t k, int32_t risk_ppm);

struct mus_plan {
    int32_t risk_ppm;
    int64_t tolerable_minor; /* misstatement, above 0 */
    int64_t expected_minor;  /* 0 or more */
};

/*
 * (tolerable - expected x expansion factor) / R_0, rounded down to a minor unit.
 *
 * errors  INPUT (nothing is left of the tolerable misstatement; no expansion factor is published for this risk), LIMIT.
 */
MUST_USE enum status sample_mus_interval(const struct mus_plan *plan, int64_t *ret_interval_minor, struct err *err);

/* The published expansion factor in hundredths; 0: there is none for this risk. */
int64_t sample_expansion_e2(int32_t risk_ppm);

/* One item found wrong: book value and how much of it is too much. */
struct taint {
    int64_t book_minor, error_minor; /* both above 0 */
};

struct mus_result {
    int64_t interval_minor;
    int64_t top_error_minor; /* errors of items that were all examined, together */
    struct taint *taints;    /* of the others; sorted by this, the largest share first */
    size_t taint_count;
};

struct mus_limit {
    int64_t basic_minor;     /* basic precision: interval x R_0 */
    int64_t projected_minor; /* interval x taint, of each, and the errors above */
    int64_t upper_minor;     /* upper misstatement limit */
};

/*
 * sum of errors of the top stratum + interval x (R_0 + sum of (R_i - R_i-1) x taint_i), each term rounded up.
 *
 * errors  LIMIT (an amount beyond what amounts can be).
 */
MUST_USE enum status sample_mus_limit(struct mus_result *result, int32_t risk_ppm, struct mus_limit *ret_limit,
                                      struct err *err);

/*
 * Spreads size over strata in proportion to their counts, the largest remainder first; a stratum that has items and would
 * get none gets one more.
 *
 * in      counts[0..strata); size at most their sum.
 * errors  MEMORY, INPUT (no items at all), LIMIT.
 */
MUST_USE enum status sample_allocate(int64_t size, const int64_t *counts, size_t strata, int64_t *ret_sizes,
                                     struct err *err);

#endif
