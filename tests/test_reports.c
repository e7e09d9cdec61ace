/*
 * The rows of reports on a small book where each event happens once, by what is known to have happened; and a book held against itself
 * and a ledger file, with every sort of thing wrong in turn.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/analytics/analytic.h"
#include "audit/completeness.h"
#include "audit/sql/parts.h"
#include "audit/sql/sql.h"
#include "tests/support/golden.h"
#include "tests/support/money_documents.h"
#include "tests/support/people.h"
#include "tests/support/report_rows.h"

static json_t *text(const char *value)
{
    return json_string(value);
}

/* --- the book --- */

static void in_force(struct company *company, const char *user, json_t *document)
{
    json_t *result = company_submit(company, user, document);
    if (strcmp(result_outcome(result), "waiting") == 0)
        expect_done(company_approve(company, "oscar", result_number(result), 1), "in-force");
    else if (strcmp(result_outcome(result), "in-force") != 0)
        fail_msg("%s", json_dumps(result, 0));
    json_decref(result);
}

/* The company under the shipped policy, and the feed of HR. */
static void opened(struct company *company)
{
    company_open(company, NULL);
    struct company_user *feed = company_new_user(company, "feedp");
    json_t *result = company_first(
        company_do_with(company, "olga", VERB_SUBMIT,
                        company_one(company_enrolment(company, "feedp", "P-34", "feed", feed->key)), "feedp"));
    expect_done(company_approve(company, "oscar", result_number(result), 1), "in-force");
    json_decref(result);
    json_decref(company_grant(company, "feedp", "FEED_PEOPLE"));
}

static json_t *more(json_t *document, json_t *members)
{
    json_object_update(document, members);
    json_decref(members);
    return document;
}

static json_t *linked(json_t *document, const char *number)
{
    return company_with(document, "links", json_pack("[{s:s, s:s}]", "document", number, "rel", "dispute"));
}

static json_t *case_note(struct company *company, const char *state)
{
    return more(company_document(company, "case-note"),
                json_pack("{s:s, s:s, s:s}", "case", "DS-1", "entity", "US01", "state", state));
}

static void money(struct company *company)
{
    const struct company_file cash = {.user = "feedm", .feed = "cash", .sequence = 1, .total = "400.00"};
    json_t *late =
        company_cash("R-1", "16446", "100.00", json_pack("[{s:s, s:s}]", "amount", "100.00", "invoice", "581484"));
    json_t *early =
        company_cash("R-2", "16446", "300.00", json_pack("[{s:s, s:s}]", "amount", "300.00", "invoice", "581484"));
    company_with(early, "date", text("2025-12-25")); /* due 2025-12-31 */
    expect_done(company_feed(company, &cash, json_pack("[o, o]", late, early)), "closed");
    free(company_post(company, "maria", company_credit_note(company, "16446", "581483", "120.00"), 0));
    in_force(company, "maria",
             more(company_document(company, "dispute"),
                  json_pack("{s:s, s:s, s:s, s:s, s:s}", "customer", "16446", "entity", "US01", "invoice", "581483",
                            "owner", "cora", "reason", "PRICE_ERR")));
    char *credit =
        company_post(company, "maria", linked(company_credit_note(company, "16446", "581483", "30.00"), "DS-1"), 0);
    json_t *moved = more(company_money(company, "adjustment", "16446", "25.00", "TRANSFER", "remittance"),
                         json_pack("{s:s, s:{s:[{s:s, s:s}], s:s}}", "charge", "transfer", "to", "allocations",
                                   "amount", "25.00", "invoice", "40251", "customer", "10442"));
    free(money_post(company, "maria", company_allocate(moved, "581484", NULL, "25.00"), NULL));
    char *wrong = company_post(company, "maria", company_credit_note(company, "16447", "700001", "7.00"), 0);
    free(company_post(company, "joe", company_reversal(company, wrong), 2)); /* given to nobody */
    free(wrong);
    company_at(company, "2026-01-09T12:00:00.000Z");
    in_force(company, "cora",
             more(case_note(company, "RESOLVED"), json_pack("{s:s, s:s, s:s}", "outcome", "CREDIT_PARTIAL",
                                                            "root_cause", "price", "settled_by", credit)));
    free(credit);
}

