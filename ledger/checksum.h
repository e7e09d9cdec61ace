/*
 * Sums of two kinds: a short checksum against decay for values of the books, and SHA-256 over bytes that come in parts.
 */
#ifndef LEDGER_CHECKSUM_H
#define LEDGER_CHECKSUM_H

#include <stdalign.h>
#include <stdint.h>

#include "ledger/hash.h"
#include "ledger/slice.h"

enum { CHECKSUM_BYTES = 8, CHECKSUM_NAME_BYTES_MAX = 64, CHECKSUM_KEY_BYTES_MAX = 511 };

/*
 * The checksum of a value under a key in a table. Finds decay and a value in the wrong place (one time in 2^64 it does
 * not); no protection against a person, who can compute it as well.
 *
 * in      table of up to CHECKSUM_NAME_BYTES_MAX characters, key of up to CHECKSUM_KEY_BYTES_MAX bytes.
 * cost    O(bytes), about 1 ns a byte.
 * source  SipHash-2-4: a first sum over (table, NUL, length of key in two bytes big-endian, key) under a fixed key,
 *         then the value under a key made of the first sum.
 */
void checksum_value(const char *table, struct slice key, struct slice value, uint8_t ret_sum[static CHECKSUM_BYTES]);

/* SHA-256 in parts. The caller's storage; nothing to release. */
struct hash_stream {
    alignas(8) uint8_t state[128];
};

void hash_stream_init(struct hash_stream *stream);
void hash_stream_add(struct hash_stream *stream, struct slice bytes);
void hash_stream_end(struct hash_stream *stream, struct hash *ret_hash);

#endif
