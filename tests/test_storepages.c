/*
 * Pages of a store: one thing changed in a file as LMDB wrote it, and who looks at every page names the page and what is wrong with
 * it. The file has a table of two levels, a value over several pages, a list of free pages, and states before this one.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "ledger/mapping.h"
#include "ledger/store.h"
#include "ledger/storepages.h"
#include "tests/support/folder.h"

enum { PAGE = 4096, RECORDS = 300, LONG_BYTES = 3 * PAGE, HEAD = 16, NODE_HEAD = 8 };
enum { AT_FLAGS = 10, AT_LOWER = 12, AT_UPPER = 14, AT_FREE = 40, AT_MAIN = 88, AT_LAST_PAGE = 136, AT_TXN = 144 };
enum { TREE_FLAGS = 4, TREE_DEPTH = 6, TREE_BRANCHES = 8, TREE_ROOT = 40 };

static const char *const names[] = {"one", "two"};

/* The file, and where in it what a test changes stands. */
struct file {
    struct folder folder;
    uint8_t *kept, *bytes;
    size_t length;
    uint64_t txn;
    uint8_t *head;        /* of the newest state */
    uint8_t *free_leaf;   /* the list of free pages */
    uint8_t *tables_leaf; /* the list of tables */
    uint8_t *table;       /* description of the first */
    uint8_t *branch;      /* its root */
    uint8_t *leaf;        /* below it, in the middle */
    uint8_t *overflow;    /* of its long value */
};

static uint64_t get(const uint8_t *at, size_t count)
{
    uint64_t value = 0;
    memcpy(&value, at, count);
    return value;
}

static void put(uint8_t *at, size_t count, uint64_t value)
{
    memcpy(at, &value, count);
}

static uint8_t *page_of(const struct file *file, uint64_t page)
{
    assert_true(page < file->length / PAGE);
    return file->bytes + page * PAGE;
}

static uint8_t *node_of(uint8_t *page, size_t index)
{
    return page + get(page + HEAD + index * 2, 2);
}

static size_t nodes(const uint8_t *page)
{
    return (get(page + AT_LOWER, 2) - HEAD) / 2;
}

static void find_places(struct file *file)
{
    const uint64_t first = get(file->bytes + AT_TXN, 8), second = get(file->bytes + PAGE + AT_TXN, 8);
    file->txn = first > second ? first : second;
    file->head = file->bytes + (file->txn & 1) * PAGE;
    file->free_leaf = page_of(file, get(file->head + AT_FREE + TREE_ROOT, 8));
    file->tables_leaf = page_of(file, get(file->head + AT_MAIN + TREE_ROOT, 8));
    uint8_t *named = node_of(file->tables_leaf, 0);
    file->table = named + NODE_HEAD + get(named + 6, 2);
    file->branch = page_of(file, get(file->table + TREE_ROOT, 8));
    file->leaf = page_of(file, get(node_of(file->branch, 1), 6));
    file->overflow = NULL;
    for (size_t page = 2; page < file->length / PAGE; page++)
        if (get(file->bytes + page * PAGE + AT_FLAGS, 2) == 4)
            file->overflow = file->bytes + page * PAGE;
    assert_non_null(file->overflow);
    assert_int_equal(get(file->branch + AT_FLAGS, 2), 1);
    assert_int_equal(get(file->leaf + AT_FLAGS, 2), 2);
    assert_true(nodes(file->branch) > 3);
    assert_true(nodes(file->leaf) > 3);
}

static void write_records(const char *dir)
{
    const struct store_options options = {.names = names, .count = 2, .map_bytes = 1 << 26, .create = true};
    static uint8_t value[LONG_BYTES];
    struct store *store = NULL;
    struct store_txn *txn = NULL;
    struct err err = {0};
    char key[16];
    assert_int_equal(store_open(dir, &options, &store, &err), STATUS_OK);
    for (int round = 0; round < 4; round++) {
        assert_int_equal(store_write_begin(store, &txn, &err), STATUS_OK);
        for (int i = round; i < RECORDS; i += 3) {
            snprintf(key, sizeof key, "key-%04d", i);
            assert_int_equal(store_put(txn, 0, slice_of(key, 8), slice_of(value, 100), &err), STATUS_OK);
        }
        assert_int_equal(store_put(txn, 0, slice_of("long", 4), slice_of(value, LONG_BYTES), &err), STATUS_OK);
        assert_int_equal(store_put(txn, 1, slice_of("a", 1), slice_of("b", 1), &err), STATUS_OK);
        assert_int_equal(store_commit(txn, &err), STATUS_OK);
    }
    store_close(store);
}

