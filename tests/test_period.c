/*
 * Periods: the grammar, with what is told where a text is not in it, and whose fiscal year counts: the policy's at the head of the
 * book, whether the journal is asked or the tables.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "audit/fiscal.h"
#include "audit/period.h"
#include "audit/report/period.h"
#include "audit/report/source.h"
#include "audit/report/sql.h"
#include "audit/sql/sql.h"
#include "tests/support/closing.h"
#include "tests/support/company.h"

#define PEOPLE "tests/policies/people.yaml"

static void periods_are_two_days(void **state)
{
    static const struct {
        const char *text;
        int month;
        const char *from, *to;
    } cases[] = {
        {"2026", 1, "2026-01-01", "2026-12-31"},
        {"2027", 4, "2026-04-01", "2027-03-31"},
        {"1971", 12, "1970-12-01", "1971-11-30"},
        {"9999", 1, "9999-01-01", "9999-12-31"},
        {"2026-Q1", 1, "2026-01-01", "2026-03-31"},
        {"2026-Q4", 1, "2026-10-01", "2026-12-31"},
        {"2027-Q1", 4, "2026-04-01", "2026-06-30"},
        {"2027-Q4", 4, "2027-01-01", "2027-03-31"},
        {"2026-Q2", 12, "2026-03-01", "2026-05-31"},
        {"2024-Q1", 2, "2023-02-01", "2023-04-30"},
        {"2024-Q1", 12, "2023-12-01", "2024-02-29"},
        {"2026-02", 4, "2026-02-01", "2026-02-28"},
        {"2028-02", 1, "2028-02-01", "2028-02-29"},
        {"2026-12", 12, "2026-12-01", "2026-12-31"},
        {"2026-07-14", 4, "2026-07-14", "2026-07-14"},
        {"2026-07-05..2026-07-05", FISCAL_DIFFER, "2026-07-05", "2026-07-05"},
        {"2025-12-31..2026-01-01", FISCAL_UNKNOWN, "2025-12-31", "2026-01-01"},
        {"2026-07..2026-09", FISCAL_DIFFER, "2026-07-01", "2026-09-30"},
        {"2026-06-15..2026-07", FISCAL_UNKNOWN, "2026-06-15", "2026-07-31"},
        {"2026-Q1..2026-Q2", 4, "2025-04-01", "2025-09-30"},
        {"2026..2027-03", 1, "2026-01-01", "2027-03-31"},
        {"2026-02..2026-Q1", 1, "2026-02-01", "2026-03-31"},
    };
    struct audit_period period;
    struct err err = {.text = ""};
    char text[DATE_TEXT_BYTES];
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        if (audit_period_parse(cases[i].text, cases[i].month, &period, &err) != STATUS_OK)
            fail_msg("%s: %s", cases[i].text, err.text);
        assert_string_equal(period.from, cases[i].from);
        assert_string_equal(period.to, cases[i].to);
        date_format(period.first, text);
        assert_string_equal(text, cases[i].from);
        date_format(period.last, text);
        assert_string_equal(text, cases[i].to);
        assert_int_equal(audit_period_check(cases[i].text, &err), STATUS_OK);
    }
}

static void what_is_no_period_is_told_what_would_be(void **state)
{
    static const struct {
        const char *text, *told;
    } cases[] = {
        {"",
         "'': no period: write a fiscal quarter or year (2026-Q3, 2026), a month (2026-07), a day (2026-07-14), or"},
        {"26", "'26': no period"},
        {"20x6", "'20x6': no period"},
        {" 2026", "' 2026': no period"},
        {"2026 ", "'2026 ': no period"},
        {"2026-", "no period"},
        {"20260", "no period"},
        {"2026/07", "'2026/07': no period"},
        {"2026-7", "'2026-7': no period"},
        {"2026-q3", "'2026-q3': no period: write a fiscal quarter or year (2026-Q3"},
        {"2026Q3", "no period"},
        {"Q3-2026", "no period"},
        {"2026-1-", "no period"},
        {"2026-Q1x", "no period"},
        {"2026-07-1", "no period"},
        {"2026-07-14T00:00:00.000Z", "no period"},
        {"2026-0x", "no period"},
        {"2026-07x14", "no period"},
        {"2026-Q0", "'2026-Q0': the quarters of a year are Q1 to Q4"},
        {"2026-Q5", "'2026-Q5': the quarters of a year are Q1 to Q4"},
        {"2026-00", "'2026-00': the months of a year are 01 to 12"},
        {"2026-13", "'2026-13': the months of a year are 01 to 12"},
        {"2026-13-01", "'2026-13-01': the months of a year are 01 to 12"},
        {"2026-02-29", "'2026-02-29': 2026-02 has the days 01 to 28"},
        {"2028-02-30", "'2028-02-30': 2028-02 has the days 01 to 29"},
        {"2026-07-00", "'2026-07-00': 2026-07 has the days 01 to 31"},
        {"1969", "'1969': years are from 1970 to 9999"},
        {"1969-12", "'1969-12': years are from 1970 to 9999"},
        {"0000-Q1", "'0000-Q1': years are from 1970 to 9999"},
        {"2026-07-05..2026-07-04", "'2026-07-05..2026-07-04': its last day is before its first"},
        {"2026-Q3..2026-Q2", "its last day is before its first"},
        {"2026-02-30..2026-03-01", "'2026-02-30': 2026-02 has the days 01 to 28"},
        {"2026-03-01..2026-Q5", "'2026-Q5': the quarters"},
        {"2026-01-15...2026-01-16", "'.2026-01-16': no period"},
        {"2026-01..2026-02..2026-03", "'2026-02..2026-03': no period"},
        {"..", "'': no period"},
        {"2026-01-01..", "'': no period"},
        {"..2026-01-01", "'': no period"},
        {"a text that is far too long to be a period of anything", "'a text that is far too long to be a peri'...: no"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct err err = {.text = ""};
        struct audit_period period = {.first = -1};
        assert_int_equal(audit_period_parse(cases[i].text, 1, &period, &err), STATUS_INPUT);
        assert_int_equal(period.first, -1);
        if (strstr(err.text, cases[i].told) == NULL)
            fail_msg("'%s' is told: %s", cases[i].text, err.text);
        assert_int_equal(audit_period_check(cases[i].text, NULL), STATUS_INPUT);
    }
}

static void fiscal_times_need_one_fiscal_year(void **state)
{
    static const char *const fiscal[] = {"2026", "2026-Q1", "2026-01..2026-Q1", "2026..2026-01"};
    struct audit_period period;
    struct err err = {.text = ""};
    (void)state;
    for (size_t i = 0; i < sizeof fiscal / sizeof fiscal[0]; i++) {
        assert_int_equal(audit_period_parse(fiscal[i], FISCAL_DIFFER, &period, &err), STATUS_INPUT);
        assert_non_null(strstr(err.text, "in different months"));
        assert_non_null(strstr(err.text, "ask for one entity, or give months or days"));
        assert_int_equal(audit_period_parse(fiscal[i], FISCAL_UNKNOWN, &period, &err), STATUS_INPUT);
        assert_non_null(strstr(err.text, "no such entity"));
    }
    /* Its year begins before days do. */
    assert_int_equal(audit_period_parse("1970", 4, &period, &err), STATUS_INPUT);
    assert_non_null(strstr(err.text, "1970 to 9999"));
    assert_int_equal(audit_period_parse("1970-Q1", 2, &period, &err), STATUS_INPUT);
}

