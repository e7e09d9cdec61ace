/*
 * Base64 as RFC 4648 section 4 has it: padded, one line, and strict: there is one text for given bytes, so
 * unused bits are zero and nothing is skipped.
 */
#ifndef LEDGER_BASE64_H
#define LEDGER_BASE64_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/status.h"

/* Characters, without the closing NUL, of the text for length bytes. A constant expression for constant
 * lengths. */
#define BASE64_CHARS(length) (((length) + 2) / 3 * 4)

/*
 * Writes the text of bytes[0..length) and a closing NUL.
 *
 * out     ret_text[0..text_max).
 * errors  LIMIT (text_max is under BASE64_CHARS(length) + 1).
 */
MUST_USE enum status base64_encode(const void *bytes, size_t length, char *ret_text, size_t text_max, struct err *err);

/*
 * Reads text[0..text_length). The empty text is the empty bytes.
 *
 * out     ret_bytes[0..bytes_max) and *ret_length; the bytes beyond *ret_length, and all of them on failure,
 * are undefined.
 * errors  INPUT, LIMIT (more than bytes_max bytes). The error never shows the text: it may be
 * a secret.
 */
MUST_USE enum status base64_decode(const char *text, size_t text_length, void *ret_bytes, size_t bytes_max,
                                   size_t *ret_length, struct err *err);

/* The same, several times as fast, for what is no secret: how long it takes tells what it reads. */
MUST_USE enum status base64_decode_public(const char *text, size_t text_length, void *ret_bytes, size_t bytes_max,
                                          size_t *ret_length, struct err *err);

/* Whether it is one of the alphabet, which '=' is not. */
bool base64_is_digit(char c);

/* As base64_encode; gives a buffer (free). errors LIMIT (length over half of SIZE_MAX), MEMORY. */
MUST_USE enum status base64_encode_new(const void *bytes, size_t length, char **ret_text, struct err *err);

/* As base64_decode; gives a buffer (free) of at most bytes_max bytes. errors INPUT, LIMIT, MEMORY. */
MUST_USE enum status base64_decode_new(const char *text, size_t text_length, size_t bytes_max, uint8_t **ret_bytes,
                                       size_t *ret_length, struct err *err);

#endif
