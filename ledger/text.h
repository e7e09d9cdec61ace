/*
 * What text may be: strict UTF-8 without the code points that can hide or reorder what a person is shown, and
 * the ASCII grammars of ids, trade codes and member names. Source: FORMAT.md, RFC 3629; UAX #9 for the bidi
 * controls.
 */
#ifndef LEDGER_TEXT_H
#define LEDGER_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/status.h"

enum {
    TEXT_CODE_BYTES_MAX = 32, /* trade codes: entities, currencies, reasons */
    TEXT_SHOW_MAX = 96        /* a piece of foreign text inside an error, closing NUL included */
};

/*
 * Reads one code point at the start of bytes[0..left).
 *
 * out     *ret_code_point, when the answer is not 0.
 * after   answers the bytes it takes, 1..4; 0 when left is 0 or the bytes are not UTF-8 (overlong forms,
 * surrogates and numbers over U+10FFFF included).
 * source  RFC 3629 section 4.
 */
size_t text_step(const char *bytes, size_t left, uint32_t *ret_code_point);

/*
 * How many bytes at the start of bytes[0..left) are printable ASCII other than the quote and the backslash: what text
 * and JSON strings mostly consist of, skipped eight at a time.
 */
size_t text_plain_run(const char *bytes, size_t left);

/*
 * True for the code points that stand in no text of ours: C0, DEL, C1, U+2028/2029, U+FEFF and the bidi
 * controls U+061C, U+200E/200F, U+202A..202E, U+2066..2069. By number, never by Unicode category, so that no
 * table can change what is valid.
 */
bool text_forbidden(uint32_t code_point);

/*
 * Text that may be stored and shown: UTF-8 without forbidden code points. Empty text is fine.
 *
 * in      text[0..length); borrowed.
 * errors  INPUT; the error names the byte and the code point.
 */
MUST_USE enum status text_check(const char *text, size_t length, struct err *err);

/* Whether it is these words; a text that is not there (NULL) is none. */
bool text_is(const char *text, const char *wanted);

/* An id: [A-Za-z0-9][A-Za-z0-9._:/@-]*, at most ID_BYTES_MAX bytes. Users, persons, customers, invoices,
 * refs. */
bool text_is_id(const char *text, size_t length);

/* A trade code: [A-Z0-9][A-Z0-9_-]*, at most TEXT_CODE_BYTES_MAX bytes. Always a value, never a member name.
 */
bool text_is_code(const char *text, size_t length);

/* How many of the bytes at text may stand in a member name. */
size_t text_key_run(const char *text, size_t left);

/* A member name: [a-z0-9_.-]+, at most JSON_KEY_BYTES_MAX bytes. */
bool text_is_key(const char *text, size_t length);

/*
 * Makes a piece of foreign text safe to stand in an error: printable ASCII stays, everything else becomes
 * \xNN, and what is too long ends in "...". Never for what may be a secret.
 *
 * out     ret_shown, NUL-terminated.
 */
void text_show(const char *text, size_t length, char ret_shown[static TEXT_SHOW_MAX]);

/* Writes on behind what stands in text, NUL-terminated, of size bytes in all; what there is no room for is cut. */
void text_add(char *text, size_t size, const char *format, ...) PRINTF_LIKE(3, 4);

#endif
