/*
 * C-44, whole books: a legal entity that came after the charter, its opening balances loaded by feeds and tied out by two
 * officers; feeds that are too old for what depends on them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "controls/facts_opening.h"
#include "ledger/schema.h"
#include "tests/support/closing.h"
#include "tests/support/company.h"
#include "tests/support/golden.h"

#define POLICY "tests/policies/rules.yaml"

static const struct edit acquired[] = {
    {"timezone: Europe/Berlin }", "timezone: Europe/Berlin }\n  - { entity: AC01, currency: USD, fiscal_year_begins: "
                                  "1, timezone: America/New_York }"},
    {0}};

static json_t *entity_document(struct company *company, const char *entity, int customers, int count, const char *total)
{
    json_t *more = json_pack("{s:s, s:s, s:i, s:[{s:i, s:s, s:s}]}", "entity", entity, "currency", "USD", "customers",
                             customers, "opening", "count", count, "currency", "USD", "total", total);
    json_t *document = company_document(company, "entity");
    json_object_update(document, more);
    json_decref(more);
    return document;
}

static json_t *acquired_note(struct company *company, const char *amount)
{
    json_t *note = company_credit_note(company, "A1", "AI1", amount);
    return company_with(note, "entity", json_string("AC01"));
}

static void load_invoices(struct company *company, int sequence, int part, bool more, const char *total,
                          json_t *records)
{
    const struct company_file file = {.user = "feedb",
                                      .feed = "invoices",
                                      .total = total,
                                      .sequence = sequence,
                                      .part = part,
                                      .count = 2,
                                      .more = more,
                                      .entity = "AC01"};
    expect_done(company_feed(company, &file, records), more ? "open" : "closed");
}

static void an_acquired_entity_is_tied_out(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    golden(company_submit(&company, "olga", entity_document(&company, "AC01", 0, 0, "0.00")), "refused", "C-44",
           "unknown-entity");
    closing_policy(&company, acquired, "2026-01-06T06:00:00.000Z");
    closing_hire(&company, "feeda", "P-81", "FEED_CUSTOMERS", "AC01");
    closing_hire(&company, "feedb", "P-82", "FEED_INVOICES", "AC01");
    closing_hire(&company, "feedx", "P-83", "FEED_CASH", "AC01");
    closing_hire(&company, "bert", "P-84", "BILLING_SPECIALIST", "AC01");
    const struct company_file customers = {.user = "feeda", .feed = "customers", .sequence = 1, .entity = "AC01"};
    expect_done(company_feed(&company, &customers,
                             json_pack("[o, o]", company_customer("A1", "A1"), company_customer("A2", "A2"))),
                "closed");
    load_invoices(&company, 1, 1, true, "700.00",
                  json_pack("[o]", company_invoice("AI1", "A1", "500.00", "0.00", "500.00")));
    golden(company_submit(&company, "olga", entity_document(&company, "AC01", 2, 2, "700.00")), "refused", "C-44",
           "opening-unfinished");
    load_invoices(&company, 1, 2, false, "700.00",
                  json_pack("[o]", company_invoice("AI2", "A2", "200.00", "0.00", "200.00")));
    golden(company_submit(&company, "bert", acquired_note(&company, "1.00")), "refused", "C-44", "entity-not-opened");
    golden(company_submit(&company, "olga", entity_document(&company, "AC01", 2, 2, "700.01")), "refused", "C-44",
           "opening-differs");
    expect_answer(company_submit(&company, "olga", entity_document(&company, "AC01", 2, 3, "700.00")), "refused",
                  "C-44", "opening-differs");
    golden(company_submit(&company, "olga", entity_document(&company, "AC01", 3, 2, "700.00")), "refused", "C-44",
           "opening-customers");
    golden(
        company_submit(&company, "olga",
                       company_with(entity_document(&company, "AC01", 2, 2, "700.00"), "currency", json_string("EUR"))),
        "refused", "C-44", "entity-currency");
    /* Nothing stated is not the same as nothing loaded. */
    expect_answer(
        company_submit(&company, "olga",
                       company_with(entity_document(&company, "AC01", 2, 2, "700.00"), "opening", json_array())),
        "refused", "C-44", "opening-differs");
    char *number = company_wait(&company, "olga", entity_document(&company, "AC01", 2, 2, "700.00"));
    expect_answer(company_approve(&company, "olga", number, 1), "refused", "C-01", "own-document");
    /* Cash comes in before the second signature: what was stated is no longer so. */
    const struct company_file cash = {
        .user = "feedx", .feed = "cash", .total = "50.00", .sequence = 1, .entity = "AC01"};
    expect_done(
        company_feed(&company, &cash,
                     json_pack("[o]", company_cash("R1", "A1", "50.00",
                                                   json_pack("[{s:s, s:s}]", "amount", "40.00", "invoice", "AI1")))),
        "closed");
    expect_answer(company_approve(&company, "oscar", number, 1), "refused", "C-44", "opening-differs");
    expect_answer(company_submit(&company, "bert", acquired_note(&company, "2.00")), "refused", "C-44",
                  "entity-not-opened");
    expect_done(company_amend(&company, "olga", number, entity_document(&company, "AC01", 2, 2, "650.00")), "waiting");
    expect_done(company_approve(&company, "oscar", number, 1), "in-force");
    expect_done(company_submit(&company, "bert", acquired_note(&company, "3.00")), "posted");
    golden(company_submit(&company, "olga", entity_document(&company, "AC01", 2, 2, "647.00")), "refused", "C-44",
           "opened-already");
    /* Those of the charter's policy have nothing to tie out. */
    expect_answer(company_submit(&company, "olga", entity_document(&company, "DE01", 0, 0, "0.00")), "refused", "C-44",
                  "opened-already");
    free(number);
    company_close(&company);
}

