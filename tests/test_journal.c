/*
 * The journal and its writer: what was appended is read back with its tree, what was aborted leaves nothing, a second
 * writer waits and then says for whom, and a full or damaged store is a status.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "ledger/append.h"
#include "ledger/birth.h"
#include "ledger/journal_layout.h"
#include "ledger/limits.h"
#include "ledger/store.h"
#include "ledger/tree.h"
#include "tests/support/folder.h"

enum { SIZES = 70 };

struct book {
    struct folder folder;
    char *dir;
};

static int set_up(void **state)
{
    struct book *book = malloc(sizeof *book);
    folder_make(&book->folder);
    book->dir = folder_path(&book->folder, "book");
    *state = book;
    return 0;
}

static int tear_down(void **state)
{
    struct book *book = *state;
    folder_remove(&book->folder);
    free(book->dir);
    free(book);
    return 0;
}

static struct slice text(const char *characters)
{
    return slice_of(characters, strlen(characters));
}

static void append_one(struct journal *journal, struct slice bytes)
{
    struct append *append = NULL;
    struct err err = {0};
    if (append_begin(journal, NULL, &append, &err) != STATUS_OK)
        fail_msg("%s", err.text);
    assert_int_equal(append_entry(append, bytes, NULL, NULL, &err), STATUS_OK);
    assert_int_equal(append_commit(append, &err), STATUS_OK);
}

/* A new book with its first entry; open. */
static struct journal *make_book(const char *dir, uint64_t map_bytes)
{
    const struct birth_options options = {.map_bytes = map_bytes, .nonce = 1};
    struct birth *birth = NULL;
    struct journal *journal = NULL;
    struct err err = {0};
    if (birth_begin(dir, &options, &birth, &err) != STATUS_OK)
        fail_msg("%s", err.text);
    append_one(birth_journal(birth), text("charter"));
    if (birth_finish(birth, &err) != STATUS_OK || journal_open(dir, NULL, &journal, &err) != STATUS_OK)
        fail_msg("%s", err.text);
    return journal;
}

static struct journal_head head_of(struct journal *journal)
{
    struct journal_snapshot *snapshot = NULL;
    struct journal_head head = {0};
    assert_int_equal(journal_read_begin(journal, &snapshot, NULL), STATUS_OK);
    assert_int_equal(journal_head(snapshot, &head, NULL), STATUS_OK);
    journal_read_end(snapshot);
    return head;
}

static mode_t mode_of(const char *dir, const char *name)
{
    struct stat facts;
    char path[400];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    assert_int_equal(stat(path, &facts), 0);
    return facts.st_mode & 0777;
}

static void birth_is_whole_or_nothing(void **state)
{
    const struct book *book = *state;
    const struct birth_options options = {.map_bytes = 1 << 26, .nonce = 0xABC};
    struct birth *birth = NULL;
    struct journal *journal = NULL;
    struct err err = {0};
    struct stat facts;
    assert_int_equal(journal_open(book->dir, NULL, &journal, &err), STATUS_NOT_FOUND);
    assert_int_equal(birth_begin(book->dir, &options, &birth, &err), STATUS_OK);
    assert_int_equal(journal_open(book->dir, NULL, &journal, &err), STATUS_NOT_FOUND);
    assert_non_null(strstr(err.text, "book.new-0000000000000abc"));
    assert_int_equal(birth_finish(birth, &err), STATUS_INPUT); /* no charter */
    assert_int_equal(journal_open(book->dir, NULL, &journal, &err), STATUS_NOT_FOUND);
    assert_null(strstr(err.text, ".new-"));
    assert_int_equal(birth_begin(book->dir, &options, &birth, &err), STATUS_OK);
    append_one(birth_journal(birth), text("charter"));
    birth_abort(birth);
    assert_int_equal(stat(book->dir, &facts), -1);
    assert_int_equal(birth_begin(book->dir, &options, &birth, &err), STATUS_OK);
    append_one(birth_journal(birth), text("charter"));
    assert_int_equal(mkdir(book->dir, 0700), 0); /* somebody takes the name */
    assert_int_equal(birth_finish(birth, &err), STATUS_EXISTS);
    assert_int_equal(rmdir(book->dir), 0);
    journal_close(make_book(book->dir, 1 << 26));
    assert_int_equal(birth_begin(book->dir, &options, &birth, &err), STATUS_EXISTS);
    assert_int_equal(mode_of(book->dir, "."), 0700);
    assert_int_equal(mode_of(book->dir, "evidence"), 0700);
    assert_int_equal(mode_of(book->dir, "lock"), 0600);
    assert_int_equal(mode_of(book->dir, "journal/data.mdb"), 0600);
    birth_abort(NULL);
}

