/*
 * The two sources of random bytes: the system's, and a repeatable one for tests. The repeatable one gives the
 * n-th fill from a seed of its own, SHA-256(seed, n), so that two fills never share bytes.
 */
#include "ledger/random.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

static_assert(RANDOM_SEED_BYTES == randombytes_SEEDBYTES, "seed of libsodium's generator");
static_assert(RANDOM_SEED_BYTES == crypto_hash_sha256_BYTES, "a hash makes a seed");

static void fill_system(void *context, void *bytes, size_t length)
{
    (void)context;
    randombytes_buf(bytes, length);
}

static void fill_seeded(void *context, void *bytes, size_t length)
{
    struct random_seeded *state = context;
    uint8_t input[RANDOM_SEED_BYTES + 8];
    uint8_t seed[RANDOM_SEED_BYTES];
    memcpy(input, state->seed, RANDOM_SEED_BYTES);
    for (size_t i = 0; i < 8; i++)
        input[RANDOM_SEED_BYTES + i] = (uint8_t)(state->fills_count >> (8 * i));
    crypto_hash_sha256(seed, input, sizeof input);
    state->fills_count++;
    randombytes_buf_deterministic(bytes, length, seed);
    sodium_memzero(input, sizeof input);
    sodium_memzero(seed, sizeof seed);
}

struct random_source random_system(void)
{
    return (struct random_source){.fill = fill_system, .context = NULL};
}

struct random_source random_from_seed(const uint8_t seed[static RANDOM_SEED_BYTES], struct random_seeded *ret_state)
{
    memcpy(ret_state->seed, seed, RANDOM_SEED_BYTES);
    ret_state->fills_count = 0;
    return (struct random_source){.fill = fill_seeded, .context = ret_state};
}

void random_fill(const struct random_source *source, void *bytes, size_t length)
{
    source->fill(source->context, bytes, length);
}
