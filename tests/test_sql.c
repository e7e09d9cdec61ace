/*
 * A book as SQL tables: equal to the books' own records, the same bytes twice, answers typed and exact, nothing believed that was
 * changed, and SQL.md says what there is.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audit/sql/sql.h"
#include "ledger/journal.h"
#include "ledger/schema.h"
#include "ledger/tables.h"
#include "tests/support/company.h"
#include "tests/support/folder.h"
#include "tests/support/money_documents.h"
#include "tests/support/small_book.h"

#define POLICY "tests/policies/rules.yaml"

enum { TEXT_BYTES = 512 };

static struct sql *build_of(struct journal *journal, const char *path)
{
    struct sql *sql = NULL;
    struct err err = {0};
    const struct sql_options options = {.path = path, .release = "1", .exe = "0123456789abcdef"};
    if (sql_build(journal, &options, &sql, &err) != STATUS_OK)
        fail_msg("%s", err.text);
    return sql;
}

static struct sql *build(struct company *company)
{
    return build_of(gate_books(company->gate)->journal, NULL);
}

static enum status ask(struct sql *sql, const char *text, const struct sql_binding *bindings, sql_step *step,
                       void *context, struct err *err)
{
    const struct sql_question question = {.text = text, .bindings = bindings, .step = step, .context = context};
    return sql_query(sql, &question, err);
}

/* All cells of all rows: "a|b\nc|d\n"; integers and text, "-" for null. */
struct gathered {
    char text[1 << 16];
    size_t rows;
};

static enum status gather(void *context, const struct sql_row *row, bool *ret_more, struct err *err)
{
    struct gathered *gathered = context;
    (void)ret_more;
    (void)err;
    for (size_t i = 0; i < row->count; i++) {
        size_t used = strlen(gathered->text), left = sizeof gathered->text - used;
        const struct sql_cell *cell = &row->cells[i];
        const char *end = i + 1 < row->count ? "|" : "\n";
        if (cell->type == SQL_INTEGER)
            snprintf(gathered->text + used, left, "%" PRId64 "%s", cell->integer, end);
        else
            snprintf(gathered->text + used, left, "%s%s", cell->type == SQL_TEXT ? cell->text : "-", end);
    }
    gathered->rows++;
    return STATUS_OK;
}

static void expect_rows(struct sql *sql, const char *question, const char *expected)
{
    struct gathered *gathered = calloc(1, sizeof *gathered);
    struct err err = {0};
    if (ask(sql, question, NULL, gather, gathered, &err) != STATUS_OK)
        fail_msg("%s: %s", question, err.text);
    if (strcmp(gathered->text, expected) != 0)
        fail_msg("%s\ngives\n%sexpected\n%s", question, gathered->text, expected);
    free(gathered);
}

static void expect_error(struct sql *sql, const char *question, enum status expected, const char *text)
{
    struct gathered *gathered = calloc(1, sizeof *gathered);
    struct err err = {0};
    assert_int_equal(ask(sql, question, NULL, gather, gathered, &err), expected);
    if (strstr(err.text, text) == NULL)
        fail_msg("%s: '%s' says not '%s'", question, err.text, text);
    free(gathered);
}

static json_t *cash(const char *receipt, const char *amount, const char *invoice, const char *applied)
{
    return company_cash(receipt, "16446", amount, json_pack("[{s:s, s:s}]", "amount", applied, "invoice", invoice));
}

