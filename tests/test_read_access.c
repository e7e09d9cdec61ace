/*
 * Who may read what: a year's book with three entities, read table by table and entry by entry by everybody of it. What each
 * gets is compared with tests/golden/who-reads.txt (all, part or none of each table; COUNTERSIGN_GOLDEN=write makes it anew),
 * and by search: nothing that a reader of one entity gets mentions another one's customers, invoices or documents.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "controls/functions.h"
#include "controls/read_parts.h"
#include "ledger/entry.h"
#include "ledger/journal.h"
#include "ledger/schema.h"
#include "tests/support/as_reader.h"
#include "tests/support/golden.h"
#include "tests/support/year_steps.h"

enum { DAYS = 365, TOKEN_MAX = 128 };

#define GOLDEN_FILE GOLDEN_DIR "/who-reads.txt"

/* Who reads, and as what he stands here. */
static const struct cast {
    const char *user, *as;
    const char *entities[4]; /* whose records; closed by NULL */
} cast[] = {
    {"joe", "specialist of US01", {"US01"}},
    {"beata", "specialist of EU01", {"EU01"}},
    {"bert", "specialist of AC01", {"AC01"}},
    {"cora", "specialist of two", {"US01", "EU01"}},
    {"priya", "approver of two", {"US01", "EU01"}},
    {"mona", "approver of US01", {"US01"}},
    {"rita", "credit, US01", {"US01"}},
    {"cleo", "period closer", {"US01"}},
    {"feedi", "feed of invoices", {"US01", "EU01"}},
    {"feedp", "feed of people", {NULL}},
    {"bot1", "bot", {"US01"}},
    {"nina", "officer", {NULL}},
    {"olga", "officer replaced", {NULL}},
    {"ada", "administrator", {NULL}},
    {"audrey", "auditor", {"US01", "EU01", "AC01"}},
    {"maria2", "no role", {NULL}},
    {"lena", "leaver", {NULL}},
    {"nora", "key revoked", {NULL}},
};
enum { CAST = sizeof cast / sizeof cast[0] };

static struct year year;

static void must(enum status status, const struct err *err)
{
    if (status != STATUS_OK)
        fail_msg("%s: %s", status_name(status), err->text);
}

/* Things that a year does not bring: they span entities, or stand half done. */

/* By the two officers that the recovery at the year's end left. */
static void govern(json_t *document)
{
    json_t *result = year_submit(&year, "nina", document);
    assert_non_null(result_number(result));
    if (strcmp(result_outcome(result), "waiting") == 0)
        json_decref(expect(year_approve(&year, "noah", result_number(result), 1), "in-force"));
    json_decref(result);
}

/* Two customers of two entities in one group; what is owed is given up in one of them. */
static void group_across(void)
{
    json_t *customers = json_pack("[{s:s, s:s}, {s:s, s:s}]", "customer", "E1", "entity", "EU01", "customer", "10442",
                                  "entity", "US01");
    govern(year_document(
        &year, "related",
        json_pack("{s:o, s:s, s:s}", "customers", customers, "group", "GROUP-OF-TWO", "reason", "One owner")));
}

/* A file that is not finished, and one list that signs what waits in two entities. */
static void half_done(void)
{
    const struct company_file cash = {
        .user = "feedm", .feed = "cash", .total = "50.00", .entity = "EU01", .currency = "EUR"};
    struct company_file part = cash;
    part.sequence = (int)json_integer_value(json_object_get(year.files, "EU01/cash")) + 1;
    part.part = 1;
    part.count = 2;
    part.more = true;
    json_decref(
        company_feed(&year.company, &part, json_pack("[o]", company_cash("STAGED-EU-1", "E1", "50.00", json_array()))));
}

static int year_make(void **state)
{
    (void)state;
    year_open(&year, 20261231);
    for (year.day = 0; year.day < DAYS; year.day++)
        year_live_day(&year);
    /* Everybody who sleeps is woken, so that what each may read is what his role says. */
    group_across();
    half_done();
    return 0;
}