static void root_by_definition(const struct hash *leaves, uint64_t size, struct hash *ret_root)
{
    struct hash left, right;
    uint64_t split = 1;
    if (size == 1) {
        *ret_root = leaves[0];
        return;
    }
    while (split * 2 < size)
        split *= 2;
    root_by_definition(leaves, split, &left);
    root_by_definition(leaves + split, size - split, &right);
    tree_node(&left, &right, ret_root);
}

static void tree_is_that_of_rfc6962(void **state)
{
    const struct book *book = *state;
    struct hash leaves[SIZES], expected, actual;
    struct err err = {0};
    struct journal *journal = make_book(book->dir, 1 << 26);
    tree_leaf("charter", 7, &leaves[0]);
    for (uint64_t size = 1; size < SIZES; size++) {
        struct journal_snapshot *snapshot = NULL;
        assert_int_equal(journal_read_begin(journal, &snapshot, &err), STATUS_OK);
        struct tree_reader reader = journal_tree(snapshot);
        assert_int_equal(tree_root(&reader, size, &actual, &err), STATUS_OK);
        root_by_definition(leaves, size, &expected);
        assert_true(hash_equal(&actual, &expected));
        for (unsigned level = 0; level < 8; level++) /* every node by itself, and none that is not complete */
            for (uint64_t index = 0; index <= size >> level; index++) {
                enum status status = journal_node(snapshot, level, index, &actual, &err);
                if (index == size >> level) {
                    assert_int_equal(status, STATUS_NOT_FOUND);
                    continue;
                }
                assert_int_equal(status, STATUS_OK);
                root_by_definition(leaves + (index << level), (uint64_t)1 << level, &expected);
                assert_true(hash_equal(&actual, &expected));
            }
        assert_int_equal(journal_node(snapshot, 63, 0, &actual, &err), STATUS_NOT_FOUND);
        assert_int_equal(journal_node(snapshot, 5, UINT64_MAX >> 5, &actual, &err), STATUS_NOT_FOUND);
        journal_read_end(snapshot);
        append_one(journal, slice_of(&size, sizeof size));
        tree_leaf(&size, sizeof size, &leaves[size]);
        struct journal_head head = head_of(journal);
        assert_true(hash_equal(&head.leaf, &leaves[size]));
    }
    journal_close(journal);
}

