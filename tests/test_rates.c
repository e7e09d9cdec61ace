/*
 * Exchange rates and what hangs on them: who brings them in, which one counts for a date, thresholds in base currency in
 * yen, euros and dinars, and ledger lines in functional currency to the cent (DOMAIN 1.8).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "controls/kinds/functional.h"
#include "ledger/schema.h"
#include "tests/support/closing.h"
#include "tests/support/company.h"
#include "tests/support/golden.h"

#define POLICY "tests/policies/currency.yaml"

static json_t *rates_document(struct company *company, const char *base, const char *date, const char *currency,
                              const char *rate)
{
    json_t *document = company_document(company, "rates");
    json_t *more = json_pack("{s:s, s:s, s:[{s:s, s:s}]}", "base", base, "date", date, "rates", "currency", currency,
                             "rate", rate);
    json_object_update(document, more);
    json_decref(more);
    return document;
}

/* By olga and oscar; returns the number, to be freed. */
static char *bring(struct company *company, const char *base, const char *date, const char *currency, const char *rate)
{
    char *number = company_wait(company, "olga", rates_document(company, base, date, currency, rate));
    expect_done(company_approve(company, "oscar", number, 1), "in-force");
    return number;
}

static void bring_done(struct company *company, const char *base, const char *date, const char *currency,
                       const char *rate)
{
    free(bring(company, base, date, currency, rate));
}

struct bill {
    const char *entity, *currency, *customer, *invoice, *date, *net, *tax, *gross;
    int sequence;
};

static void bill(struct company *company, const struct bill *bill)
{
    const struct company_file file = {.user = "feedi",
                                      .feed = "invoices",
                                      .total = bill->gross,
                                      .sequence = bill->sequence,
                                      .entity = bill->entity,
                                      .currency = bill->currency};
    json_t *record = company_invoice(bill->invoice, bill->customer, bill->net, bill->tax, bill->gross);
    company_with(record, "date", json_string(bill->date));
    expect_done(company_feed(company, &file, json_pack("[o]", record)), "closed");
}

static json_t *in_currency(json_t *document, const char *currency)
{
    return company_with(document, "currency", json_string(currency));
}

static json_t *credit(struct company *company, const char *customer, const char *invoice, const char *amount,
                      const char *currency)
{
    return in_currency(company_credit_note(company, customer, invoice, amount), currency);
}

/* The member of the first answer of a control with a code. */
static const char *input(const json_t *result, const char *control, const char *code, const char *name)
{
    const json_t *list = json_object_get(result, "controls");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *answer = json_array_get(list, i);
        if (strcmp(member_text(answer, "control"), control) == 0 && strcmp(member_text(answer, "code"), code) == 0)
            return member_text(answer, name);
    }
    fail_msg("%s %s did not answer", control, code);
    return NULL;
}

/* Lines as "account side amount functional difference|..." */
static void lines_are(const json_t *result, const char *wanted)
{
    char text[4096] = "";
    const json_t *lines = json_object_get(result, "lines");
    for (size_t i = 0; i < json_array_size(lines); i++) {
        const json_t *line = json_array_get(lines, i);
        const char *functional = member_text(line, "functional"), *difference = member_text(line, "difference");
        size_t used = strlen(text);
        snprintf(text + used, sizeof text - used, "%s%s %s %s %s%s%s", i > 0 ? "|" : "", member_text(line, "account"),
                 member_text(line, "side"), member_text(line, "amount"), functional != NULL ? functional : "-",
                 difference != NULL ? " " : "", difference != NULL ? difference : "");
    }
    assert_string_equal(text, wanted);
}

