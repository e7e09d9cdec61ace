/*
 * Tests of whole populations: each finds what it is for, and passes over what comes as close as possible. The parameters are made
 * small, so that a few documents are a population.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/analytics/scope.h"
#include "audit/sql/sql.h"
#include "tests/support/company.h"

#define POLICY "tests/policies/rules.yaml"

struct ran {
    char keys[8192]; /* of exceptions, a line each */
    struct analytic_result result;
};

static enum status take(void *context, const struct analytic_exception *exception, struct err *err)
{
    struct ran *ran = context;
    (void)err;
    snprintf(ran->keys + strlen(ran->keys), sizeof ran->keys - strlen(ran->keys), "%s%s%s\n", exception->key,
             exception->conclusion != NULL ? " = " : "", exception->conclusion != NULL ? exception->conclusion : "");
    return STATUS_OK;
}

static void must(enum status status, const struct err *err)
{
    if (status != STATUS_OK)
        fail_msg("%s: %s", status_name(status), err->text);
}

static struct sql *tables(struct company *company, uint64_t size)
{
    struct sql *sql = NULL;
    struct err err = {0};
    const struct sql_options options = {.release = "1", .exe = "0123456789abcdef", .size = size};
    must(sql_build(gate_books(company->gate)->journal, &options, &sql, &err), &err);
    return sql;
}

/* Asks "all name=value ..." of the book as it is, bounds of parameters left aside. */
static struct ran run_at(struct company *company, const char *id, const char *period, const int64_t *values,
                         uint64_t size)
{
    static struct ran ran;
    struct sql *sql = tables(company, size);
    struct analytic_asking asking;
    struct err err = {0};
    const struct analytic *analytic = analytic_find(id);
    assert_non_null(analytic);
    ran = (struct ran){.keys = ""};
    must(analytic_asking_set(sql, analytic, period, NULL, &asking, &err), &err);
    if (values != NULL)
        asking.scope.values = values;
    must(analytic_run(sql, analytic, &asking.scope, take, &ran, &ran.result, &err), &err);
    sql_close(sql);
    return ran;
}

static void expect(struct company *company, const char *id, const int64_t *values, const char *keys)
{
    struct ran ran = run_at(company, id, NULL, values, 0);
    if (strcmp(ran.keys, keys) != 0)
        fail_msg("%s found\n%swanted\n%s", id, ran.keys, keys);
}

/* A document that is posted: by ana's signature too, where sums ask for one. */
static void post(struct company *company, const char *user, json_t *document)
{
    json_t *result = company_submit(company, user, document);
    if (strcmp(result_outcome(result), "waiting") == 0) {
        json_t *approved = company_approve(company, "ana", result_number(result), 1);
        assert_string_equal(result_outcome(approved), "posted");
        json_decref(approved);
    } else {
        assert_string_equal(result_outcome(result), "posted");
    }
    json_decref(result);
}

static void credit(struct company *company, const char *invoice, const char *amount)
{
    post(company, "maria", company_credit_note(company, "16446", invoice, amount));
}

static void below_a_threshold(void **state)
{
    struct company company = {.unchecked = true}; /* the gate is not what is tested */
    const int64_t three[] = {5, 3, 130000}, four[] = {5, 4, 130000}, strict[] = {5, 3, 120000};
    (void)state;
    company_open(&company, POLICY);
    credit(&company, "581483", "190.01"); /* of 200.00: within 5 percent below, above 190.00 */
    credit(&company, "581483", "190.00"); /* not */
    credit(&company, "581484", "200.00"); /* the limit itself is below */
    expect(&company, "C-45", three, "");
    post(&company, "maria", company_credit_note(&company, "10442", "40251", "195.00"));
    post(&company, "maria", company_credit_note(&company, "10442", "40117", "210.01"));
    /* Three of three: an eighth. */
    expect(&company, "C-45", three, "C-45/all/US01/BILLING/200.00/all\nC-45/all/US01/BILLING/200.00/person P-11\n");
    expect(&company, "C-45", four, "");
    expect(&company, "C-45", strict, "");
    post(&company, "maria", company_credit_note(&company, "10442", "40117", "210.00")); /* as far above */
    expect(&company, "C-45", three, "");
    company_close(&company);
}