static void entries_come_back(void **state)
{
    const struct book *book = *state;
    struct append *append = NULL;
    struct journal_snapshot *snapshot = NULL;
    struct err err = {0};
    uint64_t seq = 0;
    size_t length = 0;
    const char *bytes = NULL;
    struct hash leaf;
    struct slice value = {0};
    uint8_t *big = malloc(ENTRY_BYTES_MAX + 1);
    memset(big, 'x', ENTRY_BYTES_MAX + 1);
    struct journal *journal = make_book(book->dir, 1 << 28);
    assert_int_equal(append_begin(journal, NULL, &append, &err), STATUS_OK);
    assert_int_equal(append_entry(append, slice_of(big, ENTRY_BYTES_MAX + 1), NULL, NULL, &err), STATUS_LIMIT);
    assert_int_equal(append_entry(append, slice_of(big, 0), NULL, NULL, &err), STATUS_LIMIT);
    assert_int_equal(append_entry(append, slice_of(big, ENTRY_BYTES_MAX), &seq, &leaf, &err), STATUS_OK);
    assert_int_equal(seq, 1);
    assert_int_equal(append_entry(append, text("two"), &seq, NULL, &err), STATUS_OK);
    assert_int_equal(seq, 2);
    assert_int_equal(journal_entry_checked(append_snapshot(append), 2, &bytes, &length, &err), STATUS_OK);
    assert_memory_equal(bytes, "two", length);
    assert_int_equal(append_meta_put(append, "epoch", text("0"), &err), STATUS_OK);
    assert_int_equal(append_meta_put(append, "", text("0"), &err), STATUS_LIMIT);
    assert_int_equal(append_meta_put(append, "big", slice_of(big, JOURNAL_META_BYTES_MAX + 1), &err), STATUS_LIMIT);
    assert_int_equal(head_of(journal).size, 1); /* nobody else sees it yet */
    assert_int_equal(append_commit(append, &err), STATUS_OK);
    assert_int_equal(append_begin(journal, NULL, &append, &err), STATUS_OK);
    assert_int_equal(append_entry(append, text("gone"), NULL, NULL, &err), STATUS_OK);
    append_abort(append);
    journal_close(journal);

    assert_int_equal(journal_open(book->dir, &(struct journal_options){.read_only = true}, &journal, &err), STATUS_OK);
    assert_int_equal(journal_map_bytes(journal), 1 << 28);
    assert_int_equal(head_of(journal).size, 3);
    assert_int_equal(journal_read_begin(journal, &snapshot, &err), STATUS_OK);
    assert_int_equal(journal_entry_checked(snapshot, 1, &bytes, &length, &err), STATUS_OK);
    assert_int_equal(length, ENTRY_BYTES_MAX);
    assert_memory_equal(bytes, big, ENTRY_BYTES_MAX);
    assert_int_equal(journal_entry(snapshot, 3, &bytes, &length, &err), STATUS_NOT_FOUND);
    assert_int_equal(journal_meta_get(snapshot, "epoch", &value, &err), STATUS_OK);
    assert_memory_equal(value.bytes, "0", value.length);
    assert_int_equal(journal_meta_get(snapshot, "charter", &value, &err), STATUS_NOT_FOUND);
    journal_read_end(snapshot);
    assert_int_equal(append_begin(journal, NULL, &append, &err), STATUS_PERMISSION);
    journal_close(journal);
    free(big);
}

static void expected_head_is_demanded(void **state)
{
    const struct book *book = *state;
    struct append *append = NULL;
    struct err err = {0};
    struct journal *journal = make_book(book->dir, 1 << 26);
    struct journal_head head = head_of(journal);
    const struct append_options options = {.expected = &head};
    assert_int_equal(append_begin(journal, &options, &append, &err), STATUS_OK);
    append_abort(append);
    append_one(journal, text("one"));
    assert_int_equal(append_begin(journal, &options, &append, &err), STATUS_EXISTS);
    head.size = 2;
    assert_int_equal(append_begin(journal, &options, &append, &err), STATUS_EXISTS);
    head = head_of(journal);
    assert_int_equal(append_begin(journal, &options, &append, &err), STATUS_OK);
    append_abort(append);
    journal_close(journal);
}

static void checkpoints_must_be_of_this_journal(void **state)
{
    const struct book *book = *state;
    struct append *append = NULL;
    struct journal_snapshot *snapshot = NULL;
    struct err err = {0};
    uint64_t count = 0;
    struct journal *journal = make_book(book->dir, 1 << 26);
    struct journal_checkpoint checkpoint = {.size = 1, .root = head_of(journal).leaf, .note = text("signed")};
    struct journal_checkpoint found = {0};
    assert_int_equal(append_begin(journal, NULL, &append, &err), STATUS_OK);
    assert_int_equal(append_checkpoint(append, &checkpoint, &err), STATUS_OK);
    assert_int_equal(append_entry(append, text("one"), NULL, NULL, &err), STATUS_OK);
    assert_int_equal(append_checkpoint(append, &checkpoint, &err), STATUS_OK); /* an older size is fine */
    checkpoint.size = 2;
    assert_int_equal(append_checkpoint(append, &checkpoint, &err), STATUS_INPUT);
    checkpoint.size = 3;
    assert_int_equal(append_checkpoint(append, &checkpoint, &err), STATUS_INPUT);
    checkpoint = (struct journal_checkpoint){.size = 1, .root = checkpoint.root};
    assert_int_equal(append_checkpoint(append, &checkpoint, &err), STATUS_LIMIT);
    assert_int_equal(append_commit(append, &err), STATUS_OK);
    assert_int_equal(journal_read_begin(journal, &snapshot, &err), STATUS_OK);
    assert_int_equal(journal_checkpoint_count(snapshot, &count, &err), STATUS_OK);
    assert_int_equal(count, 2);
    assert_int_equal(journal_checkpoint(snapshot, 1, &found, &err), STATUS_OK);
    assert_int_equal(found.size, 1);
    assert_true(hash_equal(&found.root, &checkpoint.root));
    assert_int_equal(found.note.length, 6);
    assert_memory_equal(found.note.bytes, "signed", 6);
    assert_int_equal(journal_checkpoint(snapshot, 2, &found, &err), STATUS_NOT_FOUND);
    journal_read_end(snapshot);
    journal_close(journal);
}

