/*
 * Records that a writing transaction has in memory: by themselves, and as the books hand them out. What matters is when they are
 * forgotten: after a transaction that came to nothing, and after somebody else's.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "ledger/books.h"
#include "ledger/record_cache.h"
#include "ledger/schema.h"
#include "tests/support/scratch.h"

static struct slice key_of(const char *text)
{
    return slice_of(text, strlen(text));
}

static int64_t number_in(struct record_cache *cache, size_t table, const char *key)
{
    const json_t *record = record_cache_find(cache, table, key_of(key));
    return record == NULL ? -1 : json_integer_value(json_object_get(record, "n"));
}

static json_t *numbered(int n)
{
    return json_pack("{s:i}", "n", n);
}

/* Takes record. */
static void keep(struct record_cache *cache, size_t table, const char *key, json_t *record, size_t bytes)
{
    record_cache_keep(cache, table, key_of(key), record, bytes);
    json_decref(record);
}

static void records_are_found_by_table_and_key(void **state)
{
    struct record_cache *cache = record_cache_new();
    (void)state;
    keep(cache, 1, "a", numbered(1), 8);
    keep(cache, 2, "a", numbered(2), 8);
    keep(cache, 1, "ab", numbered(3), 8);
    assert_int_equal(number_in(cache, 1, "a"), 1);
    assert_int_equal(number_in(cache, 2, "a"), 2);
    assert_int_equal(number_in(cache, 1, "ab"), 3);
    assert_int_equal(number_in(cache, 1, "b"), -1);
    assert_int_equal(number_in(cache, 3, "a"), -1);
    keep(cache, 1, "a", numbered(4), 8);
    assert_int_equal(number_in(cache, 1, "a"), 4);
    record_cache_forget(cache, 1, key_of("a"));
    record_cache_forget(cache, 1, key_of("nobody"));
    assert_int_equal(number_in(cache, 1, "a"), -1);
    assert_int_equal(number_in(cache, 2, "a"), 2);
    record_cache_clear(cache);
    assert_int_equal(number_in(cache, 2, "a"), -1);
    record_cache_free(cache);
}

/* Whoever takes one may change it, so nobody else may hold any of it. */
static void only_a_record_that_is_nobodys_is_taken(void **state)
{
    struct record_cache *cache = record_cache_new();
    json_t *inner = json_pack("[i]", 1), *one;
    (void)state;
    keep(cache, 1, "a", json_pack("{s:O, s:i}", "list", inner, "n", 1), 8);
    assert_int_equal(number_in(cache, 1, "a"), -1); /* inner is ours, too */
    json_decref(inner);
    one = json_incref(numbered(1));
    record_cache_keep(cache, 1, key_of("a"), one, 8);
    assert_int_equal(number_in(cache, 1, "a"), -1); /* two hold it */
    json_decref(one);
    json_decref(one);
    keep(cache, 1, "a", json_pack("{s:[i], s:i}", "list", 1, "n", 1), 8);
    json_t *looked = json_incref(record_cache_find(cache, 1, key_of("a")));
    assert_null(record_cache_take(cache, 1, key_of("a")));
    json_decref(looked);
    inner = json_incref(json_object_get(record_cache_find(cache, 1, key_of("a")), "list"));
    assert_null(record_cache_take(cache, 1, key_of("a")));
    json_decref(inner);
    json_t *taken = record_cache_take(cache, 1, key_of("a"));
    assert_non_null(taken);
    assert_null(record_cache_take(cache, 1, key_of("a")));
    assert_int_equal(number_in(cache, 1, "a"), -1);
    json_decref(taken);
    record_cache_free(cache);
}

static void there_is_an_end_to_what_is_kept(void **state)
{
    struct record_cache *cache = record_cache_new();
    char key[300];
    size_t found = 0;
    (void)state;
    keep(cache, 1, "long", numbered(1), RECORD_CACHE_RECORD_BYTES_MAX + 1);
    assert_int_equal(number_in(cache, 1, "long"), -1);
    memset(key, 'k', sizeof key);
    json_t *one = numbered(1);
    record_cache_keep(cache, 1, slice_of(key, sizeof key), one, 8);
    json_decref(one);
    assert_null(record_cache_find(cache, 1, slice_of(key, sizeof key)));
    enum { LARGE = 1000, MANY = 20000 };
    for (int i = 0; i < MANY; i++) {
        snprintf(key, sizeof key, "key %d", i);
        keep(cache, 1, key, numbered(i), LARGE);
        assert_int_equal(number_in(cache, 1, key), i);
    }
    for (int i = 0; i < MANY; i++) {
        snprintf(key, sizeof key, "key %d", i);
        int64_t number = number_in(cache, 1, key);
        assert_true(number == -1 || number == i);
        found += number == i;
    }
    assert_true(found > 0 && found <= RECORD_CACHE_BYTES_MAX / LARGE);
    record_cache_free(cache);
}

