/*
 * SQLite as somebody careful would keep corrections in it: the application checks a signature, chains, inserts and commits.
 *
 *   peer_sqlite append DIR COUNT PER_COMMIT [PER_SIGNATURE]   into a new database in DIR; 1 correction a signature
 *   peer_sqlite verify DIR THREADS [COUNT]                    what is there; first so many where there is nothing
 *
 * The best configuration that was found: WAL with synchronous=FULL, which makes each commit durable with one sync of the log;
 * locking_mode=EXCLUSIVE, which saves the shared index of the log (a few in a hundred; nobody else can read meanwhile, which ours
 * lets them); one prepared INSERT by rowid, at the table's right edge; the log's pages go into the database every 1,000, as
 * is usual. Pages of 1,024 to 8,192 bytes and 100 to 10,000 pages of log made no difference once the log had its length. No index
 * but the rowid: that a request is not taken twice is not asked.
 */
#include <sodium.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/bench/peer/append.h"
#include "tests/bench/peer/check.h"

#define VERSION "SQLite " SQLITE_VERSION ", WAL, synchronous=FULL, locking_mode=EXCLUSIVE"

enum { PATH_BYTES = 4096 };

static void must(sqlite3 *db, int code)
{
    if (code != SQLITE_OK && code != SQLITE_DONE && code != SQLITE_ROW)
        peer_fail("SQLite: %s", sqlite3_errmsg(db));
}

static void db_path(const char *dir, char ret_path[static PATH_BYTES])
{
    if (snprintf(ret_path, PATH_BYTES, "%s/corrections.sqlite", dir) >= PATH_BYTES)
        peer_fail("%s: the path is too long", dir);
}

