/*
 * Periods of reports; see the header. Everything becomes two days, because that is what the tables have. Which month a fiscal
 * year begins with is the policy's.
 */
#include "audit/report/period.h"

#include <stdbool.h>
#include <string.h>

#include "audit/sql/sql.h"

enum { MONTHS_OF_YEAR = 12 };

/* Digits of exactly that many characters; -1 otherwise. */
static int digits_of(const char *text, size_t count)
{
    int value = 0;
    for (size_t i = 0; i < count; i++) {
        if (text[i] < '0' || text[i] > '9')
            return -1;
        value = value * 10 + (text[i] - '0');
    }
    return value;
}

/* Months counted from January of year 0, from..from+count-1. */
static enum status months(int first, int count, struct report_period *ret_period, struct err *err)
{
    const int last = first + count - 1;
    const struct date_parts from = {.year = first / 12, .month = first % 12 + 1, .day = 1};
    const struct date_parts to = {
        .year = last / 12, .month = last % 12 + 1, .day = date_month_days(last / 12, last % 12 + 1)};
    int32_t from_days = 0, to_days = 0;
    enum status status = date_join(&from, &from_days, err);
    if (status == STATUS_OK)
        status = date_join(&to, &to_days, err);
    if (status != STATUS_OK)
        return status;
    date_format(from_days, ret_period->from);
    date_format(to_days, ret_period->to);
    return STATUS_OK;
}

static enum status wrong(const char *why, struct err *err)
{
    return err_set(err, STATUS_INPUT,
                   "%s: write a fiscal quarter or year (2026-Q3, 2026), a month (2026-07) or days "
                   "(2026-07-01..2026-09-30)",
                   why);
}

/* The month, counted from January of year 0, in which a fiscal year begins. */
static int fiscal_begin(int year, int fiscal_month)
{
    return (fiscal_month == 1 ? year : year - 1) * 12 + fiscal_month - 1;
}

static enum status days(const char *text, struct report_period *ret_period, struct err *err)
{
    int32_t from = 0, to = 0;
    enum status status = date_parse(text, 10, &from, err);
    if (status == STATUS_OK)
        status = date_parse(text + 12, 10, &to, err);
    if (status != STATUS_OK)
        return status;
    if (from > to)
        return wrong("the first day is after the last", err);
    date_format(from, ret_period->from);
    date_format(to, ret_period->to);
    return STATUS_OK;
}

enum status report_period_parse(const char *text, int fiscal_month, struct report_period *ret_period, struct err *err)
{
    const size_t length = strlen(text);
    const int year = length >= 4 ? digits_of(text, 4) : -1;
    if (length == 22 && memcmp(text + 10, "..", 2) == 0)
        return days(text, ret_period, err);
    if (year < 1971 || year > 9998)
        return wrong("no period", err);
    const bool fiscal = length == 4 || (length == 7 && text[5] == 'Q');
    if (fiscal && fiscal_month == 0)
        return err_set(
            err, STATUS_INPUT,
            "entities of this book begin their fiscal years in different months: name one (--entity), or give "
            "months or days");
    if (length == 4)
        return months(fiscal_begin(year, fiscal_month), 12, ret_period, err);
    if (length != 7 || text[4] != '-')
        return wrong("no period", err);
    if (fiscal && text[6] >= '1' && text[6] <= '4')
        return months(fiscal_begin(year, fiscal_month) + 3 * (text[6] - '1'), 3, ret_period, err);
    const int month = digits_of(text + 5, 2);
    if (month < 1 || month > 12)
        return wrong("no period", err);
    return months(year * 12 + month - 1, 1, ret_period, err);
}

enum status report_fiscal_month(struct sql *sql, const char *entity, int *ret_month, struct err *err)
{
    const struct sql_binding bindings[] = {{":entity", sql_text(entity)}, {NULL, {.type = SQL_NULL}}};
    int64_t month = 0;
    enum status status = sql_number(
        sql,
        "SELECT CASE count(DISTINCT m) WHEN 0 THEN -1 WHEN 1 THEN max(m) ELSE 0 END FROM (SELECT coalesce(e.value ->> "
        "'fiscal_month', 1) AS m FROM policy p, json_each(p.compiled, '$.entities') e WHERE p.hash = (SELECT policy "
        "FROM "
        "entry ORDER BY seq DESC LIMIT 1) AND (:entity IS NULL OR e.value ->> 'entity' = :entity))",
        bindings, &month, err);
    if (status == STATUS_OK)
        *ret_month = month <= MONTHS_OF_YEAR ? (int)month : 0;
    return status;
}
