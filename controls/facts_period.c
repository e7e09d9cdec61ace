/*
 * Facts about cut-off; see the header. The calendar's hard closings are looked for in every policy that was ever in force,
 * since none that comes later opens again what one has closed for good.
 */
#include "controls/facts_period.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "controls/facts_parts.h"
#include "ledger/schema.h"

const char *period_state_name(enum period_state state)
{
    static const char *const names[] = {"open", "soft", "hard"};
    return names[state];
}

void month_of_date(int32_t date_days, char ret_month[static MONTH_TEXT_BYTES])
{
    struct date_parts parts = date_split(date_days);
    snprintf(ret_month, MONTH_TEXT_BYTES, "%04d-%02d", parts.year, parts.month);
}

enum status month_parse(const char *text, int32_t *ret_first, int32_t *ret_last, struct err *err)
{
    char date[DATE_TEXT_BYTES];
    int32_t first = 0;
    if (strlen(text) != MONTH_TEXT_BYTES - 1)
        return err_set(err, STATUS_INPUT, "has to be a month, YYYY-MM");
    snprintf(date, sizeof date, "%s-01", text);
    if (date_parse(date, strlen(date), &first, NULL) != STATUS_OK)
        return err_set(err, STATUS_INPUT, "has to be a month, YYYY-MM");
    struct date_parts parts = date_split(first);
    *ret_first = first;
    *ret_last = first + date_month_days(parts.year, parts.month) - 1;
    return STATUS_OK;
}

/* One policy's word about an entity, and the time in which it was in force. */
struct reign {
    int64_t from_ms, to_ms; /* half-open */
    int64_t days;
};

struct reigns {
    const char *entity;
    struct reign *list;
    size_t count;
    bool any; /* one of them closes by calendar */
};

static enum status reign_step(void *context, struct slice key, const json_t *record, bool *ret_more, struct err *err)
{
    struct reigns *reigns = context;
    const char *text = member_text(record, "effective");
    struct reign reign = {.to_ms = INT64_MAX,
                          .days = member_integer(json_object_get(record, "hard_days"), reigns->entity)};
    (void)key;
    (void)ret_more;
    enum status status = instant_parse(text, strlen(text), &reign.from_ms, err);
    if (status != STATUS_OK)
        return status;
    struct reign *list = realloc(reigns->list, (reigns->count + 1) * sizeof *list);
    if (list == NULL)
        return err_set(err, STATUS_MEMORY, "no memory");
    /* A later entry with the same time replaces an earlier one, and one that takes effect before another's is over ends
     * it: the order is that of judge_policy. */
    for (size_t i = 0; i < reigns->count; i++) {
        if (list[i].from_ms <= reign.from_ms && reign.from_ms < list[i].to_ms)
            list[i].to_ms = reign.from_ms;
        else if (list[i].from_ms > reign.from_ms && list[i].from_ms < reign.to_ms)
            reign.to_ms = list[i].from_ms;
    }
    list[reigns->count] = reign;
    reigns->list = list;
    reigns->count++;
    reigns->any = reigns->any || reign.days > 0;
    return STATUS_OK;
}

/* The first instant after `days` more days than the month has. */
static int64_t closes_at(const struct policy_entity *entity, int32_t last, int64_t days)
{
    int64_t date = (int64_t)last + days + 1;
    return date > DATE_MAX ? INT64_MAX : entity_day_start(entity, (int32_t)date);
}

static enum status calendar_hard(const struct facts *facts, const struct policy_entity *entity, int32_t last,
                                 bool *ret_hard, struct err *err)
{
    struct reigns reigns = {.entity = entity->entity};
    struct books_walk walk = {.table = BOOKS_POLICIES, .step = reign_step, .context = &reigns};
    bool hard = false;
    enum status status = books_each(facts->books, &walk, err);
    for (size_t i = 0; status == STATUS_OK && reigns.any && i < reigns.count; i++) {
        const struct reign *reign = &reigns.list[i];
        if (reign->days == 0)
            continue;
        int64_t at = closes_at(entity, last, reign->days);
        at = at > reign->from_ms ? at : reign->from_ms;
        hard = hard || (at < reign->to_ms && at <= facts->time_ms);
    }
    free(reigns.list);
    if (status == STATUS_OK)
        *ret_hard = hard;
    return status;
}

static void calendar_soft(const struct facts *facts, const struct policy_entity *entity, int32_t last,
                          int64_t spoken_ms, struct period *period)
{
    int64_t days = entity->parameters[PARAMETER_PERIOD_SOFT_DAYS];
    if (days == 0 || period->state != PERIOD_OPEN)
        return;
    int64_t at = closes_at(entity, last, days);
    if (facts->time_ms < at || spoken_ms >= at)
        return;
    period->state = PERIOD_SOFT;
    period->by_calendar = true;
    period->number[0] = '\0';
}

