/*
 * What somebody who holds a book's files does to whole entries, to decisions and to the books: verification names the entry and
 * says what, and no reader and no gate answers wrongly in silence.
 *
 * TAMPER=all takes every case (make tampering), else a sample.
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
#include "ledger/books.h"
#include "ledger/books_open.h"
#include "ledger/journal.h"
#include "ledger/journal_layout.h"
#include "tests/support/flipped_book.h"
#include "tests/support/sanitized.h"

static struct flipped_book flipped;
static unsigned long cases, asked, outcomes[ASK_COUNT][OUTCOME_COUNT];

/* What is done to the chain after an entry was changed. */
enum cover { COVER_NOTHING, COVER_TREE, COVER_CHAIN, COVER_COUNT };
static const char *const cover_names[COVER_COUNT] = {"as it is", "its hash made to fit", "chained anew"};

static uint64_t entries(void)
{
    return flipped.entry_count;
}

static bool takes(unsigned long number, unsigned long each)
{
    const char *all = getenv("TAMPER");
    return (all != NULL && strcmp(all, "all") == 0) || number % (SANITIZED ? each * 12 : each) == 0;
}

static void print_said(const char *title, enum flipped_question question)
{
    print_message("%s: %s, status %d: %.300s\n%.1200s\n", title, flipped_question_name((enum flipped_question)question),
                  flipped.now->status, flipped.now->err, flipped.now->out);
}

/* Asks verification about what lies there, and whether it names seq (below 0: any finding will do). */
static bool verify_finds(const char *title, long seq)
{
    flipped_book_lay(&flipped);
    flipped_book_ask(&flipped, ASK_VERIFY);
    asked++;
    enum flipped_outcome outcome = flipped_book_judge(&flipped, ASK_VERIFY);
    outcomes[ASK_VERIFY][outcome]++;
    bool good = outcome == OUTCOME_WORD && (seq < 0 || flipped_names(&flipped, (uint64_t)seq));
    if (!good)
        print_said(title, ASK_VERIFY);
    return good;
}

/* Asks everybody else. The gate may answer otherwise only if verification finds what it left behind. */
static bool readers_say(const char *title, bool exports, bool rewritten)
{
    bool good = true;
    for (enum flipped_question question = ASK_SHOW; question <= ASK_GATE; question++) {
        if (question == ASK_EXPORT && !exports) /* writes what is stored: a checker finds what is wrong with it */
            continue;
        flipped_book_lay(&flipped);
        flipped_book_ask(&flipped, question);
        asked++;
        enum flipped_outcome outcome = flipped_book_judge(&flipped, question);
        outcomes[question][outcome]++;
        if (outcome >= OUTCOME_WRONG && question == ASK_GATE && rewritten) {
            flipped_book_ask(&flipped, ASK_VERIFY_AFTER);
            outcome = flipped_book_judge(&flipped, ASK_VERIFY_AFTER);
        }
        if (outcome >= OUTCOME_WRONG) {
            print_said(title, question);
            good = false;
        }
    }
    return good;
}

/* ---------------------------------------------------------------- entries */

static char *taken[FLIPPED_ENTRIES_MAX];
static size_t lengths[FLIPPED_ENTRIES_MAX];
static char *other;
static size_t other_length;

static void take_entries(void)
{
    for (uint64_t seq = 0; seq < entries(); seq++)
        taken[seq] = raw_entry(&flipped.book, seq, &lengths[seq]);
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
    raw_entry_put(&flipped.book, seq, taken[from], lengths[from]);
}