static void round_and_repeated(void **state)
{
    struct company company = {.unchecked = true}; /* the gate is not what is tested */
    const int64_t values[] = {3, 1, 3, 2}, more[] = {3, 1, 4, 2}, shorter[] = {9, 1, 3, 1};
    (void)state;
    company_open(&company, POLICY);
    credit(&company, "581483", "100.00");
    credit(&company, "581484", "100.00");
    post(&company, "joe", company_credit_note(&company, "16446", "581483", "11.11"));
    post(&company, "joe", company_credit_note(&company, "16446", "581483", "12.11"));
    post(&company, "joe", company_credit_note(&company, "16446", "581483", "13.11"));
    expect(&company, "C-46", values, "");
    company.now_ms += INT64_C(86400000);
    post(&company, "maria", company_credit_note(&company, "10442", "40251", "100.00"));
    /* Three of three of hers are round, of everybody's three of six; three times the same within two days. */
    expect(&company, "C-46", values, "C-46/all/US01/PRICE_ERR/100/P-11\nC-46/all/US01/USD/100.00/P-11\n");
    expect(&company, "C-46", more, "C-46/all/US01/PRICE_ERR/100/P-11\n");
    expect(&company, "C-46", shorter, "");
    company_close(&company);
}

static void after_hours(void **state)
{
    struct company company = {.unchecked = true}; /* the gate is not what is tested */
    (void)state;
    company_open(&company, POLICY);
    company_at(&company, "2026-02-03T00:00:00.000Z"); /* 19:00 in New York, a Monday */
    credit(&company, "581483", "1.00");
    company_at(&company, "2026-02-03T23:59:59.999Z"); /* 18:59 */
    credit(&company, "581483", "2.00");
    company_at(&company, "2026-02-07T17:00:00.000Z"); /* noon on a Saturday */
    credit(&company, "581483", "3.00");
    credit(&company, "581483", "4.00");
    expect(&company, "C-47", NULL, "C-47/US01/P-11/2026-02-02\nC-47/US01/P-11/2026-02-07\n");
    company_close(&company);
}

static void quarter_end(void **state)
{
    struct company company = {.unchecked = true}; /* the gate is not what is tested */
    const int64_t large[] = {5, 1, 100, 10}, larger[] = {5, 1, 101, 10}, soon[] = {5, 1, 1000, 6};
    const struct company_file file = {.user = "feedi", .feed = "invoices", .total = "300.00", .sequence = 2};
    (void)state;
    company_open(&company, POLICY);
    company_at(&company, "2026-03-26T15:00:00.000Z"); /* the sixth day from the end */
    credit(&company, "581483", "100.00");
    company_at(&company, "2026-03-27T15:00:00.000Z");
    credit(&company, "581484", "100.00");
    expect(&company, "C-48", large, "C-48/edge/CN-2\n");
    expect(&company, "C-48", larger, ""); /* the largest is not at an edge */
    json_t *invoice = company_invoice("Q1-LAST", "16446", "300.00", "0.00", "300.00");
    json_object_set_new(invoice, "date", json_string("2026-03-30"));
    json_object_set_new(invoice, "due", json_string("2026-04-30"));
    json_decref(company_feed(&company, &file, json_pack("[o]", invoice)));
    company_at(&company, "2026-04-06T15:00:00.000Z");
    credit(&company, "Q1-LAST", "50.00");
    expect(&company, "C-48", soon, "C-48/early/CN-3/Q1-LAST\n");
    company_at(&company, "2026-04-07T15:00:00.000Z"); /* the seventh day of the quarter */
    credit(&company, "Q1-LAST", "51.00");
    expect(&company, "C-48", soon, "C-48/early/CN-3/Q1-LAST\n");
    company_close(&company);
}

static void first_digits(void **state)
{
    struct company company = {.unchecked = true}; /* the gate is not what is tested */
    const int64_t three[] = {3, 15000, 9, 1}, four[] = {4, 15000, 9, 1}, lax[] = {3, 160000, 9, 1};
    (void)state;
    company_open(&company, POLICY);
    credit(&company, "581483", "90.00"); /* her own authority: left out */
    post(&company, "maria", company_credit_note(&company, "10442", "40117", "210.00"));
    post(&company, "maria", company_credit_note(&company, "10442", "40117", "220.00"));
    expect(&company, "C-49", three, "");
    post(&company, "joe", company_credit_note(&company, "10442", "40251", "230.00"));
    expect(&company, "C-49", three, "C-49/all/US01/1\n");
    expect(&company, "C-49", four, "");
    /* All begin with 2: (0.823909 + the rest 0.823909) / 9 = 0.183 */
    expect(&company, "C-49", lax, "C-49/all/US01/1\n");
    company_close(&company);
}