/* Documents that post, wait, are approved, amended, refused, reversed, repeated; files in one part and in several. */
static void course(struct company *company)
{
    json_t *note = company_credit_note(company, "16446", "581483", "150.00");
    json_t *again = json_deep_copy(note);
    json_decref(company_submit(company, "maria", note));  /* CN-1, posted */
    json_decref(company_submit(company, "maria", again)); /* a repeat */
    free(company_post(company, "maria", company_credit_note(company, "10442", "40251", "900.00"), 1)); /* CN-2 */
    json_decref(
        company_submit(company, "maria", company_credit_note(company, "10442", "40117", "900.01"))); /* refused */
    char *number = company_wait(company, "cora", company_write_off(company, "16446", "581484", "1000.00")); /* WO-1 */
    json_decref(company_amend(company, "cora", number, company_write_off(company, "16446", "581484", "400.00")));
    free(number);
    free(company_post(company, "joe", company_reversal(company, "CN-1"), 2)); /* RV-1 */
    struct company_file file = {
        .user = "feedm", .feed = "cash", .total = "500.00", .sequence = 1, .part = 1, .count = 2, .more = true};
    json_decref(company_feed(company, &file, json_pack("[o]", cash("R-0", "999.00", "581483", "1.00"))));
    json_decref(company_feed(company, &file, json_pack("[o]", cash("R-1", "300.00", "581483", "200.00")))); /* anew */
    file.part = 2;
    file.more = false;
    json_decref(company_feed(company, &file, json_pack("[o]", cash("R-2", "200.00", "581484", "50.00"))));
    number = company_wait(company, "maria", company_credit_note(company, "16447", "700001", "400.00"));
    json_decref(company_end(company, "maria", VERB_WITHDRAW, number));
    free(number);
    free(company_post(company, "joe", company_correction(company, "10442", "40117", "1.00", "up"), 1)); /* IC-1 */
    free(company_wait(company, "maria", company_reversal(company, "IC-1")));                            /* RV-2 */
}

struct compared {
    struct sql *sql;
    const char *question;
    size_t keys; /* texts of the key that the question wants as :a, :b, :c */
    const char *const *members;
    size_t count, rows;
};

static enum status first_row(void *context, const struct sql_row *row, bool *ret_more, struct err *err)
{
    int64_t *cells = context;
    (void)err;
    *ret_more = false;
    for (size_t i = 0; i < row->count; i++)
        cells[i] = row->cells[i].integer;
    cells[3]++;
    return STATUS_OK;
}

/* One record of the books against the row of its key. */
static enum status compare_step(void *context, struct slice key, const json_t *record, bool *ret_more, struct err *err)
{
    struct compared *compared = context;
    char parts[3][TEXT_BYTES] = {"", "", ""};
    int64_t cells[4] = {0};
    const char *at = (const char *)key.bytes;
    (void)ret_more;
    for (size_t i = 0; i < compared->keys; i++) {
        size_t left = key.length - (size_t)(at - (const char *)key.bytes);
        snprintf(parts[i], sizeof parts[i], "%.*s", (int)strnlen(at, left), at);
        at += strlen(parts[i]) + 1;
    }
    const struct sql_binding bindings[] = {
        {":a", sql_text(parts[0])}, {":b", sql_text(parts[1])}, {":c", sql_text(parts[2])}, {.name = NULL}};
    enum status status = ask(compared->sql, compared->question, bindings, first_row, cells, err);
    if (status != STATUS_OK)
        fail_msg("%s", err->text);
    assert_int_equal(cells[3], 1);
    for (size_t i = 0; i < compared->count; i++)
        if (cells[i] != member_integer(record, compared->members[i]))
            fail_msg("%s %s: %" PRId64 ", the books have %" PRId64, parts[1], compared->members[i], cells[i],
                     member_integer(record, compared->members[i]));
    compared->rows++;
    return status;
}

static size_t compare(struct company *company, struct compared *compared, enum books_table table)
{
    struct tables_txn *txn = NULL;
    struct err err = {0};
    const struct books_walk walk = {.table = table, .step = compare_step, .context = compared};
    assert_int_equal(tables_read_begin(gate_books(company->gate)->tables, &txn, &err), STATUS_OK);
    assert_int_equal(books_each(txn, &walk, &err), STATUS_OK);
    tables_abort(txn);
    return compared->rows;
}

