/*
 * Short sums and streaming SHA-256, through libsodium. LMDB has no checksums, so each value of the books carries one.
 * SipHash rather than a longer hash: eight bytes are kept anyway, it is keyed by place for free, and a record of a
 * hundred bytes costs a tenth of a microsecond.
 */
#include "ledger/checksum.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

static_assert((int)CHECKSUM_BYTES == (int)crypto_shorthash_BYTES, "SipHash-2-4");
static_assert(sizeof(struct hash_stream) >= sizeof(crypto_hash_sha256_state), "room for the state");
static_assert(alignof(struct hash_stream) >= alignof(crypto_hash_sha256_state), "and aligned for it");

/* Two fixed keys of our own, so that the two steps never share one. Not secret. */
static const uint8_t place_key[crypto_shorthash_KEYBYTES] = "countersign/key";
static const uint8_t value_key[crypto_shorthash_KEYBYTES] = "countersign/val";

void checksum_value(const char *table, struct slice key, struct slice value, uint8_t ret_sum[static CHECKSUM_BYTES])
{
    uint8_t place[CHECKSUM_NAME_BYTES_MAX + 1 + 2 + CHECKSUM_KEY_BYTES_MAX];
    uint8_t step[crypto_shorthash_KEYBYTES];
    size_t used = strnlen(table, CHECKSUM_NAME_BYTES_MAX + 1);
    invariant(used <= CHECKSUM_NAME_BYTES_MAX && key.length <= CHECKSUM_KEY_BYTES_MAX);
    memcpy(place, table, used);
    place[used++] = 0;
    place[used++] = (uint8_t)(key.length >> 8);
    place[used++] = (uint8_t)(key.length & 0xFF);
    if (key.length > 0)
        memcpy(place + used, key.bytes, key.length);
    memcpy(step, value_key, sizeof step);
    crypto_shorthash(step, place, used + key.length, place_key);
    crypto_shorthash(ret_sum, value.bytes, value.length, step);
}

void hash_stream_init(struct hash_stream *stream)
{
    crypto_hash_sha256_init((crypto_hash_sha256_state *)(void *)stream->state);
}

void hash_stream_add(struct hash_stream *stream, struct slice bytes)
{
    crypto_hash_sha256_update((crypto_hash_sha256_state *)(void *)stream->state, bytes.bytes, bytes.length);
}

void hash_stream_end(struct hash_stream *stream, struct hash *ret_hash)
{
    crypto_hash_sha256_final((crypto_hash_sha256_state *)(void *)stream->state, ret_hash->bytes);
}
