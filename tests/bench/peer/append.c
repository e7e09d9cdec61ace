/* One client's course (append.h). */
#include "tests/bench/peer/append.h"

#include <stdlib.h>

#include "tests/bench/peer/ahead.h"
#include "tests/bench/peer/check.h"

void peer_append_make(struct peer_append *append, const char *count, const char *per_commit, const char *per_signature)
{
    append->count = peer_number("COUNT", count, PEER_COUNT_MAX);
    append->per_commit = peer_number("PER_COMMIT", per_commit, PEER_LIST_MAX);
    append->per_signature = per_signature != NULL ? peer_number("PER_SIGNATURE", per_signature, append->per_commit) : 1;
    if (append->per_commit % append->per_signature != 0)
        peer_fail("PER_SIGNATURE %zu: it has to divide PER_COMMIT", append->per_signature);
    peer_people_make(&append->people);
    append->work = peer_work_make(&append->people, append->count, append->per_signature);
}

bool peer_append_waits(const struct peer_append *append)
{
    return append->per_signature == append->per_commit;
}

size_t peer_append_commits(const struct peer_append *append)
{
    return (append->count + append->per_commit - 1) / append->per_commit;
}

static void check_batch(const struct peer_append *append, size_t first, size_t count)
{
    struct peer_chain chain = {.in_list = false};
    for (size_t i = first; i < first + count; i++)
        if (!peer_chain_signed(&chain, &append->people, &append->work[i]))
            peer_fail("correction %zu: its signature is not its signer's", i + 1);
}

double peer_append_run(struct peer_append *append,
                       void (*keep)(void *context, const struct peer_correction *batch, size_t count), void *context)
{
    double bare = 0, begin = peer_now();
    struct peer_ahead *ahead = peer_append_waits(append)
                                   ? NULL
                                   : peer_ahead_begin(&append->people, append->work, append->count, append->per_commit);
    for (size_t done = 0; done < append->count; done += append->per_commit) {
        const size_t left = append->count - done, now = left < append->per_commit ? left : append->per_commit;
        double from = peer_now();
        if (ahead != NULL)
            peer_ahead_wait(ahead, done);
        else
            check_batch(append, done, now);
        keep(context, &append->work[done], now);
        double to = peer_now();
        peer_times_commit(&append->times, to - from);
        bare += peer_now() - to;
    }
    double seconds = peer_now() - begin - bare;
    peer_ahead_end(ahead);
    return seconds;
}

void peer_append_done(struct peer_append *append)
{
    peer_times_close(&append->times);
    free(append->work);
}
