/* Signatures checked ahead (ahead.h): each thread takes the next batch that nobody has. */
#include "tests/bench/peer/ahead.h"

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/bench/peer/check.h"

enum { THREADS_MAX = 64 };

struct peer_ahead {
    const struct peer_people *people;
    const struct peer_correction *work;
    size_t count, per_batch, next;
    bool *checked; /* by batch */
    pthread_mutex_t lock;
    pthread_cond_t progress;
    pthread_t threads[THREADS_MAX];
    size_t thread_count;
};

static void check_batch(const struct peer_ahead *ahead, size_t first)
{
    struct peer_chain chain = {.in_list = false};
    for (size_t i = first; i < first + ahead->per_batch && i < ahead->count; i++)
        if (!peer_chain_signed(&chain, ahead->people, &ahead->work[i]))
            peer_fail("correction %zu: its signature is not its signer's", i + 1);
}

static void *check_batches(void *context)
{
    struct peer_ahead *ahead = context;
    (void)pthread_mutex_lock(&ahead->lock);
    while (ahead->next * ahead->per_batch < ahead->count) {
        const size_t batch = ahead->next++;
        (void)pthread_mutex_unlock(&ahead->lock);
        check_batch(ahead, batch * ahead->per_batch);
        (void)pthread_mutex_lock(&ahead->lock);
        ahead->checked[batch] = true;
        (void)pthread_cond_broadcast(&ahead->progress);
    }
    (void)pthread_mutex_unlock(&ahead->lock);
    return NULL;
}

struct peer_ahead *peer_ahead_begin(const struct peer_people *people, const struct peer_correction *work, size_t count,
                                    size_t per_batch)
{
    const long processors = sysconf(_SC_NPROCESSORS_ONLN);
    struct peer_ahead *ahead = calloc(1, sizeof *ahead);
    if (ahead == NULL)
        peer_fail("no memory to check signatures ahead");
    *ahead = (struct peer_ahead){.people = people, .work = work, .count = count, .per_batch = per_batch};
    ahead->checked = calloc(count / per_batch + 1, sizeof *ahead->checked);
    if (ahead->checked == NULL || pthread_mutex_init(&ahead->lock, NULL) != 0 ||
        pthread_cond_init(&ahead->progress, NULL) != 0)
        peer_fail("no memory to check signatures ahead");
    for (long i = 0; i < processors && i < THREADS_MAX; i++, ahead->thread_count++)
        if (pthread_create(&ahead->threads[i], NULL, check_batches, ahead) != 0)
            peer_fail("thread %ld that checks signatures does not start", i + 1);
    return ahead;
}

void peer_ahead_wait(struct peer_ahead *ahead, size_t first)
{
    (void)pthread_mutex_lock(&ahead->lock);
    while (!ahead->checked[first / ahead->per_batch])
        (void)pthread_cond_wait(&ahead->progress, &ahead->lock);
    (void)pthread_mutex_unlock(&ahead->lock);
}

void peer_ahead_end(struct peer_ahead *ahead)
{
    if (ahead == NULL)
        return;
    for (size_t i = 0; i < ahead->thread_count; i++)
        (void)pthread_join(ahead->threads[i], NULL);
    (void)pthread_cond_destroy(&ahead->progress);
    (void)pthread_mutex_destroy(&ahead->lock);
    free(ahead->checked);
    free(ahead);
}
