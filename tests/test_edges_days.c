/*
 * Days and small sums at their edges: local days of 23 and 25 hours in each zone's spring and autumn, fiscal years that end on
 * 29 February, windows of days over it, nothing and minus nothing, and thirds of a hundred.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "controls/policy.h"
#include "ledger/instant.h"
#include "ledger/schema.h"
#include "tests/support/closing.h"
#include "tests/support/company.h"
#include "tests/support/golden.h"
#include "tests/support/money_documents.h"

#define US      "controls/policies/us.yaml"
#define UK      "controls/policies/uk.yaml"
#define HOUR_MS INT64_C(3600000)

static int32_t day(const char *text)
{
    int32_t days = 0;
    struct err err;
    assert_int_equal(date_parse(text, strlen(text), &days, &err), STATUS_OK);
    return days;
}

static int64_t at(const char *text)
{
    int64_t time_ms = 0;
    struct err err;
    assert_int_equal(instant_parse(text, strlen(text), &time_ms, &err), STATUS_OK);
    return time_ms;
}

static void days_of_23_and_25_hours(void **state)
{
    static const struct {
        const char *path, *entity, *date;
        int hours;
    } rows[] = {
        {US, "US01", "2026-03-08", 23}, {US, "US01", "2026-11-01", 25}, {US, "US01", "2026-03-07", 24},
        {US, "US01", "2026-11-02", 24}, {US, "US01", "2028-02-29", 24}, {UK, "UK01", "2026-03-29", 23},
        {UK, "UK01", "2026-10-25", 25}, {UK, "UK01", "2026-03-28", 24}, {UK, "UK01", "2026-10-26", 24},
        {US, "US01", "2049-03-14", 23}, {US, "US01", "2049-11-07", 25},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct policy *policy = company_policy(rows[i].path);
        const struct policy_entity *entity = policy_find_entity(policy, rows[i].entity);
        int32_t date = day(rows[i].date);
        int64_t begin = entity_day_start(entity, date), end = entity_day_start(entity, date + 1);
        if (end - begin != rows[i].hours * HOUR_MS)
            fail_msg("%s of %s has %lld ms", rows[i].date, rows[i].entity, (long long)(end - begin));
        assert_int_equal(entity_date(entity, begin - 1), date - 1);
        for (int64_t time = begin; time < end; time += HOUR_MS / 2) {
            assert_int_equal(entity_date(entity, time), date);
            assert_int_equal(entity_next_midnight(entity, time), end);
        }
        assert_int_equal(entity_date(entity, end - 1), date);
        assert_int_equal(entity_date(entity, end), date + 1);
        policy_free(policy);
    }
}

/* A fiscal year from March: 29 February is its last day in a leap year, the 28th in another. */
static void fiscal_years_that_end_in_february(void **state)
{
    static const struct edit march[] = {{"fiscal_year_begins: 1", "fiscal_year_begins: 3"}, {0}};
    struct company company = {.dir = ""};
    char path[VARIANT_PATH_BYTES];
    (void)state;
    variant_make(march, path);
    struct policy *policy = company_policy(path);
    const struct policy_entity *entity = policy_find_entity(policy, "US01");
    assert_int_equal(entity_fiscal_year(entity, day("2028-02-29")), 2028);
    assert_int_equal(entity_fiscal_year(entity, day("2028-03-01")), 2029);
    assert_int_equal(entity_fiscal_year(entity, day("2027-02-28")), 2027);
    assert_int_equal(entity_fiscal_year(entity, day("2027-03-01")), 2028);
    assert_int_equal(entity_quarter_start(entity, at("2028-03-01T04:59:59.999Z")), at("2027-12-01T05:00:00.000Z"));
    assert_int_equal(entity_quarter_start(entity, at("2028-03-01T05:00:00.000Z")), at("2028-03-01T05:00:00.000Z"));
    assert_int_equal(entity_quarter_start(entity, at("2028-06-01T03:59:59.999Z")), at("2028-03-01T05:00:00.000Z"));
    policy_free(policy);
    /* The one from April of London, where the clocks went forward two days before. */
    policy = company_policy(UK);
    entity = policy_find_entity(policy, "UK01");
    assert_int_equal(entity_quarter_start(entity, at("2026-03-31T22:59:59.999Z")), at("2026-01-01T00:00:00.000Z"));
    assert_int_equal(entity_quarter_start(entity, at("2026-03-31T23:00:00.000Z")), at("2026-03-31T23:00:00.000Z"));
    assert_int_equal(entity_fiscal_year(entity, entity_date(entity, at("2026-03-31T22:59:59.999Z"))), 2026);
    assert_int_equal(entity_fiscal_year(entity, entity_date(entity, at("2026-03-31T23:00:00.000Z"))), 2027);
    policy_free(policy);
    company_open(&company, path);
    variant_done(path);
    company_at(&company, "2028-03-01T04:59:58.000Z"); /* the 29th in New York */
    char *last = company_post(&company, "maria", company_credit_note(&company, "10442", "40251", "1.00"), 0);
    company_at(&company, "2028-03-01T05:00:01.000Z");
    char *first = company_post(&company, "maria", company_credit_note(&company, "10442", "40251", "2.00"), 0);
    static const char *const numbers[] = {"US01-CN-2028-000001", "US01-CN-2029-000001"};
    for (int i = 0; i < 2; i++) {
        json_t *record = company_record(&company, i == 0 ? last : first);
        assert_string_equal(member_text(record, "legal"), numbers[i]);
        json_decref(record);
    }
    free(last);
    free(first);
    company_close(&company);
}