static void rates_are_governed(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    expect_answer(company_submit(&company, "maria", rates_document(&company, "USD", "2025-12-31", "EUR", "1.1")),
                  "refused", "C-31", "not-an-officer");
    char *number = company_wait(&company, "olga", rates_document(&company, "USD", "2025-12-31", "EUR", "1.1"));
    expect_answer(company_approve(&company, "olga", number, 1), "refused", "C-01", "own-document");
    /* Two officers sign it, or it says nothing. */
    expect_answer(company_submit(&company, "maria", credit(&company, "16446", "581483", "1.00", "EUR")), "refused",
                  "C-10", "no-rate");
    expect_done(company_approve(&company, "oscar", number, 1), "in-force");
    golden(company_submit(&company, "olga", rates_document(&company, "USD", "2025-12-31", "EUR", "1.2")), "refused",
           "C-10", "rate-exists");
    golden(company_submit(&company, "olga", rates_document(&company, "CHF", "2025-12-31", "EUR", "1.2")), "refused",
           "C-10", "other-base");
    expect_done(company_submit(&company, "olga", rates_document(&company, "EUR", "2025-12-31", "USD", "0.909")),
                "waiting");
    /* Only what supersedes it takes its place, and until then it stands. */
    json_t *other = company_with(rates_document(&company, "USD", "2025-12-31", "EUR", "1.25"), "links",
                                 json_pack("[{s:s, s:s}]", "document", number, "rel", "supersedes"));
    char *next = company_wait(&company, "olga", other);
    json_t *result = company_submit(
        &company, "maria",
        in_currency(company_with(company_money(&company, "credit-note", "16446", "100.00", "PRICE_ERR", "price-sheet"),
                                 "on_account", json_string("100.00")),
                    "EUR"));
    assert_string_equal(member_text(result, "base"), "110.00");
    assert_string_equal(member_text(json_object_get(result, "rate"), "document"), number);
    assert_string_equal(member_text(json_object_get(result, "rate"), "date"), "2025-12-31");
    expect_done(result, "waiting");
    expect_done(company_approve(&company, "oscar", next, 1), "in-force");
    result = company_submit(
        &company, "maria",
        in_currency(company_with(company_money(&company, "credit-note", "10442", "100.00", "PRICE_ERR", "price-sheet"),
                                 "on_account", json_string("100.00")),
                    "EUR"));
    assert_string_equal(member_text(result, "base"), "125.00");
    expect_done(result, "waiting");
    free(number);
    free(next);
    company_close(&company);
}

static void rates_have_a_form(void **state)
{
    struct company company = {.dir = ""};
    struct gate_answer answer;
    struct err err;
    static const char *const bad[][2] = {{"EUR", "1.10"},    {"EUR", "0"},  {"EUR", "1.1234567890123"},
                                         {"EUR", "9223373"}, {"USD", "1"},  {"XXX", "1"},
                                         {"EUR", "-1.1"},    {"EUR", "1e2"}};
    (void)state;
    company_open(&company, POLICY);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        json_t *body = json_pack("{s:b, s:[o]}", "atomic", 0, "documents",
                                 rates_document(&company, "USD", "2025-12-31", bad[i][0], bad[i][1]));
        if (company_try(&company, "olga", VERB_SUBMIT, body, NULL, &answer, &err) == STATUS_OK)
            fail_msg("%s %s was taken", bad[i][0], bad[i][1]);
    }
    json_t *twice = rates_document(&company, "USD", "2025-12-31", "EUR", "1.1");
    json_array_append(json_object_get(twice, "rates"), json_array_get(json_object_get(twice, "rates"), 0));
    json_t *body = json_pack("{s:b, s:[o]}", "atomic", 0, "documents", twice);
    assert_int_equal(company_try(&company, "olga", VERB_SUBMIT, body, NULL, &answer, &err), STATUS_INPUT);
    bring_done(&company, "USD", "2025-12-31", "EUR", "1.123456789012");
    company_close(&company);
}