/* Balances, open amounts, account totals are those of the books that the gate keeps. */
static void as_the_books_have_it(void **state)
{
    static const char *const invoice[] = {"open", "gross"}, *const balance[] = {"open", "account"},
                             *const account[] = {"dr", "cr"};
    struct company company = {.keep = false};
    (void)state;
    company_open(&company, POLICY);
    course(&company);
    struct sql *sql = build(&company);
    struct compared invoices = {.sql = sql,
                                .keys = 2,
                                .members = invoice,
                                .count = 2,
                                .question =
                                    "SELECT open_minor, gross_minor FROM invoice WHERE entity = :a AND invoice = :b"};
    struct compared moved = {.sql = sql,
                             .keys = 2,
                             .members = invoice,
                             .count = 1,
                             .question =
                                 "SELECT SUM(minor) FROM receivable_movements WHERE entity = :a AND invoice = :b"};
    struct compared balances = {
        .sql = sql,
        .keys = 3,
        .members = balance,
        .count = 2,
        .question =
            "SELECT open_minor, account_minor FROM balance WHERE entity = :a AND customer = :b AND currency = :c"};
    struct compared sums = {
        .sql = sql,
        .keys = 3,
        .members = balance,
        .count = 2,
        .question = "SELECT SUM(iif(invoice IS NOT NULL, minor, 0)), SUM(iif(invoice IS NULL, minor, 0)) FROM "
                    "receivable_movements WHERE entity = :a AND customer = :b AND currency = :c"};
    struct compared accounts = {
        .sql = sql,
        .keys = 3,
        .members = account,
        .count = 2,
        .question = "SELECT SUM(iif(side = 'dr', amount_minor, 0)), SUM(iif(side = 'cr', amount_minor, 0)) "
                    "FROM line WHERE entity = :a AND account = :b AND currency = :c"};
    assert_int_equal(compare(&company, &invoices, BOOKS_INVOICES), 5);
    assert_int_equal(compare(&company, &moved, BOOKS_INVOICES), 5);
    assert_true(compare(&company, &balances, BOOKS_BALANCES) >= 3);
    assert_true(compare(&company, &sums, BOOKS_BALANCES) >= 3);
    assert_true(compare(&company, &accounts, BOOKS_ACCOUNTS) >= 3);
    sql_close(sql);
    company_close(&company);
}

/* What happened, row by row. */
static void what_happened(void **state)
{
    struct company company = {.keep = false};
    char expected[TEXT_BYTES];
    (void)state;
    company_open(&company, POLICY);
    course(&company);
    struct sql *sql = build(&company);
    snprintf(expected, sizeof expected, "%" PRIu64 "|1\n", company_head(&company).size);
    expect_rows(sql, "SELECT size, (SELECT COUNT(*) = size FROM entry) FROM book", expected);
    expect_rows(sql,
                "SELECT number, state, amount_minor, direction, version, approvals, reversed_by FROM document "
                "WHERE prefix IN ('CN', 'IC', 'WO', 'RV') ORDER BY number",
                "CN-1|reversed|15000|down|1|0|RV-1\nCN-2|posted|90000|down|1|1|-\nCN-3|withdrawn|40000|down|1|0|-\n"
                "IC-1|posted|100|up|1|1|-\n"
                "RV-1|posted|15000|up|1|2|-\nRV-2|waiting|100|down|1|0|-\nWO-1|waiting|40000|down|2|0|-\n");
    expect_rows(sql,
                "SELECT outcome, number, version, amount_minor, levels FROM version WHERE kind <> 'reversal' AND "
                "amount_minor > 0 "
                "ORDER BY seq, idx",
                "posted|CN-1|1|15000|-\nrepeat|CN-1|-|15000|-\nwaiting|CN-2|1|90000|1\nrefused|-|-|90001|-\n"
                "waiting|WO-1|1|100000|1,2\nwaiting|WO-1|2|40000|1,2\nwaiting|CN-3|1|40000|1\nwaiting|IC-1|1|100|1\n");
    expect_rows(sql,
                "SELECT receipt, amount_minor, seq = (SELECT MAX(last_seq) FROM feed_file WHERE feed = 'cash') FROM "
                "receipt ORDER BY 1",
                "R-1|30000|1\nR-2|20000|1\n");
    expect_rows(sql, "SELECT state, count, total_minor, last_seq - first_seq FROM feed_file WHERE feed = 'cash'",
                "closed|2|50000|1\n");
    expect_rows(sql, "SELECT number, rel, other FROM link WHERE rel = 'reverses'",
                "RV-1|reverses|CN-1\nRV-2|reverses|IC-1\n");
    expect_rows(sql, "SELECT verb, number, outcome, counts FROM act WHERE number IN ('CN-3', 'RV-1') ORDER BY seq, idx",
                "approve|RV-1|approved|1\napprove|RV-1|posted|1\nwithdraw|CN-3|withdrawn|0\n");
    expect_rows(sql, "SELECT COUNT(*) FROM approvals WHERE matches = 0 OR matches IS NULL", "0\n");
    expect_rows(sql, "SELECT SUM(signed_minor), COUNT(*) > 0 FROM line", "0|1\n");
    expect_rows(sql, "SELECT why FROM refusals WHERE kind = 'credit-note'", "C-35 over-credit\n");
    expect_rows(sql, "SELECT number, amount, base_amount, state FROM corrections WHERE number = 'CN-2'",
                "CN-2|900.00|900.00|posted\n");
    expect_rows(sql,
                "SELECT user, role, since_seq, in_force FROM access JOIN role_grant USING (number, user, role) WHERE "
                "user = 'olga'",
                "olga|OFFICER|0|1\n");
    expect_rows(
        sql, "SELECT COUNT(*) FROM key WHERE signed > 0 AND fingerprint LIKE 'SHA256:%' AND user IN ('maria', 'olga')",
        "2\n");
    sql_close(sql);
    company_close(&company);
}