static void second_writer_names_the_first(void **state)
{
    const struct book *book = *state;
    int ready[2], status = 0;
    char byte = 0, pid[32];
    struct append *append = NULL;
    struct err err = {0};
    journal_close(make_book(book->dir, 1 << 26));
    assert_int_equal(pipe(ready), 0);
    pid_t holder = fork(); /* before anything is open */
    if (holder == 0) {
        struct journal *journal = NULL;
        if (journal_open(book->dir, NULL, &journal, NULL) != STATUS_OK ||
            append_begin(journal, NULL, &append, NULL) != STATUS_OK || write(ready[1], "r", 1) != 1)
            _exit(1);
        for (;;)
            pause();
    }
    assert_int_equal(read(ready[0], &byte, 1), 1);
    struct journal *journal = NULL;
    assert_int_equal(journal_open(book->dir, NULL, &journal, &err), STATUS_OK); /* reading is free */
    const struct append_options brief = {.wait_ms = 50};
    assert_int_equal(append_begin(journal, &brief, &append, &err), STATUS_BUSY);
    snprintf(pid, sizeof pid, "process %ld ", (long)holder);
    assert_non_null(strstr(err.text, pid));
    kill(holder, SIGKILL);
    assert_int_equal(waitpid(holder, &status, 0), holder);
    assert_int_equal(append_begin(journal, &brief, &append, &err), STATUS_OK); /* its locks died with it */
    struct append *again = NULL;
    assert_int_equal(append_begin(journal, &(struct append_options){.wait_ms = 0}, &again, &err), STATUS_BUSY);
    append_abort(append);
    append_one(journal, text("next"));
    journal_close(journal);
    close(ready[0]);
    close(ready[1]);
}

static void full_map_leaves_the_journal_as_it_was(void **state)
{
    const struct book *book = *state;
    struct append *append = NULL;
    struct err err = {0};
    static const uint8_t bytes[30000] = {1};
    struct journal *journal = make_book(book->dir, 1 << 19);
    const struct journal_checkpoint checkpoint = {.size = 1, .root = head_of(journal).leaf, .note = text("signed")};
    enum status status = STATUS_OK;
    struct journal_head before = {0};
    for (int left = 100; left > 0 && status == STATUS_OK; left--) {
        before = head_of(journal);
        assert_int_equal(append_begin(journal, NULL, &append, &err), STATUS_OK);
        status = append_entry(append, slice_of(bytes, sizeof bytes), NULL, NULL, &err);
        if (status != STATUS_OK) { /* what failed once is not forgotten */
            assert_int_equal(append_entry(append, text("small"), NULL, NULL, &err), STATUS_FULL);
            err.text[0] = '\0';
            assert_int_equal(append_checkpoint(append, &checkpoint, &err), STATUS_FULL);
            assert_non_null(strstr(err.text, "larger map"));
            err.text[0] = '\0';
            assert_int_equal(append_meta_put(append, "epoch", text("0"), &err), STATUS_FULL);
            assert_non_null(strstr(err.text, "larger map"));
            assert_int_equal(append_commit(append, &err), STATUS_FULL);
        } else {
            status = append_commit(append, &err);
        }
    }
    assert_int_equal(status, STATUS_FULL);
    assert_non_null(strstr(err.text, "larger map"));
    struct journal_head after = head_of(journal);
    assert_int_equal(after.size, before.size);
    assert_true(hash_equal(&after.leaf, &before.leaf));
    journal_close(journal);
    const struct journal_options larger = {.map_bytes = 1 << 21};
    assert_int_equal(journal_open(book->dir, &larger, &journal, &err), STATUS_OK);
    append_one(journal, slice_of(bytes, sizeof bytes));
    assert_int_equal(head_of(journal).size, before.size + 1);
    journal_close(journal);
}

