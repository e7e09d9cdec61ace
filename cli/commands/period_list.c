/*
 * countersign period list: which months are open, closed or closed for good, by whom, and who is excepted.
 */
#include <stdio.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/output.h"
#include "cli/reading.h"
#include "cli/session.h"
#include "cli/table.h"
#include "controls/facts_period.h"
#include "ledger/instant.h"
#include "ledger/schema.h"

enum { MONTHS_SHOWN = 4, EXCEPTIONS_BYTES = 512 };

struct listing {
    struct cli *cli;
    const struct facts *facts;
    struct table *table;
    const struct policy_entity *entity;
    json_t *months; /* with a document, of this entity: {month: record} */
};

static enum status month_step(void *context, struct slice key, const json_t *record, bool *ret_more, struct err *err)
{
    struct listing *listing = context;
    char entity[ID_BYTES_MAX + 1], month[ID_BYTES_MAX + 1];
    size_t at = 0;
    (void)ret_more;
    enum status status = reading_key_text(key, &at, entity, err);
    if (status == STATUS_OK)
        status = reading_key_text(key, &at, month, err);
    if (status == STATUS_OK && json_object_set(listing->months, month, (json_t *)record) != 0)
        status = err_set(err, STATUS_MEMORY, "no memory");
    return status;
}

struct excepted {
    const struct facts *facts;
    const struct period *period;
    char text[EXCEPTIONS_BYTES];
    json_t *list;
};

static enum status exception_step(void *context, struct slice key, const json_t *record, bool *ret_more,
                                  struct err *err)
{
    struct excepted *excepted = context;
    const char *until = member_text(record, "until");
    int64_t until_ms;
    (void)key;
    (void)ret_more;
    enum status status = instant_parse(until, strlen(until), &until_ms, err);
    if (status != STATUS_OK || until_ms <= excepted->facts->time_ms ||
        (uint64_t)member_integer(record, "seq") < excepted->period->seq)
        return status;
    size_t used = strlen(excepted->text);
    snprintf(excepted->text + used, sizeof excepted->text - used, "%s%s until %.16sZ", used > 0 ? ", " : "",
             member_text(record, "user"), until);
    return json_array_append(excepted->list, (json_t *)record) == 0 ? STATUS_OK
                                                                    : err_set(err, STATUS_MEMORY, "no memory");
}

static enum status month_print(struct listing *listing, const char *month, struct err *err)
{
    const char *entity = listing->entity->entity, *time = member_text(json_object_get(listing->months, month), "time");
    struct period period;
    struct excepted excepted = {.facts = listing->facts, .period = &period, .list = json_array()};
    struct books_key prefix = books_key_pair(entity, month);
    books_key_close(&prefix);
    const struct books_walk walk = {
        .table = BOOKS_EXCEPTIONS, .prefix = &prefix, .step = exception_step, .context = &excepted};
    enum status status = facts_period(listing->facts, listing->entity, month, &period, err);
    if (status == STATUS_OK)
        status = books_each(listing->facts->books, &walk, err);
    if (status != STATUS_OK) {
        json_decref(excepted.list);
        return status;
    }
    const char *by = period.number[0] != '\0' ? period.number : period.by_calendar ? "calendar" : "";
    if (listing->cli->json) {
        (void)out_json(listing->cli,
                       json_pack("{s:s, s:s, s:o, s:s, s:s}", "by", by, "entity", entity, "exceptions", excepted.list,
                                 "period", month, "state", period_state_name(period.state)));
        return STATUS_OK;
    }
    json_decref(excepted.list);
    char since[DATE_TEXT_BYTES] = "";
    if (period.number[0] != '\0' && time != NULL)
        snprintf(since, sizeof since, "%.10s", time);
    const char *const cells[] = {entity, month, period_state_name(period.state), by, since, excepted.text};
    table_row(listing->table, cells);
    return STATUS_OK;
}