/* What is recovered of a write-off is owed again: a recovery moves up what its customer owes, as its write-off moved it down. */
static void which_way_a_recovery_goes(void **state)
{
    struct company company = {.keep = false};
    (void)state;
    money_open(&company, MONEY_POLICY);
    char *off = money_written_off(&company, "40117", "500.00");
    json_t *applied = json_pack("[{s:s, s:s}]", "amount", "400.00", "invoice", "40251");
    money_file(&company, "feedm", "cash", 1, "1000.00",
               json_pack("[o]", company_cash("R-9", "10442", "1000.00", applied)));
    free(money_post(&company, "cora", money_recovery(&company, off, "40117", "200.00"), NULL));
    struct sql *sql = build(&company);
    expect_rows(sql,
                "SELECT kind, state, amount_minor, direction FROM document WHERE kind IN ('recovery', 'write-off') "
                "ORDER BY number",
                "recovery|posted|20000|up\nwrite-off|posted|50000|down\n");
    sql_close(sql);
    free(off);
    company_close(&company);
}

/* A release that a delivery used up ended with it. */
static void a_release_that_was_used_up_has_ended(void **state)
{
    struct company company = {.keep = false};
    const char *const states[] = {"held", "delivered"};
    char expected[TEXT_BYTES];
    (void)state;
    company_open(&company, "tests/policies/limits.yaml");
    company_at(&company, "2026-03-02T15:00:00.000Z");
    for (int i = 0; i < 2; i++) {
        const struct company_file file = {.user = "feedi", .feed = "orders", .total = "500.00", .sequence = i + 1};
        json_decref(company_feed(&company, &file,
                                 json_pack("[{s:s, s:s, s:s, s:s, s:s}]", "amount", "500.00", "customer", "16446",
                                           "date", "2026-01-05", "order", "O-1", "state", states[i])));
        json_t *release =
            company_money(&company, "hold-release", "16446", "500.00", "HOLD_REL_CRITICAL", "correspondence");
        json_object_del(release, "allocations");
        company_with(company_with(release, "order", json_string("O-1")), "expires",
                     json_string("2026-03-05T15:00:00.000Z"));
        if (i == 0)
            free(company_post(&company, "adam", release, 1));
        else
            json_decref(release);
    }
    const uint64_t used_up = company_head(&company).size - 1;
    struct sql *sql = build(&company);
    snprintf(expected, sizeof expected, "consumed|%" PRIu64 "\n", used_up);
    expect_rows(sql, "SELECT state, ended_seq FROM document WHERE kind = 'hold-release'", expected);
    sql_close(sql);
    company_close(&company);
}

