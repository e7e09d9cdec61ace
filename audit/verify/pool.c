/*
 * A fixed set of threads over a short queue of chunks. Each takes a few entries at once from the first chunk that has any, so that a
 * large one holds up nobody; the thread that waits helps. Nothing is shared but the queue.
 */
#include "audit/verify/pool.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { TAKE_ITEMS = 8 };

struct verify_pool {
    pthread_mutex_t mutex;
    pthread_cond_t begun, ended;
    pthread_t threads[VERIFY_THREADS_MAX];
    unsigned thread_count;
    struct item_tools tools[VERIFY_THREADS_MAX + 1]; /* of the threads, and the last of who waits */
    unsigned started;
    struct verify_chunk *queue[CHUNKS_MAX]; /* under the mutex, as the places in them */
    size_t count;
    bool stop;
};

/* Takes a few items and checks them. Called and returns with the mutex held; false when none are left. */
static bool work(struct verify_pool *pool, struct item_tools *tools)
{
    struct verify_chunk *chunk = NULL;
    for (size_t i = 0; chunk == NULL && i < pool->count; i++)
        if (pool->queue[i]->taken < pool->queue[i]->count)
            chunk = pool->queue[i];
    if (chunk == NULL)
        return false;
    size_t first = chunk->taken;
    size_t last = chunk->count - first < TAKE_ITEMS ? chunk->count : first + TAKE_ITEMS;
    chunk->taken = last;
    pthread_mutex_unlock(&pool->mutex);
    for (size_t i = first; i < last; i++)
        verify_item_check(tools, &chunk->items[i]);
    pthread_mutex_lock(&pool->mutex);
    chunk->done += last - first;
    if (chunk->done == chunk->count)
        pthread_cond_broadcast(&pool->ended);
    return true;
}

static void *run(void *context)
{
    struct verify_pool *pool = context;
    pthread_mutex_lock(&pool->mutex);
    struct item_tools *tools = &pool->tools[pool->started++];
    while (!pool->stop)
        if (!work(pool, tools))
            pthread_cond_wait(&pool->begun, &pool->mutex);
    pthread_mutex_unlock(&pool->mutex);
    return NULL;
}

/* The main thread is one of them: it helps whenever it waits. */
static enum status threads_start(struct verify_pool *pool, unsigned threads, enum item_trees trees, struct err *err)
{
    enum status status = verify_tools_init(trees, &pool->tools[VERIFY_THREADS_MAX], err);
    for (unsigned i = 1; status == STATUS_OK && i < threads && i <= VERIFY_THREADS_MAX; i++) {
        status = verify_tools_init(trees, &pool->tools[pool->thread_count], err);
        int code = status != STATUS_OK ? 0 : pthread_create(&pool->threads[pool->thread_count], NULL, run, pool);
        if (code != 0)
            status = err_set(err, STATUS_MEMORY, "a thread cannot be made: %s (no memory for it, or too many of them)",
                             strerror(code));
        if (status == STATUS_OK)
            pool->thread_count++;
    }
    return status;
}

enum status verify_pool_new(unsigned threads, enum item_trees trees, struct verify_pool **ret_pool, struct err *err)
{
    struct verify_pool *pool = calloc(1, sizeof *pool);
    if (pool == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for threads");
    pthread_mutex_init(&pool->mutex, NULL);
    pthread_cond_init(&pool->begun, NULL);
    pthread_cond_init(&pool->ended, NULL);
    enum status status = threads_start(pool, threads, trees, err);
    if (status != STATUS_OK)
        verify_pool_free(pool);
    else
        *ret_pool = pool;
    return status;
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
    for (unsigned i = 0; i <= VERIFY_THREADS_MAX; i++)
        verify_tools_done(&pool->tools[i]);
    pthread_cond_destroy(&pool->ended);
    pthread_cond_destroy(&pool->begun);
    pthread_mutex_destroy(&pool->mutex);
    free(pool);
}

void verify_pool_add(struct verify_pool *pool, struct verify_chunk *chunk)
{
    pthread_mutex_lock(&pool->mutex);
    invariant(pool->count < CHUNKS_MAX);
    chunk->taken = chunk->done = 0;
    pool->queue[pool->count++] = chunk;
    pthread_cond_broadcast(&pool->begun);
    pthread_mutex_unlock(&pool->mutex);
}

void verify_pool_wait(struct verify_pool *pool)
{
    pthread_mutex_lock(&pool->mutex);
    invariant(pool->count > 0);
    const struct verify_chunk *first = pool->queue[0];
    while (first->done < first->count)
        if (!work(pool, &pool->tools[VERIFY_THREADS_MAX]))
            pthread_cond_wait(&pool->ended, &pool->mutex);
    pool->count--;
    for (size_t i = 0; i < pool->count; i++)
        pool->queue[i] = pool->queue[i + 1];
    pthread_mutex_unlock(&pool->mutex);
}