static void loaded_is(struct company *company, const char *entity, json_t *wanted)
{
    struct tables_txn *txn = NULL;
    struct err err;
    json_t *opening = NULL;
    assert_int_equal(tables_read_begin(gate_books(company->gate)->tables, &txn, &err), STATUS_OK);
    const struct facts facts = {.books = txn};
    assert_int_equal(facts_opening(&facts, entity, &opening, &err), STATUS_OK);
    tables_abort(txn);
    if (!json_equal(opening, wanted))
        fail_msg("%s", json_dumps(opening, JSON_SORT_KEYS));
    json_decref(opening);
    json_decref(wanted);
}

static json_t *loaded_row(const char *currency, int count, const char *total)
{
    return json_pack("{s:i, s:s, s:s}", "count", count, "currency", currency, "total", total);
}

/* One row a currency, in order; none for a currency of which nothing is left. */
static void what_is_loaded_stands_by_currency(void **state)
{
    static const char *const currencies[] = {"ZAR", "EUR"};
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    for (int i = 0; i < 2; i++) {
        const struct company_file cash = {
            .user = "feedm", .feed = "cash", .total = "25.00", .sequence = i + 1, .currency = currencies[i]};
        json_t *receipt = company_cash(i == 0 ? "R1" : "R2", "10442", "25.00", json_array());
        expect_done(company_feed(&company, &cash, json_pack("[o]", receipt)), "closed");
    }
    loaded_is(&company, "US01",
              json_pack("{s:i, s:[o, o, o]}", "customers", 3, "opening", loaded_row("EUR", 0, "-25.00"),
                        loaded_row("USD", 5, "12090.15"), loaded_row("ZAR", 0, "-25.00")));
    /* Put on account and reversed, in an entity without a bill. */
    static const char *const cast[][3] = {{"feedd", "P-81", "FEED_CUSTOMERS"}, {"bert", "P-82", "BILLING_SPECIALIST"},
                                          {"lea", "P-83", "TEAM_LEAD"},        {"max", "P-84", "MANAGER"},
                                          {"lutz", "P-85", "TEAM_LEAD"},       {"mila", "P-86", "MANAGER"}};
    for (size_t i = 0; i < sizeof cast / sizeof cast[0]; i++)
        closing_hire(&company, cast[i][0], cast[i][1], cast[i][2], "DE01");
    const struct company_file customers = {.user = "feedd", .feed = "customers", .sequence = 1, .entity = "DE01"};
    expect_done(company_feed(&company, &customers, json_pack("[o]", company_customer("D1", "D1"))), "closed");
    json_t *note = company_money(&company, "credit-note", "D1", "10.00", "PRICE_ERR", "price-sheet");
    company_with(company_with(note, "on_account", json_string("10.00")), "entity", json_string("DE01"));
    char *credit = company_wait(&company, "bert", note);
    expect_done(company_approve(&company, "lea", credit, 1), "approved");
    expect_done(company_approve(&company, "max", credit, 2), "posted");
    loaded_is(&company, "DE01", json_pack("{s:i, s:[o]}", "customers", 1, "opening", loaded_row("USD", 0, "-10.00")));
    char *reversal =
        company_wait(&company, "bert", company_with(company_reversal(&company, credit), "entity", json_string("DE01")));
    expect_done(company_approve(&company, "lutz", reversal, 1), "approved");
    expect_done(company_approve(&company, "mila", reversal, 2), "posted");
    loaded_is(&company, "DE01", json_pack("{s:i, s:[]}", "customers", 1, "opening"));
    free(credit);
    free(reversal);
    company_close(&company);
}

