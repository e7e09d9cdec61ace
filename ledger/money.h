/*
 * Money: int64_t counts of a currency's minor unit, and their text. Every operation is checked; nothing here
 * knows a float. Amounts lie within +-INT64_MAX, INT64_MIN excluded, so every amount can be mirrored by a
 * reversal. digits is what currency_digits answers for the amount's currency, 0..CURRENCY_DIGITS_MAX.
 */
#ifndef LEDGER_MONEY_H
#define LEDGER_MONEY_H

#include <stddef.h>
#include <stdint.h>

#include "ledger/status.h"

enum {
    MONEY_TEXT_MAX = 32,          /* sign, 19 digits, 6 commas, dot, NUL, with room */
    MONEY_RATE_DIGITS = 12,       /* an exchange rate counts trillionths */
    MONEY_SPLIT_PARTS_MAX = 10000 /* invoices of a document times their tax codes, with room */
};

/*
 * Reads an amount in the canonical form: optional '-', digits without leading zeros, and, when digits > 0, a
 * dot and exactly digits decimals. No '+', blank, comma, exponent or negative zero.
 *
 * in      text[0..length); borrowed.
 * out     *ret_minor in minor units.
 * errors  INPUT, LIMIT (beyond int64); the text says what to write instead.
 */
MUST_USE enum status money_parse(const char *text, size_t length, int digits, int64_t *ret_minor, struct err *err);

/* The canonical form, e.g. "-1200.00". */
void money_format(int64_t minor, int digits, char ret_text[static MONEY_TEXT_MAX]);

/* The form for people, e.g. "-1,200.00". Never parsed back. */
void money_format_grouped(int64_t minor, int digits, char ret_text[static MONEY_TEXT_MAX]);

/* a + b. errors LIMIT. */
MUST_USE enum status money_add(int64_t a, int64_t b, int64_t *ret_sum, struct err *err);

/* a - b. errors LIMIT. */
MUST_USE enum status money_sub(int64_t a, int64_t b, int64_t *ret_difference, struct err *err);

/* |a|. errors LIMIT (INT64_MIN, which is no amount). */
MUST_USE enum status money_abs(int64_t a, int64_t *ret_absolute, struct err *err);

/*
 * Splits total in proportion to weights so that the parts add up to it: each part gets its share cut towards
 * zero, and the units left over go one each to the largest remainders, ties to the lower position. A negative
 * total is split as the mirror of the positive one.
 *
 * in      weights[0..count), none negative, one positive at least; 1 <= count <= MONEY_SPLIT_PARTS_MAX.
 * Borrowed.
 * out     ret_parts[0..count); must not overlap weights.
 * errors  INPUT (a weight), LIMIT (count),
 * MEMORY.
 * cost    O(count log count).
 */
MUST_USE enum status money_split(int64_t total, const int64_t *weights, size_t count, int64_t *ret_parts,
                                 struct err *err);

/* A rate of exchange: target major units for one source major unit, in trillionths. */
struct money_rate {
    int64_t trillionths; /* > 0 */
    int digits_from;     /* of the source currency */
    int digits_to;       /* of the target currency */
};

/*
 * Converts minor at rate, rounded half to even, once, at the end.
 *
 * errors  INPUT (a rate that is not positive), LIMIT (the result).
 */
MUST_USE enum status money_convert(int64_t minor, const struct money_rate *rate, int64_t *ret_minor, struct err *err);

/*
 * Reads a rate: digits without leading zeros, optionally a dot and 1..12 decimals that do not end in 0; not
 * zero.
 *
 * out     *ret_trillionths.
 * errors  INPUT, LIMIT.
 */
MUST_USE enum status money_parse_rate(const char *text, size_t length, int64_t *ret_trillionths, struct err *err);

/* The canonical form of a positive rate, e.g. "1.0825". */
void money_format_rate(int64_t trillionths, char ret_text[static MONEY_TEXT_MAX]);

#endif
