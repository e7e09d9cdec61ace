/*
 * A policy simulated over a book: the one in force would have asked exactly what was asked, whatever happened in between;
 * another one differs where it should, and only there.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/simulate.h"
#include "controls/policy.h"
#include "ledger/schema.h"
#include "tests/support/company.h"
#include "tests/support/golden.h"

#define POLICY "tests/policies/rules.yaml"

struct heard {
    int64_t count;
    char last[65];
    enum simulated_change change;
    uint64_t steps;
};

static void hear(void *context, const struct simulated *simulated)
{
    struct heard *heard = context;
    const char *number = member_text(simulated->then, "document");
    heard->count++;
    heard->change = simulated->change;
    snprintf(heard->last, sizeof heard->last, "%s", number != NULL ? number : "");
}

static void step(void *context, uint64_t done, uint64_t total)
{
    struct heard *heard = context;
    assert_true(done <= total);
    heard->steps = done;
}

static struct simulate_totals simulate(struct company *company, json_t *compiled, int64_t since_ms, struct heard *heard)
{
    struct policy *policy = NULL;
    struct simulate_totals totals;
    struct err err = {0};
    assert_int_equal(policy_read(compiled, &policy, &err), STATUS_OK);
    *heard = (struct heard){.count = 0};
    const struct simulate_options options = {.journal = gate_books(company->gate)->journal,
                                             .policy = policy,
                                             .since_ms = since_ms,
                                             .report = hear,
                                             .progress = step,
                                             .context = heard};
    if (simulate_policy(&options, &totals, &err) != STATUS_OK)
        fail_msg("%s", err.text);
    policy_free(policy);
    return totals;
}

/* Documents that post, wait, are approved, amended, refused, reversed, repeated; two in one statement. */
static void course(struct company *company)
{
    json_decref(company_submit(company, "maria", company_credit_note(company, "16446", "581483", "150.00")));
    char *number = company_wait(company, "maria", company_credit_note(company, "10442", "40251", "900.00"));
    json_decref(company_approve(company, "ana", number, 1));
    free(number);
    json_decref(company_submit(company, "maria", company_credit_note(company, "10442", "40117", "900.01")));
    number = company_wait(company, "cora", company_write_off(company, "16446", "581484", "1000.00"));
    json_decref(company_amend(company, "cora", number, company_write_off(company, "16446", "581484", "400.00")));
    free(number);
    json_t *pair = json_pack("{s:b, s:[o, o]}", "atomic", 0, "documents",
                             company_credit_note(company, "16447", "700001", "190.00"),
                             company_credit_note(company, "16447", "700001", "200.00"));
    json_decref(company_do(company, "joe", VERB_SUBMIT, pair));
}

static json_t *compiled_rules(void)
{
    json_t *body = company_policy_body(POLICY);
    json_t *compiled = json_deep_copy(json_object_get(body, "compiled"));
    json_decref(body);
    return compiled;
}

static void the_same_policy_asks_the_same(void **state)
{
    struct company company = {.dir = ""};
    struct heard heard;
    (void)state;
    company_open(&company, POLICY);
    course(&company);
    json_t *compiled = compiled_rules();
    struct simulate_totals totals = simulate(&company, compiled, 0, &heard);
    assert_int_equal(totals.documents, 7);
    assert_int_equal(totals.changes[SIMULATED_SAME], totals.documents);
    assert_int_equal(heard.count, 0);
    assert_true(heard.steps > 10);
    assert_memory_equal(totals.levels_then, totals.levels_now, sizeof totals.levels_then);
    assert_true(totals.levels_then[1] > 0);
    /* From a time on, that time included. */
    totals = simulate(&company, compiled, company.now_ms, &heard);
    assert_int_equal(totals.documents, 2);
    totals = simulate(&company, compiled, company.now_ms + 1, &heard);
    assert_int_equal(totals.documents, 0);
    json_decref(compiled);
    company_close(&company);
}

/* A row of authority by its name; lends. */
static json_t *row_of(json_t *compiled, const char *name)
{
    json_t *rows = json_object_get(compiled, "authority");
    for (size_t i = 0; i < json_array_size(rows); i++)
        if (strcmp(member_text(json_array_get(rows, i), "row"), name) == 0)
            return json_array_get(rows, i);
    return NULL;
}

static void another_policy_differs_where_it_should(void **state)
{
    struct company company = {.dir = ""};
    struct heard heard;
    (void)state;
    company_open(&company, POLICY);
    json_decref(company_submit(&company, "maria", company_credit_note(&company, "16446", "581483", "150.00")));
    json_t *compiled = compiled_rules();
    json_t *tier = json_array_get(json_object_get(row_of(compiled, "BILLING"), "tiers"), 0);
    json_object_set_new(tier, "upto", json_string("150.00"));
    struct simulate_totals totals = simulate(&company, compiled, 0, &heard);
    assert_int_equal(totals.changes[SIMULATED_MORE], 0);
    json_object_set_new(tier, "upto", json_string("149.99"));
    totals = simulate(&company, compiled, 0, &heard);
    assert_int_equal(totals.changes[SIMULATED_MORE], 1);
    assert_int_equal(heard.change, SIMULATED_MORE);
    assert_int_equal(totals.levels_then[1], 0);
    assert_int_equal(totals.levels_now[1], 1);
    json_decref(compiled);
    company_close(&company);
}

static void another_base_currency_cannot_be_compared(void **state)
{
    struct company company = {.dir = ""};
    struct policy *policy = NULL;
    struct simulate_totals totals;
    struct heard heard = {.count = 0};
    struct err err = {0};
    (void)state;
    company_open(&company, POLICY);
    json_t *compiled = compiled_rules();
    json_object_set_new(compiled, "base", json_string("EUR"));
    assert_int_equal(policy_read(compiled, &policy, &err), STATUS_OK);
    const struct simulate_options options = {
        .journal = gate_books(company.gate)->journal, .policy = policy, .report = hear, .context = &heard};
    assert_int_equal(simulate_policy(&options, &totals, &err), STATUS_INPUT);
    assert_non_null(strstr(err.text, "EUR"));
    policy_free(policy);
    json_decref(compiled);
    company_close(&company);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_policy_asks_the_same),
        cmocka_unit_test(another_policy_differs_where_it_should),
        cmocka_unit_test(another_base_currency_cannot_be_compared),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
