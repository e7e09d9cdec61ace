/*
 * Clicks into money. Nothing here knows a contract; sums of clicks are the caller's.
 */
#include "ledger/usage.h"

#include <assert.h>

#include "ledger/money.h"

__extension__ typedef unsigned __int128 unsigned_wide;

static const int64_t powers_of_ten[] = {1,           10,           100,          1000,      10000,
                                        100000,      1000000,      10000000,     100000000, 1000000000,
                                        10000000000, 100000000000, 1000000000000};

enum { RATE_DIGITS = MONEY_RATE_DIGITS };
static_assert(sizeof powers_of_ten / sizeof powers_of_ten[0] == RATE_DIGITS + 1, "a power for each digit of a rate");

/* a times b through divisor, half to even; all above zero or zero. */
static enum status product_through(uint64_t a, uint64_t b, uint64_t divisor, int64_t *ret_minor, struct err *err)
{
    unsigned_wide product = (unsigned_wide)a * b;
    unsigned_wide quotient = product / divisor, twice_left = product % divisor * 2;
    if (twice_left > divisor || (twice_left == divisor && quotient % 2 == 1))
        quotient++;
    if (quotient > INT64_MAX)
        return err_set(err, STATUS_LIMIT, "the amount of a usage is too large");
    *ret_minor = (int64_t)quotient;
    return STATUS_OK;
}

enum status usage_parse_rate(const char *text, size_t length, int64_t *ret_trillionths, struct err *err)
{
    int64_t trillionths;
    enum status status = money_parse_rate(text, length, &trillionths, err);
    if (status == STATUS_OK && trillionths % powers_of_ten[RATE_DIGITS - USAGE_RATE_DIGITS] != 0)
        status = err_set(err, STATUS_INPUT, "a rate for a click has at most %d decimals", USAGE_RATE_DIGITS);
    if (status == STATUS_OK)
        *ret_trillionths = trillionths;
    return status;
}

enum status usage_charge(int64_t clicks, const struct usage_rate *rate, int64_t *ret_minor, struct err *err)
{
    int64_t over;
    invariant(rate->trillionths > 0 && rate->digits >= 0 && rate->digits < RATE_DIGITS);
    enum status status = money_sub(clicks, rate->allowance, &over, err);
    if (status != STATUS_OK)
        return status;
    return product_through(over > 0 ? (uint64_t)over : 0, (uint64_t)rate->trillionths,
                           (uint64_t)powers_of_ten[RATE_DIGITS - rate->digits], ret_minor, err);
}

static uint64_t magnitude(int64_t minor)
{
    return minor < 0 ? -(uint64_t)minor : (uint64_t)minor;
}

enum status usage_tax(int64_t difference_minor, int64_t net_minor, int64_t tax_minor, int64_t *ret_minor,
                      struct err *err)
{
    int64_t minor = 0;
    enum status status = STATUS_OK;
    if (net_minor != 0)
        status = product_through(magnitude(difference_minor), magnitude(tax_minor), magnitude(net_minor), &minor, err);
    if (status == STATUS_OK)
        *ret_minor = ((difference_minor < 0) != (tax_minor < 0)) != (net_minor < 0) ? -minor : minor;
    return status;
}