/* Another process puts an older copy of the data in place of what this one has seen. */
static void old_copy_is_noticed(void **state)
{
    const struct book *book = *state;
    size_t length = 0;
    struct append *append = NULL;
    struct err err = {0};
    struct journal *journal = make_book(book->dir, 1 << 26);
    append_one(journal, text("one"));
    journal_close(journal);
    char *data = folder_path(&book->folder, "book/journal/data.mdb");
    uint8_t *bytes = folder_read(data, &length);
    assert_int_equal(journal_open(book->dir, NULL, &journal, &err), STATUS_OK);
    append_one(journal, text("two"));
    int fd = open(data, O_WRONLY | O_CLOEXEC);
    assert_int_equal(pwrite(fd, bytes, length, 0), (ssize_t)length);
    close(fd);
    assert_int_equal(append_begin(journal, NULL, &append, &err), STATUS_CORRUPT);
    assert_non_null(strstr(err.text, "has seen 3"));
    journal_close(journal);
    free(bytes);
    free(data);
}

/* The same, with another history of the same length. */
static void other_history_is_noticed(void **state)
{
    const struct book *book = *state;
    size_t before_length = 0, other_length = 0;
    struct append *append = NULL;
    struct err err = {0};
    char *data = folder_path(&book->folder, "book/journal/data.mdb");
    struct journal *journal = make_book(book->dir, 1 << 26);
    journal_close(journal);
    uint8_t *before = folder_read(data, &before_length);
    assert_int_equal(journal_open(book->dir, NULL, &journal, &err), STATUS_OK);
    append_one(journal, text("other"));
    journal_close(journal);
    uint8_t *other = folder_read(data, &other_length);
    folder_write(data, before, before_length);
    assert_int_equal(journal_open(book->dir, NULL, &journal, &err), STATUS_OK);
    append_one(journal, text("one"));
    int fd = open(data, O_WRONLY | O_CLOEXEC);
    assert_int_equal(pwrite(fd, other, other_length, 0), (ssize_t)other_length);
    close(fd);
    assert_int_equal(append_begin(journal, NULL, &append, &err), STATUS_CORRUPT);
    assert_non_null(strstr(err.text, "seq 1 is not the entry"));
    journal_close(journal);
    free(other);
    free(before);
    free(data);
}

static void changed_entry_is_noticed(void **state)
{
    const struct book *book = *state;
    size_t length = 0, entry_length = 0;
    const char *entry = NULL;
    struct append *append = NULL;
    struct journal_snapshot *snapshot = NULL;
    struct err err = {0};
    unsigned changed = 0;
    struct journal *journal = make_book(book->dir, 1 << 26);
    append_one(journal, text("4,180.00 USD to C-1001"));
    journal_close(journal);
    char *data = folder_path(&book->folder, "book/journal/data.mdb");
    uint8_t *bytes = folder_read(data, &length);
    for (size_t i = 0; i + 22 <= length; i++)
        if (memcmp(bytes + i, "4,180.00 USD to C-1001", 22) == 0) {
            bytes[i] = '9';
            changed++;
        }
    assert_true(changed > 0);
    folder_write(data, bytes, length);
    assert_int_equal(journal_open(book->dir, NULL, &journal, &err), STATUS_OK);
    assert_int_equal(journal_read_begin(journal, &snapshot, &err), STATUS_OK);
    assert_int_equal(journal_entry(snapshot, 1, &entry, &entry_length, &err), STATUS_OK);
    assert_int_equal(journal_entry_checked(snapshot, 1, &entry, &entry_length, &err), STATUS_CORRUPT);
    assert_non_null(strstr(err.text, "seq 1"));
    journal_read_end(snapshot);
    assert_int_equal(append_begin(journal, NULL, &append, &err), STATUS_CORRUPT);
    journal_close(journal);
    free(bytes);
    free(data);
}

