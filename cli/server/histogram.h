/*
 * How long things took, in buckets that grow by an eighth: no memory for each measurement, a quantile to within 12.5 %.
 */
#ifndef CLI_SERVER_HISTOGRAM_H
#define CLI_SERVER_HISTOGRAM_H

#include <stddef.h>
#include <stdint.h>

enum {
    HISTOGRAM_STEPS = 8,                     /* buckets to a doubling */
    HISTOGRAM_BUCKETS = 37 * HISTOGRAM_STEPS /* up to 2^39 microseconds: six days */
};

struct histogram {
    uint64_t counts[HISTOGRAM_BUCKETS];
    uint64_t count;
    uint64_t sum_us;
    int64_t max_us;
};

/* Counts one; what is negative is 0, what is over the last bucket stands in it. */
void histogram_add(struct histogram *histogram, int64_t us);

/* The smallest bucket's end that at least so many of a thousand are not over, no more than the largest seen; 0 when empty. */
int64_t histogram_quantile_us(const struct histogram *histogram, unsigned permille);

/* How many are at most us, as far as buckets tell: those whose bucket ends at or below it. */
uint64_t histogram_below(const struct histogram *histogram, int64_t us);

#endif
