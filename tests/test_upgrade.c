/*
 * Books of earlier releases. Each release leaves a journal in tests/vectors/releases/<release>.jsonl, its entries as they
 * stood in its book. This program has to open it, make the books anew by itself, decide every entry again as that release
 * did, and go on in it. And what this release's books look like is held against BOOKS_LAYOUT: whoever changes a record
 * raises that number, or an upgrade would read old records as new ones.
 *
 * COUNTERSIGN_GOLDEN=write writes the digest of the books and, once for each release, its journal.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sys/stat.h>

#include "audit/export/export.h"
#include "cli/release.h"
#include "ledger/append.h"
#include "ledger/birth.h"
#include "ledger/books.h"
#include "ledger/checksum.h"
#include "ledger/entry.h"
#include "ledger/hash.h"
#include "ledger/journal.h"
#include "ledger/schema.h"
#include "ledger/store.h"
#include "ledger/tables.h"
#include "tests/support/company.h"

#define FOLDER      "tests/vectors/releases/"
#define LAYOUT_FILE FOLDER "books"

/* Releases that people have books of, the oldest first; a line more at each release. */
static const char *const releases[] = {"0.1.0"};
enum { RELEASES = sizeof releases / sizeof releases[0] };

static void must(enum status status, const struct err *err)
{
    if (status != STATUS_OK)
        fail_msg("%s: %s", status_name(status), err->text);
}

static bool writing(void)
{
    const char *mode = getenv("COUNTERSIGN_GOLDEN");
    return mode != NULL && strcmp(mode, "write") == 0;
}

/* What a first month brings: documents that post, wait, are refused, returned, reversed; limits, people's powers, releases. */
static void live(struct company *company)
{
    company_open(company, NULL);
    char *posted = company_post(company, "maria", company_credit_note(company, "16446", "581483", "10.00"), 0);
    free(company_post(company, "maria", company_credit_note(company, "10442", "40251", "600.00"), 1));
    free(company_post(company, "joe", company_correction(company, "10442", "40251", "20.00", "up"), 1));
    free(company_wait(company, "maria", company_credit_note(company, "16447", "700001", "450.00")));
    json_decref(company_submit(company, "maria", company_credit_note(company, "16446", "581483", "9000000.00")));
    char *returned = company_wait(company, "joe", company_credit_note(company, "10442", "40117", "700.00"));
    json_decref(company_end(company, "joe", VERB_WITHDRAW, returned));
    free(company_wait(company, "joe", company_reversal(company, posted)));
    json_decref(company_submit(company, "cora", company_write_off(company, "10442", "40117", "150.00")));
    json_decref(company_submit(company, "adam", company_limit(company, "10442", "12000.00")));
    json_t *release = company_document(company, "release");
    company_with(release, "release", json_string("0.1.0"));
    company_with(release, "commit", json_string("34eb71b"));
    company_with(release, "exe", json_string("0000000000000000111111111111111122222222222222223333333333333333"));
    char *number = company_wait(company, "olga", release);
    json_decref(company_approve(company, "oscar", number, 1));
    json_t *receipts = json_array();
    json_array_append_new(receipts, company_cash("R-1", "10442", "300.00", json_array()));
    const struct company_file cash = {.user = "feedm", .feed = "cash", .total = "300.00", .sequence = 1};
    json_decref(company_feed(company, &cash, receipts));
    free(number);
    free(returned);
    free(posted);
}

static enum status write_out(void *context, struct slice bytes, struct err *err)
{
    return fwrite(bytes.bytes, 1, bytes.length, context) == bytes.length ? STATUS_OK
                                                                         : err_set(err, STATUS_IO, "a short write");
}

static void leave_journal(struct company *company, const char *path)
{
    struct err err;
    struct export_told told;
    FILE *file = fopen(path, "wx");
    if (file == NULL)
        return; /* a release is what it was: its journal is written once */
    const struct export_sink sink = {.write = write_out, .context = file};
    must(export_entries(gate_books(company->gate)->journal, 0, UINT64_MAX, &sink, &told, &err), &err);
    assert_int_equal(fclose(file), 0);
}

static void append_line(struct journal *journal, const char *line, size_t length)
{
    struct append *append = NULL;
    struct err err;
    must(append_begin(journal, NULL, &append, &err), &err);
    must(append_entry(append, slice_of(line, length), NULL, NULL, &err), &err);
    must(append_commit(append, &err), &err);
}