static int year_end(void **state)
{
    (void)state;
    year.company.unchecked = true; /* test_year asks everything of it */
    year_close(&year);
    return 0;
}

/* Every record of a table as somebody sees it. */
typedef void record_seen(void *context, size_t table, struct slice key, struct slice value);

static uint64_t table_read(struct books *books, size_t table, record_seen *seen, void *context)
{
    struct tables_txn *txn = NULL;
    struct tables_cursor *cursor = NULL;
    struct tables_record record;
    struct err err;
    uint64_t count = 0;
    enum status status;
    must(tables_read_begin(books->tables, &txn, &err), &err);
    must(tables_scan(txn, table, slice_of("", 0), &cursor, &err), &err);
    while ((status = tables_next(cursor, &record, &err)) == STATUS_OK) {
        if (seen != NULL)
            seen(context, table, record.key, record.value);
        count++;
    }
    assert_int_equal(status, STATUS_NOT_FOUND);
    tables_scan_close(cursor);
    tables_abort(txn);
    return count;
}

static const char *table_name(size_t table)
{
    return books_layout(0).names[table];
}

/* all, part, none; "-": the table is empty. */
static char letter(uint64_t count, uint64_t whole)
{
    return whole == 0 ? '-' : count == 0 ? '.' : count == whole ? 'A' : 'p';
}

static uint64_t entries_read(struct books *books)
{
    struct journal_snapshot *snapshot = NULL;
    struct journal_walk *walk = NULL;
    struct slice bytes;
    uint64_t seq, count = 0;
    struct err err;
    must(journal_read_begin(books->journal, &snapshot, &err), &err);
    must(journal_walk_begin(snapshot, 0, &walk, &err), &err);
    while (journal_walk_next(walk, &seq, &bytes, &err) == STATUS_OK)
        count++;
    journal_walk_end(walk);
    journal_read_end(snapshot);
    return count;
}

static void matrix_print(FILE *out)
{
    char seen[BOOKS_TABLE_COUNT + 1][CAST];
    struct books *truth = gate_books(year.company.gate);
    for (size_t i = 0; i < CAST; i++) {
        struct as_reader *as = as_reader_open(&year.company, cast[i].user, NULL);
        for (size_t table = 0; table < BOOKS_TABLE_COUNT; table++)
            seen[table][i] =
                letter(table_read(as_reader_books(as), table, NULL, NULL), table_read(truth, table, NULL, NULL));
        seen[BOOKS_TABLE_COUNT][i] = letter(entries_read(as_reader_books(as)), entries_read(truth));
        json_t *reads = reader_describe(as_reader_rights(as));
        char *text = json_dumps(reads, JSON_SORT_KEYS);
        fprintf(out, "%2zu %-20s %s\n", i + 1, cast[i].as, text);
        free(text);
        json_decref(reads);
        as_reader_close(as);
    }
    fprintf(out, "\n%-20s", "");
    for (size_t i = 0; i < CAST; i++)
        fprintf(out, " %2zu", i + 1);
    for (size_t table = 0; table <= BOOKS_TABLE_COUNT; table++) {
        fprintf(out, "\n%-20s", table < BOOKS_TABLE_COUNT ? table_name(table) : "the journal");
        for (size_t i = 0; i < CAST; i++)
            fprintf(out, "  %c", seen[table][i]);
    }
    fprintf(out, "\n");
}

static void everybody_and_every_table(void **state)
{
    char *text = NULL;
    size_t length = 0;
    (void)state;
    FILE *out = open_memstream(&text, &length);
    assert_non_null(out);
    matrix_print(out);
    fclose(out);
    printf("%s", text);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everybody_and_every_table),
    };
    return cmocka_run_group_tests(tests, year_make, year_end) != 0;
}
