/*
 * Cases that deliberate slips of the rules survived until they were asked here: classes of account, whoever audits and reads.
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
#include "controls/kind.h"
#include "controls/policy.h"
#include "tests/support/company.h"
#include "tests/support/golden.h"

#define POLICY "tests/policies/rules.yaml"

static void classes_of_account(void **state)
{
    static const struct {
        enum kind_id kind;
        enum account_class class;
        bool fits;
    } cases[] = {
        {KIND_CREDIT_NOTE, ACCOUNT_REVENUE, true},  {KIND_CREDIT_NOTE, ACCOUNT_TAX, true},
        {KIND_CREDIT_NOTE, ACCOUNT_ROUNDING, true}, {KIND_CREDIT_NOTE, ACCOUNT_ALLOWANCE, false},
        {KIND_CREDIT_NOTE, ACCOUNT_EXPENSE, false}, {KIND_CORRECTION, ACCOUNT_LIABILITY, false},
        {KIND_WRITE_OFF, ACCOUNT_ALLOWANCE, true},  {KIND_WRITE_OFF, ACCOUNT_EXPENSE, true},
        {KIND_WRITE_OFF, ACCOUNT_LIABILITY, true},  {KIND_WRITE_OFF, ACCOUNT_REVENUE, false},
        {KIND_WRITE_OFF, ACCOUNT_TAX, false},       {KIND_WRITE_OFF, ACCOUNT_CASH, false},
    };
    struct policy_account account = {.account = "1000"};
    struct policy_reason reason = {.reason = "SOME", .row = "BILLING", .account = "1000"};
    const struct policy policy = {.base = "USD",
                                  .base_digits = 2,
                                  .accounts = &account,
                                  .account_count = 1,
                                  .reasons = &reason,
                                  .reason_count = 1};
    const struct facts facts = {.policy = &policy};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct request request = {
            .stage = STAGE_POST, .kind = kind_by_id(cases[i].kind), .measure = {.entity = "US01", .reason = "SOME"}};
        struct answers answers;
        account.class = cases[i].class;
        assert_int_equal(answers_init(&answers, NULL), STATUS_OK);
        assert_int_equal(control_find("C-27")->judge(&request, &facts, &answers, NULL), STATUS_OK);
        assert_int_equal(answers.denied, !cases[i].fits);
        answers_done(&answers);
    }
}

static void who_audits_may_read(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    expect_done(company_submit(&company, "olga", company_grant_document(&company, "audrey", "READER")), "waiting");
    expect_answer(company_submit(&company, "olga", company_grant_document(&company, "audrey", "ADMINISTRATOR")),
                  "refused", "C-32", "administrator");
    company_close(&company);
}

static json_t *write_off(struct company *company, const char *amount)
{
    return company_submit(company, "maria2", company_write_off(company, "10442", "40117", amount));
}

static void a_grant_begins_to_the_millisecond(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, POLICY);
    json_t *grant = company_with(company_grant_document(&company, "maria2", "COLLECTIONS_SPECIALIST"), "from",
                                 json_string("2026-01-20T12:00:00.000Z"));
    char *number = company_wait(&company, "olga", grant);
    expect_done(company_approve(&company, "oscar", number, 1), "in-force");
    company_at(&company, "2026-01-20T11:59:59.999Z");
    expect_answer(write_off(&company, "1.00"), "refused", "C-02", "no-function");
    company_at(&company, "2026-01-20T12:00:00.000Z");
    expect_done(write_off(&company, "1.00"), "waiting");
    free(number);
    company_close(&company);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(classes_of_account),
        cmocka_unit_test(who_audits_may_read),
        cmocka_unit_test(a_grant_begins_to_the_millisecond),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