static json_t *mitigation(struct company *company, const char *duty)
{
    return more(company_document(company, "mitigation"),
                json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "person", "P-11", "a", "HOLD_RELEASE", "b", duty,
                          "control", "MON-7", "owner", "P-24", "reviewer", "P-23", "until", "2026-06-01T00:00:00.000Z",
                          "reason", "Two people in this office"));
}

static void rights(struct company *company)
{
    company_at(company, "2026-01-12T12:00:00.000Z");
    in_force(company, "olga", mitigation(company, "CREDIT_PREPARE"));
    in_force(company, "olga", mitigation(company, "DISPUTE"));
    json_decref(company_grant(company, "maria", "CREDIT_ANALYST"));
    in_force(company, "olga",
             more(company_document(company, "break-glass"),
                  json_pack("{s:[s], s:[s], s:[s], s:s, s:s, s:s}", "users", "vera", "functions", "credit-note.prepare",
                            "entities", "US01", "until", "2026-01-12T16:00:00.000Z", "ticket", "INC-77", "reason",
                            "nobody else is there")));
    free(company_wait(
        company, "vera",
        company_with(company_credit_note(company, "16446", "581483", "15.00"), "channel", text("break-glass"))));
    company_at(company, "2026-01-12T17:00:00.000Z");
    in_force(
        company, "audrey",
        more(company_document(company, "break-glass-review"),
             json_pack("{s:s, s:s, s:s}", "break_glass", "BG-1", "conclusion", "justified", "note", "the ticket")));
    company_new_user(company, "priya-2");
    json_t *rotation = more(company_document(company, "key-rotation"),
                            json_pack("{s:s, s:s, s:s}", "user", "priya", "old", company_user(company, "priya")->key,
                                      "new", company_user(company, "priya-2")->key));
    json_t *rotated = company_first(company_do_with(company, "priya", VERB_SUBMIT, company_one(rotation), "priya-2"));
    if (strcmp(result_outcome(rotated), "waiting") == 0)
        expect_done(company_approve(company, "oscar", result_number(rotated), 1), "in-force");
    json_decref(rotated);
    in_force(company, "olga", company_with(company_document(company, "review"), "entities", json_pack("[s]", "*")));
    static const char *const answers[][2] = {{"GR-1", "keep"}, {"GR-3", "remove"}};
    for (size_t i = 0; i < 2; i++)
        in_force(company, "olga",
                 more(company_document(company, "attestation"),
                      json_pack("{s:s, s:[{s:s, s:s}]}", "review", "AR-1", "rows", "decision", answers[i][1], "grant",
                                answers[i][0])));
    in_force(company, "audrey",
             more(company_document(company, "disposition"),
                  json_pack("{s:s, s:s}", "about", "C-47/US01/P-11/2026-01-05", "conclusion", "a test")));
}

/* joe leaves on the 20th; the book learns of it on the 22nd, and he tries again on the 25th. */
static void leaver(struct company *company)
{
    company_at(company, "2026-01-22T12:00:00.000Z");
    people_events(company, 1,
                  json_pack("[o, o, o]", people_event("EV-1", "join", "P-11", "2025-12-01", "P-21", NULL),
                            people_event("EV-2", "join", "P-12", "2025-12-01", "P-21", NULL),
                            people_event("EV-3", "leave", "P-12", "2026-01-20", NULL, "P-11")));
    company_at(company, "2026-01-25T12:00:00.000Z");
    json_decref(people_whole(company, "joe", company_credit_note(company, "16446", "581483", "9.00")));
}