static void functions(void **state)
{
    struct company company = {.keep = false};
    (void)state;
    company_open(&company, POLICY);
    struct sql *sql = build(&company);
    expect_rows(
        sql,
        "SELECT amount_text(-5, 'USD'), amount_text(1234567, 'JPY'), amount_text(1, 'KWD'), amount_text(NULL, 'USD')",
        "-0.05|1234567|0.001|-\n");
    /* New York and Berlin by the policy, UTC for an entity that it has not. */
    expect_rows(sql,
                "SELECT local_day('2026-01-06T04:59:59.000Z', 'US01'), local_time('2026-01-06T04:59:59.000Z', 'US01'),"
                " local_day('2026-07-05T22:00:00.000Z', 'DE01'), local_time('2026-07-05T22:00:00.000Z', 'DE01'),"
                " local_day('2026-07-05T23:59:59.999Z', 'XX01'), local_day(NULL, 'US01')",
                "2026-01-05|23:59:59.000|2026-07-06|00:00:00.000|2026-07-05|-\n");
    expect_rows(sql,
                "SELECT fiscal_year('2026-03-31', 'DE01'), fiscal_year('2026-04-01', 'DE01'), "
                "fiscal_period('2026-04-01', 'DE01'),"
                " fiscal_period('2026-03-31', 'DE01'), weekday('2026-07-05'), day_number('1970-01-02'),"
                " business_day('2026-07-06', 'US01'), business_day('2026-07-05', 'US01')",
                "2026|2027|M1|M12|7|1|1|0\n");
    expect_rows(sql, "SELECT convert(250, 'USD', 'JPY', '156.5'), convert(100, 'JPY', 'USD', '0.00645')", "391|64\n");
    expect_error(sql, "SELECT amount_text(1, 'XXX')", STATUS_INPUT, "amount_text");
    expect_error(sql, "SELECT local_day('yesterday', 'US01')", STATUS_INPUT, "an instant in UTC");
    expect_error(sql, "SELECT weekday('2026-02-30')", STATUS_INPUT, "a date is asked");
    /* Of nothing, nothing. */
    expect_rows(sql,
                "SELECT minor(NULL, 'USD'), fiscal_year(NULL, 'US01'), fiscal_period('2026-04-01', NULL), "
                "business_day(NULL, 'US01'), duty_floor(NULL, 'x'), convert(1, 'USD', NULL, '1')",
                "-|-|-|-|-|-\n");
    expect_rows(sql, "SELECT minor('-0.05', 'USD'), key_number(x'0000000000000107', 8), currency_digits('KWD')",
                "-5|263|3\n");
    expect_error(sql, "SELECT minor('0.001', 'USD')", STATUS_INPUT, "minor: an amount and its currency are asked");
    expect_error(sql, "SELECT minor('0.01', 'XXX')", STATUS_INPUT, "minor: an amount and its currency are asked");
    expect_error(sql, "SELECT key_number(x'00000000000107', 8)", STATUS_INPUT, "key_number: the key is too short");
    expect_error(sql, "SELECT key_number(x'0000000000000107', 7)", STATUS_INPUT, "key_number: the key is too short");
    expect_error(sql, "SELECT convert(1, 'USD', 'XXX', '1')", STATUS_INPUT, "two currencies and a rate are asked");
    expect_error(sql, "SELECT convert(1, 'USD', 'JPY', 'x')", STATUS_INPUT, "two currencies and a rate are asked");
    expect_error(sql, "SELECT key_fingerprint('ssh-ed25519 AAAA')", STATUS_INPUT, "key_fingerprint: a key is asked");
    expect_error(sql, "SELECT currency_digits('XXX')", STATUS_INPUT, "currency_digits: a currency is asked");
    sql_close(sql);
    company_close(&company);
}

static enum status count_heads(void *context, const struct sql_row *row, bool *ret_more, struct err *err)
{
    (void)ret_more;
    (void)err;
    assert_null(row->cells);
    assert_string_equal(row->names[1], "b");
    *(size_t *)context += row->count;
    return STATUS_OK;
}

