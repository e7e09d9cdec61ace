/*
 * Canonical JSON: the one form in which statements, documents and entries exist (FORMAT.md; RFC 8785 through
 * a strict profile). There is exactly one sequence of bytes for a value, so a hash or a signature over the
 * bytes is one over the value.
 *
 * The profile: the whole is an object; member names match text_is_key; text passes text_check; integers lie
 * within
 * +-(2^53-1); no reals, no -0; objects and arrays nest at most JSON_DEPTH_MAX deep, the outermost counted
 * as 1.
 */
#ifndef LEDGER_CANON_H
#define LEDGER_CANON_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/hash.h"
#include "ledger/status.h"

#define CANON_INTEGER_MAX INT64_C(9007199254740991) /* 2^53-1: what every JSON reader keeps exactly */

/*
 * Reads canonical bytes; anything that is not byte for byte what canon_encode makes of the value is refused.
 *
 * in      bytes[0..length), length <= bytes_max; borrowed.
 * out     *ret_value: gives a new object (json_decref).
 * errors  INPUT (form; names the byte or the member), LIMIT (size, depth, length of a member name), MEMORY.
 * cost    O(length) time, about 20 times length memory.
 * source  RFC 8785, RFC 8259.
 */
MUST_USE enum status canon_parse(const char *bytes, size_t length, size_t bytes_max, json_t **ret_value,
                                 struct err *err);

/* The same by tree alone, without scan.h: what decides where the two do not agree, and what tests hold them together with. */
MUST_USE enum status canon_parse_by_tree(const char *bytes, size_t length, size_t bytes_max, json_t **ret_value,
                                         struct err *err);

/*
 * Writes the canonical bytes of a value made in memory.
 *
 * in      value; borrowed, unchanged. An object within the profile.
 * out     *ret_bytes: gives a buffer (free) with a closing NUL that *ret_length does not count. NULL is
 * allowed for ret_length.
 * errors  INPUT (names the member outside the profile), LIMIT, MEMORY.
 */
MUST_USE enum status canon_encode(const json_t *value, char **ret_bytes, size_t *ret_length, struct err *err);

/* SHA-256 of the canonical bytes of value. errors as canon_encode. */
MUST_USE enum status canon_hash(const json_t *value, struct hash *ret_hash, struct err *err);

/*
 * How deep objects and arrays nest: 0 for a scalar, 1 for {} or []. Answers JSON_DEPTH_MAX + 1 for anything
 * deeper, so that a part can be held to what is left for it within its whole.
 */
unsigned canon_depth(const json_t *value);

#endif
