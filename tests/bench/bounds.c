/*
 * What bounds a ledger on this machine, with nothing round it: each prints how many it did, and how long that took.
 *
 *   bounds sync DIR [COUNT]             appends of 600 bytes with fdatasync, one after the other
 *   bounds sign|sha256 [COUNT]          Ed25519 signatures of 600 bytes, SHA-256 of 500 bytes, on one core
 *   bounds verify [THREADS [COUNT]]     Ed25519 checks of 600 bytes on so many threads (0: all cores), COUNT on each
 *   bounds lmdb DIR COUNT EACH [index]  600 bytes by sequence into LMDB, EACH in a commit; index: and under a random key
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <lmdb.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/bench/shared/measure.h"

enum { HASHED_BYTES = 500, INDEX_KEY_BYTES = 32, COUNT_MAX = 100000000 };

static size_t number(int argc, char **argv, int at, size_t usual)
{
    char *end = NULL;
    if (argc <= at)
        return usual;
    unsigned long value = strtoul(argv[at], &end, 10);
    if (end == argv[at] || *end != '\0' || value > COUNT_MAX)
        bench_usage("bounds: a count is a number up to 100000000");
    return value;
}

static void measure_sync(int argc, char **argv, json_t *line)
{
    struct samples samples = {.count = 0};
    size_t count = number(argc, argv, 3, 300);
    if (argc < 3)
        bench_usage("bounds sync wants a directory");
    int fd = raw_sync_file(argv[2]);
    for (size_t i = 0; i < count; i++)
        samples_add(&samples, raw_sync(fd));
    (void)close(fd);
    tell(line, "count", (double)count);
    tell(line, "seconds", samples_sum(&samples));
    samples_tell(&samples, line, "");
    samples_done(&samples);
}

static void measure_sign(int argc, char **argv, json_t *line)
{
    unsigned char public[crypto_sign_PUBLICKEYBYTES], secret[crypto_sign_SECRETKEYBYTES], message[ENTRY_BYTES] = {0};
    unsigned char signature[crypto_sign_BYTES];
    size_t count = number(argc, argv, 2, 5000);
    crypto_sign_keypair(public, secret);
    double begin = seconds_now();
    for (size_t i = 0; i < count; i++)
        assert_int_equal(crypto_sign_detached(signature, NULL, message, sizeof message, secret), 0);
    tell(line, "seconds", seconds_now() - begin);
    tell(line, "count", (double)count);
}

static void measure_sha256(int argc, char **argv, json_t *line)
{
    unsigned char bytes[HASHED_BYTES] = {0};
    size_t count = number(argc, argv, 2, 100000);
    double begin = seconds_now();
    for (size_t i = 0; i < count; i++) /* each hashes the hash before, so that none is left out */
        crypto_hash_sha256(bytes, bytes, sizeof bytes);
    tell(line, "seconds", seconds_now() - begin);
    tell(line, "count", (double)count);
}

static void measure_verify(int argc, char **argv, json_t *line)
{
    size_t threads = number(argc, argv, 2, 0), count = number(argc, argv, 3, 4000);
    threads = threads == 0 ? processors() : threads;
    if (threads > THREADS_MAX)
        bench_usage("bounds verify: 0 to 64 threads");
    double rate = raw_verify_rate((unsigned)threads, count);
    tell(line, "count", (double)(count * threads));
    tell(line, "seconds", (double)(count * threads) / rate);
    tell(line, "threads", (double)threads);
}

/* ---------------------------------------------------------------- LMDB */

static void must(int answer)
{
    if (answer != MDB_SUCCESS)
        fail_msg("LMDB: %s", mdb_strerror(answer));
}

static void put(MDB_txn *txn, MDB_dbi table, const void *key, size_t key_bytes, const void *value, size_t bytes,
                unsigned flags)
{
    MDB_val k = {.mv_data = (void *)(uintptr_t)key, .mv_size = key_bytes},
            v = {.mv_data = (void *)(uintptr_t)value, .mv_size = bytes};
    must(mdb_put(txn, table, &k, &v, flags));
}