static void concentration(void **state)
{
    struct company company = {.unchecked = true}; /* the gate is not what is tested */
    const int64_t half[] = {50, 2, 30, 365}, above[] = {67, 2, 30, 365}, few[] = {50, 4, 30, 365};
    const struct company_file file = {.user = "feedc", .feed = "customers", .sequence = 2};
    const struct company_file bills = {.user = "feedi", .feed = "invoices", .total = "100.00", .sequence = 2};
    (void)state;
    company_open(&company, POLICY);
    credit(&company, "581483", "20.00");
    post(&company, "joe", company_credit_note(&company, "10442", "40117", "10.00"));
    expect(&company, "C-50", half,
           "C-50/all/US01/customer/16446\nC-50/all/US01/preparer/P-11\nC-50/all/US01/reason/PRICE_ERR\n");
    expect(&company, "C-50", above, "C-50/all/US01/reason/PRICE_ERR\n");
    expect(&company, "C-50", few, "");
    json_decref(company_feed(&company, &file, json_pack("[o]", company_customer("NEW", "NEW"))));
    json_t *invoice = company_invoice("N-1", "NEW", "100.00", "0.00", "100.00");
    json_decref(company_feed(&company, &bills, json_pack("[o]", invoice)));
    post(&company, "joe", company_credit_note(&company, "NEW", "N-1", "1.00"));
    expect(&company, "C-50", (const int64_t[]){100, 9, 30, 36500}, "C-50/new/CN-3\n");
    expect(&company, "C-50", (const int64_t[]){100, 9, 0, 36500}, "");
    company_close(&company);
}

static void numbers_are_dense(void **state)
{
    struct company company = {.unchecked = true}; /* the gate is not what is tested */
    (void)state;
    company_open(&company, POLICY);
    credit(&company, "581483", "20.00");
    credit(&company, "581483", "21.00");
    expect(&company, "JE-01", NULL, "");
    company_close(&company);
}

static void journal_entries(void **state)
{
    struct company company = {.unchecked = true}; /* the gate is not what is tested */
    (void)state;
    company_open(&company, POLICY);
    company_at(&company, "2026-03-02T15:00:00.000Z");
    post(&company, "maria", company_credit_note(&company, "10442", "40251", "499.99"));
    json_t *bare = company_credit_note(&company, "10442", "40251", "500.00");
    json_object_del(bare, "note");
    post(&company, "maria", bare);
    struct ran ran = run_at(&company, "JE-02", NULL, NULL, 0);
    assert_non_null(strstr(ran.keys, "JE-02/CN-2\n"));
    assert_null(strstr(ran.keys, "JE-02/CN-1\n"));
    /* The same amount again a month later, and a day later than that. */
    credit(&company, "581483", "33.00");
    company_at(&company, "2026-04-01T15:00:00.000Z");
    credit(&company, "581484", "33.00");
    expect(&company, "JE-03", NULL, "JE-03/CN-3/CN-4\n");
    expect(&company, "JE-03", (const int64_t[]){29}, "");
    json_t *back =
        company_with(company_credit_note(&company, "16446", "581483", "5.00"), "date", json_string("2026-03-29"));
    post(&company, "maria", back);
    expect(&company, "JE-04", (const int64_t[]){2}, "JE-04/CN-5\n");
    expect(&company, "JE-04", (const int64_t[]){3}, "");
    expect(&company, "JE-06", (const int64_t[]){3, 3},
           "JE-06/CN-1\nJE-06/CN-2\nJE-06/CN-3\n"); /* three on the first day */
    expect(&company, "JE-06", (const int64_t[]){3, 4}, "");
    expect(&company, "JE-06", (const int64_t[]){2, 3}, "");
    expect(&company, "JE-08", (const int64_t[]){5, 19}, "JE-08/all/US01/P-11/99\n");
    expect(&company, "JE-08", (const int64_t[]){5, 20}, "");
    expect(&company, "JE-08", (const int64_t[]){6, 19}, "");
    company_close(&company);
}

static void answer(struct company *company, const char *about, const char *conclusion, const char *ref)
{
    json_decref(company_submit(company, "audrey",
                               json_pack("{s:s, s:s, s:s, s:s, s:s}", "about", about, "channel", "cli", "conclusion",
                                         conclusion, "kind", "disposition", "ref", ref)));
}

