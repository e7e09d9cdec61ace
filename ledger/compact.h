/*
 * Compact JSON: members sorted by their bytes, no blanks, raw UTF-8. What canonical JSON and the books' records are stored as. Writes
 * and reads what json_dumps(JSON_COMPACT | JSON_SORT_KEYS) and json_loadb do, several times as fast: records go through here twenty
 * times for each document (tests/bench/NOTES.md). What this room does not know well, it leaves to jansson.
 */
#ifndef LEDGER_COMPACT_H
#define LEDGER_COMPACT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "ledger/status.h"

/*
 * Writes a value.
 *
 * in      value; borrowed, unchanged. profile: the value has to be within the profile of canon.h, which is looked at on the way.
 * out     *ret_bytes: gives a buffer (free) with a closing NUL that *ret_length does not count.
 * errors  INPUT (a real; with profile: outside of it), MEMORY; with err left alone: who asks knows what the value is.
 * cost    O(bytes), and n log n in the members of an object.
 */
MUST_USE enum status compact_write(const json_t *value, bool profile, char **ret_bytes, size_t *ret_length);

/*
 * Reads a value of any type from compact JSON or any other JSON without duplicate members.
 *
 * in      bytes[0..length); borrowed.
 * out     gives the value (json_decref), or NULL: then *ret_error says why (NULL is allowed).
 * source  RFC 8259.
 */
json_t *compact_read(const char *bytes, size_t length, json_error_t *ret_error);

#endif
