/*
 * Threads that check entries by themselves (item.c), chunk after chunk, while the main thread judges those before in order and reads
 * those to come. Threads go from one chunk to the next without waiting for each other, so that nobody is idle at a seam.
 */
#ifndef AUDIT_VERIFY_POOL_H
#define AUDIT_VERIFY_POOL_H

#include <stdbool.h>
#include <stddef.h>

#include "audit/verify/parts.h"
#include "ledger/status.h"

struct verify_pool;

enum {
    /* One being judged, one with the threads. How far is read before what is judged shows where a store is damaged: after a page
     * that it cannot read, LMDB answers nothing more in that transaction, hashes of the tree neither. */
    CHUNKS_MAX = 2,
    CHUNK_ITEMS_MAX = 512,       /* entries of one */
    CHUNK_BYTES_MAX = 512 << 10, /* stop filling a chunk here: a tree of an entry takes about twenty times its bytes */
};

struct verify_chunk {
    struct verify_item items[CHUNK_ITEMS_MAX];
    size_t count;
    size_t taken, done; /* the pool's, as long as it has the chunk */
};

/*
 * out     *ret_pool: end it with verify_pool_free. threads 0 and 1: no threads, who waits does the work himself.
 * errors  MEMORY (also where a thread cannot be made).
 */
MUST_USE enum status verify_pool_new(unsigned threads, enum item_trees trees, struct verify_pool **ret_pool,
                                     struct err *err);
/* Also where chunks are not done: nobody works at them any more. */
void verify_pool_free(struct verify_pool *pool);

/* Gives a chunk to the pool, CHUNKS_MAX at most at one time, until verify_pool_wait for it has returned. */
void verify_pool_add(struct verify_pool *pool, struct verify_chunk *chunk);
/* Waits for the chunk that was given first, helping with all there is. */
void verify_pool_wait(struct verify_pool *pool);

#endif