/* The latest on or before the date, 35 days old at most. */
static void the_rate_of_the_date(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    bring_done(&company, "USD", "2025-12-01", "EUR", "1.1");
    bill(&company, &(struct bill){"US01", "EUR", "16446", "E-1", "2025-12-01", "10000.00", "0.00", "10000.00", 2});
    company_at(&company, "2026-01-05T12:00:00.000Z");
    json_t *result = company_submit(&company, "maria", credit(&company, "16446", "E-1", "1.00", "EUR"));
    assert_string_equal(member_text(result, "base"), "1.10");
    expect_done(result, "posted"); /* 35 days */
    company_at(&company, "2026-01-06T12:00:00.000Z");
    golden(company_submit(&company, "maria", credit(&company, "16446", "E-1", "1.01", "EUR")), "refused", "C-10",
           "old-rate");
    /* One of tomorrow does not count today, one of today does. */
    bring_done(&company, "USD", "2026-01-07", "EUR", "5");
    expect_answer(company_submit(&company, "maria", credit(&company, "16446", "E-1", "1.01", "EUR")), "refused", "C-10",
                  "old-rate");
    bring_done(&company, "USD", "2026-01-06", "EUR", "1.2");
    result = company_submit(&company, "maria", credit(&company, "16446", "E-1", "1.01", "EUR"));
    assert_string_equal(member_text(result, "base"), "1.21");
    expect_done(result, "posted");
    company_close(&company);
}

static void thresholds_in_yen_and_dinars(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    bring_done(&company, "USD", "2025-12-31", "JPY", "0.00638569604");
    bring_done(&company, "USD", "2025-12-31", "KWD", "3.25");
    bring_done(&company, "USD", "2025-12-01", "JPY", "0.0064");
    bring_done(&company, "USD", "2025-12-01", "KWD", "3.2");
    bill(&company, &(struct bill){"US01", "JPY", "16446", "J-1", "2025-12-01", "1000000", "0", "1000000", 2});
    bill(&company, &(struct bill){"US01", "KWD", "10442", "K-1", "2025-12-01", "10000.000", "0.000", "10000.000", 3});
    /* 31,320 yen are 200.00, 31,321 are 200.01. */
    json_t *result = company_submit(&company, "maria", credit(&company, "16446", "J-1", "31321", "JPY"));
    assert_string_equal(input(result, "C-02", "amount", "amount"), "200.01");
    char *number = strdup(result_number(result));
    expect_done(result, "waiting");
    expect_done(company_end(&company, "maria", VERB_WITHDRAW, number), "withdrawn");
    free(number);
    result = company_submit(&company, "maria", credit(&company, "16446", "J-1", "31320", "JPY"));
    assert_string_equal(member_text(result, "base"), "200.00");
    expect_done(result, "posted");
    /* C-06 by invoice adds up in base, C-07 over currencies of a group. */
    result = company_submit(&company, "maria", credit(&company, "16446", "J-1", "1", "JPY"));
    assert_string_equal(input(result, "C-06", "sum", "sum"), "200.01");
    expect_done(result, "waiting");
    expect_answer(company_submit(&company, "joe", company_credit_note(&company, "16447", "700001", "0.01")), "waiting",
                  "C-07", "sum");
    /* 61.538 dinars are 200.00 (199.9985), 61.540 are 200.00 (200.005 to even), 61.541 are 200.01. */
    expect_done(company_submit(&company, "maria", credit(&company, "10442", "K-1", "61.540", "KWD")), "posted");
    result = company_submit(&company, "maria", credit(&company, "10442", "K-1", "0.003", "KWD"));
    assert_string_equal(input(result, "C-06", "sum", "sum"), "200.01");
    expect_done(result, "waiting");
    company_close(&company);
}

/* A credit that rests on no invoice is booked at the rate of its date, beside a part that is carried at another. */
static void on_account_in_another_currency(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    bring_done(&company, "USD", "2025-12-01", "EUR", "1.1");
    bring_done(&company, "USD", "2025-12-31", "EUR", "1.05");
    bill(&company, &(struct bill){"US01", "EUR", "16446", "E-1", "2025-12-01", "1000.00", "0.00", "1000.00", 2});
    json_t *document =
        in_currency(company_with(company_money(&company, "credit-note", "16446", "100.00", "PRICE_ERR", "price-sheet"),
                                 "on_account", json_string("100.00")),
                    "EUR");
    char *number = company_post(&company, "maria", document, 2);
    json_t *record = company_record(&company, number);
    lines_are(record, "4000 dr 100.00 105.00|2150 cr 100.00 105.00");
    json_decref(record);
    document = company_with(credit(&company, "16446", "E-1", "50.00", "EUR"), "on_account", json_string("50.00"));
    document = company_with(document, "amount", json_string("100.00"));
    free(number);
    number = company_post(&company, "maria", document, 2);
    record = company_record(&company, number);
    lines_are(record, "4000 dr 100.00 107.50|1200 cr 50.00 52.50|2150 cr 50.00 52.50|7910 cr 0.00 2.50 fx");
    json_decref(record);
    free(number);
    company_close(&company);
}

