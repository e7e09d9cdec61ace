/*
 * What it takes to open a book of the bench, and what its files consist of.
 *
 *   files open DIR        after it was closed
 *   files killed DIR      after a program that had let an entry in was killed
 *   files unclean DIR     after the machine stopped without closing it: the books are made again from the journal
 *   files sizes DIR       bytes, by table
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <lmdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ledger/books_open.h"
#include "tests/bench/shared/made_book.h"
#include "tests/bench/shared/measure.h"

enum { OPENINGS = 20, TABLE_NAME_BYTES = 80, TABLES_MAX = 256 };

static double open_once(struct made_book *book)
{
    double begin = seconds_now();
    company_reopen(&book->company);
    return seconds_now() - begin;
}

static void measure_open(struct made_book *book, json_t *line)
{
    struct samples samples = {.count = 0};
    for (int i = 0; i < OPENINGS; i++) {
        made_book_rest(book);
        samples_add(&samples, open_once(book));
    }
    samples_tell(&samples, line, "");
    samples_done(&samples);
}

/* A store must not cross a fork, so the child opens the book itself. */
static void measure_killed(const char *dir, json_t *line)
{
    static struct made_book book;
    int how = 0;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        made_book_open(&book, dir);
        made_book_feed(&book);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &how, 0), child);
    assert_int_equal(how, 0);
    double begin = seconds_now();
    made_book_open(&book, dir);
    tell(line, "seconds", seconds_now() - begin);
    book.customers += FED;
    book.sequence++;
    book.company.ids += 2;
    made_book_wait(&book, 1);
    made_book_close(&book);
}

static void measure_unclean(struct made_book *book, json_t *line)
{
    char path[COMPANY_COPY_BYTES + 16];
    made_book_rest(book);
    snprintf(path, sizeof path, "%s/books/state", book->company.book);
    FILE *state = fopen(path, "we");
    if (state == NULL || fputs("dirty 00000000-0000-0000-0000-000000000000\n", state) == EOF || fclose(state) != 0)
        fail_msg("%s cannot be written", path);
    tell(line, "seconds", open_once(book));
    if (!gate_books(book->company.gate)->rebuilt)
        fail_msg("the books were not made again: the mark in %s is another now", path);
    tell(line, "count", (double)book->entries);
    tell(line, "documents", (double)book->documents);
}

/* ---------------------------------------------------------------- sizes */

static double file_bytes(const char *dir, const char *store)
{
    char path[COMPANY_COPY_BYTES + 32];
    struct stat stat_of;
    snprintf(path, sizeof path, "%s/book/%s/data.mdb", dir, store);
    if (stat(path, &stat_of) != 0)
        fail_msg("%s is not there", path);
    return (double)stat_of.st_blocks * 512;
}

static void must(int answer)
{
    if (answer != MDB_SUCCESS)
        fail_msg("LMDB: %s", mdb_strerror(answer));
}

/* The bytes of the values in a table, nothing round them. */
static double value_bytes(MDB_txn *txn, MDB_dbi table)
{
    MDB_cursor *cursor = NULL;
    MDB_val key, value;
    double bytes = 0;
    must(mdb_cursor_open(txn, table, &cursor));
    while (mdb_cursor_get(cursor, &key, &value, MDB_NEXT) == MDB_SUCCESS)
        bytes += (double)value.mv_size;
    mdb_cursor_close(cursor);
    return bytes;
}

static MDB_env *store_open_plain(const char *dir, const char *store)
{
    char path[COMPANY_COPY_BYTES + 16];
    MDB_env *env = NULL;
    snprintf(path, sizeof path, "%s/book/%s", dir, store);
    must(mdb_env_create(&env));
    must(mdb_env_set_maxdbs(env, TABLES_MAX));
    must(mdb_env_open(env, path, MDB_RDONLY | MDB_NOLOCK, 0600));
    return env;
}

/* Pages of each table, as parts of what the file holds. */
static void tell_tables(const char *dir, const char *store, json_t *parts, json_t *line)
{
    MDB_env *env = store_open_plain(dir, store);
    MDB_txn *txn = NULL;
    MDB_dbi root, table;
    MDB_cursor *cursor = NULL;
    MDB_val key, value;
    must(mdb_txn_begin(env, NULL, MDB_RDONLY, &txn));
    must(mdb_dbi_open(txn, NULL, 0, &root));
    must(mdb_cursor_open(txn, root, &cursor));
    while (mdb_cursor_get(cursor, &key, &value, MDB_NEXT) == MDB_SUCCESS) {
        char name[TABLE_NAME_BYTES], full[2 * TABLE_NAME_BYTES];
        MDB_stat stat_of;
        snprintf(name, sizeof name, "%.*s", (int)key.mv_size, (const char *)key.mv_data);
        if (mdb_dbi_open(txn, name, 0, &table) != MDB_SUCCESS)
            continue;
        must(mdb_stat(txn, table, &stat_of));
        snprintf(full, sizeof full, "%s: %s", store, name);
        size_t pages = stat_of.ms_branch_pages + stat_of.ms_leaf_pages + stat_of.ms_overflow_pages;
        tell(parts, full, (double)pages * stat_of.ms_psize);
        if (strcmp(store, "journal") == 0 && strcmp(name, "entries") == 0)
            tell(line, "stored_bytes", value_bytes(txn, table));
    }
    mdb_cursor_close(cursor);
    mdb_txn_abort(txn);
    mdb_env_close(env);
}

static void measure_sizes(const char *dir, json_t *line)
{
    json_t *parts = json_object();
    tell_tables(dir, "journal", parts, line);
    tell_tables(dir, "books", parts, line);
    double journal = file_bytes(dir, "journal"), books = file_bytes(dir, "books");
    tell(line, "journal_bytes", journal);
    tell(line, "books_bytes", books);
    tell(line, "all_bytes", journal + books);
    json_object_set_new(line, "parts", parts);
}

static void work(int argc, char **argv, json_t *line)
{
    static struct made_book book;
    const char *what = argc == 3 ? argv[1] : "";
    if (strcmp(what, "sizes") == 0) {
        measure_sizes(argv[2], line);
        return;
    }
    if (strcmp(what, "killed") == 0) {
        measure_killed(argv[2], line);
        return;
    }
    if (strcmp(what, "open") != 0 && strcmp(what, "unclean") != 0)
        bench_usage("usage: files open|killed|unclean|sizes DIR");
    made_book_open(&book, argv[2]);
    if (strcmp(what, "open") == 0)
        measure_open(&book, line);
    else
        measure_unclean(&book, line);
    made_book_close(&book);
}

int main(int argc, char **argv)
{
    return bench_run(work, argc, argv);
}