static int month_of(const json_t *compiled, const char *one, const char *two)
{
    const char *const names[] = {one, two};
    const struct fiscal_entities entities = {.entities = names, .count = (size_t)(one != NULL) + (two != NULL)};
    return fiscal_month(compiled, &entities);
}

static void whose_fiscal_year(void **state)
{
    json_t *compiled =
        json_pack("{s:[{s:s, s:i}, {s:s, s:i}, {s:s, s:i}]}", "entities", "entity", "DE01", "fiscal_month", 1, "entity",
                  "UK01", "fiscal_month", 4, "entity", "US01", "fiscal_month", 1);
    json_t *none = json_object();
    (void)state;
    assert_int_equal(month_of(compiled, NULL, NULL), FISCAL_DIFFER);
    assert_int_equal(month_of(compiled, "UK01", NULL), 4);
    assert_int_equal(month_of(compiled, "US01", NULL), 1);
    assert_int_equal(month_of(compiled, "US01", "DE01"), 1);
    assert_int_equal(month_of(compiled, "US01", "UK01"), FISCAL_DIFFER);
    assert_int_equal(month_of(compiled, "XX01", NULL), FISCAL_UNKNOWN);
    assert_int_equal(month_of(compiled, "US01", "XX01"), FISCAL_UNKNOWN);
    assert_int_equal(month_of(none, NULL, NULL), FISCAL_UNKNOWN);
    json_decref(compiled);
    json_decref(none);
}