/* DOMAIN 1.8: EUR 1,000 at 1.10, carried at 1.05. */
static void worked_examples(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    bring_done(&company, "USD", "2025-12-01", "EUR", "1.1");
    bring_done(&company, "USD", "2025-12-31", "EUR", "1.05");
    bill(&company, &(struct bill){"US01", "EUR", "16446", "E-1", "2025-12-01", "1000.00", "0.00", "1000.00", 2});
    bill(&company, &(struct bill){"US01", "EUR", "10442", "E-2", "2025-12-01", "1000.00", "200.00", "1200.00", 3});
    bill(&company, &(struct bill){"US01", "EUR", "10442", "E-3", "2026-01-02", "100.00", "20.00", "120.00", 4});
    char *number = company_wait(&company, "maria", credit(&company, "16446", "E-1", "200.00", "EUR"));
    json_t *result = expect(company_approve(&company, "ana", number, 1), "posted");
    lines_are(result, "4000 dr 200.00 220.00|1200 cr 200.00 210.00|7910 cr 0.00 10.00 fx");
    json_decref(result);
    /* With tax 20 percent: net and tax as booked. */
    char *taxed = company_wait(&company, "maria", credit(&company, "10442", "E-2", "240.00", "EUR"));
    result = expect(company_approve(&company, "ana", taxed, 1), "posted");
    lines_are(result, "4000 dr 200.00 220.00|2200 dr 40.00 44.00|1200 cr 240.00 252.00|7910 cr 0.00 12.00 fx");
    json_decref(result);
    /* Younger than the month's end: carried as booked, no difference. */
    result = expect(company_submit(&company, "maria", credit(&company, "10442", "E-3", "12.00", "EUR")), "waiting");
    expect_done(company_approve(&company, "ana", result_number(result), 1), "posted");
    json_t *record = company_record(&company, result_number(result));
    lines_are(record, "4000 dr 10.00 10.50|2200 dr 2.00 2.10|1200 cr 12.00 12.60");
    json_decref(record);
    json_decref(result);
    /* A write-off gives up what is carried: no difference. */
    char *given_up =
        company_post(&company, "cora", in_currency(company_write_off(&company, "16446", "E-1", "800.00"), "EUR"), 2);
    record = company_record(&company, given_up);
    lines_are(record, "1290 dr 800.00 840.00|1200 cr 800.00 840.00");
    json_decref(record);
    /* A reversal is the mirror, at the rates that were, whatever came since. */
    company_at(&company, "2026-02-03T12:00:00.000Z");
    bring_done(&company, "USD", "2026-01-31", "EUR", "1.3");
    char *reversal = company_wait(&company, "maria", company_reversal(&company, number));
    expect_done(company_approve(&company, "tom", reversal, 1), "approved");
    expect_done(company_approve(&company, "priya", reversal, 2), "posted");
    record = company_record(&company, reversal);
    lines_are(record, "4000 cr 200.00 220.00|1200 dr 200.00 210.00|7910 dr 0.00 10.00 fx");
    json_decref(record);
    /* Up: the mirror of down. */
    result = expect(company_submit(&company, "joe",
                                   in_currency(company_correction(&company, "16446", "E-1", "10.00", "up"), "EUR")),
                    "waiting");
    char *up = strdup(result_number(result));
    json_decref(result);
    result = expect(company_approve(&company, "ana", up, 1), "posted");
    lines_are(result, "4000 cr 10.00 11.00|1200 dr 10.00 13.00|7910 cr 0.00 2.00 fx");
    json_decref(result);
    free(up);
    free(number);
    free(taxed);
    free(given_up);
    free(reversal);
    company_close(&company);
}

