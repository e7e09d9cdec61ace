/*
 * Sample sizes and limits; see the header. Everything is searched for on a grid of whole numbers by asking the room of
 * probabilities yes or no, so a limit is rounded up by being searched, not by being rounded. Amounts are multiplied and
 * divided as integers of 128 bits.
 */
#include "audit/sample/size.h"

#include <stdbool.h>
#include <stdlib.h>

#include "ledger/money.h"

__extension__ typedef __int128 wide;

enum { E4 = PROBABILITY_MEAN_ONE, E2 = 100 };

const char *sample_distribution_name(enum sample_distribution distribution)
{
    static const char *const names[] = {"binomial", "poisson", "hypergeometric"};
    return distribution < SAMPLE_DISTRIBUTIONS ? names[distribution] : "";
}

/* share of whole, rounded up. */
static int64_t share_up(int64_t whole, int32_t ppm)
{
    return (int64_t)(((wide)whole * ppm + PROBABILITY_ONE - 1) / PROBABILITY_ONE);
}

/* Whether a sample of this size with so many deviations bounds the rate by the tolerable one. */
static bool enough(const struct attribute_plan *plan, int64_t size, int64_t deviations)
{
    struct urn urn = {
        .population = plan->population, .deviations = share_up(plan->population, plan->tolerable_ppm), .drawn = size};
    wide mean_e4 = (wide)size * plan->tolerable_ppm / (PROBABILITY_ONE / E4);
    switch (plan->distribution) {
    case SAMPLE_POISSON:
        return poisson_at_most(deviations, (int64_t)mean_e4, plan->risk_ppm);
    case SAMPLE_HYPERGEOMETRIC:
        return size >= plan->population || hypergeometric_at_most(&urn, deviations, plan->risk_ppm);
    case SAMPLE_BINOMIAL:
    case SAMPLE_DISTRIBUTIONS:
        break;
    }
    return binomial_at_most(size, deviations, plan->tolerable_ppm, plan->risk_ppm);
}

static enum status too_large(struct err *err)
{
    return err_set(
        err, STATUS_LIMIT,
        "no sample of up to %d items is enough for this: expect fewer deviations, tolerate a higher rate, or "
        "examine everything",
        SAMPLE_SIZE_MAX);
}

/* Deviations as a share of the sample: a larger sample may be too small again, so each size is asked. */
static enum status scan_sizes(const struct attribute_plan *plan, int64_t *ret_size, int64_t *ret_deviations,
                              struct err *err)
{
    for (int64_t size = 1; size <= SAMPLE_RATE_SCAN_MAX; size++) {
        int64_t deviations = share_up(size, plan->expected_ppm);
        if (!enough(plan, size, deviations))
            continue;
        *ret_size = size;
        *ret_deviations = deviations;
        return STATUS_OK;
    }
    return too_large(err);
}

enum status sample_attribute_size(const struct attribute_plan *plan, int64_t *ret_size, int64_t *ret_deviations,
                                  struct err *err)
{
    if (plan->expected < 0 && plan->expected_ppm >= plan->tolerable_ppm)
        return err_set(err, STATUS_INPUT,
                       "the expected rate is not below the tolerable one: no sample can show that it is kept");
    if (plan->expected < 0)
        return scan_sizes(plan, ret_size, ret_deviations, err);
    int64_t low = plan->expected, high = SAMPLE_SIZE_MAX; /* low is not enough, high is */
    if (!enough(plan, high, plan->expected))
        return too_large(err);
    while (high - low > 1) {
        int64_t middle = low + (high - low) / 2;
        if (enough(plan, middle, plan->expected))
            high = middle;
        else
            low = middle;
    }
    *ret_size = plan->distribution == SAMPLE_HYPERGEOMETRIC && high > plan->population ? plan->population : high;
    *ret_deviations = plan->expected;
    return STATUS_OK;
}

/* How many of the population deviate at most. */
static int64_t upper_count(const struct attribute_result *result, int32_t risk_ppm)
{
    /* low is still likely enough, high is not. What was found is there, and what was good is good. */
    int64_t low = result->deviations, high = result->population - (result->size - result->deviations) + 1;
    while (high - low > 1) {
        int64_t middle = low + (high - low) / 2;
        struct urn urn = {.population = result->population, .deviations = middle, .drawn = result->size};
        if (hypergeometric_at_most(&urn, result->deviations, risk_ppm))
            high = middle;
        else
            low = middle;
    }
    return low;
}

int32_t sample_upper_ppm(enum sample_distribution distribution, const struct attribute_result *result, int32_t risk_ppm)
{
    int32_t low = 0, high = PROBABILITY_ONE;
    if (result->size == 0 || result->deviations >= result->size)
        return PROBABILITY_ONE;
    if (distribution == SAMPLE_HYPERGEOMETRIC)
        return (int32_t)(((wide)upper_count(result, risk_ppm) * PROBABILITY_ONE + result->population - 1) /
                         result->population);
    if (distribution == SAMPLE_POISSON) {
        wide ppm = ((wide)sample_factor_e4(result->deviations, risk_ppm) * (PROBABILITY_ONE / E4) + result->size - 1) /
                   result->size;
        return ppm > PROBABILITY_ONE ? PROBABILITY_ONE : (int32_t)ppm;
    }
    while (high - low > 1) {
        int32_t middle = low + (high - low) / 2;
        if (binomial_at_most(result->size, result->deviations, middle, risk_ppm))
            high = middle;
        else
            low = middle;
    }
    return high;
}