/* Puts a record under the journal, or takes it away (value NULL), as a hand with a database library does. */
static void raw_change(const struct book *book, size_t table, struct slice key, const char *value)
{
    const struct store_options options = {.names = journal_table_names, .count = JOURNAL_TABLES};
    char *dir = folder_path(&book->folder, "book/journal");
    struct store *store = NULL;
    struct store_txn *txn = NULL;
    struct err err = {0};
    if (store_open(dir, &options, &store, &err) != STATUS_OK)
        fail_msg("%s", err.text);
    assert_int_equal(store_write_begin(store, &txn, &err), STATUS_OK);
    assert_int_equal(
        value == NULL ? store_delete(txn, table, key, &err) : store_put(txn, table, key, text(value), &err), STATUS_OK);
    assert_int_equal(store_commit(txn, &err), STATUS_OK);
    store_close(store);
    free(dir);
}

static void journal_of_another_format_is_not_opened(void **state)
{
    const struct book *book = *state;
    struct err err = {0};
    struct journal *journal = make_book(book->dir, 1 << 26);
    journal_close(journal);
    raw_change(book, JOURNAL_META, text("format"), "9");
    assert_int_equal(journal_open(book->dir, NULL, &journal, &err), STATUS_INPUT);
    assert_non_null(strstr(err.text, "its journal has the format '9'"));
    raw_change(book, JOURNAL_META, text("format"), NULL);
    assert_int_equal(journal_open(book->dir, NULL, &journal, &err), STATUS_CORRUPT);
    assert_non_null(strstr(err.text, "does not name its format"));
}

/* As many entries as hashes, and the last is not among them. */
static void missing_head_is_named(void **state)
{
    const struct book *book = *state;
    struct err err = {0};
    const struct journal_key last = journal_key_of(1), later = journal_key_of(7);
    struct journal *journal = make_book(book->dir, 1 << 26);
    append_one(journal, text("one"));
    journal_close(journal);
    raw_change(book, JOURNAL_ENTRIES, slice_of(last.bytes, sizeof last.bytes), NULL);
    assert_int_equal(journal_open(book->dir, NULL, &journal, &err), STATUS_CORRUPT);
    assert_non_null(strstr(err.text, "has 1 entries but 2 leaves in its tree"));
    raw_change(book, JOURNAL_ENTRIES, slice_of(later.bytes, sizeof later.bytes), "seven");
    assert_int_equal(journal_open(book->dir, NULL, &journal, &err), STATUS_CORRUPT);
    assert_non_null(strstr(err.text, "has 2 entries, but seq 1 is missing"));
}

static void records_of_impossible_size_are_named(void **state)
{
    const struct book *book = *state;
    struct journal_snapshot *snapshot = NULL;
    struct journal_walk *walk = NULL;
    struct journal_checkpoint checkpoint;
    struct slice bytes;
    struct hash hash;
    struct err err = {0};
    uint64_t seq = 0;
    const struct journal_key zero = journal_key_of(0);
    static const uint8_t long_key[JOURNAL_NUMBER_BYTES + 1] = {0};
    struct journal *journal = make_book(book->dir, 1 << 26);
    append_one(journal, text("one"));
    journal_close(journal);
    raw_change(book, JOURNAL_NODES, slice_of(zero.bytes, sizeof zero.bytes), "short");
    raw_change(book, JOURNAL_CHECKPOINTS, slice_of(zero.bytes, sizeof zero.bytes), "too short");
    assert_int_equal(journal_open(book->dir, NULL, &journal, &err), STATUS_OK);
    assert_int_equal(journal_read_begin(journal, &snapshot, &err), STATUS_OK);
    assert_int_equal(journal_node(snapshot, 0, 0, &hash, &err), STATUS_CORRUPT);
    assert_non_null(strstr(err.text, "seq 0: its hashes have the impossible length 5"));
    assert_int_equal(journal_checkpoint(snapshot, 0, &checkpoint, &err), STATUS_CORRUPT);
    assert_non_null(strstr(err.text, "checkpoint 0 has the impossible length 9"));
    journal_read_end(snapshot);
    journal_close(journal);
    raw_change(book, JOURNAL_ENTRIES, slice_of(long_key, sizeof long_key), "between 0 and 1");
    assert_int_equal(journal_open(book->dir, &(struct journal_options){.unchecked = true}, &journal, &err), STATUS_OK);
    assert_int_equal(journal_read_begin(journal, &snapshot, &err), STATUS_OK);
    assert_int_equal(journal_walk_begin(snapshot, 0, &walk, &err), STATUS_OK);
    enum status status = STATUS_OK;
    for (int i = 0; i < 4 && status == STATUS_OK; i++)
        status = journal_walk_next(walk, &seq, &bytes, &err);
    journal_walk_end(walk);
    assert_int_equal(status, STATUS_CORRUPT);
    assert_non_null(strstr(err.text, "an entry lies under a key that is no number"));
    journal_read_end(snapshot);
    journal_close(journal);
}