/* Three parts of 33.33 and 100.00; what conversion leaves over has a line and a bound of its own. */
static void rounding_has_a_line(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    bring_done(&company, "USD", "2025-12-01", "EUR", "0.51");
    bring_done(&company, "USD", "2025-12-31", "EUR", "0.51");
    const struct company_file file = {
        .user = "feedi", .feed = "invoices", .total = "100.60", .sequence = 2, .currency = "EUR"};
    json_t *records = json_array();
    for (int i = 0; i < 10; i++) {
        char id[16];
        snprintf(id, sizeof id, "P-%d", i);
        json_t *taxes =
            json_pack("[{s:s, s:s, s:s}, {s:s, s:s, s:s}, {s:s, s:s, s:s}]", "code", "SALES_TAX", "net", "0.01", "tax",
                      "0.01", "code", "T1", "net", "0.01", "tax", "0.01", "code", "T2", "net", "0.01", "tax", "0.01");
        json_array_append_new(records,
                              company_with(company_invoice(id, "10442", "0.06", "0.00", "0.06"), "taxes", taxes));
    }
    json_array_append_new(
        records, company_with(company_invoice("Q-1", "16446", "66.66", "33.34", "100.00"), "taxes",
                              json_pack("[{s:s, s:s, s:s}, {s:s, s:s, s:s}]", "code", "SALES_TAX", "net", "33.33",
                                        "tax", "33.34", "code", "T1", "net", "33.33", "tax", "0.00")));
    expect_done(company_feed(&company, &file, records), "closed");
    /* 0.06 is 0.0306, its six parts of 0.0051 make 0.06: three cents over, on five lines. The month's bound is 0.03. */
    json_t *result = company_submit(&company, "maria", credit(&company, "10442", "P-0", "0.06", "EUR"));
    lines_are(result,
              "4000 dr 0.03 0.03|2200 dr 0.01 0.01|2200 dr 0.01 0.01|2200 dr 0.01 0.01|1200 cr 0.06 0.03|7900 cr "
              "0.00 0.03 rounding");
    expect_done(result, "posted");
    golden(company_submit(&company, "maria", credit(&company, "10442", "P-1", "0.06", "EUR")), "refused", "C-44",
           "rounding-month");
    /* 33.33 + 33.34 + 33.33 at 0.51 are 17.00 + 17.00 + 17.00, and 100.00 is 51.00: nothing left over. */
    result = company_submit(&company, "maria", credit(&company, "16446", "Q-1", "100.00", "EUR"));
    lines_are(result, "4000 dr 66.66 34.00|2200 dr 33.34 17.00|1200 cr 100.00 51.00");
    expect_done(result, "posted");
    json_t *many =
        in_currency(company_money(&company, "credit-note", "10442", "0.48", "PRICE_ERR", "price-sheet"), "EUR");
    for (int i = 2; i < 10; i++) {
        char id[16];
        snprintf(id, sizeof id, "P-%d", i);
        company_allocate(many, id, NULL, "0.06");
    }
    golden(company_submit(&company, "maria", many), "refused", "C-44", "rounding");
    /* The next month begins anew. */
    company_at(&company, "2026-01-31T12:00:00.000Z");
    expect_answer(company_submit(&company, "maria", credit(&company, "10442", "P-1", "0.06", "EUR")), "refused", "C-44",
                  "rounding-month");
    company_at(&company, "2026-02-01T12:00:00.000Z");
    expect_done(company_submit(&company, "maria", credit(&company, "10442", "P-1", "0.06", "EUR")), "posted");
    company_close(&company);
}

