/*
 * The wrapper round LMDB: what goes in comes out, what is aborted leaves nothing, and whatever stands in data.mdb, the
 * answer is a status and never a signal.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "ledger/store.h"
#include "tests/support/folder.h"

static const char *const names[] = {"one", "two"};
static const struct store_options small = {.names = names, .count = 2, .map_bytes = 1 << 26, .create = true};
static const struct store_options existing = {.names = names, .count = 2};

static struct slice text(const char *characters)
{
    return slice_of(characters, strlen(characters));
}

static int set_up(void **state)
{
    struct folder *folder = malloc(sizeof *folder);
    folder_make(folder);
    *state = folder;
    return 0;
}

static int tear_down(void **state)
{
    folder_remove(*state);
    free(*state);
    return 0;
}

static struct store *open_small(const char *dir)
{
    struct store *store = NULL;
    struct err err = {0};
    if (store_open(dir, &small, &store, &err) != STATUS_OK)
        fail_msg("%s", err.text);
    return store;
}

static void round_trip(void **state)
{
    const struct folder *folder = *state;
    struct store *store = open_small(folder->dir);
    struct store_txn *txn = NULL;
    struct slice value = {0};
    struct err err = {0};
    uint64_t count = 0;
    assert_int_equal(store_write_begin(store, &txn, &err), STATUS_OK);
    assert_int_equal(store_put(txn, 0, text("b"), text("two"), &err), STATUS_OK);
    assert_int_equal(store_put(txn, 0, text("a"), text("one"), &err), STATUS_OK);
    assert_int_equal(store_put(txn, 0, text("a"), text("uno"), &err), STATUS_OK);
    assert_int_equal(store_append(txn, 1, text("a"), text("x"), &err), STATUS_OK);
    assert_int_equal(store_append(txn, 1, text("a"), text("y"), &err), STATUS_EXISTS);
    store_abort(txn);
    assert_int_equal(store_write_begin(store, &txn, &err), STATUS_OK);
    assert_int_equal(store_put(txn, 0, text("b"), text("two"), &err), STATUS_OK);
    assert_int_equal(store_put(txn, 0, text("a"), text("uno"), &err), STATUS_OK);
    assert_int_equal(store_delete(txn, 0, text("c"), &err), STATUS_NOT_FOUND);
    assert_int_equal(store_put(txn, 0, text("c"), text(""), &err), STATUS_OK);
    assert_int_equal(store_commit(txn, &err), STATUS_OK);
    store_close(store);

    assert_int_equal(store_open(folder->dir, &existing, &store, &err), STATUS_OK);
    assert_int_equal(store_map_bytes(store), 1 << 26);
    assert_int_equal(store_read_begin(store, &txn, &err), STATUS_OK);
    assert_int_equal(store_get(txn, 0, text("a"), &value, &err), STATUS_OK);
    assert_int_equal(value.length, 3);
    assert_memory_equal(value.bytes, "uno", 3);
    assert_int_equal(store_get(txn, 0, text("c"), &value, &err), STATUS_OK);
    assert_int_equal(value.length, 0);
    assert_int_equal(store_get(txn, 1, text("a"), &value, &err), STATUS_NOT_FOUND); /* aborted */
    assert_int_equal(store_get(txn, 0, text(""), &value, &err), STATUS_NOT_FOUND);
    assert_int_equal(store_count(txn, 0, &count, &err), STATUS_OK);
    assert_int_equal(count, 3);
    store_abort(txn);
    store_close(store);
}

static void limits_are_refused(void **state)
{
    const struct folder *folder = *state;
    struct store *store = open_small(folder->dir);
    struct store_txn *txn = NULL;
    struct err err = {0};
    char key[STORE_KEY_BYTES_MAX + 1];
    memset(key, 'k', sizeof key);
    uint8_t *value = calloc(1, STORE_VALUE_BYTES_MAX + 1);
    assert_int_equal(store_write_begin(store, &txn, &err), STATUS_OK);
    assert_int_equal(store_put(txn, 0, slice_of(key, sizeof key), text("v"), &err), STATUS_LIMIT);
    assert_int_equal(store_put(txn, 0, text(""), text("v"), &err), STATUS_LIMIT);
    assert_int_equal(store_delete(txn, 0, slice_of(key, sizeof key), &err), STATUS_NOT_FOUND);
    assert_int_equal(store_delete(txn, 0, text(""), &err), STATUS_NOT_FOUND);
    assert_int_equal(store_put(txn, 0, text("k"), slice_of(value, STORE_VALUE_BYTES_MAX + 1), &err), STATUS_LIMIT);
    assert_int_equal(store_put(txn, 0, slice_of(key, sizeof key - 1), slice_of(value, STORE_VALUE_BYTES_MAX), &err),
                     STATUS_OK);
    assert_int_equal(store_commit(txn, &err), STATUS_OK);
    free(value);
    store_close(store);
    const struct store_options wrong = {.names = names, .count = 2, .map_bytes = 1, .create = true};
    assert_int_equal(store_open(folder->dir, &wrong, &store, &err), STATUS_LIMIT);
}