enum status facts_period(const struct facts *facts, const struct policy_entity *entity, const char *month,
                         struct period *ret_period, struct err *err)
{
    struct period period = {.state = PERIOD_OPEN};
    struct books_key key = books_key_pair(entity->entity, month);
    json_t *record = NULL;
    int32_t first, last;
    int64_t spoken_ms = -1;
    bool hard = false;
    enum status status = month_parse(month, &first, &last, err);
    if (status == STATUS_OK)
        status = facts_get(facts, BOOKS_PERIODS, &key, &record, err);
    if (status == STATUS_OK && record != NULL) {
        const char *state = member_text(record, "state"), *time = member_text(record, "time");
        period.state = strcmp(state, "hard") == 0   ? PERIOD_HARD
                       : strcmp(state, "soft") == 0 ? PERIOD_SOFT
                                                    : PERIOD_OPEN;
        period.document_hard = period.state == PERIOD_HARD;
        period.seq = (uint64_t)member_integer(record, "seq");
        snprintf(period.number, sizeof period.number, "%s", member_text(record, "number"));
        status = instant_parse(time, strlen(time), &spoken_ms, err);
    }
    json_decref(record);
    if (status == STATUS_OK)
        status = calendar_hard(facts, entity, last, &hard, err);
    if (status != STATUS_OK)
        return status;
    calendar_soft(facts, entity, last, spoken_ms, &period);
    if (hard && period.state != PERIOD_HARD) {
        period.state = PERIOD_HARD;
        period.by_calendar = true;
        period.number[0] = '\0';
    }
    *ret_period = period;
    return STATUS_OK;
}

struct exception_search {
    const struct facts *facts;
    const struct period *period;
    struct period_exception found;
    bool holds;
};

static enum status exception_step(void *context, struct slice key, const json_t *record, bool *ret_more,
                                  struct err *err)
{
    struct exception_search *search = context;
    const char *until = member_text(record, "until");
    int64_t until_ms;
    (void)key;
    enum status status = instant_parse(until, strlen(until), &until_ms, err);
    if (status != STATUS_OK)
        return status;
    bool ended = until_ms <= search->facts->time_ms || (uint64_t)member_integer(record, "seq") < search->period->seq;
    search->holds = !ended;
    search->found.over = ended;
    snprintf(search->found.number, sizeof search->found.number, "%s", member_text(record, "number"));
    snprintf(search->found.until, sizeof search->found.until, "%s", until);
    *ret_more = ended;
    return STATUS_OK;
}

enum status facts_period_exception(const struct facts *facts, const char *entity, const char *month, const char *user,
                                   const struct period *period, struct period_exception *ret_exception, struct err *err)
{
    struct exception_search search = {.facts = facts, .period = period};
    struct books_key prefix = books_key_pair(entity, month);
    books_key_add_text(&prefix, user);
    books_key_close(&prefix);
    const struct books_walk walk = {
        .table = BOOKS_EXCEPTIONS, .prefix = &prefix, .step = exception_step, .context = &search};
    enum status status = books_each(facts->books, &walk, err);
    if (status == STATUS_OK)
        *ret_exception = search.found;
    return status;
}

enum status facts_period_excepted(const struct facts *facts, const char *entity, const char *month,
                                  const struct period *period, bool *ret_any, struct err *err)
{
    struct exception_search search = {.facts = facts, .period = period};
    struct books_key prefix = books_key_pair(entity, month);
    books_key_close(&prefix);
    const struct books_walk walk = {
        .table = BOOKS_EXCEPTIONS, .prefix = &prefix, .step = exception_step, .context = &search};
    enum status status = books_each(facts->books, &walk, err);
    if (status == STATUS_OK)
        *ret_any = search.holds;
    return status;
}

enum status facts_entity_opened(const struct facts *facts, const char *entity, bool *ret_opened, struct err *err)
{
    struct books_key key = books_key(entity);
    return books_has(facts->books, BOOKS_ENTITIES, &key, ret_opened, err);
}

enum status facts_feed_closed(const struct facts *facts, const char *entity, const char *feed, int64_t *ret_time_ms,
                              struct err *err)
{
    struct books_key key = books_key_pair(entity, feed);
    json_t *file = NULL;
    int64_t time_ms = -1;
    enum status status = facts_get(facts, BOOKS_FILES, &key, &file, err);
    const char *text = file != NULL ? member_text(file, "closed_time") : NULL;
    if (status == STATUS_OK && text != NULL)
        status = instant_parse(text, strlen(text), &time_ms, err);
    json_decref(file);
    if (status == STATUS_OK)
        *ret_time_ms = time_ms;
    return status;
}