/* Each invoice of two codes leaves two cents over; so many of them on one document. */
static json_t *cents_over(struct company *company, int count)
{
    char amount[16];
    snprintf(amount, sizeof amount, "0.%02d", 4 * count);
    json_t *document =
        in_currency(company_money(company, "credit-note", "10442", amount, "PRICE_ERR", "price-sheet"), "EUR");
    for (int i = 0; i < count; i++) {
        char id[16];
        snprintf(id, sizeof id, "P-%d", i);
        company_allocate(document, id, NULL, "0.04");
    }
    return document;
}

/* Four of them on eight lines are a cent a line, which is too much for the month but not for the document; a fifth is. */
static void a_cent_a_line_goes_to_rounding(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    bring_done(&company, "USD", "2025-12-01", "EUR", "0.51");
    bring_done(&company, "USD", "2025-12-31", "EUR", "0.51");
    const struct company_file file = {
        .user = "feedi", .feed = "invoices", .total = "0.20", .sequence = 2, .currency = "EUR"};
    json_t *records = json_array();
    for (int i = 0; i < 5; i++) {
        char id[16];
        snprintf(id, sizeof id, "P-%d", i);
        json_t *taxes = json_pack("[{s:s, s:s, s:s}, {s:s, s:s, s:s}]", "code", "SALES_TAX", "net", "0.01", "tax",
                                  "0.01", "code", "T1", "net", "0.01", "tax", "0.01");
        json_array_append_new(records,
                              company_with(company_invoice(id, "10442", "0.04", "0.00", "0.04"), "taxes", taxes));
    }
    expect_done(company_feed(&company, &file, records), "closed");
    json_t *result = company_submit(&company, "maria", cents_over(&company, 4));
    assert_string_equal(input(result, "C-44", "rounding-month", "amount"), "0.08");
    expect_no_answer(result, "refused", "C-44", "rounding");
    expect_answer(company_submit(&company, "maria", cents_over(&company, 5)), "refused", "C-44", "rounding");
    company_close(&company);
}

/* The policy without an account for differences: what has one is denied, what has none is not. */
static void differences_need_an_account(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, "tests/policies/rules.yaml");
    bring_done(&company, "USD", "2025-12-01", "EUR", "1.1");
    bring_done(&company, "USD", "2025-12-31", "EUR", "1.05");
    bill(&company, &(struct bill){"US01", "EUR", "16446", "E-1", "2025-12-01", "1000.00", "0.00", "1000.00", 2});
    golden(company_submit(&company, "maria", credit(&company, "16446", "E-1", "0.20", "EUR")), "refused", "C-44",
           "no-account");
    bill(&company, &(struct bill){"US01", "EUR", "16446", "E-2", "2026-01-02", "1000.00", "0.00", "1000.00", 3});
    expect_done(company_submit(&company, "maria", credit(&company, "16446", "E-2", "0.20", "EUR")), "posted");
    company_close(&company);
}

static void grant_in(struct company *company, const char *user, const char *role, const char *entity)
{
    json_t *document = company_document(company, "grant");
    json_t *more = json_pack("{s:s, s:s, s:[s]}", "user", user, "role", role, "entities", entity);
    json_object_update(document, more);
    json_decref(more);
    char *number = company_wait(company, "olga", document);
    expect_done(company_approve(company, "oscar", number, 1), "in-force");
    free(number);
}

