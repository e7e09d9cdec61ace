/*
 * Instants and dates: one text, every day of eight thousand years, nothing that a calendar does not have.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "ledger/instant.h"

/* Counted day by day, with the rule of leap years written once more. */
static void every_day_goes_both_ways(void **state)
{
    (void)state;
    int year = 1970, month = 1, day = 1;
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    for (int32_t days = 0; days <= DATE_MAX; days++) {
        struct date_parts parts = date_split(days);
        int32_t back = -1;
        assert_true(parts.year == year && parts.month == month && parts.day == day);
        assert_int_equal(date_join(&parts, &back, NULL), STATUS_OK);
        assert_int_equal(back, days);
        assert_int_equal(date_weekday(days), (days + 3) % 7 + 1);
        int length = lengths[month - 1] + (month == 2 && year % 4 == 0 && (year % 100 != 0 || year % 400 == 0));
        assert_int_equal(date_month_days(year, month), length);
        if (++day > length) {
            day = 1;
            if (++month > 12) {
                month = 1;
                year++;
            }
        }
    }
    assert_int_equal(year, 10000);
}

static void known_dates(void **state)
{
    (void)state;
    int32_t days = 0;
    char text[DATE_TEXT_BYTES];
    assert_int_equal(date_parse("2026-03-01", 10, &days, NULL), STATUS_OK);
    assert_int_equal(days, 20513);
    assert_int_equal(date_weekday(days), 7);
    date_format(days, text);
    assert_string_equal(text, "2026-03-01");
    date_format(0, text);
    assert_string_equal(text, "1970-01-01");
    date_format(DATE_MAX, text);
    assert_string_equal(text, "9999-12-31");
    assert_int_equal(date_parse("2000-02-29", 10, &days, NULL), STATUS_OK);
    assert_int_equal(days, 11016);
    assert_int_equal(date_add(11016, 1, &days, NULL), STATUS_OK);
    date_format(days, text);
    assert_string_equal(text, "2000-03-01");
    assert_int_equal(date_add(0, -1, &days, NULL), STATUS_LIMIT);
    assert_int_equal(date_add(DATE_MAX, 1, &days, NULL), STATUS_LIMIT);
    assert_int_equal(date_add(INT32_MAX, INT32_MAX, &days, NULL), STATUS_LIMIT);
}

static void instants_have_one_text(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t ms;
    } cases[] = {
        {"1970-01-01T00:00:00.000Z", 0},
        {"1970-01-01T00:00:00.001Z", 1},
        {"1970-01-01T23:59:59.999Z", 86399999},
        {"2026-03-01T09:30:00.000Z", INT64_C(1772357400000)},
        {"2000-02-29T12:34:56.789Z", INT64_C(951827696789)},
        {"9999-12-31T23:59:59.999Z", INSTANT_MAX},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t ms = -1;
        char text[INSTANT_TEXT_BYTES];
        assert_int_equal(instant_parse(cases[i].text, 24, &ms, NULL), STATUS_OK);
        assert_true(ms == cases[i].ms);
        instant_format(ms, text);
        assert_string_equal(text, cases[i].text);
    }
}

static void what_is_no_instant_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "2026-03-01",
        "2026-03-01T09:30:00Z",
        "2026-03-01T09:30:00.00Z",
        "2026-03-01T09:30:00.0000Z",
        "2026-03-01t09:30:00.000Z",
        "2026-03-01T09:30:00.000z",
        "2026-03-01 09:30:00.000Z",
        "2026-03-01T09:30:00,000Z",
        "2026-03-01T09:30:00.000+00:00",
        "2026-03-01T09:30:00.000",
        " 2026-03-01T09:30:00.000Z",
        "2026-03-01T09:30:00.000Z ",
        "2026-3-01T09:30:00.000Z",
        "26-03-01T09:30:00.000Z",
        "+026-03-01T09:30:00.000Z",
        "2026-02-29T00:00:00.000Z",
        "2026-02-30T00:00:00.000Z",
        "2100-02-29T00:00:00.000Z",
        "2026-04-31T00:00:00.000Z",
        "2026-00-01T00:00:00.000Z",
        "2026-13-01T00:00:00.000Z",
        "2026-01-00T00:00:00.000Z",
        "2026-01-32T00:00:00.000Z",
        "2026-01-01T24:00:00.000Z",
        "2026-01-01T23:60:00.000Z",
        "2016-12-31T23:59:60.000Z",
        "1969-12-31T23:59:59.999Z",
        "0000-01-01T00:00:00.000Z",
        "2026-01-01T-1:00:00.000Z",
        "2026-01-01T00:00:00.-01Z",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        int64_t ms = 99;
        struct err err = {.text = ""};
        if (instant_parse(bad[i], strlen(bad[i]), &ms, &err) != STATUS_INPUT || ms != 99)
            fail_msg("'%s' was read", bad[i]);
        assert_memory_equal(err.text, "time '", 6);
    }
    struct err err;
    int64_t ms = 0;
    assert_int_equal(instant_parse("2026-02-30T00:00:00.000Z", 24, &ms, &err), STATUS_INPUT);
    assert_string_equal(err.text, "time '2026-02-30T00:00:00.000Z': 2026-02 has no day 30");
    assert_int_equal(instant_parse("2026-01-01T24:00:00.000Z", 24, &ms, &err), STATUS_INPUT);
    assert_string_equal(err.text, "time '2026-01-01T24:00:00.000Z': there is no 24:00:00 on a clock without leap "
                                  "seconds");
    assert_int_equal(instant_parse("now", 3, &ms, &err), STATUS_INPUT);
    assert_string_equal(err.text, "time 'now': write YYYY-MM-DDTHH:MM:SS.mmmZ");
}

