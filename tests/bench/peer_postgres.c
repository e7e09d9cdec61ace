/*
 * PostgreSQL 15 as somebody careful would keep corrections in it, in a cluster of its own: clients check a signature and commit.
 *
 *   peer_postgres append DIR COUNT CLIENTS PER_COMMIT [PER_SIGNATURE [HOW]]   into a new cluster in DIR
 *   peer_postgres verify DIR THREADS [COUNT]                          what is there; first so many where there is nothing
 *
 * HOW is statement (one a commit: one statement puts it on the chain and inserts it, under the lock of the head's row), trigger (an
 * INSERT, and a trigger does the rest, whoever inserts), copy (lists, one client: the chain made by the application under that
 * lock, the rows sent with COPY), gather (one a commit as clients see it: what waits goes to one connection, which commits all of
 * it together with COPY), or none (no chain and no lock: what that lock costs). Where it is not said: statement for one client,
 * gather for several, copy for lists.
 *
 * The best configuration that was found is that and what peer/cluster.c sets: prepared statements, everything in binary form, a
 * socket of the same machine. A trigger takes 6 us more than the statement; a pipeline of INSERTs takes as much processor time
 * as COPY where groups are small; wal_sync_method=open_datasync, commit_delay and less of shared_buffers made nothing faster.
 */
#include <pthread.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/peer/append.h"
#include "tests/bench/peer/cluster.h"
#include "tests/bench/peer/rows.h"

enum { CLIENTS_MAX = 64 };

struct round {
    char info[PEER_CLUSTER_INFO_MAX];
    struct peer_append append;
    size_t clients;
    enum peer_chaining chaining;
    int version;
    atomic_size_t next; /* correction that no client has taken */
    pthread_mutex_t lock;
    pthread_barrier_t all_there;
    /* What waits to be gathered, and who does it. */
    bool gathers, over;
    const struct peer_correction *waiting[CLIENTS_MAX];
    bool *kept[CLIENTS_MAX];
    size_t waiting_count;
    pthread_cond_t something, done;
};

static void check_one(const struct round *round, const struct peer_correction *one)
{
    struct peer_chain chain = {.in_list = false};
    if (!peer_chain_signed(&chain, &round->append.people, one))
        peer_fail("a correction that is not signed was to be kept");
}

/* ---------------------------------------------------------------- several clients */

static void hand_in(struct round *round, const struct peer_correction *one)
{
    bool kept = false;
    (void)pthread_mutex_lock(&round->lock);
    round->waiting[round->waiting_count] = one;
    round->kept[round->waiting_count++] = &kept;
    (void)pthread_cond_signal(&round->something);
    while (!kept)
        (void)pthread_cond_wait(&round->done, &round->lock);
    (void)pthread_mutex_unlock(&round->lock);
}

/* Commits what waits, again and again: while one commit is on its way others come. */
static void *gather(void *context)
{
    struct round *round = context;
    const struct peer_correction *group[CLIENTS_MAX];
    bool *kept[CLIENTS_MAX];
    PGconn *connection = peer_rows_connect(round->info);
    peer_rows_prepare(connection, round->chaining);
    (void)pthread_barrier_wait(&round->all_there);
    (void)pthread_mutex_lock(&round->lock);
    for (;;) {
        while (round->waiting_count == 0 && !round->over)
            (void)pthread_cond_wait(&round->something, &round->lock);
        const size_t count = round->waiting_count;
        if (count == 0)
            break;
        memcpy(group, round->waiting, sizeof group);
        memcpy(kept, round->kept, sizeof kept);
        round->waiting_count = 0;
        (void)pthread_mutex_unlock(&round->lock);
        peer_rows_copy(connection, group, count);
        (void)pthread_mutex_lock(&round->lock);
        for (size_t i = 0; i < count; i++)
            *kept[i] = true;
        (void)pthread_cond_broadcast(&round->done);
    }
    (void)pthread_mutex_unlock(&round->lock);
    PQfinish(connection);
    return NULL;
}

