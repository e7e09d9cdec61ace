/*
 * Where random bytes come from: a parameter of everything that needs them, so that a test replays byte for
 * byte.
 */
#ifndef LEDGER_RANDOM_H
#define LEDGER_RANDOM_H

#include <stddef.h>
#include <stdint.h>

struct random_source {
    void (*fill)(void *context, void *bytes, size_t length);
    void *context;
};

enum { RANDOM_SEED_BYTES = 32 };

/* The state of a source for tests; the caller's storage, one thread at a time. */
struct random_seeded {
    uint8_t seed[RANDOM_SEED_BYTES];
    uint64_t fills_count;
};

/* The system's generator, unpredictable; it does not fail. Needs no closing. */
struct random_source random_system(void);

/*
 * A source that repeats: the n-th fill of the same seed gives the same bytes. For tests only, never for keys
 * in use.
 *
 * out     *ret_state filled; the source keeps it.
 */
struct random_source random_from_seed(const uint8_t seed[static RANDOM_SEED_BYTES], struct random_seeded *ret_state);

/* Fills bytes[0..length) from source. */
void random_fill(const struct random_source *source, void *bytes, size_t length);

#endif
