/*
 * Periods from their texts; see the header for the grammar. Everything becomes two days. Which month a fiscal year begins with is
 * not known here (fiscal.h).
 */
#include "audit/period.h"

#include <stdio.h>
#include <string.h>

enum {
    MONTHS_OF_YEAR = 12,
    MONTHS_OF_QUARTER = 3,
    YEAR_FIRST = 1970,
    YEAR_CHARS = 4,
    MONTH_CHARS = 7, /* of a quarter too */
    DAY_CHARS = 10,
    JANUARY = 1
};

/* One end of a range, or all of a period. */
struct part {
    const char *text;
    size_t length;
    int fiscal_month;
};

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

/* "'2026-13': there is no month 13, ...". What was given is shown as far as there is room for it. */
static enum status wrong(const struct part *part, const char *why, struct err *err)
{
    return err_set(err, STATUS_INPUT, "'%.*s'%s %s", part->length > 40 ? 40 : (int)part->length, part->text,
                   part->length > 40 ? "...:" : ":", why);
}

static enum status no_period(const struct part *part, struct err *err)
{
    return wrong(part,
                 "no period: write a fiscal quarter or year (2026-Q3, 2026), a month (2026-07), a day (2026-07-14), or "
                 "the first and the last of these (2026-07-01..2026-09-30)",
                 err);
}

/* count months, the first of them counted from January of the year 0. */
static enum status months(int first, int count, struct audit_period *ret_period)
{
    const int last = first + count - 1;
    const struct date_parts from = {.year = first / MONTHS_OF_YEAR, .month = first % MONTHS_OF_YEAR + 1, .day = 1};
    const int year = last / MONTHS_OF_YEAR, month = last % MONTHS_OF_YEAR + 1;
    const struct date_parts to = {.year = year, .month = month, .day = date_month_days(year, month)};
    enum status status = date_join(&from, &ret_period->first, NULL);
    return status == STATUS_OK ? date_join(&to, &ret_period->last, NULL) : status;
}

/* The month in which a fiscal year begins, counted from January of the year 0. */
static enum status fiscal_begin(const struct part *part, int year, int *ret_month, struct err *err)
{
    if (part->fiscal_month == FISCAL_UNKNOWN)
        return wrong(part,
                     "the policy in force has no such entity, and so no fiscal year of it: give months or days, as in "
                     "2026-07..2026-09",
                     err);
    if (part->fiscal_month == FISCAL_DIFFER)
        return wrong(part,
                     "the entities begin their fiscal years in different months, so it is not the same time for all of "
                     "them: ask for one entity, or give months or days, as in 2026-07..2026-09",
                     err);
    *ret_month = (part->fiscal_month == JANUARY ? year : year - 1) * MONTHS_OF_YEAR + part->fiscal_month - 1;
    return STATUS_OK;
}

static enum status year_parse(const struct part *part, int year, struct audit_period *ret_period, struct err *err)
{
    int first = 0;
    enum status status = fiscal_begin(part, year, &first, err);
    if (status == STATUS_OK && months(first, MONTHS_OF_YEAR, ret_period) != STATUS_OK)
        status = wrong(part, "years are from 1970 to 9999", err);
    return status;
}

static enum status quarter_parse(const struct part *part, int year, struct audit_period *ret_period, struct err *err)
{
    const int quarter = digits_of(part->text + MONTH_CHARS - 1, 1);
    int first = 0;
    if (quarter < 1 || quarter > MONTHS_OF_YEAR / MONTHS_OF_QUARTER)
        return wrong(part, "the quarters of a year are Q1 to Q4", err);
    enum status status = fiscal_begin(part, year, &first, err);
    if (status == STATUS_OK &&
        months(first + (quarter - 1) * MONTHS_OF_QUARTER, MONTHS_OF_QUARTER, ret_period) != STATUS_OK)
        status = wrong(part, "years are from 1970 to 9999", err);
    return status;
}

static enum status calendar_month_parse(const struct part *part, int year, struct audit_period *ret_period,
                                        struct err *err)
{
    const int month = digits_of(part->text + YEAR_CHARS + 1, 2);
    if (month < 1 || month > MONTHS_OF_YEAR)
        return wrong(part, "the months of a year are 01 to 12", err);
    return months(year * MONTHS_OF_YEAR + month - 1, 1, ret_period);
}

static enum status day_parse(const struct part *part, struct audit_period *ret_period, struct err *err)
{
    const int year = digits_of(part->text, YEAR_CHARS), month = digits_of(part->text + YEAR_CHARS + 1, 2);
    if (date_parse(part->text, part->length, &ret_period->first, NULL) == STATUS_OK) {
        ret_period->last = ret_period->first;
        return STATUS_OK;
    }
    if (part->text[MONTH_CHARS] != '-' || month < 0 || digits_of(part->text + MONTH_CHARS + 1, 2) < 0)
        return no_period(part, err);
    if (month < 1 || month > MONTHS_OF_YEAR)
        return wrong(part, "the months of a year are 01 to 12", err);
    char why[48];
    snprintf(why, sizeof why, "%.7s has the days 01 to %d", part->text, date_month_days(year, month));
    return wrong(part, why, err);
}

static enum status part_parse(const struct part *part, struct audit_period *ret_period, struct err *err)
{
    const int year = part->length >= YEAR_CHARS ? digits_of(part->text, YEAR_CHARS) : -1;
    const bool parted = part->length > YEAR_CHARS && part->text[YEAR_CHARS] == '-';
    if (year < 0 || (part->length != YEAR_CHARS && !parted))
        return no_period(part, err);
    if (part->length == YEAR_CHARS || part->length == MONTH_CHARS || part->length == DAY_CHARS)
        if (year < YEAR_FIRST)
            return wrong(part, "years are from 1970 to 9999", err);
    if (part->length == YEAR_CHARS)
        return year_parse(part, year, ret_period, err);
    if (part->length == DAY_CHARS)
        return day_parse(part, ret_period, err);
    if (part->length == MONTH_CHARS && part->text[YEAR_CHARS + 1] == 'Q' &&
        digits_of(part->text + MONTH_CHARS - 1, 1) >= 0)
        return quarter_parse(part, year, ret_period, err);
    if (part->length == MONTH_CHARS && digits_of(part->text + YEAR_CHARS + 1, 2) >= 0)
        return calendar_month_parse(part, year, ret_period, err);
    return no_period(part, err);
}

enum status audit_period_parse(const char *text, int fiscal_month, struct audit_period *ret_period, struct err *err)
{
    const char *dots = strstr(text, "..");
    const size_t length = strlen(text);
    const struct part whole = {.text = text, .length = length, .fiscal_month = fiscal_month};
    struct audit_period from = {.first = 0}, to;
    struct part part = whole;
    part.length = dots != NULL ? (size_t)(dots - text) : length;
    enum status status = part_parse(&part, &from, err);
    to = from;
    if (status == STATUS_OK && dots != NULL) {
        part.text = dots + 2;
        part.length = strlen(part.text);
        status = part_parse(&part, &to, err);
    }
    if (status == STATUS_OK && to.last < from.first)
        status = wrong(&whole, "its last day is before its first: write the earlier one first", err);
    if (status != STATUS_OK)
        return status;
    *ret_period = (struct audit_period){.first = from.first, .last = to.last};
    date_format(ret_period->first, ret_period->from);
    date_format(ret_period->last, ret_period->to);
    return STATUS_OK;
}

enum status audit_period_check(const char *text, struct err *err)
{
    struct audit_period period;
    return audit_period_parse(text, JANUARY, &period, err);
}