static void form(struct company *company, json_t *opening, const char *text)
{
    struct gate_answer answer;
    struct err err;
    json_t *document = company_with(entity_document(company, "AC01", 0, 0, "0.00"), "opening", opening);
    assert_int_equal(company_try(company, "olga", VERB_SUBMIT,
                                 json_pack("{s:b, s:[o]}", "atomic", 0, "documents", document), NULL, &answer, &err),
                     STATUS_INPUT);
    if (strstr(err.text, text) == NULL)
        fail_msg("%s does not say %s", err.text, text);
}

static json_t *balance(const char *currency, const char *total)
{
    return json_pack("{s:i, s:s, s:s}", "count", 1, "currency", currency, "total", total);
}

static void an_opening_has_its_form(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    form(&company, json_pack("[o, o]", balance("USD", "1.00"), balance("EUR", "1.00")), "sorted by currency");
    form(&company, json_pack("[o, o]", balance("USD", "1.00"), balance("USD", "1.00")), "sorted by currency");
    form(&company, json_pack("[o]", balance("JPY", "1.00")), "opening[0].total");
    form(&company, json_pack("[o]", balance("XXX", "1")), "currency");
    company_close(&company);
}

static void what_depends_on_a_stale_feed_waits(void **state)
{
    static const struct edit fresh[] = {{"parameters:\n", "parameters:\n  feed_days_max: 7\n"}, {0}};
    struct company company = {.dir = ""};
    char path[VARIANT_PATH_BYTES];
    (void)state;
    variant_make(fresh, path);
    company_open(&company, path);
    variant_done(path);
    golden(company_submit(&company, "cora", company_write_off(&company, "10442", "40251", "10.00")), "refused", "C-44",
           "feed-missing");
    company_at(&company, "2026-01-06T12:00:00.000Z");
    const struct company_file cash = {.user = "feedm", .feed = "cash", .total = "0.00", .sequence = 1};
    expect_done(company_feed(&company, &cash, json_array()), "closed");
    const struct company_file invoices = {.user = "feedi", .feed = "invoices", .total = "0.00", .sequence = 2};
    company_at(&company, "2026-01-07T12:00:00.000Z");
    expect_done(company_feed(&company, &invoices, json_array()), "closed");
    company_at(&company, "2026-01-13T12:00:00.000Z");
    expect_no_answer(company_submit(&company, "cora", company_write_off(&company, "10442", "40251", "10.00")),
                     "waiting", "C-44", "feed-stale");
    company_at(&company, "2026-01-13T12:00:00.001Z");
    golden(company_submit(&company, "cora", company_write_off(&company, "10442", "40251", "11.00")), "refused", "C-44",
           "feed-stale");
    company_at(&company, "2026-01-14T11:00:00.000Z");
    char *waits = company_wait(&company, "maria", closing_note(&company, "581483", "300.00", "2026-01-13"));
    company_at(&company, "2026-01-14T12:00:00.000Z");
    expect_done(company_submit(&company, "maria", closing_note(&company, "40251", "1.00", "2026-01-13")), "waiting");
    company_at(&company, "2026-01-14T12:00:00.001Z");
    expect_answer(company_submit(&company, "maria", closing_note(&company, "40251", "2.00", "2026-01-13")), "refused",
                  "C-44", "feed-stale");
    expect_answer(company_approve(&company, "ana", waits, 1), "refused", "C-44", "feed-stale");
    /* A file that was begun and not finished makes nothing fresh; a limit depends on neither. */
    const struct company_file part = {
        .user = "feedi", .feed = "invoices", .total = "0.00", .sequence = 3, .count = 1, .more = true};
    expect_done(company_feed(&company, &part, json_array()), "open");
    expect_answer(company_approve(&company, "ana", waits, 1), "refused", "C-44", "feed-stale");
    expect_done(company_submit(&company, "adam", company_limit(&company, "10442", "12000.00")), "waiting");
    const struct company_file whole = {.user = "feedi", .feed = "invoices", .total = "0.00", .sequence = 3};
    expect_done(company_feed(&company, &whole, json_array()), "closed");
    expect_done(company_approve(&company, "ana", waits, 1), "posted");
    free(waits);
    company_close(&company);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_acquired_entity_is_tied_out),
        cmocka_unit_test(what_is_loaded_stands_by_currency),
        cmocka_unit_test(an_opening_has_its_form),
        cmocka_unit_test(what_depends_on_a_stale_feed_waits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
