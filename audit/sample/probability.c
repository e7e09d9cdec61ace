/*
 * Sums of binomial, Poisson and hypergeometric terms, term by term from the first. Reals are doubles with an exponent of
 * their own, since (1 - p)^n for a large n is below what a double holds; scaling is by powers of two and so costs nothing.
 * The error of a term grows with the number of multiplications, some 1e-16 each, and stays far below the margin of the
 * header for as many trials as it admits.
 */
#include "audit/sample/probability.h"

#define SCALE       0x1p256
#define SCALE_DOWN  0x1p-256
#define MARGIN      1e-11
#define EXP_OF_1    0.36787944117144232160 /* e^-1 */
#define EXP_OF_1_E4 0.99990000499983333750 /* e^-0.0001 */

/* value / SCALE^downs */
struct real {
    double value;
    int64_t downs;
};

static const struct real one = {.value = 1.0};

static struct real normal(struct real a)
{
    while (a.value != 0 && a.value < SCALE_DOWN) {
        a.value *= SCALE;
        a.downs++;
    }
    while (a.value > 1.0 && a.downs > 0) {
        a.value *= SCALE_DOWN;
        a.downs--;
    }
    return a;
}

static struct real times(struct real a, double factor)
{
    a.value *= factor;
    return normal(a);
}

static struct real product(struct real a, struct real b)
{
    return normal((struct real){.value = a.value * b.value, .downs = a.downs + b.downs});
}

static struct real power(double base, int64_t exponent)
{
    struct real result = one, square = {.value = base};
    for (; exponent > 0; exponent >>= 1) {
        if ((exponent & 1) != 0)
            result = product(result, square);
        square = product(square, square);
    }
    return result;
}

static struct real sum(struct real a, struct real b)
{
    if (a.downs > b.downs) {
        struct real larger = b;
        b = a;
        a = larger;
    }
    /* Two scales apart it is less than a double could hold beside the other. */
    double small = b.downs == a.downs ? b.value : b.downs == a.downs + 1 ? b.value * SCALE_DOWN : 0.0;
    return normal((struct real){.value = a.value + small, .downs = a.downs});
}

static bool within(struct real a, int32_t risk_ppm)
{
    double risk = (double)risk_ppm / PROBABILITY_ONE;
    if (a.downs > 1)
        return true;
    return (a.downs == 1 ? a.value * SCALE_DOWN : a.value) * (1.0 - MARGIN) <= risk;
}

bool binomial_at_most(int64_t n, int64_t k, int32_t rate_ppm, int32_t risk_ppm)
{
    double odds = (double)rate_ppm / (double)(PROBABILITY_ONE - rate_ppm);
    if (k >= n)
        return risk_ppm >= PROBABILITY_ONE;
    if (rate_ppm >= PROBABILITY_ONE)
        return true;
    struct real term = power((double)(PROBABILITY_ONE - rate_ppm) / PROBABILITY_ONE, n), total = term;
    for (int64_t i = 0; i < k && within(total, risk_ppm); i++) {
        term = times(term, (double)(n - i) / (double)(i + 1) * odds);
        total = sum(total, term);
    }
    return within(total, risk_ppm);
}

bool poisson_at_most(int64_t k, int64_t mean_e4, int32_t risk_ppm)
{
    double mean = (double)mean_e4 / PROBABILITY_MEAN_ONE;
    struct real term =
        product(power(EXP_OF_1, mean_e4 / PROBABILITY_MEAN_ONE), power(EXP_OF_1_E4, mean_e4 % PROBABILITY_MEAN_ONE));
    struct real total = term;
    for (int64_t i = 0; i < k && within(total, risk_ppm); i++) {
        term = times(term, mean / (double)(i + 1));
        total = sum(total, term);
    }
    return within(total, risk_ppm);
}

/* C(a, take) / C(b, take), 0 <= take <= a <= b. */
static struct real ratio_of_choices(int64_t a, int64_t b, int64_t take)
{
    struct real result = one;
    for (int64_t i = 0; i < take; i++)
        result = times(result, (double)(a - i) / (double)(b - i));
    return result;
}

bool hypergeometric_at_most(const struct urn *urn, int64_t k, int32_t risk_ppm)
{
    int64_t good = urn->population - urn->deviations;
    int64_t first = urn->drawn > good ? urn->drawn - good : 0; /* so many are drawn at least */
    int64_t last = urn->drawn < urn->deviations ? urn->drawn : urn->deviations;
    if (k >= last)
        return risk_ppm >= PROBABILITY_ONE;
    if (k < first)
        return true;
    /*
     * P(X = 0) = C(good, drawn) / C(population, drawn) = C(population - drawn, deviations) / C(population, deviations);
     * P(X = first) where all good ones are drawn = C(drawn, good) / C(population, good), mirrored.
     */
    struct real term = first > 0 ? ratio_of_choices(urn->drawn, urn->population, good)
                                 : ratio_of_choices(urn->population - urn->drawn, urn->population, urn->deviations);
    struct real total = term;
    for (int64_t i = first; i < k && within(total, risk_ppm); i++) {
        term = times(term, (double)(urn->deviations - i) / (double)(i + 1) * (double)(urn->drawn - i) /
                               (double)(good - urn->drawn + i + 1));
        total = sum(total, term);
    }
    return within(total, risk_ppm);
}

int32_t binomial_detection_ppm(int64_t n, int32_t rate_ppm)
{
    struct real none = power((double)(PROBABILITY_ONE - rate_ppm) / PROBABILITY_ONE, n);
    double missed = none.downs > 0 ? 0.0 : none.value;
    return (int32_t)((1.0 - missed) * PROBABILITY_ONE + 0.5);
}