static void *client(void *context)
{
    struct round *round = context;
    PGconn *connection = round->gathers ? NULL : peer_rows_connect(round->info);
    if (connection != NULL)
        peer_rows_prepare(connection, round->chaining);
    (void)pthread_barrier_wait(&round->all_there);
    for (;;) {
        const size_t mine = atomic_fetch_add(&round->next, 1);
        if (mine >= round->append.count)
            break;
        double begin = peer_now();
        check_one(round, &round->append.work[mine]);
        if (connection != NULL)
            peer_rows_insert(connection, &round->append.work[mine]);
        else
            hand_in(round, &round->append.work[mine]);
        double took = peer_now() - begin;
        (void)pthread_mutex_lock(&round->lock);
        peer_times_commit(&round->append.times, took);
        (void)pthread_mutex_unlock(&round->lock);
    }
    PQfinish(connection);
    return NULL;
}

static void start(pthread_t *thread, void *(*function)(void *), struct round *round)
{
    if (pthread_create(thread, NULL, function, round) != 0)
        peer_fail("a client's thread does not start");
}

static double append_together(struct round *round)
{
    pthread_t clients[CLIENTS_MAX], gatherer;
    const unsigned all = (unsigned)round->clients + 1 + round->gathers;
    if (pthread_mutex_init(&round->lock, NULL) != 0 || pthread_cond_init(&round->something, NULL) != 0 ||
        pthread_cond_init(&round->done, NULL) != 0 || pthread_barrier_init(&round->all_there, NULL, all) != 0)
        peer_fail("no memory for clients");
    for (size_t i = 0; i < round->clients; i++)
        start(&clients[i], client, round);
    if (round->gathers)
        start(&gatherer, gather, round);
    (void)pthread_barrier_wait(&round->all_there);
    double begin = peer_now();
    for (size_t i = 0; i < round->clients; i++)
        (void)pthread_join(clients[i], NULL);
    double seconds = peer_now() - begin;
    if (round->gathers) {
        (void)pthread_mutex_lock(&round->lock);
        round->over = true;
        (void)pthread_cond_signal(&round->something);
        (void)pthread_mutex_unlock(&round->lock);
        (void)pthread_join(gatherer, NULL);
    }
    return seconds;
}

/* ---------------------------------------------------------------- one client */

static void keep_one(void *connection, const struct peer_correction *one, size_t count)
{
    (void)count;
    peer_rows_insert(connection, one);
}

static void keep_list(void *connection, const struct peer_correction *batch, size_t count)
{
    const struct peer_correction *list[PEER_LIST_MAX];
    for (size_t i = 0; i < count; i++)
        list[i] = &batch[i];
    peer_rows_copy(connection, list, count);
}

static double append_alone(struct round *round)
{
    PGconn *connection = peer_rows_connect(round->info);
    peer_rows_prepare(connection, round->chaining);
    double seconds = peer_append_run(&round->append, round->append.per_commit > 1 ? keep_list : keep_one, connection);
    PQfinish(connection);
    return seconds;
}

struct how {
    const char *name, *said;
    enum peer_chaining chaining;
};

static const struct how hows[] = {
    {"statement", "one prepared statement a commit, which links and inserts under the lock of the head",
     PEER_CHAIN_STATEMENT},
    {"trigger", "a prepared INSERT a commit, the chain by a trigger under the lock of its head", PEER_CHAIN_TRIGGER},
    {"gather", "what waits is committed together by one connection with COPY, the chain by the application",
     PEER_CHAIN_CLIENT},
    {"copy", "COPY in binary form, the chain by the application under the lock of its head", PEER_CHAIN_CLIENT},
    {"none", "a prepared INSERT a commit, no chain", PEER_CHAIN_NONE}};