static void questions(void **state)
{
    struct company company = {.keep = false};
    struct err err = {0};
    size_t heads = 0;
    int64_t answer = 7;
    (void)state;
    company_open(&company, POLICY);
    struct sql *sql = build(&company);
    expect_error(sql, "SELECT 9223372036854775807 + 1.5", STATUS_INPUT, "exact");
    expect_error(sql, "SELECT 1.0", STATUS_INPUT, "neither integer nor text");
    expect_error(sql, "SELECT x'00'", STATUS_INPUT, "neither integer nor text");
    expect_error(sql, "SELECT SUM(x) FROM (SELECT 9223372036854775807 AS x UNION ALL SELECT 1)", STATUS_LIMIT,
                 "overflow");
    expect_error(sql, "SELECT :nobody", STATUS_INPUT, "parameter :nobody");
    expect_error(sql, "SELECT 1; SELECT 2", STATUS_INPUT, "one SELECT");
    expect_error(sql, "", STATUS_INPUT, "one SELECT");
    expect_error(sql, "SELECT x FROM nowhere", STATUS_INPUT, "nowhere");
    char wide[512] = "SELECT 1";
    for (int i = 1; i < 201; i++)
        strcat(wide, ",1");
    expect_error(sql, wide, STATUS_LIMIT, "a question of 201 columns: the most is 200");
    /* Nothing but reading. */
    expect_error(sql, "DELETE FROM entry", STATUS_PERMISSION, "not authorized");
    expect_error(sql, "ATTACH '/tmp/other' AS other", STATUS_PERMISSION, "not authorized");
    expect_error(sql, "PRAGMA query_only = 0", STATUS_PERMISSION, "not authorized");
    expect_error(sql, "CREATE TEMP TABLE t (x)", STATUS_PERMISSION, "not authorized");
    const struct sql_question none = {
        .text = "SELECT 1 AS a, 2 AS b WHERE 0", .step = gather, .heads = count_heads, .context = &heads};
    assert_int_equal(sql_query(sql, &none, &err), STATUS_OK);
    assert_int_equal(heads, 2);
    const struct sql_binding bindings[] = {{":n", sql_integer(41)}, {":t", sql_text(NULL)}, {.name = NULL}};
    assert_int_equal(sql_number(sql, "SELECT :n + 1 WHERE :t IS NULL", bindings, &answer, &err), STATUS_OK);
    assert_int_equal(answer, 42);
    assert_int_equal(sql_number(sql, "SELECT 'x'", NULL, &answer, &err), STATUS_INPUT);
    assert_int_equal(answer, 42);
    sql_close(sql);
    company_close(&company);
}

/* Two builds are equal byte for byte, and one that goes on differs; what is there is not replaced. */
static void the_same_bytes(void **state)
{
    struct company company = {.keep = false};
    struct folder folder;
    struct sql *sql = NULL;
    struct err err = {0};
    size_t lengths[3] = {0};
    uint8_t *bytes[3] = {NULL};
    char *paths[3];
    (void)state;
    folder_make(&folder);
    company_open(&company, POLICY);
    course(&company);
    for (int i = 0; i < 3; i++) {
        paths[i] = folder_path(&folder, "%d.sqlite", i);
        if (i == 2)
            json_decref(company_submit(&company, "maria", company_credit_note(&company, "16446", "581483", "1.00")));
        sql_close(build_of(gate_books(company.gate)->journal, paths[i]));
        bytes[i] = folder_read(paths[i], &lengths[i]);
    }
    assert_int_equal(lengths[0], lengths[1]);
    assert_memory_equal(bytes[0], bytes[1], lengths[0]);
    assert_true(lengths[2] != lengths[0] || memcmp(bytes[2], bytes[0], lengths[0]) != 0);
    const struct sql_options options = {.path = paths[0], .release = "1", .exe = "0"};
    assert_int_equal(sql_build(gate_books(company.gate)->journal, &options, &sql, &err), STATUS_EXISTS);
    for (int i = 0; i < 3; i++) {
        free(bytes[i]);
        free(paths[i]);
    }
    company_close(&company);
    folder_remove(&folder);
}

/* Each entry is compared with its hash: a changed byte ends the build, which leaves nothing. */
static void a_changed_entry(void **state)
{
    const struct journal_options read_only = {.read_only = true, .unchecked = true};
    struct small_book book;
    struct journal *journal = NULL;
    struct journal_snapshot *snapshot = NULL;
    struct sql *sql = NULL;
    struct err err = {0};
    const char *bytes = NULL;
    size_t length = 0;
    (void)state;
    small_book_make(&book);
    char path[SCRATCH_PATH_BYTES];
    scratch_path(&book.scratch, "out.sqlite", path);
    assert_int_equal(journal_open(book.dir, &read_only, &journal, &err), STATUS_OK);
    sql_close(build_of(journal, NULL));
    assert_int_equal(journal_read_begin(journal, &snapshot, &err), STATUS_OK);
    assert_int_equal(journal_entry(snapshot, 5, &bytes, &length, &err), STATUS_OK);
    char *copy = malloc(length);
    memcpy(copy, bytes, length);
    journal_read_end(snapshot);
    journal_close(journal);
    char *outcome = memmem(copy, length, "\"release\":\"", 11);
    assert_non_null(outcome);
    outcome[11] = (char)(outcome[11] ^ 1); /* what no fold looks at */
    raw_entry_put(&book, 5, copy, length);
    assert_int_equal(journal_open(book.dir, &read_only, &journal, &err), STATUS_OK);
    const struct sql_options options = {.path = path, .release = "1", .exe = "0"};
    assert_int_equal(sql_build(journal, &options, &sql, &err), STATUS_CORRUPT);
    assert_non_null(strstr(err.text, "entry 5"));
    assert_int_not_equal(access(path, F_OK), 0);
    journal_close(journal);
    free(copy);
    small_book_free(&book);
}

