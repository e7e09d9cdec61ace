/*
 * SHA-256 values: what names statements, documents, entries and evidence. Source: FIPS 180-4, through libsodium.
 */
#ifndef LEDGER_HASH_H
#define LEDGER_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/slice.h"
#include "ledger/status.h"

enum { HASH_BYTES = 32, HASH_HEX_CHARS = 64, HASH_512_BYTES = 64 };

struct hash {
    uint8_t bytes[HASH_BYTES];
};

/* SHA-256 of bytes[0..length). */
void hash_of(const void *bytes, size_t length, struct hash *ret_hash);

/* SHA-256 of parts one after the other, as if they were one. */
void hash_of_parts(const struct slice parts[], size_t count, struct hash *ret_hash);

/* SHA-512, which time-stamping authorities are asked to sign. Source: FIPS 180-4. */
void hash_512_of(const void *bytes, size_t length, uint8_t ret_hash[static HASH_512_BYTES]);

/* Lower-case hex with a closing NUL. */
void hash_to_hex(const struct hash *hash, char ret_hex[static HASH_HEX_CHARS + 1]);

/* Strict: exactly 64 lower-case hex digits and the end of the string. errors INPUT. */
MUST_USE enum status hash_from_hex(const char *hex, struct hash *ret_hash);

/* The same of digits[0..length), which no NUL need follow. */
MUST_USE enum status hash_from_digits(const char *digits, size_t length, struct hash *ret_hash);

bool hash_equal(const struct hash *a, const struct hash *b);

#endif
