/*
 * What somebody who holds a book's files does to whole entries and to decisions: verification names the entry and says what, and no
 * reader and no gate answers wrongly in silence. What he does to the books: test_tamper_books.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "audit/verify/verify.h"
#include "controls/issue.h"
#include "ledger/journal.h"
#include "ledger/journal_layout.h"
#include "tests/support/tampered.h"

static struct tampered tampered;

/* What is done to the chain after an entry was changed. */
enum cover { COVER_NOTHING, COVER_TREE, COVER_CHAIN, COVER_COUNT };
static const char *const cover_names[COVER_COUNT] = {"as it is", "its hash made to fit", "chained anew"};

static uint64_t entries(void)
{
    return tampered.flipped.entry_count;
}

/* ---------------------------------------------------------------- entries */

static char *taken[FLIPPED_ENTRIES_MAX];
static size_t lengths[FLIPPED_ENTRIES_MAX];
static char *other;
static size_t other_length;

static void take_entries(void)
{
    for (uint64_t seq = 0; seq < entries(); seq++)
        taken[seq] = raw_entry(&tampered.flipped.book, seq, &lengths[seq]);
}

static void take_other_book(void)
{
    struct small_book book;
    small_book_begin_crooked(&book);
    small_book_people(&book);
    small_book_close(&book);
    other = raw_entry(&book, 3, &other_length);
    small_book_free(&book);
}

static void entry_put(uint64_t seq, uint64_t from)
{
    raw_entry_put(&tampered.flipped.book, seq, taken[from], lengths[from]);
}

static void drop_from(uint64_t first, uint64_t size)
{
    for (uint64_t seq = first; seq < size; seq++) {
        struct journal_key key = journal_key_of(seq);
        raw_delete(&tampered.flipped.book, false, JOURNAL_ENTRIES, slice_of(key.bytes, sizeof key.bytes));
        raw_delete(&tampered.flipped.book, false, JOURNAL_NODES, slice_of(key.bytes, sizeof key.bytes));
    }
}

enum deed { DEED_BYTE, DEED_DROP, DEED_DOUBLE, DEED_SWAP, DEED_OTHER, DEED_INSERT, DEED_COUNT };
static const char *const deed_names[DEED_COUNT] = {"a byte changed",        "dropped",
                                                   "doubled behind itself", "swapped with the next",
                                                   "of another book",       "inserted at the end's expense"};

/* Returns the size afterwards. */
static uint64_t do_deed(enum deed deed, uint64_t seq)
{
    const uint64_t size = entries();
    char *changed = NULL;
    switch (deed) {
    case DEED_BYTE:
        changed = malloc(lengths[seq]);
        memcpy(changed, taken[seq], lengths[seq]);
        changed[lengths[seq] - 30] ^= 1; /* within the statement's time or the signatures' side, form still good */
        raw_entry_put(&tampered.flipped.book, seq, changed, lengths[seq]);
        free(changed);
        return size;
    case DEED_DROP:
        for (uint64_t at = seq + 1; at < size; at++)
            entry_put(at - 1, at);
        drop_from(size - 1, size);
        return size - 1;
    case DEED_DOUBLE:
        entry_put(seq + 1, seq);
        return size;
    case DEED_SWAP:
        entry_put(seq, seq + 1);
        entry_put(seq + 1, seq);
        return size;
    case DEED_OTHER:
        raw_entry_put(&tampered.flipped.book, seq, other, other_length);
        return size;
    case DEED_INSERT:
        for (uint64_t at = size - 1; at > seq; at--)
            entry_put(at, at - 1);
        return size;
    case DEED_COUNT:
        break;
    }
    return size;
}

/* The tree made to fit the bytes, which stay as they are. */
static void rehash(uint64_t size)
{
    raw_rechain(&tampered.flipped.book, size, size);
}

