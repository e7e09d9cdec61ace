/*
 * A fixed set of threads over one batch at a time. Each takes a few entries at once, so that a large one holds up nobody;
 * the thread that waits helps. Nothing is shared but the batch.
 */
#include "audit/verify/pool.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "audit/verify/parts.h"

enum { TAKE_ITEMS = 8 };

struct verify_pool {
    pthread_mutex_t mutex;
    pthread_cond_t begun, ended;
    pthread_t threads[VERIFY_THREADS_MAX];
    unsigned thread_count;
    struct verify_item *items;
    size_t count, next, done; /* under the mutex */
    bool stop;
};

/* Takes a few items and checks them. Called and returns with the mutex held; false when none are left. */
static bool work(struct verify_pool *pool)
{
    size_t first = pool->next;
    size_t last = pool->count - first < TAKE_ITEMS ? pool->count : first + TAKE_ITEMS;
    struct verify_item *items = pool->items;
    if (first == last)
        return false;
    pool->next = last;
    pthread_mutex_unlock(&pool->mutex);
    for (size_t i = first; i < last; i++)
        verify_item_check(&items[i]);
    pthread_mutex_lock(&pool->mutex);
    pool->done += last - first;
    if (pool->done == pool->count)
        pthread_cond_broadcast(&pool->ended);
    return true;
}

static void *run(void *context)
{
    struct verify_pool *pool = context;
    pthread_mutex_lock(&pool->mutex);
    while (!pool->stop)
        if (!work(pool))
            pthread_cond_wait(&pool->begun, &pool->mutex);
    pthread_mutex_unlock(&pool->mutex);
    return NULL;
}

enum status verify_pool_new(unsigned threads, struct verify_pool **ret_pool, struct err *err)
{
    struct verify_pool *pool = calloc(1, sizeof *pool);
    if (pool == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for threads");
    pthread_mutex_init(&pool->mutex, NULL);
    pthread_cond_init(&pool->begun, NULL);
    pthread_cond_init(&pool->ended, NULL);
    /* The main thread is one of them: it helps whenever it waits. */
    for (unsigned i = 1; i < threads && i <= VERIFY_THREADS_MAX; i++) {
        int code = pthread_create(&pool->threads[pool->thread_count], NULL, run, pool);
        if (code != 0) {
            verify_pool_free(pool);
            return err_set(err, STATUS_MEMORY, "a thread cannot be made: %s (no memory for it, or too many of them)",
                           strerror(code));
        }
        pool->thread_count++;
    }
    *ret_pool = pool;
    return STATUS_OK;
}

void verify_pool_free(struct verify_pool *pool)
{
    if (pool == NULL)
        return;
    pthread_mutex_lock(&pool->mutex);
    pool->stop = true;
    pthread_cond_broadcast(&pool->begun);
    pthread_mutex_unlock(&pool->mutex);
    for (unsigned i = 0; i < pool->thread_count; i++)
        pthread_join(pool->threads[i], NULL);
    pthread_cond_destroy(&pool->ended);
    pthread_cond_destroy(&pool->begun);
    pthread_mutex_destroy(&pool->mutex);
    free(pool);
}

void verify_pool_start(struct verify_pool *pool, struct verify_item *items, size_t count)
{
    pthread_mutex_lock(&pool->mutex);
    pool->items = items;
    pool->count = count;
    pool->next = pool->done = 0;
    pthread_cond_broadcast(&pool->begun);
    pthread_mutex_unlock(&pool->mutex);
}

void verify_pool_wait(struct verify_pool *pool)
{
    pthread_mutex_lock(&pool->mutex);
    while (work(pool)) {
    }
    while (pool->done < pool->count)
        pthread_cond_wait(&pool->ended, &pool->mutex);
    pool->count = pool->next = pool->done = 0;
    pthread_mutex_unlock(&pool->mutex);
}
