/*
 * SHA-256 and its text form. Hashes here are public names, not secrets: comparison is ordinary.
 */
#include "ledger/hash.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

static_assert(HASH_BYTES == crypto_hash_sha256_BYTES, "SHA-256");

void hash_of(const void *bytes, size_t length, struct hash *ret_hash)
{
    crypto_hash_sha256(ret_hash->bytes, bytes, length);
}

void hash_of_parts(const struct slice parts[], size_t count, struct hash *ret_hash)
{
    crypto_hash_sha256_state state;
    crypto_hash_sha256_init(&state);
    for (size_t i = 0; i < count; i++)
        crypto_hash_sha256_update(&state, parts[i].bytes, parts[i].length);
    crypto_hash_sha256_final(&state, ret_hash->bytes);
}

void hash_512_of(const void *bytes, size_t length, uint8_t ret_hash[static HASH_512_BYTES])
{
    static_assert(HASH_512_BYTES == crypto_hash_sha512_BYTES, "SHA-512");
    crypto_hash_sha512(ret_hash, bytes, length);
}

void hash_to_hex(const struct hash *hash, char ret_hex[static HASH_HEX_CHARS + 1])
{
    sodium_bin2hex(ret_hex, HASH_HEX_CHARS + 1, hash->bytes, HASH_BYTES);
}

/* The value of a digit and one more; 0 for any other byte. */
static const uint8_t hex_values[256] = {
    ['0'] = 1, ['1'] = 2,  ['2'] = 3,  ['3'] = 4,  ['4'] = 5,  ['5'] = 6,  ['6'] = 7,  ['7'] = 8,
    ['8'] = 9, ['9'] = 10, ['a'] = 11, ['b'] = 12, ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16};

enum status hash_from_digits(const char *digits, size_t length, struct hash *ret_hash)
{
    struct hash parsed;
    if (length != HASH_HEX_CHARS)
        return STATUS_INPUT;
    for (size_t i = 0; i < HASH_BYTES; i++) {
        const unsigned high = hex_values[(unsigned char)digits[2 * i]];
        const unsigned low = hex_values[(unsigned char)digits[2 * i + 1]];
        if (high == 0 || low == 0)
            return STATUS_INPUT;
        parsed.bytes[i] = (uint8_t)((high - 1) << 4 | (low - 1));
    }
    *ret_hash = parsed;
    return STATUS_OK;
}

enum status hash_from_hex(const char *hex, struct hash *ret_hash)
{
    return hash_from_digits(hex, strlen(hex), ret_hash);
}

bool hash_equal(const struct hash *a, const struct hash *b)
{
    return memcmp(a->bytes, b->bytes, HASH_BYTES) == 0;
}