/* A walk gives back what it has passed, every eight megabytes; what it lends after that, and a second walk, is the same. */
static void long_walk_gives_back_what_it_has_passed(void **state)
{
    enum { ENTRIES = 20, BYTES = 1 << 20 };
    const struct book *book = *state;
    struct journal_snapshot *snapshot = NULL;
    struct err err = {0};
    char *big = malloc(BYTES);
    struct journal *journal = make_book(book->dir, 1 << 26);
    for (int i = 1; i <= ENTRIES; i++) {
        memset(big, 'a' + i, BYTES);
        append_one(journal, slice_of(big, BYTES));
    }
    assert_int_equal(journal_read_begin(journal, &snapshot, &err), STATUS_OK);
    for (int round = 0; round < 2; round++) {
        struct journal_walk *walk = NULL;
        struct slice bytes;
        uint64_t seq = 0;
        assert_int_equal(journal_walk_begin(snapshot, 1, &walk, &err), STATUS_OK);
        for (uint64_t i = 1; i <= ENTRIES; i++) {
            assert_int_equal(journal_walk_next(walk, &seq, &bytes, &err), STATUS_OK);
            assert_int_equal(seq, i);
            assert_int_equal(bytes.length, BYTES);
            assert_int_equal(bytes.bytes[0], 'a' + i);
            assert_int_equal(bytes.bytes[BYTES - 1], 'a' + i);
        }
        assert_int_equal(journal_walk_next(walk, &seq, &bytes, &err), STATUS_NOT_FOUND);
        journal_walk_end(walk);
    }
    journal_read_end(snapshot);
    journal_close(journal);
    free(big);
}

/* The thread sanitizer and valgrind leave a program less address space than the default map: the Makefile gives another one. */
enum { NO_ROOM = STORE_MAP_BYTES_DEFAULT < (uint64_t)1 << 40 };

static void default_map_is_large_and_the_file_is_not(void **state)
{
    const struct book *book = *state;
    if (NO_ROOM)
        skip();
    struct stat facts;
    char *data = folder_path(&book->folder, "book/journal/data.mdb");
    struct journal *journal = make_book(book->dir, 0);
    assert_true(journal_map_bytes(journal) == (uint64_t)1 << 40);
    assert_int_equal(stat(data, &facts), 0);
    assert_true(facts.st_size < 1 << 20);
    journal_close(journal);
    free(data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(birth_is_whole_or_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(tree_is_that_of_rfc6962, set_up, tear_down),
        cmocka_unit_test_setup_teardown(entries_come_back, set_up, tear_down),
        cmocka_unit_test_setup_teardown(expected_head_is_demanded, set_up, tear_down),
        cmocka_unit_test_setup_teardown(checkpoints_must_be_of_this_journal, set_up, tear_down),
        cmocka_unit_test_setup_teardown(second_writer_names_the_first, set_up, tear_down),
        cmocka_unit_test_setup_teardown(full_map_leaves_the_journal_as_it_was, set_up, tear_down),
        cmocka_unit_test_setup_teardown(old_copy_is_noticed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(other_history_is_noticed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(changed_entry_is_noticed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(journal_of_another_format_is_not_opened, set_up, tear_down),
        cmocka_unit_test_setup_teardown(records_of_impossible_size_are_named, set_up, tear_down),
        cmocka_unit_test_setup_teardown(missing_head_is_named, set_up, tear_down),
        cmocka_unit_test_setup_teardown(long_walk_gives_back_what_it_has_passed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(default_map_is_large_and_the_file_is_not, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
