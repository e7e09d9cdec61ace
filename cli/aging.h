/*
 * Ageing: how long what is open has been due.
 */
#ifndef CLI_AGING_H
#define CLI_AGING_H

#include <stdint.h>

#include "ledger/status.h"

enum { AGING_BUCKETS = 6 };

/* "CURRENT", "1-30", ... Lends for ever. */
const char *aging_bucket_name(int bucket);
/* The same as a member name: "current", "days_1_30", ... Lends for ever. */
const char *aging_bucket_key(int bucket);

/* The bucket of an item due on one date, seen on another: on its due date it is still current. */
int aging_bucket(int32_t due, int32_t as_of);

struct aging {
    int64_t minor[AGING_BUCKETS];
    int64_t total_minor;
};

/* Adds an amount to a bucket and the total. errors LIMIT. */
MUST_USE enum status aging_add(struct aging *aging, int bucket, int64_t minor, struct err *err);

#endif
