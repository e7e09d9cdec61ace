/*
 * C-41 and C-42: what has to be so before debt is given up, each condition at its edge, and what its giving up blocks.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "controls/control.h"
#include "ledger/schema.h"
#include "tests/support/company.h"
#include "tests/support/golden.h"
#include "tests/support/money_documents.h"

static json_t *text(const char *value)
{
    return json_string(value);
}

static json_t *cora(struct company *company, json_t *document)
{
    return company_submit(company, "cora", document);
}

static json_t *bad_debt(struct company *company)
{
    return company_write_off(company, "10442", "40117", "100.00");
}

/* Three contacts, the last so many days after the first two. */
static void contacts(struct company *company, const char *third, const char *until)
{
    money_file(company, "feedt", "contacts", 1, NULL,
               json_pack("[o, o, o, o]", money_contact("T-1", "10442", "2026-04-20", NULL),
                         money_contact("T-2", "10442", "2026-05-20", NULL), money_contact("T-3", "10442", third, until),
                         money_contact("T-9", "16446", "2026-06-20", "2027-01-01")));
}

/* Invoices are due on 2025-12-31: 180 days later it is 2026-06-29, in New York. */
static void bad_debt_is_long_past_due(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    money_open(&company, MONEY_POLICY);
    company_at(&company, "2026-06-29T03:59:58.999Z"); /* New York: still the 28th, day 179 */
    contacts(&company, "2026-06-20", NULL);
    golden(cora(&company, bad_debt(&company)), "refused", "C-41", "not-due");
    company_at(&company, "2026-06-29T04:00:00.000Z");
    expect_done(cora(&company, bad_debt(&company)), "waiting");
    company_close(&company);
}

/* Ten days past due, and nothing done: each condition says so for itself. */
static void every_condition_answers(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    money_open(&company, MONEY_POLICY);
    company_at(&company, "2026-01-10T12:00:00.000Z");
    money_file(&company, "feedm", "cash", 1, "5.00",
               json_pack("[o]", company_cash("R-1", "10442", "5.00", json_array())));
    money_file(&company, "feedt", "contacts", 1, NULL,
               json_pack("[o]", money_contact("T-1", "10442", "2026-01-09", "2026-01-10")));
    json_t *result = expect(cora(&company, bad_debt(&company)), "refused");
    assert_true(result_has(result, "C-41", "not-due"));
    assert_true(result_has(result, "C-41", "contacts"));
    assert_true(result_has(result, "C-41", "promise"));
    assert_true(result_has(result, "C-41", "cash"));
    assert_false(result_has(result, "C-41", "open-dispute"));
    json_decref(result);
    company_close(&company);
}

static void effort_is_made(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    money_open(&company, MONEY_POLICY);
    company_at(&company, "2026-07-19T12:00:00.000Z"); /* T-1 was 90 days ago */
    contacts(&company, "2026-07-20", NULL);           /* T-3 is tomorrow */
    golden(cora(&company, bad_debt(&company)), "refused", "C-41", "contacts");
    money_file(&company, "feedt", "contacts", 2, NULL,
               json_pack("[o, o]", money_contact("T-4", "10442", "2026-04-21", NULL),
                         money_contact("T-5", "10442", "2026-04-20", NULL)));
    expect_answer(cora(&company, bad_debt(&company)), "refused", "C-41", "contacts"); /* two: T-2 and T-4 */
    money_file(&company, "feedt", "contacts", 3, NULL,
               json_pack("[o]", money_contact("T-6", "10442", "2026-07-19", NULL)));
    expect_done(cora(&company, bad_debt(&company)), "waiting");
    company_close(&company);
}

static void promises_are_waited_for(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    money_open(&company, MONEY_POLICY);
    company_at(&company, "2026-07-10T12:00:00.000Z");
    contacts(&company, "2026-06-20", "2026-07-10");
    golden(cora(&company, bad_debt(&company)), "refused", "C-41", "promise");
    company_at(&company, "2026-07-11T12:00:00.000Z");
    expect_done(cora(&company, bad_debt(&company)), "waiting");
    company_close(&company);
}

