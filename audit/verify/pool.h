/*
 * Threads that check entries by themselves (item.c) while the main thread judges those before in order.
 */
#ifndef AUDIT_VERIFY_POOL_H
#define AUDIT_VERIFY_POOL_H

#include <stddef.h>

#include "ledger/status.h"

struct verify_item;
struct verify_pool;

/*
 * out     *ret_pool: end it with verify_pool_free. threads 0 and 1: no threads, verify_pool_start does the work itself.
 * errors  MEMORY, IO (a thread could not be made).
 */
MUST_USE enum status verify_pool_new(unsigned threads, struct verify_pool **ret_pool, struct err *err);
void verify_pool_free(struct verify_pool *pool);

/* Starts on items[0..count), which stay the pool's until verify_pool_wait has returned. One batch at a time. */
void verify_pool_start(struct verify_pool *pool, struct verify_item *items, size_t count);
/* Waits for the batch, helping with it. */
void verify_pool_wait(struct verify_pool *pool);

#endif