static bool tamper_entry(enum deed deed, uint64_t seq, enum cover cover)
{
    char title[160];
    snprintf(title, sizeof title, "entry %u %s, %s", (unsigned)seq, deed_names[deed], cover_names[cover]);
    flipped_book_restore(&tampered.flipped);
    const uint64_t size = do_deed(deed, seq);
    if (cover == COVER_TREE)
        rehash(size);
    if (cover == COVER_CHAIN)
        raw_rechain(&tampered.flipped.book, 0, size);
    flipped_book_take(&tampered.flipped);
    tampered.cases++;
    /* The first entry that is not what it was: its neighbour where it was doubled or something was put before it. */
    const long named = (long)(deed == DEED_DOUBLE || deed == DEED_INSERT ? seq + 1 : seq);
    /* Without its last entry a journal is whole, and only who knew it can tell: a checkpoint is recorded here. */
    const bool last = deed == DEED_DROP && seq == entries() - 1;
    bool good = tampered_verify_finds(&tampered, title, last ? -1 : named);
    /* What was signed by somebody who saw that entry is then refused as unseen, and verification finds it after that too. */
    return tampered_readers_say(&tampered, title, cover == COVER_NOTHING && !last, cover != COVER_NOTHING || last) &&
           good;
}

static void every_deed_to_an_entry_is_found(void **state)
{
    unsigned long bad = 0, number = 0;
    (void)state;
    for (enum deed deed = 0; deed < DEED_COUNT; deed++)
        for (uint64_t seq = 0; seq < entries(); seq++)
            for (enum cover cover = 0; cover < COVER_COUNT; cover++) {
                const bool next = deed == DEED_DOUBLE || deed == DEED_SWAP || deed == DEED_INSERT;
                const bool parsed = deed != DEED_BYTE || cover != COVER_CHAIN; /* a changed byte may end its form */
                if ((next && seq + 1 == entries()) || !parsed || !tampered_takes(number++, 19))
                    continue;
                bad += !tamper_entry(deed, seq, cover);
            }
    assert_int_equal(bad, 0);
}

static unsigned long chain_findings;

static void hear_chain(void *context, const struct finding *finding)
{
    (void)context;
    chain_findings += finding->check == CHECK_CHAIN && finding->has_seq && finding->seq == 10;
}

/* What nobody signs (the gate's own facts), changed and hashed anew, no checkpoint anywhere: the chain alone tells. */
static void an_entry_hashed_anew_is_not_chained(void **state)
{
    struct small_book book;
    struct journal *journal = NULL;
    struct journal_snapshot *snapshot = NULL;
    struct entry entry;
    struct verify_result result;
    char scratch[SCRATCH_PATH_BYTES];
    size_t length = 0;
    struct err err = {.status = STATUS_OK};
    (void)state;
    small_book_make(&book);
    char *bytes = raw_entry(&book, 9, &length);
    memcpy(strstr(bytes, "\"os_user\":\"tester\"") + 11, "nobody", 6);
    raw_entry_put(&book, 9, bytes, length);
    raw_rechain(&book, SMALL_ENTRIES, SMALL_ENTRIES); /* the hashes alone */
    free(bytes);
    assert_int_equal(journal_open(book.dir, NULL, &journal, &err), STATUS_OK);
    assert_int_equal(journal_read_begin(journal, &snapshot, &err), STATUS_OK);
    assert_int_equal(entry_at(snapshot, 9, &entry, &err), STATUS_CORRUPT);
    assert_int_equal(entry_at(snapshot, 10, &entry, &err), STATUS_CORRUPT);
    assert_int_equal(entry_at(snapshot, 8, &entry, &err), STATUS_OK);
    entry_done(&entry);
    journal_read_end(snapshot);
    journal_close(journal);
    const struct verify_options options = {.book_dir = book.dir,
                                           .scratch_dir = scratch_path(&book.scratch, "replay", scratch),
                                           .threads = 1,
                                           .fast = true,
                                           .report = hear_chain};
    assert_int_equal(verify_book(&options, &result, &err), STATUS_OK);
    assert_int_equal(chain_findings, 2); /* the hash of the one before, and what was seen */
    small_book_free(&book);
}

/* A later release's format is a number, and asks for that release; anything else is damage, and no release helps. */
static void a_format_that_is_none_is_damage(void **state)
{
    static const struct {
        const char *text;
        size_t length;
        enum status status;
    } rows[] = {{"1", 1, STATUS_OK},         {"2", 1, STATUS_INPUT},   {"12", 2, STATUS_INPUT},
                {"1\0", 2, STATUS_CORRUPT},  {"!", 1, STATUS_CORRUPT}, {"", 0, STATUS_CORRUPT},
                {"12345", 5, STATUS_CORRUPT}};
    struct small_book book;
    struct err err = {.status = STATUS_OK};
    (void)state;
    small_book_make(&book);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct journal *journal = NULL;
        raw_put(&book, false, JOURNAL_META, slice_of("format", 6), slice_of(rows[i].text, rows[i].length));
        assert_int_equal(journal_open(book.dir, NULL, &journal, &err), rows[i].status);
        assert_true(rows[i].status == STATUS_OK || strstr(err.text, "format") != NULL);
        journal_close(journal);
    }
    small_book_free(&book);
}