/* The one that is asked for, or the best for this work. */
static const struct how *how_of(const struct round *round, const char *name)
{
    const char *best = round->append.per_commit > 1 ? "copy" : round->clients > 1 ? "gather" : "statement";
    const bool lists = round->append.per_commit > 1;
    name = name != NULL ? name : best;
    for (size_t i = 0; i < sizeof hows / sizeof hows[0]; i++)
        if (strcmp(hows[i].name, name) == 0 && lists == (strcmp(name, "copy") == 0))
            return &hows[i];
    peer_fail("HOW '%s': statement, trigger, gather or none for one a commit, copy for lists", name);
}

/* Into a new cluster. Seconds that it took; the caller ends append. */
static double keep_all(struct round *round, const char *dir, const struct how *how)
{
    round->chaining = how->chaining;
    const bool together = round->clients > 1 || strcmp(how->name, "gather") == 0;
    round->gathers = strcmp(how->name, "gather") == 0;
    peer_cluster_make(dir);
    peer_cluster_start(dir, round->info);
    PGconn *connection = peer_rows_connect(round->info);
    peer_rows_schema(connection, round->chaining, round->append.count);
    round->version = PQserverVersion(connection);
    PQfinish(connection);
    peer_times_open(&round->append.times, dir, peer_append_commits(&round->append),
                    !together && peer_append_waits(&round->append));
    double seconds = together ? append_together(round) : append_alone(round);
    peer_cluster_stop();
    return seconds;
}

static void run_append(struct round *round, const char *dir, const char *how_name)
{
    const struct how *how = how_of(round, how_name);
    char version[256];
    if (round->append.per_commit > 1 && round->clients > 1)
        peer_fail("CLIENTS %zu: lists come from one", round->clients);
    double seconds = keep_all(round, dir, how);
    snprintf(
        version, sizeof version,
        "PostgreSQL %d.%d, synchronous_commit=on, wal_level=minimal, shared_buffers=512MB, no checkpoint in a round",
        round->version / 10000, round->version % 10000);
    peer_times_print(&round->append.times, round->append.count, seconds, version, how->said);
    peer_append_done(&round->append);
}

/* What verification is to read, where nothing is there. */
static void keep_first(struct round *round, const char *dir, const char *count)
{
    round->clients = 1;
    peer_append_make(&round->append, count, "1000", NULL);
    (void)keep_all(round, dir, how_of(round, "copy"));
    peer_append_done(&round->append);
}

static void verify(const char *dir, size_t threads)
{
    char info[PEER_CLUSTER_INFO_MAX];
    double seconds = 0;
    peer_cluster_start(dir, info);
    uint64_t count = peer_check_all(&peer_rows_reader, info, threads, &seconds);
    peer_cluster_stop();
    peer_seconds_print((size_t)count, seconds, "PostgreSQL 15",
                       "ranges of the key, in binary form, a connection a thread");
}

int main(int argc, char **argv)
{
    static struct round round;
    if (sodium_init() < 0)
        peer_fail("libsodium does not start");
    if (!peer_cluster_installed()) {
        puts("{\"missing\": \"postgresql-15 is not installed: apt-get install postgresql-15\"}");
        return 0;
    }
    if (argc >= 6 && argc <= 8 && strcmp(argv[1], "append") == 0) {
        round.clients = peer_number("CLIENTS", argv[4], CLIENTS_MAX);
        peer_append_make(&round.append, argv[3], argv[5], argc > 6 ? argv[6] : NULL);
        peer_directory(argv[2]);
        run_append(&round, argv[2], argc > 7 ? argv[7] : NULL);
    } else if ((argc == 4 || argc == 5) && strcmp(argv[1], "verify") == 0) {
        const size_t threads = peer_number("THREADS", argv[3], PEER_THREADS_MAX);
        if (argc == 5 && !peer_cluster_there(argv[2])) {
            peer_directory(argv[2]);
            keep_first(&round, argv[2], argv[4]);
        }
        verify(argv[2], threads);
    } else {
        peer_fail("usage: peer_postgres append DIR COUNT CLIENTS PER_COMMIT [PER_SIGNATURE [HOW]] |"
                  " verify DIR THREADS [COUNT]");
    }
    return 0;
}
