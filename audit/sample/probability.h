/*
 * Probabilities of audit sampling: whether so few deviations are as unlikely as is asked. Rates and risks go in as counts of
 * millionths, answers come out as yes or no or as counts, so that no real number leaves this room and no amount of money
 * enters it.
 *
 * The answers are those of exact arithmetic, but where a probability is within 1e-11 of the risk in proportion: then it
 * counts as equal, and equal is enough (0.8 times 0.8 is to be 0.64).
 */
#ifndef AUDIT_PROBABILITY_H
#define AUDIT_PROBABILITY_H

#include <stdbool.h>
#include <stdint.h>

enum {
    PROBABILITY_ONE = 1000000,          /* a rate or risk of 100 %: millionths */
    PROBABILITY_TRIALS_MAX = 100000000, /* beyond, sums of products of doubles are no longer that exact */
    PROBABILITY_MEAN_ONE = 10000        /* a mean of 1: ten-thousandths */
};

/* Whether P(X <= k) <= risk for X binomial: n trials, each a deviation at this rate. 0 <= k. */
bool binomial_at_most(int64_t n, int64_t k, int32_t rate_ppm, int32_t risk_ppm);

/* The same for X Poisson with this mean, in ten-thousandths. */
bool poisson_at_most(int64_t k, int64_t mean_e4, int32_t risk_ppm);

/* n drawn without putting back from a population in which so many deviate. */
struct urn {
    int64_t population, deviations, drawn; /* deviations, drawn <= population */
};
bool hypergeometric_at_most(const struct urn *urn, int64_t k, int32_t risk_ppm);

/* P(X >= 1) in millionths, rounded to the nearest: how likely n trials show any deviation at this rate. */
int32_t binomial_detection_ppm(int64_t n, int32_t rate_ppm);

#endif