static int set_up(void **state)
{
    struct file *file = calloc(1, sizeof *file);
    folder_make(&file->folder);
    write_records(file->folder.dir);
    char *path = folder_path(&file->folder, "data.mdb");
    file->kept = folder_read(path, &file->length);
    file->bytes = malloc(file->length);
    memcpy(file->bytes, file->kept, file->length);
    find_places(file);
    free(path);
    *state = file;
    return 0;
}

static int tear_down(void **state)
{
    struct file *file = *state;
    folder_remove(&file->folder);
    free(file->kept);
    free(file->bytes);
    free(file);
    return 0;
}

static enum status look(const struct file *file, struct err *err)
{
    const struct storepages pages = {.map = file->bytes, .bytes = file->length, .path = "data.mdb", .txn = file->txn};
    return storepages_check(&pages, err);
}

/* What was changed is found, and named; then it is as it was. */
static void found_at(struct file *file, const uint8_t *page, const char *why)
{
    struct err err = {0};
    char where[64];
    snprintf(where, sizeof where, "page %zu (", (size_t)(page - file->bytes) / PAGE);
    if (look(file, &err) != STATUS_CORRUPT || strstr(err.text, why) == NULL || strstr(err.text, where) == NULL)
        fail_msg("wanted: %s...) %s; answer: %s", where, why, err.text);
    memcpy(file->bytes, file->kept, file->length);
    assert_int_equal(look(file, &err), STATUS_OK);
}

static void whole_file_is_sound(void **state)
{
    struct file *file = *state;
    struct err err = {0};
    if (look(file, &err) != STATUS_OK)
        fail_msg("%s", err.text);
    file->txn += 2; /* not the state that who opened it read in its head */
    assert_int_equal(look(file, &err), STATUS_BUSY);
}

static void heads_of_pages(void **state)
{
    struct file *file = *state;
    put(file->leaf, 8, get(file->leaf, 8) + 1);
    found_at(file, file->leaf, "calls itself another page");
    put(file->leaf + AT_FLAGS, 2, 1);
    found_at(file, file->leaf, "is no leaf");
    put(file->branch + AT_FLAGS, 2, 2);
    found_at(file, file->branch, "is no branch");
    put(file->leaf + AT_LOWER, 2, get(file->leaf + AT_LOWER, 2) + 1);
    found_at(file, file->leaf, "its bounds are impossible");
    put(file->leaf + AT_UPPER, 2, PAGE + 2);
    found_at(file, file->leaf, "its bounds are impossible");
    put(file->leaf + AT_UPPER, 2, get(file->leaf + AT_LOWER, 2) - 2);
    found_at(file, file->leaf, "its bounds are impossible");
    put(file->leaf + AT_LOWER, 2, HEAD);
    found_at(file, file->leaf, "holds too little");
    put(file->branch + AT_LOWER, 2, HEAD + 2);
    found_at(file, file->branch, "holds too little");
}

static void records_of_pages(void **state)
{
    struct file *file = *state;
    put(file->leaf + HEAD, 2, get(file->leaf + HEAD, 2) + 1);
    found_at(file, file->leaf, "a pointer leads nowhere");
    put(file->leaf + HEAD, 2, PAGE - 6);
    found_at(file, file->leaf, "a pointer leads nowhere");
    put(file->leaf + HEAD, 2, get(file->leaf + AT_UPPER, 2) - 2);
    found_at(file, file->leaf, "a pointer leads nowhere");
    put(node_of(file->leaf, 0), 4, PAGE);
    found_at(file, file->leaf, "a record reaches over its end");
    put(node_of(file->leaf, 0) + 6, 2, 0);
    found_at(file, file->leaf, "a key has an impossible length");
    put(node_of(file->leaf, 1), 4, 0);
    put(node_of(file->leaf, 1) + 6, 2, 512);
    put(file->leaf + HEAD + 2, 2, get(file->leaf + AT_UPPER, 2));
    put(file->leaf + get(file->leaf + AT_UPPER, 2), 4, 0);
    put(file->leaf + get(file->leaf + AT_UPPER, 2) + 6, 2, 512);
    found_at(file, file->leaf, "a key has an impossible length");
    put(node_of(file->leaf, 0) + 4, 2, 2);
    found_at(file, file->leaf, "a record has impossible flags");
    put(file->leaf + HEAD + 2, 2, get(file->leaf + HEAD, 2));
    found_at(file, file->leaf, "two records lie over each other");
    put(node_of(file->leaf, 0), 4, get(node_of(file->leaf, 0), 4) - 2);
    found_at(file, file->leaf, "has a gap between its records");
}