/* The text of SQL.md that names what a table has: its heading, and a line for each column. */
static void expect_described(const char *text, const char *name, const struct sql_row *row)
{
    char line[TEXT_BYTES];
    snprintf(line, sizeof line, "\n### %s\n", name);
    const char *section = strstr(text, line);
    if (section == NULL)
        fail_msg("SQL.md has no '### %s'", name);
    const char *end = strstr(section + 1, "\n### "), *columns = section;
    size_t described = 0;
    for (const char *at = section; (at = strstr(at, "\n| `")) != NULL && (end == NULL || at < end); at++)
        described++;
    for (size_t i = 0; i < row->count; i++) {
        snprintf(line, sizeof line, "\n| `%s` | ", row->names[i]);
        columns = strstr(columns, line);
        if (columns == NULL || (end != NULL && columns > end))
            fail_msg("SQL.md: '%s' lacks column %s, or has it in another place", name, row->names[i]);
    }
    assert_int_equal(described, row->count);
}

struct described {
    const char *text, *name;
};

static enum status describe_heads(void *context, const struct sql_row *row, bool *ret_more, struct err *err)
{
    const struct described *described = context;
    (void)ret_more;
    (void)err;
    expect_described(described->text, described->name, row);
    return STATUS_OK;
}

static enum status no_step(void *context, const struct sql_row *row, bool *ret_more, struct err *err)
{
    (void)context, (void)row, (void)ret_more, (void)err;
    return STATUS_OK;
}

struct naming {
    struct sql *sql;
    const char *text;
    size_t count;
};

static enum status describe_step(void *context, const struct sql_row *row, bool *ret_more, struct err *err)
{
    struct naming *naming = context;
    struct described described = {.text = naming->text, .name = row->cells[0].text};
    char question[TEXT_BYTES];
    (void)ret_more;
    snprintf(question, sizeof question, "SELECT * FROM \"%s\" WHERE 0", row->cells[0].text);
    const struct sql_question heads = {
        .text = question, .step = no_step, .heads = describe_heads, .context = &described};
    naming->count++;
    return sql_query(naming->sql, &heads, err);
}

static void described_in_sql_md(void **state)
{
    struct company company = {.keep = false};
    struct err err = {0};
    size_t length = 0, headings = 0;
    (void)state;
    company_open(&company, POLICY);
    char *text = (char *)folder_read("audit/sql/SQL.md", &length);
    text = realloc(text, length + 1);
    text[length] = '\0';
    struct naming naming = {.sql = build(&company), .text = text};
    if (ask(naming.sql, "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') ORDER BY name", NULL,
            describe_step, &naming, &err) != STATUS_OK)
        fail_msg("%s", err.text);
    for (const char *at = text; (at = strstr(at, "\n### ")) != NULL; at++)
        headings++;
    assert_int_equal(headings, naming.count);
    expect_rows(naming.sql, "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE '%STRICT%'",
                "0\n");
    sql_close(naming.sql);
    free(text);
    company_close(&company);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_the_books_have_it),
        cmocka_unit_test(what_happened),
        cmocka_unit_test(which_way_a_recovery_goes),
        cmocka_unit_test(a_release_that_was_used_up_has_ended),
        cmocka_unit_test(functions),
        cmocka_unit_test(questions),
        cmocka_unit_test(the_same_bytes),
        cmocka_unit_test(a_changed_entry),
        cmocka_unit_test(described_in_sql_md),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
