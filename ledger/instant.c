/*
 * The calendar in integers. Eras of 400 years have 146097 days; years are counted from March, so that the leap day is
 * the last. No tables of the system, no locale, no clock: a decision made of these is the same for ever. Implements
 * "Times" of FORMAT.md.
 */
#include "ledger/instant.h"

#include "ledger/text.h"

#include <stdio.h>
#include <string.h>

enum {
    YEAR_MIN = 1970,
    YEAR_MAX = 9999,
    ERA_DAYS = 146097,
    DAYS_TO_1970 = 719468 /* from 0000-03-01 */
};

static bool is_leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

int date_month_days(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    invariant(month >= 1 && month <= 12);
    return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

enum status date_join(const struct date_parts *parts, int32_t *ret_days, struct err *err)
{
    int year = parts->year;
    int month = parts->month;
    if (year < YEAR_MIN || year > YEAR_MAX)
        return err_set(err, STATUS_INPUT, "year %d is outside 1970..9999", year);
    if (month < 1 || month > 12)
        return err_set(err, STATUS_INPUT, "there is no month %d", month);
    if (parts->day < 1 || parts->day > date_month_days(year, month))
        return err_set(err, STATUS_INPUT, "%04d-%02d has no day %d", year, month, parts->day);
    int from_march = (month + 9) % 12;
    int shifted = month <= 2 ? year - 1 : year;
    int era = shifted / 400;
    int year_of_era = shifted % 400;
    int day_of_year = (153 * from_march + 2) / 5 + parts->day - 1;
    int day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    *ret_days = era * ERA_DAYS + day_of_era - DAYS_TO_1970;
    return STATUS_OK;
}

struct date_parts date_split(int32_t days)
{
    invariant(days >= 0 && days <= DATE_MAX);
    int shifted = days + DAYS_TO_1970;
    int era = shifted / ERA_DAYS;
    int day_of_era = shifted % ERA_DAYS;
    int year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / (ERA_DAYS - 1)) / 365;
    int day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int from_march = (5 * day_of_year + 2) / 153;
    struct date_parts parts = {
        .day = day_of_year - (153 * from_march + 2) / 5 + 1,
        .month = from_march < 10 ? from_march + 3 : from_march - 9,
    };
    parts.year = year_of_era + era * 400 + (parts.month <= 2 ? 1 : 0);
    return parts;
}

/* True when text has the form: '0' stands for a digit, anything else for itself. */
static bool has_form(const char *text, size_t length, const char *form)
{
    if (length != strlen(form))
        return false;
    for (size_t i = 0; i < length; i++) {
        bool is_digit = text[i] >= '0' && text[i] <= '9';
        if (form[i] == '0' ? !is_digit : text[i] != form[i])
            return false;
    }
    return true;
}

static int number_at(const char *text, size_t count)
{
    int number = 0;
    for (size_t i = 0; i < count; i++)
        number = number * 10 + (text[i] - '0');
    return number;
}

static enum status join_text(const char *text, int32_t *ret_days, struct err *err)
{
    struct date_parts parts = {
        .year = number_at(text, 4), .month = number_at(text + 5, 2), .day = number_at(text + 8, 2)};
    return date_join(&parts, ret_days, err);
}

enum status date_parse(const char *text, size_t length, int32_t *ret_days, struct err *err)
{
    if (!has_form(text, length, "0000-00-00")) {
        char shown[TEXT_SHOW_MAX];
        text_show(text, length, shown);
        return err_set(err, STATUS_INPUT, "date '%s': write YYYY-MM-DD", shown);
    }
    enum status status = join_text(text, ret_days, err);
    if (status != STATUS_OK)
        err_prefix(err, "date '%.10s': ", text);
    return status;
}

/* So many digits, zeros in front, then a character. Every decision writes a dozen times and dates, so not by snprintf. */
static char *put_number(char *at, unsigned number, size_t digits, char after)
{
    for (size_t i = digits; i-- > 0; number /= 10)
        at[i] = (char)('0' + number % 10);
    at[digits] = after;
    return at + digits + 1;
}

