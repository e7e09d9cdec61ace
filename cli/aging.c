/*
 * The buckets of the ageing report. Days count from the due date, in whole days of the calendar.
 */
#include "cli/aging.h"

#include "ledger/money.h"

static const struct {
    const char *name;
    const char *key;
    int32_t days_max; /* past due, inclusive; the last has no end */
} buckets[AGING_BUCKETS] = {
    {"CURRENT", "current", 0},   {"1-30", "days_1_30", 30},      {"31-60", "days_31_60", 60},
    {"61-90", "days_61_90", 90}, {"91-180", "days_91_180", 180}, {"OVER 180", "days_over_180", INT32_MAX},
};

const char *aging_bucket_name(int bucket)
{
    return buckets[bucket].name;
}

const char *aging_bucket_key(int bucket)
{
    return buckets[bucket].key;
}

int aging_bucket(int32_t due, int32_t as_of)
{
    int64_t days = (int64_t)as_of - due;
    int bucket = 0;
    while (bucket < AGING_BUCKETS - 1 && days > buckets[bucket].days_max)
        bucket++;
    return bucket;
}

enum status aging_add(struct aging *aging, int bucket, int64_t minor, struct err *err)
{
    int64_t in_bucket, total;
    enum status status = money_add(aging->minor[bucket], minor, &in_bucket, err);
    if (status == STATUS_OK)
        status = money_add(aging->total_minor, minor, &total, err);
    if (status != STATUS_OK)
        return status;
    aging->minor[bucket] = in_bucket;
    aging->total_minor = total;
    return STATUS_OK;
}