static void without_memory_nothing_is_kept(void **state)
{
    (void)state;
    keep(NULL, 1, "a", numbered(1), 8);
    assert_null(record_cache_find(NULL, 1, key_of("a")));
    assert_null(record_cache_take(NULL, 1, key_of("a")));
    record_cache_forget(NULL, 1, key_of("a"));
    record_cache_clear(NULL);
    record_cache_free(NULL);
}

static void must(enum status status, const struct err *err)
{
    if (status != STATUS_OK)
        fail_msg("%s: %s", status_name(status), err->text);
}

static struct tables *books_in(const char *dir)
{
    struct tables *tables = NULL;
    struct err err;
    const struct tables_options layout = books_layout(0);
    must(tables_open(dir, &layout, &tables, &err), &err);
    return tables;
}

static struct tables_txn *writing(struct tables *tables)
{
    struct tables_txn *txn = NULL;
    struct err err;
    must(tables_write_begin(tables, &txn, &err), &err);
    return txn;
}

static void put(struct tables_txn *txn, int n)
{
    struct err err;
    struct books_key key = books_key("one");
    must(books_put_new(txn, BOOKS_NUMBERS, &key, numbered(n), &err), &err);
}

static int64_t looked_up(struct tables_txn *txn)
{
    json_t *record = NULL;
    struct books_key key = books_key("one");
    if (books_look(txn, BOOKS_NUMBERS, &key, &record, NULL) != STATUS_OK)
        return -1;
    int64_t n = member_integer(record, "n");
    json_decref(record);
    return n;
}

static void commit(struct tables_txn *txn)
{
    struct err err;
    must(tables_commit(txn, &err), &err);
}

static void a_transaction_that_came_to_nothing_leaves_nothing(void **state)
{
    struct scratch dir;
    (void)state;
    scratch_open(&dir);
    struct tables *tables = books_in(dir.path);
    struct tables_txn *txn = writing(tables);
    put(txn, 1);
    assert_int_equal(looked_up(txn), 1);
    commit(txn);
    txn = writing(tables);
    assert_int_equal(looked_up(txn), 1);
    put(txn, 2);
    assert_int_equal(looked_up(txn), 2);
    tables_abort(txn);
    txn = writing(tables);
    assert_int_equal(looked_up(txn), 1);
    struct books_key key = books_key("one");
    assert_int_equal(books_delete(txn, BOOKS_NUMBERS, &key, NULL), STATUS_OK);
    assert_int_equal(looked_up(txn), -1);
    commit(txn);
    tables_close(tables);
    scratch_close(&dir);
}

/* A record to be changed is one's own: whoever looks afterwards sees what is stored. */
static void a_change_that_is_not_put_back_is_nobody_elses(void **state)
{
    struct scratch dir;
    json_t *own = NULL;
    struct books_key key = books_key("one");
    (void)state;
    scratch_open(&dir);
    struct tables *tables = books_in(dir.path);
    struct tables_txn *txn = writing(tables);
    put(txn, 1);
    assert_int_equal(looked_up(txn), 1);
    assert_int_equal(books_get(txn, BOOKS_NUMBERS, &key, &own, NULL), STATUS_OK);
    json_object_set_new(own, "n", json_integer(7));
    assert_int_equal(looked_up(txn), 1);
    json_decref(own);
    tables_abort(txn);
    tables_close(tables);
    scratch_close(&dir);
}

/* Another process, which puts n when it is told to and says when it has. */
static pid_t other_writer(const char *dir, int n, int told, int says)
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child > 0)
        return child;
    char go;
    if (read(told, &go, 1) != 1)
        _exit(1);
    struct tables *tables = books_in(dir);
    struct tables_txn *txn = writing(tables);
    put(txn, n);
    commit(txn);
    tables_close(tables);
    _exit(write(says, "d", 1) == 1 ? 0 : 1);
}

static void what_another_process_wrote_is_seen(void **state)
{
    struct scratch dir;
    char done;
    int told[2], says[2], how;
    (void)state;
    scratch_open(&dir);
    assert_int_equal(pipe(told) | pipe(says), 0);
    pid_t child = other_writer(dir.path, 2, told[0], says[1]);
    struct tables *tables = books_in(dir.path);
    struct tables_txn *txn = writing(tables);
    put(txn, 1);
    commit(txn);
    txn = writing(tables);
    assert_int_equal(looked_up(txn), 1);
    tables_abort(txn);
    assert_int_equal(write(told[1], "g", 1), 1);
    assert_int_equal(read(says[0], &done, 1), 1);
    assert_int_equal(waitpid(child, &how, 0), child);
    assert_int_equal(how, 0);
    txn = writing(tables);
    assert_int_equal(looked_up(txn), 2);
    tables_abort(txn);
    tables_close(tables);
    scratch_close(&dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_are_found_by_table_and_key),
        cmocka_unit_test(only_a_record_that_is_nobodys_is_taken),
        cmocka_unit_test(there_is_an_end_to_what_is_kept),
        cmocka_unit_test(without_memory_nothing_is_kept),
        cmocka_unit_test(a_transaction_that_came_to_nothing_leaves_nothing),
        cmocka_unit_test(a_change_that_is_not_put_back_is_nobody_elses),
        cmocka_unit_test(what_another_process_wrote_is_seen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