static void cash_shows_life(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    money_open(&company, MONEY_POLICY);
    company_at(&company, "2026-07-09T12:00:00.000Z");
    contacts(&company, "2026-06-20", NULL);
    json_t *receipt = company_with(company_cash("R-1", "10442", "5.00", json_array()), "date", text("2026-06-10"));
    json_t *older = company_with(company_cash("R-2", "10442", "5.00", json_array()), "date", text("2026-05-10"));
    money_file(&company, "feedm", "cash", 1, "10.00", json_pack("[o, o]", receipt, older));
    golden(cora(&company, bad_debt(&company)), "refused", "C-41", "cash");
    company_at(&company, "2026-07-10T12:00:00.000Z"); /* 30 days later */
    expect_done(cora(&company, bad_debt(&company)), "waiting");
    company_close(&company);
}

static void disputes_are_resolved_first(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    money_open(&company, MONEY_POLICY);
    company_at(&company, "2026-07-09T12:00:00.000Z");
    contacts(&company, "2026-06-20", NULL);
    json_t *dispute = company_document(&company, "dispute");
    json_t *more =
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:[o]}", "entity", "US01", "customer", "10442", "reason", "DISPUTED",
                  "owner", "cora", "invoice", "40117", "evidence", company_evidence(&company, "correspondence"));
    json_object_update(dispute, more);
    json_decref(more);
    json_t *result = expect(cora(&company, dispute), "in-force");
    char *number = strdup(result_number(result));
    json_decref(result);
    golden(cora(&company, bad_debt(&company)), "refused", "C-41", "open-dispute");
    expect_no_answer(cora(&company, company_write_off(&company, "10442", "40251", "100.00")), "waiting", "C-41",
                     "open-dispute");
    free(number);
    company_close(&company);
}

static json_t *small(struct company *company, const char *invoice, const char *amount)
{
    json_t *document = company_money(company, "write-off", "10442", amount, "SMALL_BAL", "aging");
    return company_allocate(company_with(document, "method", text("direct")), invoice, NULL, amount);
}

static void small_balances_are_small_and_old(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    money_open(&company, MONEY_POLICY);
    company_at(&company, "2026-03-30T12:00:00.000Z"); /* day 89 */
    money_file(&company, "feedi", "invoices", 2, "100.01",
               json_pack("[o, o, o]", company_invoice("S-1", "10442", "25.00", "0.00", "25.00"),
                         company_invoice("S-2", "10442", "25.01", "0.00", "25.01"),
                         company_invoice("S-3", "10442", "50.00", "0.00", "50.00")));
    expect_answer(cora(&company, small(&company, "S-1", "25.00")), "refused", "C-41", "not-due");
    company_at(&company, "2026-03-31T12:00:00.000Z");
    golden(cora(&company, small(&company, "S-2", "25.01")), "refused", "C-41", "not-small");
    golden(cora(&company, small(&company, "S-3", "25.00")), "refused", "C-41", "not-whole");
    expect_done(cora(&company, small(&company, "S-1", "25.00")), "posted");
    /* It is a nuisance, not a loss: credit goes on. */
    expect_no_answer(company_submit(&company, "maria", company_credit_note(&company, "10442", "40251", "2.00")),
                     "posted", "C-42", "written-off");
    /* An adjustment for the same is judged the same. */
    json_t *adjusted = money_adjustment(&company, "small-balance", "SMALL_ADJ", "down", "20.00");
    expect_answer(company_submit(&company, "maria", adjusted), "refused", "C-41", "not-whole");
    company_close(&company);
}

static void insolvencies_name_their_case(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    money_open(&company, MONEY_POLICY);
    json_t *document = company_with(bad_debt(&company), "reason", text("BANKRUPT"));
    json_object_set_new(document, "evidence", json_pack("[o]", company_evidence(&company, "court-filing")));
    golden(cora(&company, json_incref(document)), "refused", "C-41", "no-case");
    expect_done(cora(&company, company_with(document, "case", text("SDNY 26-10442"))), "waiting");
    company_close(&company);
}