static void keys_of_pages(void **state)
{
    struct file *file = *state;
    uint8_t *last = node_of(file->leaf, nodes(file->leaf) - 1);
    const uint64_t first = get(file->leaf + HEAD, 2), second = get(file->leaf + HEAD + 2, 2);
    put(file->leaf + HEAD, 2, second);
    put(file->leaf + HEAD + 2, 2, first);
    found_at(file, file->leaf, "its keys are not in order");
    node_of(file->leaf, 0)[NODE_HEAD] = 'A'; /* below what the branch says */
    found_at(file, file->leaf, "its keys are not in order, or not where they belong");
    last[NODE_HEAD] = 'z'; /* above */
    found_at(file, file->leaf, "its keys are not where they belong");
}

static void pages_of_trees(void **state)
{
    struct file *file = *state;
    const uint8_t *one = page_of(file, 1);
    put(node_of(file->branch, 1), 6, 1); /* a head */
    found_at(file, one, "lies outside the file");
    put(node_of(file->branch, 1), 6, get(file->head + AT_LAST_PAGE, 8) + 1);
    found_at(file, file->bytes + (get(file->head + AT_LAST_PAGE, 8) + 1) * PAGE, "lies outside the file");
    put(node_of(file->branch, 2), 6, get(node_of(file->branch, 1), 6));
    found_at(file, file->leaf, "is used twice");
    put(file->table + TREE_BRANCHES, 8, 2);
    found_at(file, file->branch, "has other numbers than it says");
    put(file->table + TREE_DEPTH, 2, 0);
    found_at(file, file->branch, "a tree of impossible depth");
    put(file->table + TREE_DEPTH, 2, 33);
    found_at(file, file->branch, "a tree of impossible depth");
    put(file->table + TREE_FLAGS, 2, 4);
    found_at(file, file->branch, "a table has impossible flags");
    put(node_of(file->tables_leaf, 0) + 4, 2, 0);
    found_at(file, file->tables_leaf, "a table has no description");
    put(file->overflow + AT_FLAGS, 2, 2);
    found_at(file, file->overflow, "is no page of a long record");
    put(file->overflow, 8, 3);
    found_at(file, file->overflow, "is no page of a long record");
    put(file->overflow + AT_LOWER, 4, 3); /* it needs four with its head */
    found_at(file, file->overflow, "has an impossible number of pages behind it");
    put(file->overflow + AT_LOWER, 4, 4000);
    found_at(file, file->overflow, "has an impossible number of pages behind it");
}

/* The one record of the list that the last state made. */
static void free_pages(void **state)
{
    struct file *file = *state;
    uint8_t *node = node_of(file->free_leaf, nodes(file->free_leaf) - 1);
    uint8_t *list = node + NODE_HEAD + 8;
    const uint64_t count = get(list, 8), bytes = get(node, 4);
    assert_true(count > 2);
    const uint8_t *lost = page_of(file, get(list + count * 8, 8));
    put(list, 8, count - 1);
    found_at(file, lost, "is neither used nor free");
    put(list, 8, bytes / 8);
    found_at(file, file->free_leaf, "is longer than its record");
    put(list + 8, 8, get(list + 16, 8));
    found_at(file, file->free_leaf, "is not in order");
    put(list + count * 8, 8, (uint64_t)(file->leaf - file->bytes) / PAGE);
    if (get(list + count * 8, 8) > get(list + (count - 1) * 8, 8))
        found_at(file, file->leaf, "is free and used");
    memcpy(file->bytes, file->kept, file->length);
    put(node + NODE_HEAD, 8, file->txn - 1);
    struct err err = {0};
    assert_int_equal(look(file, &err), STATUS_CORRUPT);
    memcpy(file->bytes, file->kept, file->length);
    put(node + NODE_HEAD, 8, file->txn + 1);
    found_at(file, file->free_leaf, "is of another state than the head says");
    put(node + 6, 2, 6);
    put(node, 4, bytes + 2);
    found_at(file, file->free_leaf, "a key has an impossible length");
}

