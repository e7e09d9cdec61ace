/*
 * Counts as the transparency formats write them: ASCII decimals without sign or leading zeros.
 */
#ifndef LEDGER_DECIMAL_H
#define LEDGER_DECIMAL_H

#include <stddef.h>
#include <stdint.h>

#include "ledger/status.h"

enum { DECIMAL_TEXT_MAX = 20 }; /* 19 digits and NUL */

/*
 * Reads a decimal of 0..INT64_MAX.
 *
 * errors  INPUT (empty, a leading zero, anything but digits), LIMIT (over INT64_MAX).
 */
MUST_USE enum status decimal_parse(const char *text, size_t length, uint64_t *ret_number, struct err *err);

#endif