/* The last months up to today, and all that somebody has said something about. */
static enum status entity_print(struct listing *listing, struct err *err)
{
    struct date_parts parts = date_split(entity_date(listing->entity, listing->facts->time_ms));
    struct books_key prefix = books_key(listing->entity->entity);
    books_key_close(&prefix);
    const struct books_walk walk = {.table = BOOKS_PERIODS, .prefix = &prefix, .step = month_step, .context = listing};
    listing->months = json_object();
    enum status status = listing->months != NULL ? books_each(listing->facts->books, &walk, err)
                                                 : err_set(err, STATUS_MEMORY, "no memory");
    const char *month;
    json_t *record;
    for (int back = 0; status == STATUS_OK && back < MONTHS_SHOWN; back++) {
        char text[MONTH_TEXT_BYTES + 8];
        int index = parts.year * 12 + parts.month - 1 - back;
        snprintf(text, sizeof text, "%04d-%02d", index / 12, index % 12 + 1);
        if (json_object_get(listing->months, text) == NULL &&
            json_object_set_new(listing->months, text, json_object()) != 0)
            status = err_set(err, STATUS_MEMORY, "no memory");
    }
    json_t *sorted = json_array();
    json_object_foreach(listing->months, month, record)
    {
        size_t place = 0;
        while (place < json_array_size(sorted) && strcmp(json_string_value(json_array_get(sorted, place)), month) < 0)
            place++;
        if (status == STATUS_OK && json_array_insert_new(sorted, place, json_string(month)) != 0)
            status = err_set(err, STATUS_MEMORY, "no memory");
    }
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(sorted); i++)
        status = month_print(listing, json_string_value(json_array_get(sorted, i)), err);
    json_decref(sorted);
    json_decref(listing->months);
    return status;
}

static enum status list(struct session *session, struct listing *listing, const char *only, struct err *err)
{
    enum status status = session_begin_facts(session, &listing->facts, err);
    if (status != STATUS_OK)
        return status;
    const struct policy *policy = listing->facts->policy;
    status = reading_table_check(listing->facts, BOOKS_PERIODS, err);
    if (status == STATUS_OK && only != NULL && policy_find_entity(policy, only) == NULL)
        status = err_set(err, STATUS_NOT_FOUND, "the policy in force has no entity %s", only);
    for (size_t i = 0; status == STATUS_OK && i < policy->entity_count; i++) {
        listing->entity = &policy->entities[i];
        if (only == NULL || strcmp(only, listing->entity->entity) == 0)
            status = entity_print(listing, err);
    }
    if (status == STATUS_OK && !listing->cli->json)
        status = table_print(listing->table, err);
    session_end_facts(session);
    return status;
}

static int run(struct cli *cli, const struct options *options)
{
    static const struct column columns[] = {
        {"ENTITY", 0}, {"PERIOD", 0}, {"STATE", 0}, {"BY", 0}, {"SINCE", 0}, {"EXCEPTED", COLUMN_WRAP}, {0}};
    struct listing listing = {.cli = cli};
    struct session *session = NULL;
    const char *entity = NULL;
    struct err err = {0};
    listing.table = table_new(cli, columns);
    enum status status = reading_code_option(options, "entity", &entity, &err);
    if (status == STATUS_OK)
        status = session_open(cli, options, SESSION_READ, &session, &err);
    if (status == STATUS_OK)
        status = list(session, &listing, entity, &err);
    session_close(session);
    table_free(listing.table);
    return status == STATUS_OK ? EXIT_DONE : cli_error(cli, &err);
}

static const struct option_spec options_of_period_list[] = {
    {"entity", 0, "CODE", "of one legal entity", 0},
    {0},
};

const struct command command_period_list = {
    .name = "period list",
    .summary = "lists which months are closed",
    .arguments = "",
    .text = "The last months, and all others that a closer has said something about.",
    .example = "countersign period list --entity US01",
    .group = GROUP_CONTROLLERS,
    .flags = COMMAND_BOOK,
    .options = options_of_period_list,
    .run = run,
};