/* Books in euros, a document in dollars, thresholds in dollars: the functional rates have to be there as well. */
static void an_entity_in_another_currency(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    grant_in(&company, "maria", "BILLING_SPECIALIST", "DE01");
    grant_in(&company, "ana", "TEAM_LEAD", "DE01");
    grant_in(&company, "feedc", "FEED_CUSTOMERS", "DE01");
    grant_in(&company, "feedi", "FEED_INVOICES", "DE01");
    const struct company_file file = {.user = "feedc", .feed = "customers", .sequence = 1, .entity = "DE01"};
    expect_done(company_feed(&company, &file, json_pack("[o]", company_customer("16446", "G1"))), "closed");
    bill(&company, &(struct bill){"DE01", "USD", "16446", "D-1", "2025-12-01", "100.00", "19.00", "119.00", 1});
    json_t *document =
        company_with(company_credit_note(&company, "16446", "D-1", "11.90"), "entity", json_string("DE01"));
    expect_answer(company_submit(&company, "maria", json_deep_copy(document)), "refused", "C-10", "no-rate");
    bring_done(&company, "EUR", "2025-12-01", "USD", "0.9");
    expect_done(company_submit(&company, "maria", json_deep_copy(document)), "refused"); /* base from functional */
    bring_done(&company, "USD", "2025-12-01", "EUR", "1.1");
    bring_done(&company, "EUR", "2025-12-31", "USD", "0.95");
    json_t *result = company_submit(&company, "maria", document);
    lines_are(result, "4000 dr 10.00 9.00|2200 dr 1.90 1.71|1200 cr 11.90 11.30|7910 dr 0.00 0.59 fx");
    assert_string_equal(member_text(result, "base"), "11.90");
    assert_null(json_object_get(result, "rate"));
    expect_done(result, "posted");
    /* An allocation names an invoice of its own entity, never another one's. */
    document = company_with(company_credit_note(&company, "16446", "581483", "1.00"), "entity", json_string("DE01"));
    expect_answer(company_submit(&company, "maria", document), "refused", "C-35", "unknown-invoice");
    /* The group adds up over entities and currencies. */
    expect_answer(company_submit(&company, "maria", company_credit_note(&company, "16447", "700001", "188.11")),
                  "waiting", "C-07", "sum");
    company_close(&company);
}

/* Money on account belongs to no invoice: each of its lines is at the rate of the document's date. A line of an invoice whose
 * own rate does not count has no other. */
static void on_account_between_currencies(void **state)
{
    static const struct edit euros[] = {
        {"entity: US01, currency: USD", "entity: US01, currency: EUR"},
        {"on_account_row: ON_ACCOUNT }", "on_account_row: ON_ACCOUNT, fx: 7910, rounding: 7900 }"},
        {NULL, NULL}};
    struct company company = {.dir = ""};
    struct tables_txn *txn = NULL;
    struct err err;
    char path[VARIANT_PATH_BYTES];
    (void)state;
    variant_make_of("tests/policies/money.yaml", euros, path);
    company_open(&company, path);
    struct policy *policy = company_policy(path);
    variant_done(path);
    bring_done(&company, "EUR", "2026-01-05", "USD", "0.9");
    bring_done(&company, "USD", "2026-01-05", "EUR", "1.1");
    const struct company_file cash = {.user = "feedm", .feed = "cash", .total = "600.00", .sequence = 1};
    expect_done(company_feed(&company, &cash, json_pack("[o]", company_cash("R-9", "10442", "600.00", json_array()))),
                "closed");
    json_t *given = company_money(&company, "adjustment", "10442", "600.00", "CREDIT_BAL", "search-letter");
    char *number = company_post(&company, "maria", company_with(given, "charge", json_string("credit-balance")), 2);
    json_t *record = company_record(&company, number);
    lines_are(record, "2190 cr 600.00 540.00|2150 dr 600.00 540.00");
    /* December has no rate. */
    json_t *document = company_money(&company, "recovery", "10442", "10.00", "RECOVERED", "remittance");
    json_t *lines = json_pack("[{s:s, s:s, s:s, s:s, s:s}]", "account", "1200", "amount", "10.00", "currency", "USD",
                              "invoice", "40251", "side", "cr");
    assert_int_equal(tables_read_begin(gate_books(company.gate)->tables, &txn, &err), STATUS_OK);
    const struct facts facts = {.books = txn, .policy = policy};
    assert_int_equal(functional_complete(document, &facts, lines, &err), STATUS_NOT_FOUND);
    assert_string_equal(err.text, "no rate of USD in EUR, which C-10 asks for");
    tables_abort(txn);
    policy_free(policy);
    json_decref(lines);
    json_decref(document);
    json_decref(record);
    free(number);
    company_close(&company);
}

