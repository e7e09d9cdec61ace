/*
 * Buckets: 0..7 microseconds each its own, then eight to a doubling.
 */
#include "cli/server/histogram.h"

static size_t bucket_of(int64_t us)
{
    unsigned doubling = 0;
    uint64_t value = us > 0 ? (uint64_t)us : 0;
    while (value >= 2 * HISTOGRAM_STEPS) {
        value >>= 1;
        doubling++;
    }
    size_t bucket = value < HISTOGRAM_STEPS ? (size_t)value : (size_t)value + (size_t)doubling * HISTOGRAM_STEPS;
    return bucket < HISTOGRAM_BUCKETS ? bucket : HISTOGRAM_BUCKETS - 1;
}

/* The largest value that stands in a bucket. */
static int64_t end_of(size_t bucket)
{
    if (bucket < 2 * HISTOGRAM_STEPS)
        return (int64_t)bucket;
    unsigned doubling = (unsigned)(bucket / HISTOGRAM_STEPS) - 1;
    uint64_t value = bucket % HISTOGRAM_STEPS + HISTOGRAM_STEPS;
    return (int64_t)(((value + 1) << doubling) - 1);
}

void histogram_add(struct histogram *histogram, int64_t us)
{
    histogram->counts[bucket_of(us)]++;
    histogram->count++;
    histogram->sum_us += us > 0 ? (uint64_t)us : 0;
    if (us > histogram->max_us)
        histogram->max_us = us;
}

int64_t histogram_quantile_us(const struct histogram *histogram, unsigned permille)
{
    uint64_t wanted = (histogram->count * permille + 999) / 1000, seen = 0;
    if (histogram->count == 0)
        return 0;
    for (size_t bucket = 0; bucket < HISTOGRAM_BUCKETS; bucket++) {
        seen += histogram->counts[bucket];
        if (seen >= wanted && seen > 0)
            return end_of(bucket) < histogram->max_us ? end_of(bucket) : histogram->max_us;
    }
    return histogram->max_us;
}

uint64_t histogram_below(const struct histogram *histogram, int64_t us)
{
    uint64_t seen = 0;
    for (size_t bucket = 0; bucket < HISTOGRAM_BUCKETS && end_of(bucket) <= us; bucket++)
        seen += histogram->counts[bucket];
    return seen;
}
