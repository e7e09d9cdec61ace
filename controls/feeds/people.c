/*
 * People: what HR says of joining, moving and leaving. Events, not states: which of them counts is the date's to say, so
 * files may come in any order. No chain of managers may come back to itself, on the day of an event or when all that is
 * known has come true.
 */
#include <stdint.h>
#include <string.h>

#include "controls/facts_people.h"
#include "controls/feed_sort.h"
#include "controls/feeds/common.h"
#include "ledger/statement.h"

static const char *const change_words[] = {"join", "move", "leave", NULL};

static const struct field fields[] = {
    {.name = "change", .type = FIELD_WORD, .words = change_words},
    {.name = "date", .type = FIELD_DATE},
    {.name = "event", .type = FIELD_ID},
    {.name = "manager", .type = FIELD_ID, .optional = true},
    {.name = "person", .type = FIELD_ID},
    {.name = "successor", .type = FIELD_ID, .optional = true},
};
static const struct schema schema = SCHEMA("people's event", fields, NULL);

static enum status check(const json_t *record, int digits, struct err *err)
{
    const char *person = member_text(record, "person"), *manager = member_text(record, "manager");
    const char *successor = member_text(record, "successor");
    bool leaves = strcmp(member_text(record, "change"), "leave") == 0;
    (void)digits;
    if (leaves && manager != NULL)
        return err_set(err, STATUS_INPUT, "manager: whoever leaves has no new one");
    if (!leaves && successor != NULL)
        return err_set(err, STATUS_INPUT, "successor: only of somebody who leaves");
    if (manager != NULL && strcmp(manager, person) == 0)
        return err_set(err, STATUS_INPUT, "manager: nobody is his own");
    if (successor != NULL && strcmp(successor, person) == 0)
        return err_set(err, STATUS_INPUT, "successor: nobody is his own");
    return STATUS_OK;
}

/* What the file brings, by person, for questions about the state of things after it. */
struct coming {
    const char *entity;
    json_t *events; /* person -> list */
    json_t *all;    /* those that name a manager, in order */
};

static enum status coming_add(struct coming *coming, const json_t *record, struct err *err)
{
    const char *person = member_text(record, "person");
    json_t *list = json_object_get(coming->events, person);
    json_t *event = json_copy((json_t *)record);
    if (list == NULL) {
        json_object_set_new(coming->events, person, json_array());
        list = json_object_get(coming->events, person);
    }
    bool good = event != NULL && json_object_set_new(event, "entity", json_string(coming->entity)) == 0 &&
                json_array_append(list, event) == 0 &&
                (member_text(record, "manager") == NULL || json_array_append(coming->all, event) == 0);
    json_decref(event);
    return good ? STATUS_OK : err_set(err, STATUS_MEMORY, "no memory");
}

static enum status staged_step(void *context, struct slice key, const json_t *record, bool *ret_more, struct err *err)
{
    struct coming *coming = context;
    (void)key;
    (void)ret_more;
    return coming_add(coming, record, err);
}

static enum status cycles_judge(const struct feed_part *part, const struct coming *coming, struct err *err)
{
    const size_t count = json_array_size(coming->all);
    bool cycle = false;
    for (size_t i = 0; i < count; i++) {
        const json_t *event = json_array_get(coming->all, i);
        const char *person = member_text(event, "person");
        int64_t then_ms = hr_event_effective(part->facts, coming->entity, event);
        enum status status = facts_manager_cycle(part->facts, coming->events, person, then_ms, &cycle, err);
        if (status == STATUS_OK && !cycle)
            status = facts_manager_cycle(part->facts, coming->events, person, INT64_MAX, &cycle, err);
        if (status != STATUS_OK)
            return status;
        if (cycle)
            return answer_deny(part->answers, "C-05", "manager-cycle",
                               json_pack("{s:s, s:s, s:s}", "event", member_text(event, "event"), "manager",
                                         member_text(event, "manager"), "person", person),
                               err);
    }
    return STATUS_OK;
}

/* Asked when the file closes, over all its parts. */
static enum status judge_part(const struct feed_part *part, struct err *err)
{
    const json_t *body = part->request->statement->body, *records = json_object_get(body, "records");
    struct coming coming = {.entity = feed_part_entity(part), .events = json_object(), .all = json_array()};
    enum status status = STATUS_OK;
    if (!json_is_true(json_object_get(body, "last")))
        goto done;
    if (coming.events == NULL || coming.all == NULL)
        status = err_set(err, STATUS_MEMORY, "no memory");
    if (status == STATUS_OK && member_integer(body, "part") > 1)
        status = facts_staged_each(part->facts, coming.entity, "people", staged_step, &coming, err);
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(records); i++)
        status = coming_add(&coming, json_array_get(records, i), err);
    if (status == STATUS_OK)
        status = cycles_judge(part, &coming, err);
done:
    json_decref(coming.events);
    json_decref(coming.all);
    return status;
}

const struct feed_sort feed_sort_people = {
    .name = "people",
    .schema = &schema,
    .id = "event",
    .table = BOOKS_PEOPLE_EVENTS,
    .check = check,
    .judge_part = judge_part,
};
