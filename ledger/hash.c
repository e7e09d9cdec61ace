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

enum status hash_from_hex(const char *hex, struct hash *ret_hash)
{
    struct hash parsed;
    if (strlen(hex) != HASH_HEX_CHARS || strspn(hex, "0123456789abcdef") != HASH_HEX_CHARS)
        return STATUS_INPUT;
    if (sodium_hex2bin(parsed.bytes, HASH_BYTES, hex, HASH_HEX_CHARS, NULL, NULL, NULL) != 0)
        return STATUS_INPUT;
    *ret_hash = parsed;
    return STATUS_OK;
}

bool hash_equal(const struct hash *a, const struct hash *b)
{
    return memcmp(a->bytes, b->bytes, HASH_BYTES) == 0;
}
