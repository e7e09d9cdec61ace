/*
 * What whoever keeps corrections has to check: signatures before a correction is kept, and later, from what was kept, that
 * each stands on the one before and is signed. The same for each peer.
 */
#ifndef TESTS_BENCH_PEER_CHECK_H
#define TESTS_BENCH_PEER_CHECK_H

#include <sodium.h>
#include <stdbool.h>

#include "tests/bench/peer/work.h"

enum { PEER_THREADS_MAX = 64 };

/* Where the chain is: 32 zero bytes before the first correction. Set to zero to begin. */
struct peer_chain {
    uint8_t head[PEER_HASH_BYTES];
    crypto_hash_sha256_state list; /* statements since the last signature */
    bool in_list;
};

/* Goes on by one correction: head = SHA-256(head, statement, its signature where it has one). */
void peer_chain_link(struct peer_chain *chain, const struct peer_correction *correction);

/* Whether the correction's signature, where it has one, is its signer's over the statements since the one before. */
bool peer_chain_signed(struct peer_chain *chain, const struct peer_people *people,
                       const struct peer_correction *correction);

/* A correction as it was kept. */
struct peer_row {
    struct peer_correction correction;
    uint8_t head[PEER_HASH_BYTES];
};

/* Who reads what a peer kept; each thread opens one. They fail by peer_fail. */
struct peer_reader {
    void *(*open)(const char *dir);
    /* How many corrections there are, by the number of the last one. */
    uint64_t (*last)(void *reader);
    /* Fills rows with corrections first to first + count - 1, which must all be there. */
    void (*read)(void *reader, uint64_t first, size_t count, struct peer_row *rows);
    void (*close)(void *reader);
};

/*
 * Verifies all of it: chain and signatures, in chunks that join at the seams, on so many threads.
 *
 * in      threads: 1..PEER_THREADS_MAX.
 * out     *ret_seconds: reading included.
 * errors  ends the program with the correction's number.
 */
uint64_t peer_check_all(const struct peer_reader *reader, const char *dir, size_t threads, double *ret_seconds);

#endif