int64_t sample_factor_e4(int64_t k, int32_t risk_ppm)
{
    int64_t low = 0, high = E4;
    while (!poisson_at_most(k, high, risk_ppm))
        high *= 2;
    while (high - low > 1) {
        int64_t middle = low + (high - low) / 2;
        if (poisson_at_most(k, middle, risk_ppm))
            high = middle;
        else
            low = middle;
    }
    return high;
}

int64_t sample_expansion_e2(int32_t risk_ppm)
{
    static const struct {
        int32_t risk_ppm;
        int64_t factor_e2;
    } factors[] = {{10000, 190},  {50000, 160},  {100000, 150}, {150000, 140}, {200000, 130},
                   {250000, 125}, {300000, 120}, {370000, 115}, {500000, 100}};
    for (size_t i = 0; i < sizeof factors / sizeof factors[0]; i++)
        if (factors[i].risk_ppm == risk_ppm)
            return factors[i].factor_e2;
    return 0;
}

enum status sample_mus_interval(const struct mus_plan *plan, int64_t *ret_interval_minor, struct err *err)
{
    int64_t expansion_e2 = sample_expansion_e2(plan->risk_ppm);
    if (plan->expected_minor > 0 && expansion_e2 == 0)
        return err_set(err, STATUS_INPUT,
                       "no expansion factor for expected misstatement is published for this confidence: take 99, 95, "
                       "90, 85, 80, 75, 70, 63 or 50 %%");
    wide left_e2 = (wide)plan->tolerable_minor * E2 - (wide)plan->expected_minor * expansion_e2;
    wide interval = left_e2 <= 0 ? 0 : left_e2 * (E4 / E2) / sample_factor_e4(0, plan->risk_ppm);
    if (interval < 1)
        return err_set(
            err, STATUS_INPUT,
            "nothing is left of the tolerable misstatement when the expected one is taken off: no sample can "
            "show that it is kept");
    *ret_interval_minor = (int64_t)interval;
    return STATUS_OK;
}

static int by_share_down(const void *a, const void *b)
{
    const struct taint *x = a, *y = b;
    wide left = (wide)x->error_minor * y->book_minor, right = (wide)y->error_minor * x->book_minor;
    return (left < right) - (left > right);
}

/* interval x factor x error / book, rounded up, added to *sum. errors LIMIT. */
static enum status add_part(int64_t interval_minor, int64_t factor_e4, const struct taint *taint, int64_t *sum,
                            struct err *err)
{
    wide product = 0, divisor = (wide)taint->book_minor * E4;
    bool over = __builtin_mul_overflow((wide)interval_minor * factor_e4, (wide)taint->error_minor, &product);
    wide part = product / divisor + (product % divisor != 0);
    if (over || part > INT64_MAX)
        return err_set(err, STATUS_LIMIT, "an upper limit is beyond what amounts can be");
    return money_add(*sum, (int64_t)part, sum, err);
}

enum status sample_mus_limit(struct mus_result *result, int32_t risk_ppm, struct mus_limit *ret_limit, struct err *err)
{
    static const struct taint whole = {.book_minor = 1, .error_minor = 1};
    struct mus_limit limit = {.projected_minor = result->top_error_minor, .upper_minor = result->top_error_minor};
    int64_t before_e4 = sample_factor_e4(0, risk_ppm);
    if (result->taint_count > SAMPLE_TAINTS_MAX)
        return err_set(err, STATUS_LIMIT, "more than %d errors", SAMPLE_TAINTS_MAX);
    if (result->taint_count > 0)
        qsort(result->taints, result->taint_count, sizeof *result->taints, by_share_down);
    enum status status = add_part(result->interval_minor, before_e4, &whole, &limit.basic_minor, err);
    if (status == STATUS_OK)
        status = money_add(limit.upper_minor, limit.basic_minor, &limit.upper_minor, err);
    for (size_t i = 0; status == STATUS_OK && i < result->taint_count; i++) {
        int64_t factor_e4 = sample_factor_e4((int64_t)i + 1, risk_ppm);
        status = add_part(result->interval_minor, E4, &result->taints[i], &limit.projected_minor, err);
        if (status == STATUS_OK)
            status =
                add_part(result->interval_minor, factor_e4 - before_e4, &result->taints[i], &limit.upper_minor, err);
        before_e4 = factor_e4;
    }
    if (status == STATUS_OK)
        *ret_limit = limit;
    return status;
}

enum status sample_allocate(int64_t size, const int64_t *counts, size_t strata, int64_t *ret_sizes, struct err *err)
{
    enum status status = money_split(size, counts, strata, ret_sizes, err);
    for (size_t i = 0; status == STATUS_OK && i < strata; i++)
        if (ret_sizes[i] == 0 && counts[i] > 0)
            ret_sizes[i] = 1;
    return status;
}
