/*
 * The local calendar of an entity: its days, fiscal years and quarters, from the UTC offsets that the compiled policy
 * holds. No time zone of the system is asked, so that a decision means the same in ten years. Guarantees that a day
 * begins at one instant, also where an offset changes at or across midnight.
 */
#include "controls/policy.h"

#include "ledger/instant.h"

enum { QUARTER_MONTHS = 3, YEAR_MONTHS = 12 };

/* The offset in force at time_ms: the last that begins at or before it, the first one for anything earlier. */
static size_t offset_at(const struct policy_entity *entity, int64_t time_ms)
{
    size_t low = 0;
    size_t high = entity->offset_count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (entity->offsets[middle].from_ms <= time_ms)
            low = middle;
        else
            high = middle;
    }
    return low;
}

int32_t entity_date(const struct policy_entity *entity, int64_t time_ms)
{
    return date_from_instant(time_ms, entity->offsets[offset_at(entity, time_ms)].minutes);
}

/*
 * The first instant at or after the start of offset number from at which the local date is at least date. Within one
 * offset local time runs evenly, so in each the answer is its own midnight or, when a change jumped over that, its start.
 */
static int64_t day_begins(const struct policy_entity *entity, size_t from, int32_t date)
{
    int64_t begins = 0;
    for (size_t i = from; i < entity->offset_count; i++) {
        begins = date_begins(date, entity->offsets[i].minutes);
        if (i > from && begins < entity->offsets[i].from_ms)
            begins = entity->offsets[i].from_ms;
        if (i + 1 == entity->offset_count || begins < entity->offsets[i + 1].from_ms)
            break;
    }
    return begins;
}

int64_t entity_next_midnight(const struct policy_entity *entity, int64_t time_ms)
{
    size_t now = offset_at(entity, time_ms);
    int32_t date = date_from_instant(time_ms, entity->offsets[now].minutes);
    return day_begins(entity, now, date < DATE_MAX ? date + 1 : DATE_MAX);
}

int entity_fiscal_year(const struct policy_entity *entity, int32_t date_days)
{
    struct date_parts parts = date_split(date_days);
    return entity->fiscal_month > 1 && parts.month >= entity->fiscal_month ? parts.year + 1 : parts.year;
}

int64_t entity_quarter_start(const struct policy_entity *entity, int64_t time_ms)
{
    struct date_parts parts = date_split(entity_date(entity, time_ms));
    int back = (parts.month - entity->fiscal_month + YEAR_MONTHS) % YEAR_MONTHS % QUARTER_MONTHS;
    parts.day = 1;
    parts.month -= back;
    if (parts.month < 1) {
        parts.month += YEAR_MONTHS;
        parts.year--;
    }
    int32_t first = 0;
    if (date_join(&parts, &first, NULL) != STATUS_OK)
        first = 0; /* a quarter that began before 1970 begins with time itself */
    /* Two days before its midnight in UTC that day has begun nowhere, so no earlier offset can hold the answer. */
    return day_begins(entity, offset_at(entity, date_begins(first, 0) - 2 * INSTANT_DAY_MS), first);
}

int64_t entity_day_start(const struct policy_entity *entity, int32_t date_days)
{
    return day_begins(entity, offset_at(entity, date_begins(date_days, 0) - 2 * INSTANT_DAY_MS), date_days);
}

bool entity_business_day(const struct policy_entity *entity, int32_t date_days)
{
    enum { WEEK = 7, SATURDAY = 2, SUNDAY = 3 }; /* 1970-01-01 was a Thursday */
    int32_t weekday = (date_days % WEEK + WEEK) % WEEK;
    if (weekday == SATURDAY || weekday == SUNDAY)
        return false;
    size_t low = 0, high = entity->holiday_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (entity->holidays[middle] == date_days)
            return false;
        if (entity->holidays[middle] < date_days)
            low = middle + 1;
        else
            high = middle;
    }
    return true;
}

int64_t entity_business_deadline(const struct policy_entity *entity, int64_t time_ms, int64_t count)
{
    int32_t date = entity_date(entity, time_ms);
    for (int64_t left = count; left > 0 && date < DATE_MAX - 1;) {
        date++;
        if (entity_business_day(entity, date))
            left--;
    }
    return entity_day_start(entity, date + 1);
}