/* From seq on, EACH entries in one commit; returns what that took. */
static double commit_some(MDB_env *env, const MDB_dbi tables[2], uint64_t seq, size_t each, bool indexed)
{
    unsigned char bytes[ENTRY_BYTES] = {0}, key[sizeof(uint64_t)], random[INDEX_KEY_BYTES];
    MDB_txn *txn = NULL;
    double begin = seconds_now();
    must(mdb_txn_begin(env, NULL, 0, &txn));
    for (size_t i = 0; i < each; i++, seq++) {
        for (size_t k = 0; k < sizeof key; k++)
            key[k] = (unsigned char)(seq >> (8 * (sizeof key - 1 - k)));
        memcpy(bytes, key, sizeof key);
        put(txn, tables[0], key, sizeof key, bytes, sizeof bytes, MDB_APPEND);
        if (indexed) {
            crypto_generichash(random, sizeof random, key, sizeof key, NULL, 0);
            put(txn, tables[1], random, sizeof random, key, sizeof key, 0);
        }
    }
    must(mdb_txn_commit(txn));
    return seconds_now() - begin;
}

static void measure_lmdb(int argc, char **argv, json_t *line)
{
    char dir[4096];
    size_t count = number(argc, argv, 3, 0), each = number(argc, argv, 4, 1);
    bool indexed = argc > 5 && strcmp(argv[5], "index") == 0;
    struct samples samples = {.count = 0};
    MDB_env *env = NULL;
    MDB_txn *txn = NULL;
    MDB_dbi tables[2];
    if (argc < 5 || each == 0 || count < each)
        bench_usage("bounds lmdb wants a directory, how many, and how many in a commit");
    snprintf(dir, sizeof dir, "%s/lmdb-XXXXXX", argv[2]);
    if (mkdtemp(dir) == NULL)
        fail_msg("%s cannot be made", dir);
    must(mdb_env_create(&env));
    must(mdb_env_set_maxdbs(env, 2));
    must(mdb_env_set_mapsize(env, (size_t)1 << 34));
    must(mdb_env_open(env, dir, 0, 0600));
    must(mdb_txn_begin(env, NULL, 0, &txn));
    must(mdb_dbi_open(txn, "entries", MDB_CREATE, &tables[0]));
    must(mdb_dbi_open(txn, "index", MDB_CREATE, &tables[1]));
    must(mdb_txn_commit(txn));
    for (size_t done = 0; done + each <= count; done += each)
        samples_add(&samples, commit_some(env, tables, done, each, indexed));
    mdb_env_close(env);
    tell(line, "count", (double)(samples.count * each));
    tell(line, "seconds", samples_sum(&samples));
    samples_tell(&samples, line, "");
    samples_done(&samples);
    char file[4200];
    static const char *const names[] = {"data.mdb", "lock.mdb"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        snprintf(file, sizeof file, "%s/%s", dir, names[i]);
        (void)unlink(file);
    }
    (void)rmdir(dir);
}

static void work(int argc, char **argv, json_t *line)
{
    static const struct {
        const char *name;
        void (*measure)(int argc, char **argv, json_t *line);
    } bounds[] = {{"sync", measure_sync},
                  {"sign", measure_sign},
                  {"sha256", measure_sha256},
                  {"verify", measure_verify},
                  {"lmdb", measure_lmdb}};
    for (size_t i = 0; argc > 1 && i < sizeof bounds / sizeof bounds[0]; i++) {
        if (strcmp(argv[1], bounds[i].name) == 0) {
            bounds[i].measure(argc, argv, line);
            return;
        }
    }
    bench_usage("usage: bounds sync|sign|sha256|verify|lmdb ...");
}

int main(int argc, char **argv)
{
    return bench_run(work, argc, argv);
}