static void cursor_outlives_its_transaction(void **state)
{
    const struct folder *folder = *state;
    struct store *store = open_small(folder->dir);
    struct store_txn *txn = NULL;
    struct store_cursor *first = NULL, *second = NULL, *third = NULL;
    struct store_record record = {0};
    struct err err = {0};
    assert_int_equal(store_write_begin(store, &txn, &err), STATUS_OK);
    assert_int_equal(store_put(txn, 0, text("a"), text("1"), &err), STATUS_OK);
    assert_int_equal(store_cursor_open(txn, 0, &first, &err), STATUS_OK);
    assert_int_equal(store_cursor_open(txn, 0, &second, &err), STATUS_OK);
    assert_int_equal(store_cursor_open(txn, 0, &third, &err), STATUS_OK);
    assert_int_equal(store_cursor_move(first, STORE_FIRST, &record, &err), STATUS_OK);
    assert_memory_equal(record.key.bytes, "a", 1);
    assert_int_equal(store_cursor_move(first, STORE_NEXT, &record, &err), STATUS_NOT_FOUND);
    store_cursor_close(second);
    assert_int_equal(store_commit(txn, &err), STATUS_OK);
    store_cursor_close(third);
    store_cursor_close(first);
    store_cursor_close(NULL);
    store_close(store);
}

static void full_map_is_an_answer(void **state)
{
    const struct folder *folder = *state;
    const struct store_options tiny = {.names = names, .count = 2, .map_bytes = 1 << 17, .create = true};
    struct store *store = NULL;
    struct store_txn *txn = NULL;
    struct slice value = {0};
    struct err err = {0};
    static const uint8_t big[1 << 17];
    assert_int_equal(store_open(folder->dir, &tiny, &store, &err), STATUS_OK);
    assert_int_equal(store_write_begin(store, &txn, &err), STATUS_OK);
    assert_int_equal(store_put(txn, 0, text("a"), text("1"), &err), STATUS_OK);
    assert_int_equal(store_commit(txn, &err), STATUS_OK);
    assert_int_equal(store_write_begin(store, &txn, &err), STATUS_OK);
    assert_int_equal(store_put(txn, 0, text("b"), slice_of(big, sizeof big), &err), STATUS_FULL);
    assert_non_null(strstr(err.text, "larger map"));
    assert_non_null(strstr(err.text, "data.mdb"));
    store_abort(txn);
    assert_int_equal(store_read_begin(store, &txn, &err), STATUS_OK);
    assert_int_equal(store_get(txn, 0, text("a"), &value, &err), STATUS_OK);
    assert_int_equal(store_get(txn, 0, text("b"), &value, &err), STATUS_NOT_FOUND);
    store_abort(txn);
    store_close(store);
}

static void reading_only_does_not_write(void **state)
{
    const struct folder *folder = *state;
    const struct store_options reading = {.names = names, .count = 2, .read_only = true};
    const struct store_options other = {.names = (const char *const[]){"one", "three"}, .count = 2};
    struct store *store = NULL;
    struct store_txn *txn = NULL;
    struct err err = {0};
    assert_int_equal(store_open(folder->dir, &reading, &store, &err), STATUS_NOT_FOUND);
    store_close(open_small(folder->dir));
    assert_int_equal(store_open(folder->dir, &reading, &store, &err), STATUS_OK);
    assert_int_equal(store_write_begin(store, &txn, &err), STATUS_PERMISSION);
    store_close(store);
    assert_int_equal(store_open(folder->dir, &other, &store, &err), STATUS_CORRUPT);
    assert_non_null(strstr(err.text, "three"));
}