static void policy(struct company *company)
{
    static char yaml[262144];
    char path[sizeof company->dir + 16];
    FILE *from = fopen("controls/policies/us.yaml", "r");
    assert_non_null(from);
    const size_t length = fread(yaml, 1, sizeof yaml - 1, from);
    fclose(from);
    yaml[length] = '\0';
    char *at = strstr(yaml, "lapse_days: 14");
    assert_non_null(at);
    memcpy(at, "lapse_days: 10", 14);
    at = strstr(yaml, "500.00");
    assert_non_null(at);
    memcpy(at, "400.00", 6);
    snprintf(path, sizeof path, "%s/changed.yaml", company->dir);
    FILE *to = fopen(path, "w");
    assert_non_null(to);
    assert_int_equal(fwrite(yaml, 1, length, to), length);
    fclose(to);
    json_t *document = more(company_document(company, "policy"), company_policy_body(path));
    in_force(company, "olga", company_with(document, "effective", text("2026-01-28T00:00:00.000Z")));
    company_at(company, "2026-01-28T12:00:00.000Z");
    free(company_post(company, "maria", company_credit_note(company, "10442", "40117", "5.00"), 0));
}

static void a_book(struct company *company)
{
    *company = (struct company){.unchecked = true};
    opened(company);
    money(company);
    rights(company);
    leaver(company);
    policy(company);
}

/* --- reports --- */

static void of_money(struct sql *sql)
{
    const char *body = body_of(sql, "R-03", NULL, NULL, NULL);
    has(body, "US01,2026-01,credit-note,USD,5,5,0,177.00,177.00,0.00,177.00,5 not acknowledged: open\r\n");
    has(body, "US01,2026-01,reversal,USD,1,1,0,7.00,7.00,0.00,7.00,1 not acknowledged: open\r\n");
    has(body, "US01,2026-01,adjustment,USD,1,1,0,25.00,25.00,0.00,25.00,1 not acknowledged: open\r\n");
    assert_int_equal(rows_in(body), 3);
    body = body_of(sql, "R-10", NULL, NULL, NULL);
    has(body, "DS-1,16446,581483,6469.60,");
    has(body, ",cora,4,0,CREDIT_PARTIAL,CN-2\r\n");
    body = body_of(sql, "L-01", NULL, NULL, NULL);
    has(body, "US01,2026-01,,PRICE_ERR,Pricing error,3,140.00,82.35\r\n");
    has(body, "US01,2026-01,price,PRICE_ERR,Pricing error,1,30.00,17.64\r\n");
    assert_int_equal(rows_in(body_of(sql, "L-01", "2026-02", NULL, NULL)), 0);
    body = body_of(sql, "P-01", NULL, NULL, NULL);
    has(body, "US01,16446,USD,1,2,400.00,100.00,25.00,-3.2,5,");
    body = body_of(sql, "S-01", NULL, NULL, NULL);
    has(body, "dispute,cora,1,1,0,0,100.00,4.0,4\r\n");
}

static void of_rights(struct sql *sql)
{
    const char *body = body_of(sql, "R-12", NULL, NULL, NULL);
    has(body, "P-11,maria,BILLING_SPECIALIST,CREDIT_ANALYST,CREDIT_PREPARE x HOLD_RELEASE,mitigated,2026-01-12T");
    has(body, ",MI-1\r\n");
    has(body, "DISPUTE x HOLD_RELEASE,mitigated,");
    assert_int_equal(rows_in(body), 2);
    body = body_of(sql, "R-13", NULL, NULL, NULL);
    has(body, "by P-11, control MON-7\",P-24,P-23,2026-06-01T00:00:00.000Z,0,,\"in force, not used\"\r\n");
    assert_int_equal(rows_in(body), 2);
    body = body_of(sql, "R-14", NULL, NULL, NULL);
    has(body, "maria,P-11,human,BILLING_SPECIALIST (US01),,,");
    has(body, ",keep by olga,2026-01-12T");
    has(body, ",remove by olga,2026-01-12T17:00:05.000Z,2026-01-12T17:00:05.000Z\r\n");
    has(body, ",not answered,,");
    has(body, "credit-note 1");
    body = body_of(sql, "R-15", NULL, NULL, NULL);
    has(body, "P-12,2025-12-01,2026-01-20,2026-01-05T09:00:10.000Z,2026-01-22T12:00:00.000Z,1,1\r\n");
    has(body, "P-11,2025-12-01,,2026-01-05T09:00:04.000Z,,,\r\n");
    has(body, "P-24,,,2026-01-05T");
    body = body_of(sql, "R-18", NULL, NULL, NULL);
    has(body, "BG-1,olga,oscar,nobody else is there (INC-77),vera: credit-note.prepare in US01,2026-01-12T");
    has(body, ",2026-01-12T16:00:00.000Z,1,audrey,2026-01-12T");
    body = body_of(sql, "R-19", NULL, NULL, NULL);
    has(body, "KR-1,SHA256:");
    has(body, ",\"rotated, KR-1\",,");
    has(body, ",the book,ssh-ed25519,");
}