/* What somebody concluded answers for it; a run of before is found again over the book as it was, and only so. */
static void on_record(void **state)
{
    struct company company = {.unchecked = true}; /* the gate is not what is tested */
    char first[HASH_HEX_CHARS + 1], again[HASH_HEX_CHARS + 1];
    (void)state;
    company_open(&company, POLICY);
    company_at(&company, "2026-02-07T17:00:00.000Z");
    credit(&company, "581483", "3.00");
    const uint64_t size = company_head(&company).size;
    struct ran ran = run_at(&company, "C-47", NULL, NULL, 0);
    hash_to_hex(&ran.result.hash, first);
    answer(&company, "C-47/US01/P-11/2026-02-07", "month end, asked for", "d-1");
    credit(&company, "581483", "4.00");
    ran = run_at(&company, "C-47", NULL, NULL, 0);
    assert_string_equal(ran.keys, "C-47/US01/P-11/2026-02-07 = month end, asked for\n");
    assert_int_equal(ran.result.answered, 1);
    hash_to_hex(&ran.result.hash, again);
    assert_string_not_equal(first, again);
    /* The latest counts; what is said twice is found once; what nobody looked at stays open. */
    answer(&company, "C-47/US01/P-11/2026-02-07", "asked again: nobody had", "d-2");
    company_at(&company, "2026-02-08T17:00:00.000Z");
    credit(&company, "581483", "5.00");
    ran = run_at(&company, "C-47", NULL, NULL, 0);
    assert_string_equal(ran.keys, "C-47/US01/P-11/2026-02-07 = asked again: nobody had\nC-47/US01/P-11/2026-02-08\n");
    assert_int_equal(ran.result.exceptions, 2);
    assert_int_equal(ran.result.answered, 1);
    ran = run_at(&company, "C-47", NULL, NULL, size);
    hash_to_hex(&ran.result.hash, again);
    assert_string_equal(first, again);
    ran = run_at(&company, "C-47", "2026-02", NULL, size); /* the same found, something else asked */
    assert_int_equal(ran.result.exceptions, 1);
    hash_to_hex(&ran.result.hash, again);
    assert_string_not_equal(first, again);
    ran = run_at(&company, "C-47", "2026-03", NULL, size);
    assert_int_equal(ran.result.exceptions, 0);
    company_close(&company);
}

static void words(void **state)
{
    struct company company = {.unchecked = true}; /* the gate is not what is tested */
    struct analytic_asking asking;
    struct err err = {0};
    char *text = NULL;
    const struct analytic *analytic = analytic_find("C-45");
    (void)state;
    company_open(&company, POLICY);
    struct sql *sql = tables(&company, 0);
    must(analytic_asking_parse(sql, analytic, "2026-Q3 US01 delta_percent=7 risk_ppm=2", &asking, &err), &err);
    must(analytic_asked(analytic, &asking.scope, &text, &err), &err);
    assert_string_equal(text, "2026-Q3 US01 delta_percent=7 count_min=10 risk_ppm=2");
    assert_string_equal(asking.scope.from, "2026-07-01");
    free(text);
    static const char *const wrong[] = {"",
                                        "2026-Q3 US01 delta_percent=0",
                                        "2026-Q3 US01 delta_percent=51",
                                        "2026-Q3 XX01",
                                        "2026-Q3 US01 delta=5",
                                        "2026-Q5",
                                        "2026-Q3 US01 delta_percent=-1",
                                        "2026-Q3 US01 delta_percent=",
                                        "2026-Q3 US01 US01"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_int_equal(analytic_asking_parse(sql, analytic, wrong[i], &asking, &err), STATUS_INPUT);
    assert_int_equal(analytic_asking_set(sql, analytic, "all",
                                         "a-code-of-an-entity-that-is-longer-than-codes-of-entities-can-be-000000",
                                         &asking, &err),
                     STATUS_INPUT);
    assert_string_equal(err.text, "--entity: the policy in force knows no such entity");
    assert_null(asking.scope.label); /* no scope was set */
    sql_close(sql);
    company_close(&company);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(below_a_threshold), cmocka_unit_test(round_and_repeated),
        cmocka_unit_test(after_hours),       cmocka_unit_test(quarter_end),
        cmocka_unit_test(first_digits),      cmocka_unit_test(concentration),
        cmocka_unit_test(numbers_are_dense), cmocka_unit_test(journal_entries),
        cmocka_unit_test(on_record),         cmocka_unit_test(words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
