/*
 * The gate from outside: what gets in, what it comes to, and that what does not get in leaves no trace.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ledger/schema.h"
#include "tests/support/company.h"

static void expect(json_t *result, const char *outcome)
{
    if (strcmp(result_outcome(result), outcome) != 0) {
        char *text = json_dumps(result, 0);
        fail_msg("wanted %s: %s", outcome, text);
    }
}

static void expect_refused(json_t *result, const char *control, const char *code)
{
    expect(result, "refused");
    if (!result_has(result, control, code)) {
        char *text = json_dumps(result, 0);
        fail_msg("wanted %s %s: %s", control, code, text);
    }
    json_decref(result);
}

static void small_credit_posts_on_its_own(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, NULL);
    json_t *result = company_submit(&company, "maria", company_credit_note(&company, "16446", "581483", "110.00"));
    expect(result, "posted");
    assert_string_equal(result_number(result), "CN-1");
    assert_string_equal(member_text(result, "number"), "US01-CN-2026-000001");
    assert_int_equal(json_array_size(json_object_get(result, "lines")), 3);
    json_decref(result);
    company_close(&company);
}

static void two_levels_and_self_approval(void **state)
{
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, NULL);
    json_t *result = company_submit(&company, "maria", company_credit_note(&company, "16446", "581483", "4180.00"));
    expect(result, "waiting");
    char number[65];
    snprintf(number, sizeof number, "%s", result_number(result));
    json_decref(result);
    expect_refused(company_approve(&company, "maria", number, 1), "C-01", "own-document");
    expect_refused(company_approve(&company, "maria2", number, 1), "C-01", "own-document");
    expect_refused(company_approve(&company, "priya", number, 2), "C-02", "level-order");
    expect_refused(company_approve(&company, "priya", number, 1), "C-02", "no-authority");
    result = company_approve(&company, "ana", number, 1);
    expect(result, "approved");
    json_decref(result);
    company_reopen(&company);
    expect_refused(company_approve(&company, "ana", number, 2), "C-03", "signed-already");
    result = company_approve(&company, "priya", number, 2);
    expect(result, "posted");
    json_decref(result);
    company_close(&company);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(small_credit_posts_on_its_own),
        cmocka_unit_test(two_levels_and_self_approval),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
