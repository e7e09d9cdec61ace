/*
 * Named time zones by rule (POLICY.md "Time zones"). Before 2000 and after 2050 a zone is at its standard offset.
 * Sources of the rules: Directive 2000/84/EC (European Union), the Uniform Time Act as amended in 1986 and 2005 (United
 * States). No time zone database of the system is read: two machines compile the same bytes.
 */
#include "controls/compiler/zones.h"

#include <stdbool.h>
#include <string.h>

#include "ledger/instant.h"

enum zone_rule {
    RULE_NONE,
    RULE_EUROPE, /* last Sunday of March to last Sunday of October, 01:00 UTC */
    RULE_AMERICA /* to 2006 first Sunday of April to last of October, from 2007 second of March to first of November;
                    02:00 local time */
};

enum { SUMMER_MINUTES = 60, MINUTE_MS = 60000, HOUR_MS = 3600000, SUNDAY = 7, WEEK_DAYS = 7 };

struct zone {
    const char *name;
    int standard_minutes;
    enum zone_rule rule;
};

static const struct zone zones[] = {
    {"America/Chicago", -360, RULE_AMERICA},
    {"America/Denver", -420, RULE_AMERICA},
    {"America/Los_Angeles", -480, RULE_AMERICA},
    {"America/New_York", -300, RULE_AMERICA},
    {"America/Phoenix", -420, RULE_NONE},
    {"America/Toronto", -300, RULE_AMERICA},
    {"Asia/Dubai", 240, RULE_NONE},
    {"Asia/Hong_Kong", 480, RULE_NONE},
    {"Asia/Kolkata", 330, RULE_NONE},
    {"Asia/Manila", 480, RULE_NONE},
    {"Asia/Shanghai", 480, RULE_NONE},
    {"Asia/Singapore", 480, RULE_NONE},
    {"Asia/Tokyo", 540, RULE_NONE},
    {"Europe/Amsterdam", 60, RULE_EUROPE},
    {"Europe/Athens", 120, RULE_EUROPE},
    {"Europe/Berlin", 60, RULE_EUROPE},
    {"Europe/Brussels", 60, RULE_EUROPE},
    {"Europe/Copenhagen", 60, RULE_EUROPE},
    {"Europe/Dublin", 0, RULE_EUROPE},
    {"Europe/Helsinki", 120, RULE_EUROPE},
    {"Europe/Lisbon", 0, RULE_EUROPE},
    {"Europe/London", 0, RULE_EUROPE},
    {"Europe/Madrid", 60, RULE_EUROPE},
    {"Europe/Oslo", 60, RULE_EUROPE},
    {"Europe/Paris", 60, RULE_EUROPE},
    {"Europe/Prague", 60, RULE_EUROPE},
    {"Europe/Rome", 60, RULE_EUROPE},
    {"Europe/Stockholm", 60, RULE_EUROPE},
    {"Europe/Vienna", 60, RULE_EUROPE},
    {"Europe/Warsaw", 60, RULE_EUROPE},
    {"Europe/Zurich", 60, RULE_EUROPE},
    {"UTC", 0, RULE_NONE},
};

enum { ZONES = sizeof zones / sizeof zones[0] };

/* The n-th Sunday of a month, the last one for n = 0; days since 1970. */
static int32_t sunday(int year, int month, int n)
{
    const struct date_parts parts = {.year = year, .month = month, .day = n == 0 ? date_month_days(year, month) : 1};
    int32_t day = 0;
    bool joined = date_join(&parts, &day, NULL) == STATUS_OK;
    invariant(joined);
    int weekday = date_weekday(day);
    if (n == 0)
        return day - weekday % WEEK_DAYS;
    return day + (SUNDAY - weekday) + (n - 1) * WEEK_DAYS;
}

static int64_t at_hour(int32_t day, int hour)
{
    return day * INSTANT_DAY_MS + (int64_t)hour * HOUR_MS;
}

/* When summer time begins and ends in a year, in UTC. */
static void summer(const struct zone *zone, int year, int64_t *ret_begins, int64_t *ret_ends)
{
    if (zone->rule == RULE_EUROPE) {
        *ret_begins = at_hour(sunday(year, 3, 0), 1);
        *ret_ends = at_hour(sunday(year, 10, 0), 1);
        return;
    }
    bool until_2006 = year < 2007;
    int32_t first = until_2006 ? sunday(year, 4, 1) : sunday(year, 3, 2);
    int32_t last = until_2006 ? sunday(year, 10, 0) : sunday(year, 11, 1);
    int64_t standard_ms = (int64_t)zone->standard_minutes * MINUTE_MS;
    *ret_begins = at_hour(first, 2) - standard_ms;
    *ret_ends = at_hour(last, 1) - standard_ms; /* 02:00 of summer time is 01:00 of standard time */
}

size_t zone_changes(const char *name, struct zone_change ret_changes[static ZONE_CHANGES_MAX])
{
    size_t i = 0;
    while (i < ZONES && strcmp(zones[i].name, name) != 0)
        i++;
    if (i == ZONES)
        return 0;
    const struct zone *zone = &zones[i];
    size_t count = 0;
    ret_changes[count++] = (struct zone_change){0, zone->standard_minutes};
    for (int year = ZONE_YEAR_FIRST; zone->rule != RULE_NONE && year <= ZONE_YEAR_LAST; year++) {
        int64_t begins = 0;
        int64_t ends = 0;
        summer(zone, year, &begins, &ends);
        ret_changes[count++] = (struct zone_change){begins, zone->standard_minutes + SUMMER_MINUTES};
        ret_changes[count++] = (struct zone_change){ends, zone->standard_minutes};
    }
    return count;
}

const char *zone_name(size_t i)
{
    return i < ZONES ? zones[i].name : NULL;
}