/* The journal of a release, byte by byte, in a book that has no books yet; the company is the one that wrote it. */
static void take_up(struct company *company, const char *release)
{
    static const char *const cast[] = {"olga",  "oscar", "owen", "maria", "joe",   "cora",  "adam",  "ana",   "tom",
                                       "priya", "dora",  "vera", "carl",  "feedc", "feedi", "feedm", "audrey"};
    const struct birth_options options = {.map_bytes = 1 << 28, .nonce = 1};
    struct birth *birth = NULL;
    struct err err;
    char path[200], *line = NULL;
    size_t room = 0;
    ssize_t length;
    memset(company, 0, sizeof *company);
    snprintf(company->dir, sizeof company->dir, "/tmp/countersign-upgrade-XXXXXX");
    assert_non_null(mkdtemp(company->dir));
    snprintf(company->book, sizeof company->book, "%s/book", company->dir);
    snprintf(path, sizeof path, FOLDER "%s.jsonl", release);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    must(birth_begin(company->book, &options, &birth, &err), &err);
    while ((length = getline(&line, &room, file)) > 0)
        append_line(birth_journal(birth), line, (size_t)length - 1);
    must(birth_finish(birth, &err), &err);
    fclose(file);
    free(line);
    for (size_t i = 0; i < sizeof cast / sizeof cast[0]; i++)
        company_new_user(company, cast[i]);
    company_at(company, "2026-02-02T09:00:00.000Z");
    company->ids = 900000; /* past those of the journal */
}

/* Puts another layout beside the watermark, as another release would have; a negative one: none, as the first did. */
static void set_layout(const struct company *company, int layout)
{
    static const char *const facts_table[] = {"~facts"};
    enum { BARE = 40 };
    const struct store_options options = {.names = facts_table, .count = 1};
    const struct slice key = slice_of("watermark", 9);
    struct store *store = NULL;
    struct store_txn *txn = NULL;
    struct slice stored;
    struct err err;
    char dir[400];
    uint8_t bytes[CHECKSUM_BYTES + BARE + 4] = {0};
    size_t length = layout < 0 ? BARE : BARE + 4;
    snprintf(dir, sizeof dir, "%s/books", company->book);
    must(store_open(dir, &options, &store, &err), &err);
    must(store_write_begin(store, &txn, &err), &err);
    must(store_get(txn, 0, key, &stored, &err), &err);
    memcpy(bytes, stored.bytes, CHECKSUM_BYTES + BARE);
    bytes[CHECKSUM_BYTES + BARE + 3] = (uint8_t)(layout < 0 ? 0 : layout);
    checksum_value(facts_table[0], key, slice_of(bytes + CHECKSUM_BYTES, length), bytes);
    must(store_put(txn, 0, key, slice_of(bytes, CHECKSUM_BYTES + length), &err), &err);
    must(store_commit(txn, &err), &err);
    store_close(store);
}

static void gate_stop(struct company *company)
{
    gate_close(company->gate);
    company->gate = NULL;
}

static void a_book_of_every_release_goes_on(void **state)
{
    (void)state;
    for (size_t i = 0; i < RELEASES; i++) {
        struct company company;
        take_up(&company, releases[i]);
        company_reopen(&company);
        assert_true(gate_books(company.gate)->applied > 60);
        free(company_post(&company, "maria", company_credit_note(&company, "16446", "581483", "12.00"), 0));
        company_close(&company); /* decides every entry again, and has to come to the same bytes */
    }
}

static void books_of_an_earlier_layout_are_made_anew(void **state)
{
    struct company company;
    (void)state;
    take_up(&company, releases[RELEASES - 1]);
    company_reopen(&company);
    gate_stop(&company);
    company_reopen(&company);
    assert_false(gate_books(company.gate)->rebuilt);
    gate_stop(&company);
    for (int layout = -1; layout < BOOKS_LAYOUT; layout++) {
        set_layout(&company, layout);
        company_reopen(&company);
        assert_true(gate_books(company.gate)->rebuilt);
        gate_stop(&company);
        company_reopen(&company);
        assert_false(gate_books(company.gate)->rebuilt);
        gate_stop(&company);
    }
    company_reopen(&company);
    company_close(&company);
}