static void amounts_beyond_all_bounds(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    bring_done(&company, "USD", "2025-12-31", "KWD", "9223372");
    json_t *document =
        company_money(&company, "credit-note", "16446", "9223372036854775.807", "PRICE_ERR", "price-sheet");
    company_with(in_currency(document, "KWD"), "on_account", json_string("9223372036854775.807"));
    golden(company_submit(&company, "maria", document), "refused", "C-10", "too-large");
    company_close(&company);
}

static void currencies_of_a_book_stay(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    json_t *body = company_policy_body(POLICY);
    json_t *document = company_document(&company, "policy");
    json_object_update(document, body);
    company_with(document, "effective", json_string("2026-03-01T00:00:00.000Z"));
    json_t *other = json_deep_copy(document);
    json_object_set_new(json_object_get(other, "compiled"), "base", json_string("EUR"));
    golden(company_submit(&company, "olga", company_with(other, "ref", json_string("other-base"))), "refused", "C-10",
           "currency-changes");
    other = json_deep_copy(document);
    json_t *entity = json_array_get(json_object_get(json_object_get(other, "compiled"), "entities"), 0);
    json_object_set_new(entity, "currency", json_string("USD"));
    expect_answer(company_submit(&company, "olga", company_with(other, "ref", json_string("other-functional"))),
                  "refused", "C-10", "currency-changes");
    expect_done(company_submit(&company, "olga", document), "waiting");
    json_decref(body);
    company_close(&company);
}

/* What goes to rounding in euros is bounded in dollars: two cents are let in when they are three, not when they are four. */
static void rounding_in_another_currency(void **state)
{
    static const char *const rates[] = {"1.5", "2"};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct company company = {.dir = ""};
        company_open(&company, POLICY);
        grant_in(&company, "maria", "BILLING_SPECIALIST", "DE01");
        grant_in(&company, "feedc", "FEED_CUSTOMERS", "DE01");
        grant_in(&company, "feedi", "FEED_INVOICES", "DE01");
        const struct company_file masters = {.user = "feedc", .feed = "customers", .sequence = 1, .entity = "DE01"};
        expect_done(company_feed(&company, &masters, json_pack("[o]", company_customer("16446", "G1"))), "closed");
        const struct company_file file = {
            .user = "feedi", .feed = "invoices", .total = "0.04", .sequence = 1, .entity = "DE01"};
        json_t *taxes = json_pack("[{s:s, s:s, s:s}, {s:s, s:s, s:s}]", "code", "SALES_TAX", "net", "0.01", "tax",
                                  "0.01", "code", "T1", "net", "0.01", "tax", "0.01");
        json_t *records =
            json_pack("[o]", company_with(company_invoice("D-1", "16446", "0.04", "0.00", "0.04"), "taxes", taxes));
        expect_done(company_feed(&company, &file, records), "closed");
        bring_done(&company, "EUR", "2025-12-01", "USD", "0.51");
        bring_done(&company, "EUR", "2025-12-31", "USD", "0.51");
        bring_done(&company, "USD", "2025-12-31", "EUR", rates[i]);
        json_t *document =
            company_with(company_credit_note(&company, "16446", "D-1", "0.04"), "entity", json_string("DE01"));
        json_t *result = company_submit(&company, "maria", document);
        if (i == 0)
            expect_done(result, "posted");
        else
            expect_answer(result, "refused", "C-44", "rounding-month");
        company_close(&company);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rates_are_governed),
        cmocka_unit_test(rates_have_a_form),
        cmocka_unit_test(the_rate_of_the_date),
        cmocka_unit_test(thresholds_in_yen_and_dinars),
        cmocka_unit_test(on_account_in_another_currency),
        cmocka_unit_test(worked_examples),
        cmocka_unit_test(rounding_in_another_currency),
        cmocka_unit_test(a_cent_a_line_goes_to_rounding),
        cmocka_unit_test(rounding_has_a_line),
        cmocka_unit_test(differences_need_an_account),
        cmocka_unit_test(an_entity_in_another_currency),
        cmocka_unit_test(on_account_between_currencies),
        cmocka_unit_test(amounts_beyond_all_bounds),
        cmocka_unit_test(currencies_of_a_book_stay),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
