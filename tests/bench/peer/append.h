/*
 * One client who has corrections kept, a commit after the other: the same course for each peer, who differs in how it keeps them.
 */
#ifndef TESTS_BENCH_PEER_APPEND_H
#define TESTS_BENCH_PEER_APPEND_H

#include "tests/bench/peer/times.h"
#include "tests/bench/peer/work.h"

struct peer_append {
    size_t count, per_commit, per_signature;
    struct peer_people people;
    struct peer_correction *work;
    struct peer_times times;
};

/* COUNT, PER_COMMIT and PER_SIGNATURE (NULL: 1) of the command line, and the work that they ask for; times are not open yet. */
void peer_append_make(struct peer_append *append, const char *count, const char *per_commit, const char *per_signature);

/*
 * Keeps all of them, each after its signature was checked. Where several signatures come with a commit it is a stream, and what
 * comes next is checked on all processors meanwhile (ahead.h); else the client waits for its commit.
 *
 * in      keep: makes this many durable in one commit; fails by peer_fail. times: opened.
 * out     seconds, without the bare writes between commits.
 */
double peer_append_run(struct peer_append *append,
                       void (*keep)(void *context, const struct peer_correction *batch, size_t count), void *context);

/* Whether bare writes come between the commits: where nothing else goes on then. */
bool peer_append_waits(const struct peer_append *append);

/* How many commits it takes. */
size_t peer_append_commits(const struct peer_append *append);

/* Closes its times as well. */
void peer_append_done(struct peer_append *append);

#endif
