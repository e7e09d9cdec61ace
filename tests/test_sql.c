/*
 * A book as SQL tables: equal to the books' own records, the same bytes twice, answers typed and exact.
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

#include "audit/sql.h"
#include "ledger/schema.h"
#include "tests/support/company.h"

#define POLICY "tests/policies/rules.yaml"

static struct sql *build(struct company *company, const char *path)
{
    struct sql *sql = NULL;
    struct err err = {0};
    const struct sql_options options = {.path = path, .release = "1", .exe = "0123456789abcdef"};
    if (sql_build(gate_books(company->gate)->journal, &options, &sql, &err) != STATUS_OK)
        fail_msg("%s", err.text);
    return sql;
}

static int64_t number(struct sql *sql, const char *text)
{
    struct err err = {0};
    int64_t answer = 0;
    if (sql_number(sql, text, NULL, &answer, &err) != STATUS_OK)
        fail_msg("%s: %s", text, err.text);
    return answer;
}

/* Documents that post, wait, are approved, amended, refused, reversed; a receipt. */
static void course(struct company *company)
{
    json_decref(company_submit(company, "maria", company_credit_note(company, "16446", "581483", "150.00")));
    char *text = company_wait(company, "maria", company_credit_note(company, "10442", "40251", "900.00"));
    json_decref(company_approve(company, "ana", text, 1));
    free(text);
    json_decref(company_submit(company, "maria", company_credit_note(company, "10442", "40117", "900.01")));
    text = company_wait(company, "cora", company_write_off(company, "16446", "581484", "1000.00"));
    json_decref(company_amend(company, "cora", text, company_write_off(company, "16446", "581484", "400.00")));
    free(text);
}

static void test_build(void **state)
{
    struct company company = {.keep = false};
    (void)state;
    company_open(&company, POLICY);
    course(&company);
    struct sql *sql = build(&company, NULL);
    assert_int_equal(number(sql, "SELECT COUNT(*) FROM document WHERE kind = 'credit-note'"), 2);
    sql_close(sql);
    company_close(&company);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_build),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