static void what_is_no_date_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",           "2026-1-01",  "2026/01/01", "20260101",   "2026-01-01 ",         "01-01-2026",
        "2026-02-29", "1969-12-31", "2026-13-01", "2026-06-31", "\357\274\221026-01-1"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        int32_t days = 99;
        if (date_parse(bad[i], strlen(bad[i]), &days, NULL) != STATUS_INPUT || days != 99)
            fail_msg("'%s' was read", bad[i]);
    }
    struct date_parts parts = {10000, 1, 1};
    int32_t days = 0;
    assert_int_equal(date_join(&parts, &days, NULL), STATUS_INPUT);
    parts = (struct date_parts){2026, 1, -1};
    assert_int_equal(date_join(&parts, &days, NULL), STATUS_INPUT);
}

static void sums_stay_in_range(void **state)
{
    (void)state;
    int64_t ms = 99;
    assert_int_equal(instant_add(INSTANT_MAX, 1, &ms, NULL), STATUS_LIMIT);
    assert_int_equal(instant_add(0, -1, &ms, NULL), STATUS_LIMIT);
    assert_int_equal(instant_add(INT64_MAX, INT64_MAX, &ms, NULL), STATUS_LIMIT);
    assert_true(ms == 99);
    assert_int_equal(instant_add(5, 90 * INSTANT_DAY_MS, &ms, NULL), STATUS_OK);
    assert_true(ms == 5 + 90 * INSTANT_DAY_MS);
    assert_int_equal(instant_add(INSTANT_MAX, -INSTANT_MAX, &ms, NULL), STATUS_OK);
    assert_true(ms == 0);
}

static void local_dates_turn_at_local_midnight(void **state)
{
    (void)state;
    const int64_t midnight = 20513 * INSTANT_DAY_MS;
    assert_int_equal(date_from_instant(midnight, 0), 20513);
    assert_int_equal(date_from_instant(midnight - 1, 0), 20512);
    assert_int_equal(date_from_instant(midnight - 1, 60), 20513);
    assert_int_equal(date_from_instant(midnight - 60 * 60000 - 1, 60), 20512);
    assert_int_equal(date_from_instant(midnight, -1), 20512);
    assert_int_equal(date_from_instant(midnight + 5 * 3600000 - 1, -300), 20512);
    assert_int_equal(date_from_instant(midnight + 5 * 3600000, -300), 20513);
    assert_int_equal(date_from_instant(0, -720), 0);
    assert_int_equal(date_from_instant(INSTANT_MAX, 840), DATE_MAX);
    for (int offset = -1440; offset <= 1440; offset += 15) {
        int64_t begins = date_begins(20513, offset);
        assert_int_equal(date_from_instant(begins, offset), 20513);
        assert_int_equal(date_from_instant(begins - 1, offset), 20512);
    }
    assert_true(date_begins(0, 60) == 0);
    assert_true(date_begins(DATE_MAX, -1440) == INSTANT_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_day_goes_both_ways),
        cmocka_unit_test(known_dates),
        cmocka_unit_test(instants_have_one_text),
        cmocka_unit_test(what_is_no_instant_is_refused),
        cmocka_unit_test(what_is_no_date_is_refused),
        cmocka_unit_test(sums_stay_in_range),
        cmocka_unit_test(local_dates_turn_at_local_midnight),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