/* Due on 2 September, 180 days later it is 29 February; five days before 5 March it is too, in a leap year. */
static void days_are_counted_over_29_february(void **state)
{
    static const struct {
        const char *today, *date;
        bool late;
    } rows[] = {{"2028-03-05", "2028-02-29", false},
                {"2028-03-05", "2028-02-28", true},
                {"2027-03-05", "2027-02-28", false},
                {"2027-03-05", "2027-02-27", true}};
    struct company company = {.dir = ""};
    char instant[32];
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        company_open(&company, US);
        snprintf(instant, sizeof instant, "%sT12:00:00.000Z", rows[i].today);
        company_at(&company, instant);
        json_t *note =
            company_with(company_credit_note(&company, "10442", "40251", "1.00"), "date", json_string(rows[i].date));
        json_t *decision = company_do(&company, "olga", VERB_SUBMIT,
                                      json_pack("{s:b, s:[o]}", "atomic", 0, "documents",
                                                company_with(company_with(company_document(&company, "reactivation"),
                                                                          "user", json_string("maria")),
                                                             "reason", json_string("years have passed"))));
        const char *number = result_number(json_array_get(json_object_get(decision, "results"), 0));
        expect_done(company_approve(&company, "oscar", number, 1), "in-force");
        json_decref(decision);
        json_t *result = company_submit(&company, "maria", note);
        if (result_has(result, "C-40", "backdated") != rows[i].late)
            fail_msg("%s dated %s: %s", rows[i].today, rows[i].date, json_dumps(result, 0));
        json_decref(result);
        company_close(&company);
    }
    company_open(&company, MONEY_POLICY);
    company_at(&company, "2027-09-03T12:00:00.000Z");
    const struct company_file file = {.user = "feedi", .feed = "invoices", .total = "500.00", .sequence = 2};
    json_t *invoice = company_invoice("F-1", "10442", "500.00", "0.00", "500.00");
    expect_done(
        company_feed(&company, &file, json_pack("[o]", company_with(invoice, "due", json_string("2027-09-02")))),
        "closed");
    company_at(&company, "2028-02-29T04:59:59.999Z"); /* the 28th */
    expect_answer(company_submit(&company, "cora", company_write_off(&company, "10442", "F-1", "500.00")), "refused",
                  "C-41", "not-due");
    company_at(&company, "2028-02-29T05:00:00.000Z");
    json_t *result = company_submit(&company, "cora", company_write_off(&company, "10442", "F-1", "500.00"));
    assert_false(result_has(result, "C-41", "not-due"));
    json_decref(result);
    company_close(&company);
}