enum { READ_WELL = 10, REFUSED = 11, READ_WRONG = 12, OTHER_ERROR = 13, RECORDS = 300, VALUE_BYTES = 100 };

/* In a child: opens, reads everything, and writes something over it. */
static int read_all(void *context)
{
    static const uint8_t more[VALUE_BYTES] = "more";
    struct store *store = NULL;
    struct store_txn *txn = NULL;
    enum status status = store_open(context, &existing, &store, NULL);
    if (status == STATUS_CORRUPT)
        return REFUSED;
    if (status != STATUS_OK || store_read_begin(store, &txn, NULL) != STATUS_OK)
        return OTHER_ERROR;
    for (uint32_t i = 0; i < RECORDS; i++) {
        struct slice value = {0};
        if (store_get(txn, 0, slice_of(&i, sizeof i), &value, NULL) != STATUS_OK || value.length != VALUE_BYTES ||
            value.bytes[VALUE_BYTES - 1] != (uint8_t)i)
            return READ_WRONG;
    }
    store_abort(txn);
    if (store_write_begin(store, &txn, NULL) != STATUS_OK)
        return OTHER_ERROR;
    for (uint32_t i = 0; i < RECORDS; i += RECORDS / 4)
        if (store_put(txn, 0, slice_of(&i, sizeof i), slice_of(more, sizeof more), NULL) != STATUS_OK)
            return OTHER_ERROR;
    if (store_commit(txn, NULL) != STATUS_OK)
        return OTHER_ERROR;
    store_close(store);
    return READ_WELL;
}

static void write_records(const char *dir)
{
    struct store *store = open_small(dir);
    struct store_txn *txn = NULL;
    uint8_t value[VALUE_BYTES];
    assert_int_equal(store_write_begin(store, &txn, NULL), STATUS_OK);
    for (uint32_t i = 0; i < RECORDS; i++) {
        memset(value, (uint8_t)i, sizeof value);
        assert_int_equal(store_put(txn, 0, slice_of(&i, sizeof i), slice_of(value, sizeof value), NULL), STATUS_OK);
    }
    assert_int_equal(store_commit(txn, NULL), STATUS_OK);
    store_close(store);
}

static void truncated_file_is_refused_at_any_length(void **state)
{
    const struct folder *folder = *state;
    size_t length = 0;
    write_records(folder->dir);
    char *path = folder_path(folder, "data.mdb");
    uint8_t *bytes = folder_read(path, &length);
    assert_int_equal(length % 4096, 0);
    assert_int_equal(folder_child(read_all, (void *)(uintptr_t)folder->dir), READ_WELL);
    for (size_t cut = 0; cut < length; cut += cut < 8192 ? 1024 : 4096) {
        folder_write(path, bytes, cut);
        assert_int_equal(folder_child(read_all, (void *)(uintptr_t)folder->dir), REFUSED);
    }
    folder_write(path, bytes, length - 1);
    struct store *store = NULL;
    struct err err = {0};
    assert_int_equal(store_open(folder->dir, &existing, &store, &err), STATUS_CORRUPT);
    assert_non_null(strstr(err.text, "is truncated"));
    folder_write(path, bytes, length);
    assert_int_equal(folder_child(read_all, (void *)(uintptr_t)folder->dir), READ_WELL);
    folder_write(path, bytes, length);
    free(bytes);
    free(path);
}

static void foreign_file_is_refused(void **state)
{
    const struct folder *folder = *state;
    struct store *store = NULL;
    struct err err = {0};
    char *path = folder_path(folder, "data.mdb");
    uint8_t *bytes = calloc(1, 65536);
    memcpy(bytes, "SQLite format 3", 16);
    folder_write(path, bytes, 65536);
    assert_int_equal(store_open(folder->dir, &small, &store, &err), STATUS_CORRUPT);
    assert_non_null(strstr(err.text, "is not a countersign store"));
    for (size_t i = 0; i < 65536; i++)
        bytes[i] = (uint8_t)(i * 2654435761u >> 13);
    folder_write(path, bytes, 65536);
    assert_int_equal(store_open(folder->dir, &small, &store, &err), STATUS_CORRUPT);
    free(bytes);
    unlink(path);
    write_records(folder->dir);
    size_t length = 0;
    bytes = folder_read(path, &length);
    bytes[20] = 2; /* the version of the format */
    folder_write(path, bytes, length);
    assert_int_equal(store_open(folder->dir, &existing, &store, &err), STATUS_INPUT);
    assert_non_null(strstr(err.text, "version"));
    free(bytes);
    free(path);
}