static void of_changes(struct sql *sql)
{
    const char *body = body_of(sql, "R-16", NULL, "policy", NULL);
    has(body, "PO-1,policy approval lapse_days,14,10,olga,oscar,2026-01-28T00:00:00.000Z,");
    has(body, "PO-1,policy authority BILLING tiers,\"[{\"\"levels\"\":[1],\"\"upto\"\":\"\"2500.00\"\"}]\","
              "\"[{\"\"levels\"\":[1],\"\"upto\"\":\"\"2400.00\"\"}]\",olga,oscar,");
    assert_int_equal(rows_in(body), 2);
    body = body_of(sql, "R-16", "2026-01-12..2026-01-12", NULL, NULL);
    has(body, ",key of priya,SHA256:");
    has(body, ",role CREDIT_ANALYST of maria,,");
    has(body, ",removed by review,olga,");
    has(body, ",INC-77\r\n");
    assert_null(strstr(body, "policy approval"));
    body = body_of(sql, "R-16", "2026-01-05..2026-01-05", "charter", NULL);
    has(body, "charter,role OFFICER of olga (P-01),,*,,,");
    assert_int_equal(rows_in(body_of(sql, "R-16", "2026-01-29..9999-12-31", NULL, NULL)), 0);
}

/* Each test alone finds its part of what all find, and nothing else. */
static void of_analytics(struct sql *sql)
{
    const size_t all = rows_in(body_of(sql, "R-20", NULL, NULL, NULL));
    size_t sum = 0, found = 0;
    for (size_t i = 0; i < analytic_count; i++) {
        const char *body = body_of(sql, "R-20", NULL, NULL, analytics[i]->id);
        const size_t rows = rows_in(body), length = strlen(analytics[i]->id);
        for (const char *at = strstr(body, "\r\n"); at != NULL && at[2] != '\0'; at = strstr(at + 2, "\r\n"))
            assert_memory_equal(at + 2, analytics[i]->id, length);
        sum += rows;
        found += rows > 0;
    }
    assert_int_equal(sum, all);
    assert_true(found > 0);
    has(body_of(sql, "R-20", NULL, NULL, "C-47"),
        "C-47/US01/P-11/2026-01-05,4 from 04:01 to 04:01,07:00 to 19:00,a test,audrey,2026-01-12T");
    assert_int_equal(rows_in(body_of(sql, "R-20", "2020-01", NULL, "JE-02")), 0);
}

/* Entries let in by another executable, with a release document that permits it and without. */
static void of_programs(struct sql *sql)
{
    assert_int_equal(rows_in(body_of(sql, "R-16", NULL, "program", NULL)), 0);
    const char *body = body_altered(sql,
                                    "UPDATE entry SET exe = '1111111111111111' WHERE seq >= 20; UPDATE entry SET exe = "
                                    "'2222222222222222', release = "
                                    "'2.0', engine = 2 WHERE seq >= 30; INSERT INTO release VALUES ('RL-1', '2.0', "
                                    "'c', '2222222222222222222222', 25, "
                                    "'t', 'olga', 'oscar')",
                                    "R-16", "program");
    assert_int_equal(rows_in(body), 2);
    has(body, "entry 20,program,\"");
    has(body, " 1111111111111111, engine 1, NOT APPROVED by a release document\",,,");
    has(body, " 1111111111111111, engine 1\",\"2.0 2222222222222222, engine 2\",,RL-1 by oscar,");
}

static void reports_say_what_happened(void **state)
{
    struct company company;
    (void)state;
    a_book(&company);
    struct sql *sql = tables_of(&company);
    of_money(sql);
    of_rights(sql);
    of_changes(sql);
    of_programs(sql);
    of_analytics(sql);
    sql_close(sql);
    company_close(&company);
}