/* 16446 and 16447 are one group. */
static void no_credit_after_a_write_off(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    money_open(&company, MONEY_POLICY);
    money_hire(&company, "cleo", "P-54", "human", "BILLING_SPECIALIST");
    json_decref(company_grant(&company, "cleo", "CREDIT_MANAGER"));
    char *waits = company_wait(&company, "maria", company_credit_note(&company, "16446", "581483", "300.00"));
    json_t *bankrupt = company_write_off(&company, "16446", "581484", "1000.00");
    company_with(company_with(bankrupt, "reason", text("BANKRUPT")), "case", text("SDNY 26-16446"));
    json_object_set_new(bankrupt, "evidence", json_pack("[o]", company_evidence(&company, "court-filing")));
    char *number = company_wait(&company, "cora", bankrupt);
    /* While it waits nothing is blocked. */
    expect_no_answer(company_submit(&company, "maria", company_credit_note(&company, "16447", "700001", "1.00")),
                     "waiting", "C-42", "written-off");
    expect_done(company_approve(&company, "tom", number, 1), "approved");
    expect_done(company_approve(&company, "mona", number, 2), "posted");
    golden(company_submit(&company, "maria", company_credit_note(&company, "16447", "700001", "2.00")), "refused",
           "C-42", "written-off");
    expect_answer(company_submit(&company, "adam", company_limit(&company, "16446", "10000.01")), "refused", "C-42",
                  "written-off");
    expect_done(company_submit(&company, "adam", company_limit(&company, "16446", "9999.99")), "waiting");
    expect_answer(company_submit(&company, "maria", company_correction(&company, "16446", "581483", "1.00", "down")),
                  "refused", "C-42", "written-off");
    expect_no_answer(company_submit(&company, "maria", company_correction(&company, "16446", "581483", "1.00", "up")),
                     "waiting", "C-42", "written-off");
    expect_no_answer(company_submit(&company, "maria", company_credit_note(&company, "10442", "40251", "2.00")),
                     "waiting", "C-42", "written-off");
    /* What waited already is judged again; and so is who overrides. */
    json_t *refused = company_approve(&company, "ana", waits, 1);
    if (strcmp(result_outcome(refused), "approved") == 0) {
        json_decref(refused);
        refused = company_approve(&company, "priya", waits, 2);
    }
    expect_answer(refused, "refused", "C-42", "written-off");
    golden(company_submit(&company, "cleo", company_credit_note(&company, "16447", "700001", "2.00")), "waiting",
           "C-42", "override");
    /* Who prepared it holds the function, who signs last does not: it is posted. */
    char *over = company_wait(&company, "cleo", company_credit_note(&company, "16447", "700001", "2.25"));
    json_t *posted = company_approve(&company, "ana", over, 1);
    if (strcmp(result_outcome(posted), "approved") == 0) {
        json_decref(posted);
        posted = company_approve(&company, "priya", over, 2);
    }
    expect_answer(posted, "posted", "C-42", "override");
    free(over);
    /* The debt goes along when officers part its customer from the group. */
    json_t *related = company_with(company_document(&company, "related"), "customers",
                                   json_pack("[{s:s, s:s}]", "customer", "16446", "entity", "US01"));
    company_with(company_with(related, "group", text("G9")), "reason", text("Register of relations"));
    char *parted = company_wait(&company, "olga", related);
    expect_done(company_approve(&company, "oscar", parted, 1), "in-force");
    free(parted);
    expect_no_answer(company_submit(&company, "maria", company_credit_note(&company, "16447", "700001", "2.50")),
                     "waiting", "C-42", "written-off");
    expect_answer(company_submit(&company, "maria", company_credit_note(&company, "16446", "581483", "2.50")),
                  "refused", "C-42", "written-off");
    /* Reversed, it blocks nothing any more. */
    char *reversal = company_wait(&company, "cora", company_reversal(&company, number));
    expect_done(company_approve(&company, "ana", reversal, 1), "approved");
    expect_done(company_approve(&company, "priya", reversal, 2), "posted");
    expect_no_answer(company_submit(&company, "maria", company_credit_note(&company, "16446", "581483", "3.00")),
                     "waiting", "C-42", "written-off");
    free(reversal);
    free(number);
    free(waits);
    company_close(&company);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bad_debt_is_long_past_due),
        cmocka_unit_test(every_condition_answers),
        cmocka_unit_test(effort_is_made),
        cmocka_unit_test(promises_are_waited_for),
        cmocka_unit_test(cash_shows_life),
        cmocka_unit_test(disputes_are_resolved_first),
        cmocka_unit_test(small_balances_are_small_and_old),
        cmocka_unit_test(insolvencies_name_their_case),
        cmocka_unit_test(no_credit_after_a_write_off),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
