/*
 * What somebody who holds a book's files does to the books' records, their checksums made to fit: verification finds each, and what
 * the gate decided by them is decided otherwise by whoever decides it again.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ledger/books.h"
#include "ledger/books_open.h"
#include "ledger/journal.h"
#include "tests/support/tampered.h"

static struct tampered tampered;

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
    flipped_book_restore(&tampered.flipped);
    assert_int_equal(journal_open(tampered.flipped.book.dir, NULL, &journal, &err), STATUS_OK);
    assert_int_equal(books_open(tampered.flipped.book.dir, journal, &options, &books, &err), STATUS_OK);
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
    flipped_book_restore(&tampered.flipped);
    if (number == 0) {
        raw_delete(&tampered.flipped.book, true, record->table, key);
    } else if ((json_is_object(value) || json_is_array(value)) && tampered_scalar_change(value, &left)) {
        char *text = json_dumps(value, JSON_COMPACT | JSON_SORT_KEYS);
        raw_put(&tampered.flipped.book, true, record->table, key, slice_of(text, strlen(text)));
        free(text);
    } else if (value == NULL && number <= record->length) { /* numbers in bytes */
        uint8_t *bytes = malloc(record->length);
        memcpy(bytes, record->value, record->length);
        bytes[number - 1] ^= 1;
        raw_put(&tampered.flipped.book, true, record->table, key, slice_of(bytes, record->length));
        free(bytes);
    } else {
        json_decref(value);
        return false;
    }
    json_decref(value);
    flipped_book_take(&tampered.flipped);
    return true;
}

static unsigned long gate_differs;

/* Verification finds the books; and whatever the gate decided by them is decided otherwise by whoever decides it again. */
static bool tamper_record(const struct record *record, size_t number)
{
    char title[96];
    snprintf(title, sizeof title, "record of table %s, change %zu", books_layout(0).names[record->table], number);
    tampered.cases++;
    bool good = tampered_verify_finds(&tampered, title, -1);
    flipped_book_lay(&tampered.flipped);
    flipped_book_ask(&tampered.flipped, ASK_GATE);
    enum flipped_outcome outcome = flipped_book_judge(&tampered.flipped, ASK_GATE);
    tampered.outcomes[ASK_GATE][outcome]++;
    if (outcome == OUTCOME_SAME || outcome == OUTCOME_WORD)
        return good;
    gate_differs++;
    if (getenv("TAMPER_TELL") != NULL)
        tampered_tell(&tampered, title, ASK_GATE);
    if (outcome != OUTCOME_WRONG) {
        tampered_tell(&tampered, title, ASK_GATE);
        return false;
    }
    flipped_book_ask(&tampered.flipped, ASK_VERIFY_AFTER);
    if (flipped_book_judge(&tampered.flipped, ASK_VERIFY_AFTER) != OUTCOME_WORD) {
        tampered_tell(&tampered, title, ASK_VERIFY_AFTER);
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
            if (!tampered_takes(number++, 211))
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
    flipped_book_make(&tampered.flipped);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    tampered_tally(&tampered);
    flipped_book_free(&tampered.flipped);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_change_to_the_books_is_found),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down) != 0;
}