/*
 * A record that says it goes on far beyond the file, where nobody looked at its pages first: it is not lent, for who gives pages
 * back would give other memory's.
 */
static void a_record_of_impossible_length(void **state)
{
    struct file *file = *state;
    const struct store_options options = {
        .names = names, .count = 2, .map_bytes = 1 << 26, .read_only = true, .look = STORE_LOOK_NEVER};
    struct store *store = NULL;
    struct store_txn *txn = NULL;
    struct store_cursor *cursor = NULL;
    struct store_record record = {.key = {.bytes = NULL}};
    struct slice value;
    struct err err = {0};
    char *path = folder_path(&file->folder, "data.mdb");
    uint8_t *node = node_of(file->leaf, 1);
    const struct slice key = slice_of(file->kept + (node + NODE_HEAD - file->bytes), get(node + 6, 2));
    put(node, 4, 0x20000064);
    folder_write(path, file->bytes, file->length);
    assert_int_equal(store_open(file->folder.dir, &options, &store, &err), STATUS_OK);
    assert_int_equal(store_read_begin(store, &txn, &err), STATUS_OK);
    assert_int_equal(store_get(txn, 0, key, &value, &err), STATUS_CORRUPT);
    assert_non_null(strstr(err.text, "a record says that it has 536871012 bytes"));
    assert_int_equal(store_cursor_open(txn, 0, &cursor, &err), STATUS_OK);
    enum status status = store_cursor_move(cursor, STORE_FIRST, &record, &err);
    while (status == STATUS_OK)
        status = store_cursor_move(cursor, STORE_NEXT, &record, &err);
    assert_int_equal(status, STATUS_CORRUPT);
    store_cursor_close(cursor);
    store_abort(txn);
    store_close(store);
    free(path);
}

/* Only what is shared with a file is given back: all of the range, in one mapping. */
static void memory_that_is_a_files(void **state)
{
    const struct file *file = *state;
    static uint8_t own[4 * PAGE];
    char *path = folder_path(&file->folder, "data.mdb");
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0 && file->length > 4 * PAGE);
    const uint8_t *shared = mmap(NULL, 4 * PAGE, PROT_READ, MAP_SHARED, fd, 0);
    const uint8_t *private = mmap(NULL, 4 * PAGE, PROT_READ, MAP_PRIVATE, fd, 0);
    assert_true(shared != MAP_FAILED && private != MAP_FAILED);
    assert_true(mapping_is_of_file(shared, 4 * PAGE));
    assert_true(mapping_is_of_file(shared + PAGE, PAGE));
    assert_false(mapping_is_of_file(shared + PAGE, 4 * PAGE));
    assert_false(mapping_is_of_file(shared - PAGE, 2 * PAGE));
    assert_false(mapping_is_of_file(private, PAGE));
    assert_false(mapping_is_of_file(own, PAGE));
    assert_int_equal(munmap((void *)(uintptr_t)shared, 4 * PAGE), 0);
    assert_int_equal(munmap((void *)(uintptr_t) private, 4 * PAGE), 0);
    close(fd);
    free(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(whole_file_is_sound, set_up, tear_down),
        cmocka_unit_test_setup_teardown(heads_of_pages, set_up, tear_down),
        cmocka_unit_test_setup_teardown(records_of_pages, set_up, tear_down),
        cmocka_unit_test_setup_teardown(keys_of_pages, set_up, tear_down),
        cmocka_unit_test_setup_teardown(pages_of_trees, set_up, tear_down),
        cmocka_unit_test_setup_teardown(free_pages, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_record_of_impossible_length, set_up, tear_down),
        cmocka_unit_test_setup_teardown(memory_that_is_a_files, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