static sqlite3 *db_open(const char *dir, int flags)
{
    char path[PATH_BYTES];
    sqlite3 *db = NULL;
    db_path(dir, path);
    if (sqlite3_open_v2(path, &db, flags | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
        peer_fail("%s: %s", path, sqlite3_errmsg(db));
    return db;
}

static void run(sqlite3 *db, const char *sql)
{
    must(db, sqlite3_exec(db, sql, NULL, NULL, NULL));
}

static sqlite3_stmt *prepared(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *statement = NULL;
    must(db, sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL));
    return statement;
}

static void insert(sqlite3 *db, sqlite3_stmt *into, const struct peer_correction *one, const struct peer_chain *chain)
{
    must(db, sqlite3_bind_int(into, 1, one->signer));
    must(db, sqlite3_bind_blob(into, 2, one->statement, sizeof one->statement, SQLITE_STATIC));
    if (one->has_signature)
        must(db, sqlite3_bind_blob(into, 3, one->signature, sizeof one->signature, SQLITE_STATIC));
    else
        must(db, sqlite3_bind_null(into, 3));
    must(db, sqlite3_bind_blob(into, 4, chain->head, sizeof chain->head, SQLITE_STATIC));
    must(db, sqlite3_step(into));
    must(db, sqlite3_reset(into));
}

struct kept {
    sqlite3 *db;
    sqlite3_stmt *begin, *insert, *commit;
    struct peer_chain chain;
};

static void step(const struct kept *kept, sqlite3_stmt *statement)
{
    must(kept->db, sqlite3_step(statement));
    must(kept->db, sqlite3_reset(statement));
}

static void keep(void *context, const struct peer_correction *batch, size_t count)
{
    struct kept *kept = context;
    if (count > 1)
        step(kept, kept->begin);
    for (size_t i = 0; i < count; i++) {
        peer_chain_link(&kept->chain, &batch[i]);
        insert(kept->db, kept->insert, &batch[i], &kept->chain);
    }
    if (count > 1)
        step(kept, kept->commit);
}

static void kept_open(struct kept *kept, const char *dir)
{
    *kept = (struct kept){.db = db_open(dir, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE)};
    run(kept->db, "PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
                  "CREATE TABLE corrections (seq INTEGER PRIMARY KEY, signer INTEGER NOT NULL,"
                  " statement BLOB NOT NULL, signature BLOB, head BLOB NOT NULL) STRICT");
    /* The log is as long as that of a database which has been used for a while: then a commit does not make it longer. */
    run(kept->db, "CREATE TABLE used AS SELECT zeroblob(5000000); DROP TABLE used; PRAGMA wal_checkpoint(RESTART)");
    kept->begin = prepared(kept->db, "BEGIN IMMEDIATE");
    kept->insert =
        prepared(kept->db, "INSERT INTO corrections (signer, statement, signature, head) VALUES (?, ?, ?, ?)");
    kept->commit = prepared(kept->db, "COMMIT");
}

static void kept_close(struct kept *kept)
{
    sqlite3_finalize(kept->begin);
    sqlite3_finalize(kept->insert);
    sqlite3_finalize(kept->commit);
    must(kept->db, sqlite3_close(kept->db));
}

/* Seconds that it took; the caller ends append. */
static double keep_all(const char *dir, struct peer_append *append)
{
    struct kept kept;
    kept_open(&kept, dir);
    peer_times_open(&append->times, dir, peer_append_commits(append), peer_append_waits(append));
    double seconds = peer_append_run(append, keep, &kept);
    kept_close(&kept);
    return seconds;
}

static void run_append(const char *dir, struct peer_append *append)
{
    double seconds = keep_all(dir, append);
    peer_times_print(
        &append->times, append->count, seconds, VERSION,
        "a prepared INSERT; chain and signatures by the application, those of a stream ahead on all processors");
    peer_append_done(append);
}

/* ---------------------------------------------------------------- verification */

struct reader {
    sqlite3 *db;
    sqlite3_stmt *rows;
};

static void *reader_open(const char *dir)
{
    struct reader *reader = calloc(1, sizeof *reader);
    if (reader == NULL)
        peer_fail("no memory for a reader");
    reader->db = db_open(dir, SQLITE_OPEN_READONLY);
    run(reader->db, "PRAGMA mmap_size=17179869184"); /* pages are read where the system has them */
    reader->rows = prepared(reader->db, "SELECT seq, signer, statement, signature, head FROM corrections"
                                        " WHERE seq BETWEEN ? AND ? ORDER BY seq");
    return reader;
}

static uint64_t reader_last(void *context)
{
    struct reader *reader = context;
    sqlite3_stmt *asked = prepared(reader->db, "SELECT max(seq) FROM corrections");
    must(reader->db, sqlite3_step(asked));
    uint64_t last = (uint64_t)sqlite3_column_int64(asked, 0);
    sqlite3_finalize(asked);
    return last;
}

/* Exactly so many bytes. */
static void blob(sqlite3_stmt *from, int column, uint64_t seq, uint8_t *to, int bytes)
{
    if (sqlite3_column_bytes(from, column) != bytes)
        peer_fail("correction %llu: column %s has %d bytes, not %d", (unsigned long long)seq,
                  sqlite3_column_name(from, column), sqlite3_column_bytes(from, column), bytes);
    memcpy(to, sqlite3_column_blob(from, column), (size_t)bytes);
}

static void reader_read(void *context, uint64_t first, size_t count, struct peer_row *rows)
{
    struct reader *reader = context;
    sqlite3_stmt *from = reader->rows;
    must(reader->db, sqlite3_bind_int64(from, 1, (sqlite3_int64)first));
    must(reader->db, sqlite3_bind_int64(from, 2, (sqlite3_int64)(first + count - 1)));
    for (size_t i = 0; i < count; i++) {
        const uint64_t seq = first + i;
        struct peer_row *row = &rows[i];
        must(reader->db, sqlite3_step(from));
        if (sqlite3_data_count(from) == 0 || (uint64_t)sqlite3_column_int64(from, 0) != seq)
            peer_fail("correction %llu is missing", (unsigned long long)seq);
        row->correction.signer = (uint8_t)sqlite3_column_int(from, 1);
        row->correction.has_signature = sqlite3_column_type(from, 3) != SQLITE_NULL;
        blob(from, 2, seq, row->correction.statement, PEER_STATEMENT_BYTES);
        if (row->correction.has_signature)
            blob(from, 3, seq, row->correction.signature, PEER_SIGNATURE_BYTES);
        blob(from, 4, seq, row->head, PEER_HASH_BYTES);
    }
    must(reader->db, sqlite3_reset(from));
}

static void reader_close(void *context)
{
    struct reader *reader = context;
    sqlite3_finalize(reader->rows);
    (void)sqlite3_close(reader->db);
    free(reader);
}

static void verify(const char *dir, size_t threads)
{
    static const struct peer_reader reader = {reader_open, reader_last, reader_read, reader_close};
    double seconds = 0;
    uint64_t count = peer_check_all(&reader, dir, threads, &seconds);
    peer_seconds_print((size_t)count, seconds, VERSION,
                       "ranges of the key, read in place (mmap_size), a connection a thread");
}

int main(int argc, char **argv)
{
    static struct peer_append asked;
    char path[PATH_BYTES];
    if (sodium_init() < 0)
        peer_fail("libsodium does not start");
    if ((argc == 5 || argc == 6) && strcmp(argv[1], "append") == 0) {
        peer_append_make(&asked, argv[3], argv[4], argv[5]);
        peer_directory(argv[2]);
        run_append(argv[2], &asked);
    } else if ((argc == 4 || argc == 5) && strcmp(argv[1], "verify") == 0) {
        const size_t threads = peer_number("THREADS", argv[3], PEER_THREADS_MAX);
        db_path(argv[2], path);
        if (argc == 5 && access(path, F_OK) != 0) {
            peer_directory(argv[2]);
            peer_append_make(&asked, argv[4], "1000", NULL);
            (void)keep_all(argv[2], &asked);
            peer_append_done(&asked);
        }
        verify(argv[2], threads);
    } else {
        peer_fail("usage: peer_sqlite append DIR COUNT PER_COMMIT [PER_SIGNATURE] | verify DIR THREADS [COUNT]");
    }
    return 0;
}
