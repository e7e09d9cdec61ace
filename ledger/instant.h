/*
 * Instants and dates as numbers and as the one text form the format has. Instants are milliseconds since
 * 1970-01-01T00:00:00.000Z, dates days since 1970-01-01, both in 1970..9999, proleptic Gregorian, without
 * leap seconds. No clock and no time zone of the system. Source: RFC 3339, narrowed.
 */
#ifndef LEDGER_INSTANT_H
#define LEDGER_INSTANT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/status.h"

enum {
    INSTANT_TEXT_BYTES = 25, /* YYYY-MM-DDTHH:MM:SS.mmmZ and NUL */
    DATE_TEXT_BYTES = 11,    /* YYYY-MM-DD and NUL */
    DATE_MAX = 2932896       /* 9999-12-31 */
};

#define INSTANT_DAY_MS INT64_C(86400000)
#define INSTANT_MAX    ((DATE_MAX + INT64_C(1)) * INSTANT_DAY_MS - 1)

struct date_parts {
    int year;  /* 1970..9999 */
    int month; /* 1..12 */
    int day;   /* 1..31 */
};

/*
 * Reads exactly YYYY-MM-DDTHH:MM:SS.mmmZ.
 *
 * in      text[0..length); borrowed.
 * out     *ret_ms.
 * errors  INPUT (form, a day that the month does not have, an hour 24, a second 60).
 */
MUST_USE enum status instant_parse(const char *text, size_t length, int64_t *ret_ms, struct err *err);

/* Writes that form. ms in 0..INSTANT_MAX (ours to keep; instant_add does). */
void instant_format(int64_t ms, char ret_text[static INSTANT_TEXT_BYTES]);

/* ms + delta_ms. errors LIMIT (outside 1970..9999). */
MUST_USE enum status instant_add(int64_t ms, int64_t delta_ms, int64_t *ret_ms, struct err *err);

/* Reads exactly YYYY-MM-DD. errors INPUT. */
MUST_USE enum status date_parse(const char *text, size_t length, int32_t *ret_days, struct err *err);

/* Writes that form. days in 0..DATE_MAX. */
void date_format(int32_t days, char ret_text[static DATE_TEXT_BYTES]);

/* days + delta. errors LIMIT (outside 1970..9999). */
MUST_USE enum status date_add(int32_t days, int32_t delta, int32_t *ret_days, struct err *err);

/*
 * The local date at an instant, where local time is utc_offset_minutes ahead of UTC (-1440..1440). At the two
 * ends of the range, where local time leaves 1970..9999, it answers the first or the last date there is.
 */
int32_t date_from_instant(int64_t ms, int utc_offset_minutes);

/* The instant at which a local date begins, held to the range in the same way. The reverse of
 * date_from_instant. */
int64_t date_begins(int32_t days, int utc_offset_minutes);

/* Year, month and day of days in 0..DATE_MAX. */
struct date_parts date_split(int32_t days);

/* errors INPUT (no such day, or outside 1970..9999). */
MUST_USE enum status date_join(const struct date_parts *parts, int32_t *ret_days, struct err *err);

/* Days of a month: month 1..12. */
int date_month_days(int year, int month);

/* 1 Monday .. 7 Sunday, as ISO 8601. */
int date_weekday(int32_t days);

#endif