/* Each byte of the two heads: the answer may be that all is well (spare bits, an older head), never a signal. */
static void damaged_head_never_kills(void **state)
{
    const struct folder *folder = *state;
    size_t length = 0;
    unsigned well = 0, refused = 0;
    write_records(folder->dir);
    char *path = folder_path(folder, "data.mdb");
    uint8_t *bytes = folder_read(path, &length);
    for (size_t bit = 0; bit < 152 * 8; bit++) {
        const size_t at = bit / 8;
        const bool flags =
            (at & ~(size_t)1) == 44 || (at & ~(size_t)1) == 92; /* of the two trees: every bit of these */
        if (!flags && bit % 8 != at % 8)
            continue;
        for (size_t page = 0; page < 2; page++) {
            const uint8_t mask = (uint8_t)(1u << (bit % 8));
            bytes[page * 4096 + at] ^= mask;
            folder_write(path, bytes, length);
            bytes[page * 4096 + at] ^= mask;
            int answer = folder_child(read_all, (void *)(uintptr_t)folder->dir);
            assert_true(answer < 1000);
            well += answer == READ_WELL;
            refused += answer == REFUSED;
        }
    }
    assert_true(refused > 20);
    assert_true(well > 20);
    free(bytes);
    free(path);
}

/* Each bit of the transaction's number in both heads; and a map that no store has. */
static void numbers_of_heads_have_to_fit(void **state)
{
    enum { AT_MAP_BYTES = 32, AT_TXN = 144 };
    const struct folder *folder = *state;
    size_t length = 0;
    uint64_t numbers[2], map_bytes = STORE_MAP_BYTES_MAX + 1;
    write_records(folder->dir);
    char *path = folder_path(folder, "data.mdb");
    uint8_t *bytes = folder_read(path, &length);
    for (size_t page = 0; page < 2; page++)
        memcpy(&numbers[page], bytes + page * 4096 + AT_TXN, 8);
    assert_true(numbers[0] + 1 == numbers[1] || numbers[1] + 1 == numbers[0]);
    for (size_t page = 0; page < 2; page++)
        for (size_t bit = 0; bit < 64; bit++) {
            uint64_t flipped = numbers[page] ^ (uint64_t)1 << bit;
            if (flipped + 1 == numbers[1 - page]) /* see below */
                continue;
            memcpy(bytes + page * 4096 + AT_TXN, &flipped, 8);
            folder_write(path, bytes, length);
            memcpy(bytes + page * 4096 + AT_TXN, &numbers[page], 8);
            assert_int_equal(folder_child(read_all, (void *)(uintptr_t)folder->dir), REFUSED);
        }
    /* As LMDB leaves a head whose write failed: it opens as the state before, which lacks the last commit's records. */
    const size_t newest = numbers[1] > numbers[0];
    const uint64_t failed = numbers[newest] - 2;
    memcpy(bytes + newest * 4096 + AT_TXN, &failed, 8);
    folder_write(path, bytes, length);
    assert_int_equal(folder_child(read_all, (void *)(uintptr_t)folder->dir), READ_WRONG);
    memcpy(bytes + newest * 4096 + AT_TXN, &numbers[newest], 8);
    memcpy(bytes + newest * 4096 + AT_MAP_BYTES, &map_bytes, 8);
    folder_write(path, bytes, length);
    assert_int_equal(folder_child(read_all, (void *)(uintptr_t)folder->dir), REFUSED);
    free(bytes);
    free(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(round_trip, set_up, tear_down),
        cmocka_unit_test_setup_teardown(limits_are_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(cursor_outlives_its_transaction, set_up, tear_down),
        cmocka_unit_test_setup_teardown(full_map_is_an_answer, set_up, tear_down),
        cmocka_unit_test_setup_teardown(reading_only_does_not_write, set_up, tear_down),
        cmocka_unit_test_setup_teardown(truncated_file_is_refused_at_any_length, set_up, tear_down),
        cmocka_unit_test_setup_teardown(foreign_file_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(damaged_head_never_kills, set_up, tear_down),
        cmocka_unit_test_setup_teardown(numbers_of_heads_have_to_fit, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