/* --- completeness --- */

struct heard {
    size_t differs, missing;
    char first[1024]; /* wrong thing */
};

static enum status hear(void *context, const struct completeness_line *line, struct err *err)
{
    struct heard *heard = context;
    (void)err;
    if (line->verdict != COMPLETENESS_TIES && heard->differs + heard->missing == 0)
        snprintf(heard->first, sizeof heard->first, "%s: %s", line->check, line->text);
    heard->differs += line->verdict == COMPLETENESS_DIFFERS;
    heard->missing += line->verdict == COMPLETENESS_MISSING;
    return STATUS_OK;
}

static struct heard held_against(struct sql *sql, const char *ledger)
{
    struct heard heard = {.differs = 0};
    struct err err = {.status = STATUS_OK};
    const struct completeness_ask ask = {
        .from = "2026-01-01", .to = "2026-01-31", .entity = "US01", .ledger = ledger, .name = "gl.csv"};
    if (completeness_check(sql, &ask, hear, &heard, &err) != STATUS_OK)
        fail_msg("%s", err.text);
    return heard;
}

/* As somebody could who has the tables: what one side then says, the other does not. */
static void each_side_is_held_against_the_other(struct sql *sql)
{
    static const char *const wrongs[][2] = {
        {"UPDATE book SET size = size + 1", "entries: "},
        {"UPDATE document SET number = 'CN-9' WHERE number = 'CN-2'", "numbers: series CN: "},
        {"UPDATE feed_file SET sequence = 7 WHERE feed = 'cash'", "feeds: US01 cash: 1 files, the last is 7"},
        {"DELETE FROM receipt WHERE receipt = 'R-1'",
         "records: US01 cash 1: its manifest says 2 and 400.00 USD, it brought 1 and 300.00 USD"},
        {"UPDATE line SET signed_minor = signed_minor + 1 WHERE number = 'CN-1' AND customer IS NULL",
         "documents: CN-1 of 120.00 USD: its lines do not balance"},
        {"UPDATE document SET amount_minor = 12001 WHERE number = 'CN-1'",
         "documents: CN-1 of 120.01 USD: its lines move -120.00 of receivables"},
        {"DELETE FROM line WHERE number = 'CN-1'", "documents: CN-1 of 120.00 USD: has no ledger lines"},
        {"UPDATE balance SET open_minor = open_minor + 1 WHERE customer = '16446'", "receivables: US01 USD: "},
        {"UPDATE invoice SET gross_minor = gross_minor + 1 WHERE invoice = '700001'", "records: US01 invoices "},
        {"UPDATE line SET account = '4000' WHERE number = 'CN-1' AND customer IS NOT NULL",
         "general ledger: US01 USD: "},
        {"UPDATE delivery SET amount_minor = 1 WHERE number = 'CN-1'", "deliveries: CN-1: its delivery is of 0.01"},
    };
    sqlite3 *reading = sql->db, *writing = NULL;
    assert_int_equal(sqlite3_open(sql->path.text, &writing), SQLITE_OK);
    sql->db = writing;
    assert_int_equal(sql_functions_add(sql, NULL), STATUS_OK);
    for (size_t i = 0; i < sizeof wrongs / sizeof wrongs[0]; i++) {
        assert_int_equal(sqlite3_exec(sql->db, "SAVEPOINT s", NULL, NULL, NULL), SQLITE_OK);
        if (sqlite3_exec(sql->db, wrongs[i][0], NULL, NULL, NULL) != SQLITE_OK || sqlite3_changes(sql->db) == 0)
            fail_msg("%s: %s", wrongs[i][0], sqlite3_errmsg(sql->db));
        const struct heard heard = held_against(sql, NULL);
        assert_int_equal(sqlite3_exec(sql->db, "ROLLBACK TO s; RELEASE s", NULL, NULL, NULL), SQLITE_OK);
        if (heard.differs == 0 || strncmp(heard.first, wrongs[i][1], strlen(wrongs[i][1])) != 0)
            fail_msg("%s: found '%s', expected '%s'", wrongs[i][0], heard.first, wrongs[i][1]);
    }
    sql->db = reading;
    sqlite3_close(writing);
}

