/*
 * Clicks into money: what a meter's usage above its allowance costs, and the tax that goes with a difference. Exact:
 * 128-bit products, one division, rounded half to even (FORMAT.md 5.4).
 */
#ifndef LEDGER_USAGE_H
#define LEDGER_USAGE_H

#include <stddef.h>
#include <stdint.h>

#include "ledger/status.h"

enum { USAGE_RATE_DIGITS = 6 };                 /* decimals of a rate */
#define USAGE_CLICKS_MAX INT64_C(1000000000000) /* of a counter or an allowance: a fast press needs 10,000 years */

/* What clicks cost. */
struct usage_rate {
    int64_t allowance;   /* clicks of a billing period that cost nothing */
    int64_t trillionths; /* major units of the currency for one click */
    int digits;          /* of the currency */
};

/*
 * Reads the rate of a contract: a decimal above zero, at most USAGE_RATE_DIGITS decimals, not ending in 0.
 *
 * errors  INPUT, LIMIT.
 */
MUST_USE enum status usage_parse_rate(const char *text, size_t length, int64_t *ret_trillionths, struct err *err);

/* max(0, clicks - allowance) times the rate. errors LIMIT. */
MUST_USE enum status usage_charge(int64_t clicks, const struct usage_rate *rate, int64_t *ret_minor, struct err *err);

/* difference times tax through net; zero where net is zero. errors LIMIT. */
MUST_USE enum status usage_tax(int64_t difference_minor, int64_t net_minor, int64_t tax_minor, int64_t *ret_minor,
                               struct err *err);

#endif
