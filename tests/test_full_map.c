/*
 * Maps that are full: of the books while the journal has room, of scratch tables. What is not acknowledged is not there, what is
 * recorded is told so, readers go on, and the words say what to do. (Full journals: test_journal, test_gate_group; test_store.)
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ledger/books_open.h"
#include "ledger/store.h"
#include "ledger/tables.h"
#include "tests/support/company.h"
#include "tests/support/folder.h"

enum { INVOICES = 60, FILES_MAX = 2000, JOURNAL_BYTES = 1 << 21, BIG_BYTES = 1000 };

/* A file of small invoices: less of it in an entry than in the books, with their keys and sums. */
static enum status feed(struct company *company, unsigned file, struct gate_answer *ret_answer, struct err *err)
{
    char invoice[32], total[32];
    json_t *records = json_array();
    for (unsigned i = 0; i < INVOICES; i++) {
        snprintf(invoice, sizeof invoice, "f%u-%u", file, i);
        json_array_append_new(records, company_invoice(invoice, "10442", "1.00", "0.00", "1.00"));
    }
    snprintf(total, sizeof total, "%d.00", INVOICES);
    json_t *body = json_pack("{s:s, s:s, s:{s:i, s:s, s:i, s:s}, s:b, s:i, s:o}", "entity", "US01", "feed", "invoices",
                             "file", "count", INVOICES, "currency", "USD", "sequence", (int)file, "total", total,
                             "last", 1, "part", 1, "records", records);
    return company_try(company, "feedi", VERB_FEED, body, NULL, ret_answer, err);
}

static void need_remedy(const struct err *err)
{
    if (strstr(err->text, "its map is full") == NULL || strstr(err->text, "larger map") == NULL)
        fail_msg("%s", err->text);
}

/* Whether the books follow the journal or not: each entry is there whole, and the head is the one that was told. */
static void books_that_are_full_take_nothing_half(void **state)
{
    (void)state;
    struct company *company = calloc(1, sizeof *company);
    struct gate_answer answer = {.decision = NULL};
    struct err err = {0};
    struct journal_head before = {.size = 0};
    enum status status = STATUS_OK;
    assert_non_null(company);
    company->map_bytes = JOURNAL_BYTES;
    company->unchecked = true; /* a replay would need the room that there is none of */
    company_open(company, NULL);
    for (unsigned file = 2; status == STATUS_OK && file < FILES_MAX; file++) {
        before = company_head(company);
        status = feed(company, file, &answer, &err);
        if (status == STATUS_OK)
            gate_answer_done(&answer);
    }
    print_message("%llu entries: %s\n", (unsigned long long)before.size, err.text);
    assert_true(status == STATUS_FULL || status == STATUS_UNKNOWN);
    need_remedy(&err);
    assert_non_null(strstr(err.text, "books/data.mdb"));
    struct journal_head after = company_head(company);
    if (status == STATUS_FULL) {
        assert_int_equal(after.size, before.size);
        assert_memory_equal(after.leaf.bytes, before.leaf.bytes, HASH_BYTES);
    } else {
        assert_non_null(strstr(err.text, "is recorded"));
        assert_int_equal(after.size, before.size + 1);
    }
    company_close(company);
    free(company);
}

static void scratch_tables_that_are_full_keep_what_they_had(void **state)
{
    (void)state;
    static const char *const names[] = {"records"};
    static const uint8_t big[BIG_BYTES];
    const struct tables_options options = {.names = names, .count = 1, .map_bytes = (uint64_t)2 * STORE_MAP_BYTES_MIN};
    struct folder folder;
    struct tables *tables = NULL;
    struct tables_txn *txn = NULL;
    struct err err = {0};
    uint64_t kept = 0, count = 0;
    folder_make(&folder);
    assert_int_equal(tables_create_scratch(folder.dir, &options, &tables, &err), STATUS_OK);
    enum status status = STATUS_OK;
    for (uint64_t key = 0; status == STATUS_OK; key++) {
        assert_int_equal(tables_write_begin(tables, &txn, &err), STATUS_OK);
        status = tables_put(txn, 0, slice_of(&key, sizeof key), slice_of(big, sizeof big), &err);
        if (status == STATUS_OK)
            status = tables_commit(txn, &err);
        else
            tables_abort(txn);
        kept += status == STATUS_OK;
    }
    assert_int_equal(status, STATUS_FULL);
    need_remedy(&err);
    assert_true(kept > 0);
    assert_int_equal(tables_read_begin(tables, &txn, &err), STATUS_OK);
    assert_int_equal(tables_count(txn, 0, &count, &err), STATUS_OK);
    assert_int_equal(count, kept);
    tables_abort(txn);
    tables_close(tables);
    folder_remove(&folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(books_that_are_full_take_nothing_half),
        cmocka_unit_test(scratch_tables_that_are_full_keep_what_they_had),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