void date_format(int32_t days, char ret_text[static DATE_TEXT_BYTES])
{
    struct date_parts parts = date_split(days);
    char *at = put_number(ret_text, (unsigned)parts.year, 4, '-');
    at = put_number(at, (unsigned)parts.month, 2, '-');
    (void)put_number(at, (unsigned)parts.day, 2, '\0');
}

enum status date_add(int32_t days, int32_t delta, int32_t *ret_days, struct err *err)
{
    int64_t sum = (int64_t)days + delta;
    if (sum < 0 || sum > DATE_MAX)
        return err_set(err, STATUS_LIMIT, "a date outside 1970..9999");
    *ret_days = (int32_t)sum;
    return STATUS_OK;
}

enum status instant_parse(const char *text, size_t length, int64_t *ret_ms, struct err *err)
{
    int32_t days = 0;
    if (!has_form(text, length, "0000-00-00T00:00:00.000Z")) {
        char shown[TEXT_SHOW_MAX];
        text_show(text, length, shown);
        return err_set(err, STATUS_INPUT, "time '%s': write YYYY-MM-DDTHH:MM:SS.mmmZ", shown);
    }
    enum status status = join_text(text, &days, err);
    int hour = number_at(text + 11, 2);
    int minute = number_at(text + 14, 2);
    int second = number_at(text + 17, 2);
    if (status == STATUS_OK && (hour > 23 || minute > 59 || second > 59))
        status = err_set(err, STATUS_INPUT, "there is no %.8s on a clock without leap seconds", text + 11);
    if (status != STATUS_OK) {
        err_prefix(err, "time '%.24s': ", text);
        return status;
    }
    *ret_ms = days * INSTANT_DAY_MS + ((hour * 60 + minute) * 60 + second) * INT64_C(1000) + number_at(text + 20, 3);
    return STATUS_OK;
}

void instant_format(int64_t ms, char ret_text[static INSTANT_TEXT_BYTES])
{
    invariant(ms >= 0 && ms <= INSTANT_MAX);
    date_format((int32_t)(ms / INSTANT_DAY_MS), ret_text);
    unsigned of_day = (unsigned)(ms % INSTANT_DAY_MS);
    unsigned seconds = of_day / 1000;
    char *at = ret_text + DATE_TEXT_BYTES;
    at[-1] = 'T';
    at = put_number(at, seconds / 3600, 2, ':');
    at = put_number(at, seconds / 60 % 60, 2, ':');
    at = put_number(at, seconds % 60, 2, '.');
    at = put_number(at, of_day % 1000, 3, 'Z');
    *at = '\0';
}

enum status instant_add(int64_t ms, int64_t delta_ms, int64_t *ret_ms, struct err *err)
{
    int64_t sum = 0;
    if (__builtin_add_overflow(ms, delta_ms, &sum) || sum < 0 || sum > INSTANT_MAX)
        return err_set(err, STATUS_LIMIT, "a time outside 1970..9999");
    *ret_ms = sum;
    return STATUS_OK;
}

static int64_t held_to_range(int64_t ms)
{
    return ms < 0 ? 0 : ms > INSTANT_MAX ? INSTANT_MAX : ms;
}

int32_t date_from_instant(int64_t ms, int utc_offset_minutes)
{
    invariant(ms >= 0 && ms <= INSTANT_MAX);
    invariant(utc_offset_minutes >= -1440 && utc_offset_minutes <= 1440);
    return (int32_t)(held_to_range(ms + utc_offset_minutes * INT64_C(60000)) / INSTANT_DAY_MS);
}

int64_t date_begins(int32_t days, int utc_offset_minutes)
{
    invariant(days >= 0 && days <= DATE_MAX);
    invariant(utc_offset_minutes >= -1440 && utc_offset_minutes <= 1440);
    return held_to_range(days * INSTANT_DAY_MS - utc_offset_minutes * INT64_C(60000));
}

int date_weekday(int32_t days)
{
    invariant(days >= 0 && days <= DATE_MAX);
    return (days + 3) % 7 + 1; /* 1970-01-01 was a Thursday */
}
