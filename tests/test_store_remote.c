/*
 * Stores that somebody else answers for. Here the one who answers is this process, from the stores on disk: what is read
 * from afar has to be what is there, forwards, backwards, from the middle, and key by key.
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
#include "ledger/books.h"
#include "ledger/books_open.h"
#include "ledger/journal.h"
#include "ledger/journal_layout.h"
#include "ledger/store.h"
#include "ledger/tables.h"
#include "ledger/tables_layout.h"
#include "tests/support/company.h"
#include "tests/support/walks.h"

/* Who answers: for a store that is here. */
struct answering {
    struct store *store;
    unsigned open;
};

static void must(enum status status, const struct err *err)
{
    if (status != STATUS_OK)
        fail_msg("%s: %s", status_name(status), err->text);
}

static enum status answer_begin(void *context, void **ret_snapshot, struct err *err)
{
    struct answering *answering = context;
    struct store_txn *txn = NULL;
    enum status status = store_read_begin(answering->store, &txn, err);
    answering->open += status == STATUS_OK;
    *ret_snapshot = txn;
    return status;
}

static void answer_end(void *context, void *snapshot)
{
    struct answering *answering = context;
    answering->open--;
    store_abort(snapshot);
}

static size_t table_named(void *snapshot, const char *name)
{
    size_t table = 0;
    assert_int_equal(store_table_named(snapshot, name, &table), STATUS_OK);
    return table;
}

static enum status answer_get(void *snapshot, const char *table, struct slice key, struct slice *ret_value,
                              struct err *err)
{
    return store_get(snapshot, table_named(snapshot, table), key, ret_value, err);
}

static enum status answer_seek(void *snapshot, const char *table, enum store_seek seek, struct slice key,
                               struct store_record *ret_record, struct err *err)
{
    return store_seek(snapshot, table_named(snapshot, table), seek, key, ret_record, err);
}

static enum status answer_count(void *snapshot, const char *table, uint64_t *ret_count, struct err *err)
{
    return store_count(snapshot, table_named(snapshot, table), ret_count, err);
}

static struct store_remote remote_of(struct answering *answering)
{
    return (struct store_remote){.name = "over there",
                                 .context = answering,
                                 .begin = answer_begin,
                                 .end = answer_end,
                                 .get = answer_get,
                                 .seek = answer_seek,
                                 .count = answer_count};
}

static void some_business(struct company *company)
{
    company_open(company, NULL);
    for (int i = 0; i < 5; i++)
        json_decref(company_submit(company, "maria", company_credit_note(company, "10442", "40251", "1.00")));
}

static void a_journal_reads_the_same(void **state)
{
    struct company company = {.dir = ""};
    struct err err;
    struct journal *remote = NULL;
    struct journal_snapshot *here = NULL, *there = NULL;
    struct journal_head a, b;
    (void)state;
    some_business(&company);
    struct journal *journal = gate_books(company.gate)->journal;
    struct answering answering = {.store = journal->store};
    const struct store_remote ports = remote_of(&answering);
    must(journal_open_remote(&ports, &remote, &err), &err);
    must(journal_read_begin(journal, &here, &err), &err);
    must(journal_read_begin(remote, &there, &err), &err);
    must(journal_head(here, &a, &err), &err);
    must(journal_head(there, &b, &err), &err);
    assert_true(a.size == b.size && hash_equal(&a.leaf, &b.leaf));
    struct journal_walk *walk = NULL;
    uint64_t seq, count = 0;
    struct slice bytes;
    must(journal_walk_begin(there, 0, &walk, &err), &err);
    while (journal_walk_next(walk, &seq, &bytes, &err) == STATUS_OK) {
        const char *entry;
        size_t length;
        must(journal_entry(here, seq, &entry, &length, &err), &err);
        assert_true(seq == count++ && length == bytes.length && memcmp(entry, bytes.bytes, length) == 0);
    }
    assert_int_equal(count, a.size);
    journal_walk_end(walk);
    /* A snapshot stands still. */
    json_decref(company_submit(&company, "maria", company_credit_note(&company, "10442", "40251", "1.00")));
    must(journal_head(there, &b, &err), &err);
    assert_int_equal(b.size, a.size);
    journal_read_end(here);
    journal_read_end(there);
    assert_int_equal(answering.open, 0);
    journal_close(remote);
    company_close(&company);
}

static void books_read_the_same(void **state)
{
    struct company company = {.dir = ""};
    struct err err;
    struct tables *remote = NULL;
    struct tables_txn *here = NULL, *there = NULL;
    uint64_t differences = 0;
    (void)state;
    some_business(&company);
    struct tables *tables = gate_books(company.gate)->tables;
    const struct tables_options layout = books_layout(0);
    struct answering answering = {.store = tables->store};
    const struct store_remote ports = remote_of(&answering);
    must(tables_open_remote(&ports, &layout, &remote, &err), &err);
    must(tables_read_begin(tables, &here, &err), &err);
    must(tables_read_begin(remote, &there, &err), &err);
    must(tables_equal(here, there, NULL, &differences, &err), &err);
    assert_int_equal(differences, 0);
    struct tables_watermark a, b;
    must(tables_watermark_get(here, &a, &err), &err);
    must(tables_watermark_get(there, &b, &err), &err);
    assert_true(a.size == b.size && hash_equal(&a.leaf, &b.leaf));
    for (size_t table = 0; table < BOOKS_TABLE_COUNT; table++)
        walks_have_to_equal(here, there, table);
    tables_abort(here);
    tables_abort(there);
    assert_int_equal(tables_write_begin(remote, &there, &err), STATUS_PERMISSION);
    assert_int_equal(answering.open, 0);
    tables_close(remote);
    company_close(&company);
}

/* An auditor who comes through a server makes every decision again and compares the books, from what it answers. */
static void a_book_verifies_from_afar(void **state)
{
    struct company company = {.dir = ""};
    struct err err;
    struct books there = {.journal = NULL};
    struct verify_result result;
    char scratch[320];
    (void)state;
    some_business(&company);
    struct books *here = gate_books(company.gate);
    struct answering journal = {.store = here->journal->store}, books = {.store = here->tables->store};
    const struct store_remote journal_ports = remote_of(&journal), books_ports = remote_of(&books);
    const struct tables_options layout = books_layout(0);
    must(journal_open_remote(&journal_ports, &there.journal, &err), &err);
    must(tables_open_remote(&books_ports, &layout, &there.tables, &err), &err);
    snprintf(scratch, sizeof scratch, "%s/verify", company.dir);
    const struct verify_options options = {.books = &there, .threads = 2, .scratch_dir = scratch};
    must(verify_book(&options, &result, &err), &err);
    assert_true(result.complete && result.books_equal);
    assert_int_equal(result.finding_count, 0);
    assert_true(result.entries > 5);
    tables_close(there.tables);
    journal_close(there.journal);
    assert_int_equal(journal.open + books.open, 0);
    company_close(&company);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_journal_reads_the_same),
        cmocka_unit_test(books_read_the_same),
        cmocka_unit_test(a_book_verifies_from_afar),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
