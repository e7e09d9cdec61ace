/*
 * Keeping the books in step with their journal: opened as they are, caught up when behind, made anew when they cannot be
 * those of this journal; and keys of records, which have to sort and part as the walks expect.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "ledger/books.h"
#include "ledger/books_open.h"
#include "ledger/journal.h"
#include "ledger/schema.h"
#include "tests/support/company.h"
#include "tests/support/folder.h"

#define MARK "watermark" /* ledger/tables.c */

/* Puts a copy of the books of `from` in the place of those of `to`. */
static void folder_replace(const char *from, const char *to)
{
    char command[1200];
    snprintf(command, sizeof command, "rm -rf '%s' && cp -a '%s' '%s'", to, from, to);
    assert_int_equal(system(command), 0);
}

static void gate_stop(struct company *company)
{
    gate_close(company->gate);
    company->gate = NULL;
}

static void credit(struct company *company, const char *amount)
{
    json_decref(company_submit(company, "maria", company_credit_note(company, "16446", "581483", amount)));
}

static void a_book_is_as_large_as_was_asked(void **state)
{
    struct company company = {.map_bytes = UINT64_C(1) << 29};
    (void)state;
    company_open(&company, NULL);
    assert_true(journal_map_bytes(gate_books(company.gate)->journal) == UINT64_C(1) << 29);
    company_close(&company);
}

static void books_in_step_are_left_alone(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, NULL);
    credit(&company, "10.00");
    company_reopen(&company);
    assert_int_equal(gate_books(company.gate)->applied, 0);
    assert_false(gate_books(company.gate)->rebuilt);
    company_close(&company);
}

static void books_that_are_behind_catch_up(void **state)
{
    struct company company = {.dir = ""};
    char books[400], kept[400];
    (void)state;
    company_open(&company, NULL);
    snprintf(books, sizeof books, "%s/books", company.book);
    snprintf(kept, sizeof kept, "%s/kept", company.dir);
    gate_stop(&company);
    folder_replace(books, kept);
    company_reopen(&company);
    credit(&company, "10.00");
    credit(&company, "11.00");
    gate_stop(&company);
    folder_replace(kept, books);
    company_reopen(&company);
    assert_int_equal(gate_books(company.gate)->applied, 2);
    assert_false(gate_books(company.gate)->rebuilt);
    company_close(&company);
}

/* The same number of entries, another history: only the hash of the last one tells. */
static void books_of_another_journal_are_made_anew(void **state)
{
    struct company one = {.dir = ""}, other = {.dir = ""};
    char ones[400], others[400];
    (void)state;
    company_open(&one, NULL);
    company_open(&other, NULL);
    credit(&one, "10.00");
    credit(&other, "20.00");
    snprintf(ones, sizeof ones, "%s/books", one.book);
    snprintf(others, sizeof others, "%s/books", other.book);
    gate_stop(&one);
    gate_stop(&other);
    folder_replace(others, ones);
    company_reopen(&one);
    assert_true(gate_books(one.gate)->rebuilt);
    company_reopen(&other);
    company_close(&other);
    company_close(&one);
}

/* Books that a program has open, and of whose mark a bit is changed on the disk. */
static void a_mark_that_is_damaged_meanwhile_is_told(void **state)
{
    struct company company = {.dir = ""};
    struct err err = {0};
    size_t length = 0, found = 0;
    char data[400];
    (void)state;
    company_open(&company, NULL);
    snprintf(data, sizeof data, "%s/books/data.mdb", company.book);
    uint8_t *bytes = folder_read(data, &length);
    int fd = open(data, O_WRONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    for (size_t i = 0; i + sizeof MARK < length; i++) {
        if (memcmp(bytes + i, MARK, sizeof MARK - 1) != 0)
            continue;
        const uint8_t changed = bytes[i + sizeof MARK - 1] ^ 1; /* of the checksum that follows the key */
        assert_int_equal(pwrite(fd, &changed, 1, (off_t)(i + sizeof MARK - 1)), 1);
        found++;
    }
    close(fd);
    free(bytes);
    assert_true(found > 0);
    assert_int_equal(books_catch_up(gate_books(company.gate), NULL, &err), STATUS_CORRUPT);
    assert_non_null(strstr(err.text, "run rebuild"));
    company_reopen(&company);
    assert_true(gate_books(company.gate)->rebuilt);
    company_close(&company);
}

static void keys_part_where_they_should(void **state)
{
    struct books_key a = books_key_pair("US01", "581"), b = books_key_pair("US01", "5810");
    (void)state;
    assert_true(a.length < b.length);
    books_key_close(&a);
    assert_true(memcmp(a.bytes, b.bytes, a.length) != 0);
    struct books_key position = books_key_position(258, 7);
    assert_int_equal(books_key_number(slice_of(position.bytes, position.length), 9), 258);
    assert_int_equal(books_key_number(slice_of(position.bytes, position.length), 0), 7);
    struct books_key later = books_key_position(259, 0);
    assert_true(memcmp(position.bytes, later.bytes, later.length) < 0);
}

/* What somebody types is looked up as it is. */
static void a_key_that_is_too_long_finds_nothing(void **state)
{
    struct company company = {.map_bytes = 0};
    struct tables_txn *txn = NULL;
    char text[601];
    bool has = true;
    (void)state;
    memset(text, 'a', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    company_open(&company, NULL);
    assert_int_equal(tables_read_begin(gate_books(company.gate)->tables, &txn, NULL), STATUS_OK);
    const struct books_key keys[] = {books_key(text), books_key_pair("US01", text), books_key_pair(text, text)};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        assert_int_equal(books_has(txn, BOOKS_INVOICES, &keys[i], &has, NULL), STATUS_OK);
        assert_false(has);
    }
    tables_abort(txn);
    company_close(&company);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_book_is_as_large_as_was_asked),
        cmocka_unit_test(books_in_step_are_left_alone),
        cmocka_unit_test(books_that_are_behind_catch_up),
        cmocka_unit_test(books_of_another_journal_are_made_anew),
        cmocka_unit_test(a_mark_that_is_damaged_meanwhile_is_told),
        cmocka_unit_test(keys_part_where_they_should),
        cmocka_unit_test(a_key_that_is_too_long_finds_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