static void drop_from(uint64_t first, uint64_t size)
{
    for (uint64_t seq = first; seq < size; seq++) {
        struct journal_key key = journal_key_of(seq);
        raw_delete(&flipped.book, false, JOURNAL_ENTRIES, slice_of(key.bytes, sizeof key.bytes));
        raw_delete(&flipped.book, false, JOURNAL_NODES, slice_of(key.bytes, sizeof key.bytes));
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
        raw_entry_put(&flipped.book, seq, changed, lengths[seq]);
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
        raw_entry_put(&flipped.book, seq, other, other_length);
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
    raw_rechain(&flipped.book, size, size);
}

static bool tamper_entry(enum deed deed, uint64_t seq, enum cover cover)
{
    char title[160];
    snprintf(title, sizeof title, "entry %u %s, %s", (unsigned)seq, deed_names[deed], cover_names[cover]);
    flipped_book_restore(&flipped);
    const uint64_t size = do_deed(deed, seq);
    if (cover == COVER_TREE)
        rehash(size);
    if (cover == COVER_CHAIN)
        raw_rechain(&flipped.book, 0, size);
    flipped_book_take(&flipped);
    cases++;
    /* The first entry that is not what it was: its neighbour where it was doubled or something was put before it. */
    const long named = (long)(deed == DEED_DOUBLE || deed == DEED_INSERT ? seq + 1 : seq);
    /* Without its last entry a journal is whole, and only who knew it can tell: a checkpoint is recorded here. */
    const bool last = deed == DEED_DROP && seq == entries() - 1;
    bool good = verify_finds(title, last ? -1 : named);
    return readers_say(title, cover == COVER_NOTHING && !last, cover != COVER_NOTHING) && good;
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
                if ((next && seq + 1 == entries()) || !parsed || !takes(number++, 19))
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

/* The n-th scalar below a value, in the order of its bytes; changed in place. False: there are not so many. */
static bool scalar_change(json_t *value, size_t *left)
{
    const char *name = NULL;
    json_t *member = NULL;
    void *next = NULL;
    size_t i = 0;
    if (json_is_object(value)) {
        json_object_foreach_safe(value, next, name, member)
        {
            if (json_is_object(member) || json_is_array(member)) {
                if (scalar_change(member, left))
                    return true;
            } else if ((*left)-- == 0) {
                json_t *changed = NULL;
                const char *text = json_string_value(member);
                if (json_is_integer(member))
                    changed = json_integer(json_integer_value(member) + 1);
                else if (text == NULL)
                    changed = json_boolean(!json_is_true(member));
                else {
                    char *copy = strdup(text);
                    size_t length = strlen(copy);
                    if (length > 0) /* a digit, a letter: another one of its sort */
                        copy[length - 1] = copy[length - 1] == '1' ? '2' : copy[length - 1] == 'd' ? 'e' : '1';
                    changed = json_string(copy);
                    free(copy);
                }
                json_object_set_new(value, name, changed);
                return true;
            }
        }
    }
    json_array_foreach(value, i, member)
    {
        if (json_is_object(member) || json_is_array(member)) {
            if (scalar_change(member, left))
                return true;
        } else if ((*left)-- == 0) {
            json_array_set_new(value, i, json_integer(json_is_integer(member) ? json_integer_value(member) + 1 : 1));
            return true;
        }
    }
    return false;
}

static bool decision_change(uint64_t seq, size_t number, bool *ret_there)
{
    char title[96];
    size_t left = number;
    json_t *entry = json_loads(taken[seq], 0, NULL);
    *ret_there = scalar_change(json_object_get(entry, "decision"), &left);
    if (*ret_there && takes(number * entries() + seq, 37)) {
        snprintf(title, sizeof title, "entry %u, value %zu of its decision", (unsigned)seq, number);
        flipped_book_restore(&flipped);
        char *bytes = json_dumps(entry, JSON_COMPACT | JSON_SORT_KEYS);
        raw_entry_put(&flipped.book, seq, bytes, strlen(bytes));
        raw_rechain(&flipped.book, seq, entries());
        flipped_book_take(&flipped);
        free(bytes);
        json_decref(entry);
        cases++;
        return verify_finds(title, (long)seq);
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

/* ---------------------------------------------------------------- the books */

struct record {
    size_t table;
    uint8_t key[512], value[1 << 14];
    size_t key_length, length;
};

static struct record *records;
static size_t record_count;

static void take_records(void)
{
    enum { RECORDS_MAX = 2000 };
    const struct books_options options = {.read_only = true};
    struct journal *journal = NULL;
    struct books *books = NULL;
    struct tables_txn *txn = NULL;
    struct err err = {.status = STATUS_OK};
    records = calloc(RECORDS_MAX, sizeof *records);
    flipped_book_restore(&flipped);
    assert_int_equal(journal_open(flipped.book.dir, NULL, &journal, &err), STATUS_OK);
    assert_int_equal(books_open(flipped.book.dir, journal, &options, &books, &err), STATUS_OK);
    assert_int_equal(tables_read_begin(books->tables, &txn, &err), STATUS_OK);
    for (size_t table = 0; table < BOOKS_TABLE_COUNT; table++) {
        struct tables_cursor *cursor = NULL;
        struct tables_record record;
        assert_int_equal(tables_scan(txn, table, slice_of(NULL, 0), &cursor, &err), STATUS_OK);
        for (enum status status = tables_first(cursor, &record, &err); status == STATUS_OK;
             status = tables_next(cursor, &record, &err)) {
            struct record *one = &records[record_count++];
            assert_true(record_count < RECORDS_MAX && record.value.length < sizeof one->value);
            one->table = table;
            one->key_length = record.key.length;
            one->length = record.value.length;
            memcpy(one->key, record.key.bytes, record.key.length);
            memcpy(one->value, record.value.bytes, record.value.length);
        }
        tables_scan_close(cursor);
    }
    tables_abort(txn);
    books_close(books, false);
    journal_close(journal);
}

/* A value of a record changed, or the record gone; its checksum made to fit. False: the record has not so many values. */
static bool record_change(const struct record *record, size_t number)
{
    const struct slice key = slice_of(record->key, record->key_length);
    size_t left = number - 1;
    json_t *value = json_loadb((const char *)record->value, record->length, JSON_DECODE_ANY, NULL);
    flipped_book_restore(&flipped);
    if (number == 0) {
        raw_delete(&flipped.book, true, record->table, key);
    } else if ((json_is_object(value) || json_is_array(value)) && scalar_change(value, &left)) {
        char *text = json_dumps(value, JSON_COMPACT | JSON_SORT_KEYS);
        raw_put(&flipped.book, true, record->table, key, slice_of(text, strlen(text)));
        free(text);
    } else if (value == NULL && number <= record->length) { /* numbers in bytes */
        uint8_t *bytes = malloc(record->length);
        memcpy(bytes, record->value, record->length);
        bytes[number - 1] ^= 1;
        raw_put(&flipped.book, true, record->table, key, slice_of(bytes, record->length));
        free(bytes);
    } else {
        json_decref(value);
        return false;
    }
    json_decref(value);
    flipped_book_take(&flipped);
    return true;
}

static unsigned long gate_differs;

/* Verification finds the books; and whatever the gate decided by them is decided otherwise by whoever decides it again. */
static bool tamper_record(const struct record *record, size_t number)
{
    char title[96];
    snprintf(title, sizeof title, "record of table %s, change %zu", books_layout(0).names[record->table], number);
    cases++;
    bool good = verify_finds(title, -1);
    flipped_book_lay(&flipped);
    flipped_book_ask(&flipped, ASK_GATE);
    enum flipped_outcome outcome = flipped_book_judge(&flipped, ASK_GATE);
    outcomes[ASK_GATE][outcome]++;
    if (outcome == OUTCOME_SAME || outcome == OUTCOME_WORD)
        return good;
    gate_differs++;
    if (getenv("TAMPER_TELL") != NULL)
        print_said(title, ASK_GATE);
    if (outcome != OUTCOME_WRONG) {
        print_said(title, ASK_GATE);
        return false;
    }
    flipped_book_ask(&flipped, ASK_VERIFY_AFTER);
    if (flipped_book_judge(&flipped, ASK_VERIFY_AFTER) != OUTCOME_WORD) {
        print_said(title, ASK_VERIFY_AFTER);
        return false;
    }
    return good;
}

static void every_change_to_the_books_is_found(void **state)
{
    unsigned long bad = 0, number = 0;
    (void)state;
    take_records();
    for (size_t i = 0; i < record_count; i++)
        for (size_t change = 0; change < 64; change++) {
            if (!takes(number++, 211))
                continue;
            if (!record_change(&records[i], change))
                break;
            bad += !tamper_record(&records[i], change);
        }
    print_message("%lu times the gate decided otherwise by edited books, and deciding again showed it\n", gate_differs);
    free(records);
    assert_int_equal(bad, 0);
}

static int set_up(void **state)
{
    (void)state;
    flipped_book_make(&flipped);
    take_entries();
    take_other_book();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    print_message("%lu cases, %lu answers\n", cases, asked);
    for (int question = 0; question < ASK_COUNT; question++)
        print_message("  %-22s %lu same, %lu in words, %lu wrong, %lu crashes, %lu hangs\n",
                      flipped_question_name((enum flipped_question)question), outcomes[question][OUTCOME_SAME],
                      outcomes[question][OUTCOME_WORD], outcomes[question][OUTCOME_WRONG],
                      outcomes[question][OUTCOME_CRASH], outcomes[question][OUTCOME_HANG]);
    for (uint64_t seq = 0; seq < entries(); seq++)
        free(taken[seq]);
    free(other);
    flipped_book_free(&flipped);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_deed_to_an_entry_is_found),
        cmocka_unit_test(an_entry_hashed_anew_is_not_chained),
        cmocka_unit_test(a_root_over_changed_hashes_is_not_signed),
        cmocka_unit_test(every_changed_value_of_a_decision_is_found),
        cmocka_unit_test(every_change_to_the_books_is_found),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down) != 0;
}