static void must(enum status status, const struct err *err)
{
    if (status != STATUS_OK)
        fail_msg("%s: %s", status_name(status), err->text);
}

/* By the journal and by the tables: the same month. */
static void expect_month(struct company *company, int month)
{
    static const struct fiscal_entities all = {.count = 0};
    static const char *const names[] = {"US01"};
    static const struct fiscal_entities one = {.entities = names, .count = 1};
    const struct sql_options options = {.release = "1", .exe = "0123456789abcdef"};
    struct journal *journal = gate_books(company->gate)->journal;
    struct audit_period by_journal, by_tables;
    struct sql *sql = NULL;
    struct err err = {.text = ""};
    int found = FISCAL_UNKNOWN;
    must(fiscal_month_of_journal(journal, &all, &found, &err), &err);
    assert_int_equal(found, month);
    must(fiscal_month_of_journal(journal, &one, &found, &err), &err);
    assert_int_equal(found, month);
    must(sql_build(journal, &options, &sql, &err), &err);
    const struct report_source source = report_source_sql(sql);
    must(report_fiscal_month(&source, NULL, &found, &err), &err);
    assert_int_equal(found, month);
    must(report_fiscal_month(&source, "US01", &found, &err), &err);
    assert_int_equal(found, month);
    must(report_period_read(&source, "2027-Q2", "US01", &by_tables, &err), &err);
    must(fiscal_period_of_journal(journal, &one, "2027-Q2", &by_journal, &err), &err);
    assert_memory_equal(&by_journal, &by_tables, sizeof by_tables);
    assert_int_equal(report_period_read(&source, "2027-02", "XX01", &by_tables, &err), STATUS_INPUT);
    assert_string_equal(err.text, "--entity: the policy in force knows no such entity");
    assert_int_equal(report_period_read(&source, "2027-Q7", "US01", &by_tables, &err), STATUS_INPUT);
    assert_non_null(strstr(err.text, "--period: '2027-Q7': the quarters"));
    sql_close(sql);
}

static void the_policy_in_force_at_the_head_says_it(void **state)
{
    static const struct edit april[] = {{"fiscal_year_begins: 1", "fiscal_year_begins: 4"}, {0}};
    static const struct edit july[] = {{"fiscal_year_begins: 1", "fiscal_year_begins: 7"}, {0}};
    struct company company = {.dir = ""};
    (void)state;
    company_open(&company, PEOPLE);
    expect_month(&company, 1);
    company_at(&company, "2026-01-10T12:00:00.000Z");
    closing_policy_of(&company, PEOPLE, april, "2026-02-01T00:00:00.000Z");
    expect_month(&company, 1); /* approved, and not in force before February */
    company_at(&company, "2026-02-01T12:00:00.000Z");
    json_decref(company_submit(&company, "maria", company_credit_note(&company, "10442", "40251", "1.00")));
    expect_month(&company, 4);
    closing_policy_of(&company, PEOPLE, july, "2026-02-10T00:00:00.000Z");
    company_at(&company, "2026-02-10T12:00:00.000Z");
    json_decref(company_submit(&company, "maria", company_credit_note(&company, "10442", "40251", "1.00")));
    expect_month(&company, 7);
    company_close(&company);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(periods_are_two_days),
        cmocka_unit_test(what_is_no_period_is_told_what_would_be),
        cmocka_unit_test(fiscal_times_need_one_fiscal_year),
        cmocka_unit_test(whose_fiscal_year),
        cmocka_unit_test(the_policy_in_force_at_the_head_says_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