static const struct gate_facts facts = {
    .release = "0.0.9", .exe = "0000000000000000", .mode = "embedded", .os_user = "test"};

/* Whoever goes back to an earlier release does so on purpose. */
static void books_of_a_later_layout_are_left_alone(void **state)
{
    const struct gate_options ways[] = {{.facts = &facts, .wait_ms = 1000},
                                        {.facts = &facts, .wait_ms = 1000, .read_only = true}};
    const struct gate_options rebuild = {.facts = &facts, .wait_ms = 1000, .rebuild = true};
    struct company company;
    struct err err;
    (void)state;
    take_up(&company, releases[RELEASES - 1]);
    company_reopen(&company);
    gate_stop(&company);
    set_layout(&company, BOOKS_LAYOUT + 1);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(gate_open(company.book, &ways[i], &company.gate, &err), STATUS_INPUT);
        assert_non_null(strstr(err.text, "a later release"));
        assert_non_null(strstr(err.text, "countersign rebuild"));
    }
    must(gate_open(company.book, &rebuild, &company.gate, &err), &err);
    gate_stop(&company);
    company_reopen(&company);
    assert_false(gate_books(company.gate)->rebuilt);
    company_close(&company);
}

/* The names of all tables and all that is in them. */
static void digest_of(struct books *books, char ret_hex[static HASH_HEX_CHARS + 1])
{
    const struct tables_options layout = books_layout(0);
    char *text = NULL;
    size_t length = 0;
    struct tables_txn *txn = NULL;
    struct hash hash;
    struct err err;
    FILE *all = open_memstream(&text, &length);
    must(tables_read_begin(books->tables, &txn, &err), &err);
    for (size_t table = 0; table < layout.count; table++) {
        struct tables_cursor *cursor = NULL;
        struct tables_record record;
        fprintf(all, "%s\n", layout.names[table]);
        must(tables_scan(txn, table, slice_of("", 0), &cursor, &err), &err);
        while (tables_next(cursor, &record, &err) == STATUS_OK) {
            fprintf(all, "%zu %zu ", record.key.length, record.value.length);
            fwrite(record.key.bytes, 1, record.key.length, all);
            fwrite(record.value.bytes, 1, record.value.length, all);
        }
        tables_scan_close(cursor);
    }
    tables_abort(txn);
    fclose(all);
    hash_of(text, length, &hash);
    hash_to_hex(&hash, ret_hex);
    free(text);
}

static void records_and_the_number_of_their_layout_change_together(void **state)
{
    struct company company;
    char found[HASH_HEX_CHARS + 1], kept[HASH_HEX_CHARS + 1] = "";
    int layout = 0;
    (void)state;
    take_up(&company, releases[0]);
    company_reopen(&company);
    digest_of(gate_books(company.gate), found);
    FILE *file = fopen(LAYOUT_FILE, "r");
    if (file != NULL) {
        assert_int_equal(fscanf(file, "%d %64s", &layout, kept), 2);
        fclose(file);
    }
    if (writing() && BOOKS_LAYOUT > layout) {
        file = fopen(LAYOUT_FILE, "w");
        assert_non_null(file);
        fprintf(file, "%d %s\n", BOOKS_LAYOUT, found);
        fclose(file);
    } else if (strcmp(found, kept) != 0 || layout != BOOKS_LAYOUT) {
        fail_msg(
            "records of the books are others than those of layout %d, and BOOKS_LAYOUT is %d: raise it in "
            "ledger/books.h, or an upgrade reads what stands in people's books wrongly; then write the digest with "
            "COUNTERSIGN_GOLDEN=write (%s)",
            layout, BOOKS_LAYOUT, found);
    }
    company_close(&company);
}

/* Runs first, and leaves this release's journal where it is asked to. */
static void a_release_leaves_its_journal(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    live(&company);
    if (writing())
        leave_journal(&company, FOLDER COUNTERSIGN_RELEASE ".jsonl");
    company_close(&company);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_release_leaves_its_journal),
        cmocka_unit_test(a_book_of_every_release_goes_on),
        cmocka_unit_test(books_of_an_earlier_layout_are_made_anew),
        cmocka_unit_test(books_of_a_later_layout_are_left_alone),
        cmocka_unit_test(records_and_the_number_of_their_layout_change_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