/* A hash in the tree that changed after it was written: the custodian is told, and signs nothing. */
static void a_root_over_changed_hashes_is_not_signed(void **state)
{
    struct small_book book;
    struct checkpoint checkpoint;
    struct journal_key key = journal_key_of(7); /* completes levels 0 to 3 */
    char note[CHECKPOINT_NOTE_MAX];
    size_t length = 0;
    struct err err = {.status = STATUS_OK};
    (void)state;
    small_book_make(&book);
    uint8_t *nodes = raw_get(&book, false, JOURNAL_NODES, slice_of(key.bytes, sizeof key.bytes), &length);
    assert_int_equal(length, 4 * HASH_BYTES);
    nodes[3 * HASH_BYTES + 5] ^= 1;
    raw_put(&book, false, JOURNAL_NODES, slice_of(key.bytes, sizeof key.bytes), slice_of(nodes, length));
    small_book_open(&book);
    assert_int_equal(issue_checkpoint(book.gate, &book.signers[USER_BOOK], &checkpoint, note, &err), STATUS_CORRUPT);
    assert_non_null(strstr(err.text, "nothing is signed"));
    small_book_close(&book);
    nodes[3 * HASH_BYTES + 5] ^= 1;
    raw_put(&book, false, JOURNAL_NODES, slice_of(key.bytes, sizeof key.bytes), slice_of(nodes, length));
    small_book_open(&book);
    assert_int_equal(issue_checkpoint(book.gate, &book.signers[USER_BOOK], &checkpoint, note, &err), STATUS_OK);
    small_book_close(&book);
    free(nodes);
    small_book_free(&book);
}

/* ---------------------------------------------------------------- decisions */

static bool decision_change(uint64_t seq, size_t number, bool *ret_there)
{
    char title[96];
    size_t left = number;
    json_t *entry = json_loads(taken[seq], 0, NULL);
    *ret_there = tampered_scalar_change(json_object_get(entry, "decision"), &left);
    if (*ret_there && tampered_takes(number * entries() + seq, 37)) {
        snprintf(title, sizeof title, "entry %u, value %zu of its decision", (unsigned)seq, number);
        flipped_book_restore(&tampered.flipped);
        char *bytes = json_dumps(entry, JSON_COMPACT | JSON_SORT_KEYS);
        raw_entry_put(&tampered.flipped.book, seq, bytes, strlen(bytes));
        raw_rechain(&tampered.flipped.book, seq, entries());
        flipped_book_take(&tampered.flipped);
        free(bytes);
        json_decref(entry);
        tampered.cases++;
        return tampered_verify_finds(&tampered, title, (long)seq);
    }
    json_decref(entry);
    return true;
}

/* Whoever holds the book key can chain and sign all this anew; deciding again shows it, and names the entry. */
static void every_changed_value_of_a_decision_is_found(void **state)
{
    unsigned long bad = 0;
    (void)state;
    for (uint64_t seq = 0; seq < entries(); seq++) {
        bool there = true;
        for (size_t number = 0; there; number++)
            bad += !decision_change(seq, number, &there);
    }
    assert_int_equal(bad, 0);
}

static int set_up(void **state)
{
    (void)state;
    flipped_book_make(&tampered.flipped);
    take_entries();
    take_other_book();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    tampered_tally(&tampered);
    for (uint64_t seq = 0; seq < entries(); seq++)
        free(taken[seq]);
    free(other);
    flipped_book_free(&tampered.flipped);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_deed_to_an_entry_is_found),
        cmocka_unit_test(an_entry_hashed_anew_is_not_chained),
        cmocka_unit_test(a_format_that_is_none_is_damage),
        cmocka_unit_test(a_root_over_changed_hashes_is_not_signed),
        cmocka_unit_test(every_changed_value_of_a_decision_is_found),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down) != 0;
}
