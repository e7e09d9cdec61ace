/*
 * Checks of kept corrections (check.h). A chunk begins with the head that is stored at the correction before it, which the
 * chunk before has to arrive at: so the chain is held from end to end though no thread sees all of it. No list goes over a
 * seam, since what is under one signature divides a chunk.
 */
#include "tests/bench/peer/check.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/peer/times.h"

enum { CHUNK = PEER_LIST_MAX };

void peer_chain_link(struct peer_chain *chain, const struct peer_correction *correction)
{
    crypto_hash_sha256_state state;
    crypto_hash_sha256_init(&state);
    crypto_hash_sha256_update(&state, chain->head, sizeof chain->head);
    crypto_hash_sha256_update(&state, correction->statement, sizeof correction->statement);
    if (correction->has_signature)
        crypto_hash_sha256_update(&state, correction->signature, sizeof correction->signature);
    crypto_hash_sha256_final(&state, chain->head);
}

bool peer_chain_signed(struct peer_chain *chain, const struct peer_people *people,
                       const struct peer_correction *correction)
{
    uint8_t hash[PEER_HASH_BYTES];
    if (!chain->in_list)
        crypto_hash_sha256_init(&chain->list);
    crypto_hash_sha256_update(&chain->list, correction->statement, sizeof correction->statement);
    chain->in_list = !correction->has_signature;
    if (chain->in_list)
        return true;
    crypto_hash_sha256_final(&chain->list, hash);
    return correction->signer < PEER_PEOPLE && crypto_sign_verify_detached(correction->signature, hash, sizeof hash,
                                                                           people->public[correction->signer]) == 0;
}

struct check {
    const struct peer_reader *reader;
    const char *dir;
    struct peer_people people;
    uint64_t last;
    atomic_uint_fast64_t next; /* chunk that nobody has taken */
};

/* Corrections first to first + count - 1; rows has room for one more, the one before the first. */
static void check_chunk(const struct check *check, void *reader, uint64_t first, size_t count, struct peer_row *rows)
{
    struct peer_chain chain = {.in_list = false};
    const size_t before = first > 1;
    check->reader->read(reader, first - before, count + before, rows);
    if (before)
        memcpy(chain.head, rows[0].head, sizeof chain.head);
    for (size_t i = 0; i < count; i++) {
        const struct peer_row *row = &rows[before + i];
        peer_chain_link(&chain, &row->correction);
        if (memcmp(chain.head, row->head, sizeof chain.head) != 0)
            peer_fail("correction %" PRIu64 " does not stand on the one before, or was changed: its hash differs",
                      first + i);
        if (!peer_chain_signed(&chain, &check->people, &row->correction))
            peer_fail("correction %" PRIu64 ": its signature is not its signer's", first + i);
    }
    if (chain.in_list)
        peer_fail("correction %" PRIu64 ": nobody signed the list that it ends", first + count - 1);
}

static void *check_some(void *context)
{
    struct check *check = context;
    struct peer_row *rows = calloc(CHUNK + 1, sizeof *rows);
    void *reader = check->reader->open(check->dir);
    if (rows == NULL)
        peer_fail("no memory for a thread's corrections");
    for (;;) {
        uint64_t first = 1 + CHUNK * (uint64_t)atomic_fetch_add(&check->next, 1);
        if (first > check->last)
            break;
        uint64_t left = check->last - first + 1;
        check_chunk(check, reader, first, left < CHUNK ? (size_t)left : CHUNK, rows);
    }
    check->reader->close(reader);
    free(rows);
    return NULL;
}

uint64_t peer_check_all(const struct peer_reader *reader, const char *dir, size_t threads, double *ret_seconds)
{
    struct check check = {.reader = reader, .dir = dir};
    pthread_t others[PEER_THREADS_MAX];
    const size_t more = threads - 1;
    peer_people_make(&check.people);
    void *first = reader->open(dir);
    double begin = peer_now();
    check.last = reader->last(first);
    for (size_t i = 0; i < more; i++)
        if (pthread_create(&others[i], NULL, check_some, &check) != 0)
            peer_fail("thread %zu of %zu does not start", i + 2, threads);
    (void)check_some(&check);
    for (size_t i = 0; i < more; i++)
        (void)pthread_join(others[i], NULL);
    *ret_seconds = peer_now() - begin;
    reader->close(first);
    return check.last;
}
