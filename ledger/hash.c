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

void hash_512_of(const void *bytes, size_t length, uint8_t ret_hash[static HASH_512_BYTES])
{
    static_assert(HASH_512_BYTES == crypto_hash_sha512_BYTES, "SHA-512");
    crypto_hash_sha512(ret_hash, bytes, length);
}

void hash_to_hex(const struct hash *hash, char ret_hex[static HASH_HEX_CHARS + 1])
{
    sodium_bin2hex(ret_hex, HASH_HEX_CHARS + 1, hash->bytes, HASH_BYTES);
}

static int hex_value(char digit)
{
    return digit >= '0' && digit <= '9' ? digit - '0' : digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

enum status hash_from_digits(const char *digits, size_t length, struct hash *ret_hash)
{
    struct hash parsed;
    if (length != HASH_HEX_CHARS)
        return STATUS_INPUT;
    for (size_t i = 0; i < HASH_BYTES; i++) {
        const int high = hex_value(digits[2 * i]), low = hex_value(digits[2 * i + 1]);
        if (high < 0 || low < 0)
            return STATUS_INPUT;
        parsed.bytes[i] = (uint8_t)(high << 4 | low);
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