/* None of these is an amount of the currency: no entry, nothing decided. */
static void nothing_and_minus_nothing(void **state)
{
    static const struct {
        const char *policy, *currency, *amounts[9];
    } rows[] = {
        {US, "USD", {"0.00", "-0.00", "-0.01", "+0.01", "00.01", ".01", "0.010", "1", NULL}},
        {"tests/policies/money_jpy.yaml", "JPY", {"0", "-0", "-1", "+1", "01", "1.", "1.0", NULL}},
        {"tests/policies/money_kwd.yaml", "KWD", {"0.000", "-0.000", "-0.001", "0.01", "0.0010", "1", ".001", NULL}},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct company company = {.dir = ""};
        company_found(&company, rows[i].policy);
        for (size_t a = 0; rows[i].amounts[a] != NULL; a++) {
            struct gate_answer answer = {.decision = NULL};
            struct err err;
            json_t *note = company_credit_note(&company, "10442", "40251", rows[i].amounts[a]);
            json_t *body = json_pack("{s:b, s:[o]}", "atomic", 0, "documents",
                                     company_with(note, "currency", json_string(rows[i].currency)));
            if (company_try(&company, "olga", VERB_SUBMIT, body, NULL, &answer, &err) != STATUS_INPUT)
                fail_msg("%s %s was let in", rows[i].amounts[a], rows[i].currency);
            gate_answer_done(&answer);
        }
        company_close(&company);
    }
}

/* A note over the three lines of T-1, in cents. */
static json_t *lines_note(struct company *company, const char *amount, const char *a, const char *b, const char *c)
{
    json_t *note = company_money(company, "credit-note", "16446", amount, "PRICE_ERR", "price-sheet");
    company_allocate(company_allocate(note, "T-1", "1", a), "T-1", "2", b);
    return company_allocate(note, "T-1", "3", c);
}

static void thirds_of_a_hundred(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, "tests/policies/rules.yaml");
    json_t *lines = json_array();
    for (int i = 1; i <= 3; i++) {
        char line[8];
        snprintf(line, sizeof line, "%d", i);
        json_array_append_new(lines, json_pack("{s:s, s:s, s:s, s:s}", "code", "SALES_TAX", "line", line, "net",
                                               i < 3 ? "90.91" : "90.92", "tax", "9.09"));
    }
    json_t *invoice = company_with(company_invoice("T-1", "16446", "272.74", "27.27", "300.01"), "lines", lines);
    const struct company_file file = {.user = "feedi", .feed = "invoices", .total = "300.01", .sequence = 2};
    expect_done(company_feed(&company, &file, json_pack("[o]", invoice)), "closed");
    expect_answer(company_submit(&company, "maria", lines_note(&company, "100.00", "33.33", "33.33", "33.33")),
                  "refused", "C-11", "not-the-sum");
    expect_answer(company_submit(&company, "maria", lines_note(&company, "99.99", "33.33", "33.33", "33.34")),
                  "refused", "C-11", "not-the-sum");
    expect_answer(company_submit(&company, "maria", lines_note(&company, "100.03", "0.01", "100.01", "0.01")),
                  "refused", "C-35", "over-line");
    /* Three of 66.67 are a cent above 200.00, with one of 66.66 they are the bound itself. */
    json_t *result =
        expect(company_submit(&company, "maria", lines_note(&company, "200.01", "66.67", "66.67", "66.67")), "waiting");
    expect_done(company_end(&company, "maria", VERB_WITHDRAW, result_number(result)), "withdrawn");
    json_decref(result);
    char *two_thirds = company_post(&company, "maria", lines_note(&company, "200.00", "66.67", "66.67", "66.66"), 0);
    /* What is left is thirds again: 33.33, 33.33 and 33.35, net and tax to the cent. */
    expect_answer(company_submit(&company, "joe", lines_note(&company, "100.01", "33.34", "33.32", "33.35")), "refused",
                  "C-35", "over-line");
    char *rest = company_post(&company, "joe", lines_note(&company, "100.01", "33.33", "33.33", "33.35"), 1);
    json_t *record = company_invoice_record(&company, "T-1");
    assert_int_equal(member_integer(record, "open"), 0);
    json_decref(record);
    free(two_thirds);
    free(rest);
    company_close(&company);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(days_of_23_and_25_hours),
        cmocka_unit_test(fiscal_years_that_end_in_february),
        cmocka_unit_test(days_are_counted_over_29_february),
        cmocka_unit_test(nothing_and_minus_nothing),
        cmocka_unit_test(thirds_of_a_hundred),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