/* The ledger file as the ERP would have it: every line, the last one first. Line i of the list is line i + 2 of the file. */
static json_t *ledger_of(struct sql *sql)
{
    sqlite3_stmt *all = NULL;
    json_t *list = json_array();
    assert_int_equal(sqlite3_prepare_v2(sql->db,
                                        "SELECT legal_number, account, side, amount_minor, currency FROM line ORDER BY "
                                        "seq DESC, idx DESC, n DESC",
                                        -1, &all, NULL),
                     SQLITE_OK);
    for (json_int_t at = 2; sqlite3_step(all) == SQLITE_ROW; at++)
        json_array_append_new(list, json_pack("[I, s, s, s, I, s]", at, sqlite3_column_text(all, 0),
                                              sqlite3_column_text(all, 1), sqlite3_column_text(all, 2),
                                              (json_int_t)sqlite3_column_int64(all, 3), sqlite3_column_text(all, 4)));
    sqlite3_finalize(all);
    return list;
}

static struct heard file_held(struct sql *sql, json_t *list)
{
    char *file = json_dumps(list, 0);
    const struct heard heard = held_against(sql, file);
    free(file);
    json_decref(list);
    return heard;
}

static void a_file_has_exactly_what_was_posted(struct sql *sql)
{
    struct heard heard = file_held(sql, ledger_of(sql));
    if (heard.differs + heard.missing != 0)
        fail_msg("%s", heard.first);

    json_t *list = ledger_of(sql), *line = json_array_get(list, 2);
    json_array_set_new(line, 4, json_integer(json_integer_value(json_array_get(line, 4)) + 1));
    heard = file_held(sql, list);
    assert_int_equal(heard.differs, 1);
    assert_int_equal(heard.missing, 0);
    has(heard.first, "gl.csv:4: US01-RV-2026-000001: account 1200 has dr 7.01 USD");
    has(heard.first, ", the book has ");

    list = ledger_of(sql);
    json_array_remove(list, 1);
    heard = file_held(sql, list);
    assert_int_equal(heard.differs, 0);
    assert_int_equal(heard.missing, 1);
    has(heard.first, "is posted and missing in the file");

    list = ledger_of(sql);
    json_array_append_new(list, json_pack("[i, s, s, s, i, s]", 90, "US01-CN-2026-000900", "1200", "cr", 500, "USD"));
    heard = file_held(sql, list);
    assert_int_equal(heard.differs, 1);
    has(heard.first, "gl.csv:90: US01-CN-2026-000900: the book has posted no such number");

    list = ledger_of(sql);
    line = json_deep_copy(json_array_get(list, 0));
    json_array_set_new(line, 0, json_integer(91));
    json_array_append_new(list, line);
    heard = file_held(sql, list);
    assert_int_equal(heard.differs, 1);
    has(heard.first, "gl.csv:91: ");
    has(heard.first, "stands there more often than in the book");

    list = ledger_of(sql);
    line = json_array_get(list, 0);
    json_array_set_new(line, 2, text("1234"));
    heard = file_held(sql, list);
    assert_int_equal(heard.differs, 1);
    assert_int_equal(heard.missing, 1);
    has(heard.first, "the book has no line of it with account 1234");
}

static void a_book_is_held_against_itself(void **state)
{
    struct company company;
    (void)state;
    company = (struct company){.unchecked = true};
    opened(&company);
    money(&company);
    free(company_post(&company, "maria", company_credit_note(&company, "16447", "700001", "5.00"), 0));
    struct sql *sql = tables_of(&company);
    const struct heard heard = held_against(sql, NULL);
    if (heard.differs + heard.missing != 0)
        fail_msg("%s", heard.first);
    each_side_is_held_against_the_other(sql);
    a_file_has_exactly_what_was_posted(sql);
    sql_close(sql);
    company_close(&company);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reports_say_what_happened),
        cmocka_unit_test(a_book_is_held_against_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
