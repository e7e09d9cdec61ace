/*
 * Persons as HR has them, folded at the time that is asked about (FORMAT.md 5.4, people). Nothing here decides; C-05,
 * C-28 and C-29 do.
 */
#include "controls/facts_people.h"

#include <stdio.h>
#include <string.h>

#include "ledger/instant.h"
#include "ledger/schema.h"

enum { SUCCESSION_MAX = 10 }; /* successors who have left themselves, one after the other */

/* The latest event of one sort so far: by when it takes effect, then by its id, then by the entity that brought it. */
struct latest {
    bool there;
    int64_t effective_ms;
    char event[ID_BYTES_MAX + 1];
    char entity[ID_BYTES_MAX + 1];
};

struct folding {
    const struct facts *facts;
    int64_t at_ms;
    struct latest employment, reporting, move;
    struct hr_person person;
    char named[ID_BYTES_MAX + 1]; /* successor that the last leave names */
};

enum status facts_people_used(const struct facts *facts, bool *ret_used, struct err *err)
{
    uint64_t count = 0;
    enum status status = tables_count(facts->books, BOOKS_PEOPLE_EVENTS, &count, err);
    if (status == STATUS_OK)
        *ret_used = count > 0;
    return status;
}

int64_t hr_event_effective(const struct facts *facts, const char *entity, const json_t *event)
{
    const struct policy_entity *known = policy_find_entity(facts->policy, entity);
    const char *date = member_text(event, "date");
    int32_t days = 0;
    if (date_parse(date, strlen(date), &days, NULL) != STATUS_OK)
        return INT64_MAX; /* the feed's schema has let only dates in */
    if (strcmp(member_text(event, "change"), "leave") == 0)
        days++;
    if (days > DATE_MAX)
        return INT64_MAX;
    return known != NULL ? entity_day_start(known, days) : date_begins(days, 0);
}

static bool is_later(const struct latest *latest, int64_t effective_ms, const char *event, const char *entity)
{
    if (!latest->there || effective_ms != latest->effective_ms)
        return !latest->there || effective_ms > latest->effective_ms;
    int order = strcmp(event, latest->event);
    return order != 0 ? order > 0 : strcmp(entity, latest->entity) > 0;
}

static bool latest_take(struct latest *latest, int64_t effective_ms, const char *event, const char *entity)
{
    if (!is_later(latest, effective_ms, event, entity))
        return false;
    latest->there = true;
    latest->effective_ms = effective_ms;
    snprintf(latest->event, sizeof latest->event, "%s", event);
    snprintf(latest->entity, sizeof latest->entity, "%s", entity);
    return true;
}

static void copy_id(char ret_id[static ID_BYTES_MAX + 1], const char *id)
{
    snprintf(ret_id, ID_BYTES_MAX + 1, "%s", id != NULL ? id : "");
}

static void employment_take(struct folding *folding, const json_t *event, bool leaves, int64_t effective_ms)
{
    const char *date = member_text(event, "date");
    folding->person.left = leaves;
    folding->person.left_ms = leaves ? effective_ms : 0;
    folding->person.left_date = 0;
    if (leaves && date_parse(date, strlen(date), &folding->person.left_date, NULL) != STATUS_OK)
        folding->person.left_date = 0;
    copy_id(folding->named, leaves ? member_text(event, "successor") : NULL);
}

static void event_take(struct folding *folding, const char *entity, const json_t *event)
{
    const char *change = member_text(event, "change"), *id = member_text(event, "event");
    const char *manager = member_text(event, "manager");
    bool joins = strcmp(change, "join") == 0, leaves = strcmp(change, "leave") == 0;
    int64_t effective_ms = hr_event_effective(folding->facts, entity, event);
    if (effective_ms > folding->at_ms)
        return;
    folding->person.known = true;
    if ((joins || leaves) && latest_take(&folding->employment, effective_ms, id, entity))
        employment_take(folding, event, leaves, effective_ms);
    if ((joins || manager != NULL) && latest_take(&folding->reporting, effective_ms, id, entity))
        copy_id(folding->person.manager, manager);
    if (!joins && !leaves && latest_take(&folding->move, effective_ms, id, entity))
        folding->person.moved_ms = effective_ms;
}

static enum status event_step(void *context, struct slice key, const json_t *record, bool *ret_more, struct err *err)
{
    (void)key;
    (void)ret_more;
    (void)err;
    event_take(context, member_text(record, "entity"), record);
    return STATUS_OK;
}

static enum status person_fold(const struct facts *facts, const json_t *coming, const char *person, int64_t at_ms,
                               struct hr_person *ret_person, struct err *err)
{
    struct folding folding = {.facts = facts, .at_ms = at_ms, .person = {.moved_ms = -1}};
    struct books_key prefix = books_key(person);
    books_key_close(&prefix);
    const struct books_walk walk = {.table = BOOKS_PEOPLE, .prefix = &prefix, .step = event_step, .context = &folding};
    enum status status = books_each(facts->books, &walk, err);
    if (status != STATUS_OK)
        return status;
    const json_t *list = json_object_get(coming, person);
    for (size_t i = 0; i < json_array_size(list); i++)
        event_take(&folding, member_text(json_array_get(list, i), "entity"), json_array_get(list, i));
    if (folding.person.left)
        copy_id(folding.person.successor, folding.named[0] != '\0' ? folding.named : folding.person.manager);
    *ret_person = folding.person;
    return STATUS_OK;
}

enum status facts_hr_person(const struct facts *facts, const char *person, struct hr_person *ret_person,
                            struct err *err)
{
    return person_fold(facts, NULL, person, facts->time_ms, ret_person, err);
}

enum status facts_hr_user(const struct facts *facts, const char *user, struct hr_person *ret_person, struct err *err)
{
    json_t *record = NULL;
    enum status status = facts_user(facts, user, &record, err);
    if (status == STATUS_OK && record == NULL)
        *ret_person = (struct hr_person){.moved_ms = -1};
    else if (status == STATUS_OK)
        status = facts_hr_person(facts, member_text(record, "person"), ret_person, err);
    json_decref(record);
    return status;
}

enum status facts_reports_to(const struct facts *facts, const char *person, const char *superior,
                             enum reporting *ret_reporting, struct err *err)
{
    struct hr_person at = {.known = false};
    char above[ID_BYTES_MAX + 1];
    copy_id(above, person);
    for (int depth = 0; depth <= REPORTING_CHAIN_MAX; depth++) {
        enum status status = facts_hr_person(facts, above, &at, err);
        if (status != STATUS_OK)
            return status;
        if (depth == 0 && !at.known) {
            *ret_reporting = REPORTING_UNKNOWN;
            return STATUS_OK;
        }
        if (at.manager[0] == '\0' || strcmp(at.manager, superior) == 0) {
            *ret_reporting = at.manager[0] == '\0' ? REPORTING_NO : REPORTING_YES;
            return STATUS_OK;
        }
        copy_id(above, at.manager);
    }
    *ret_reporting = REPORTING_ENDLESS;
    return STATUS_OK;
}

enum status facts_manager_cycle(const struct facts *facts, const json_t *coming, const char *person, int64_t at_ms,
                                bool *ret_cycle, struct err *err)
{
    struct hr_person at = {.known = false};
    char above[ID_BYTES_MAX + 1];
    copy_id(above, person);
    for (int depth = 0; depth <= REPORTING_CHAIN_MAX; depth++) {
        enum status status = person_fold(facts, coming, above, at_ms, &at, err);
        if (status != STATUS_OK)
            return status;
        if (at.manager[0] == '\0') {
            *ret_cycle = false;
            return STATUS_OK;
        }
        copy_id(above, at.manager);
    }
    *ret_cycle = true; /* a circle, or a chain that nobody could follow: neither is let in */
    return STATUS_OK;
}

enum status facts_succeeds(const struct facts *facts, const char *person, const char *maker, bool *ret_succeeds,
                           struct err *err)
{
    struct hr_person at = {.known = false};
    char now[ID_BYTES_MAX + 1];
    copy_id(now, maker);
    *ret_succeeds = false;
    for (int depth = 0; depth < SUCCESSION_MAX; depth++) {
        enum status status = facts_hr_person(facts, now, &at, err);
        if (status != STATUS_OK)
            return status;
        if (!at.left || at.successor[0] == '\0')
            return STATUS_OK;
        if (strcmp(at.successor, person) == 0) {
            *ret_succeeds = true;
            return STATUS_OK;
        }
        copy_id(now, at.successor);
    }
    return STATUS_OK;
}

enum status facts_last_act(const struct facts *facts, const char *user, int64_t *ret_time_ms, uint64_t *ret_seq,
                           struct err *err)
{
    json_t *record = NULL;
    struct books_key key = books_key(user);
    enum status status = books_look(facts->books, BOOKS_ACTIVITY, &key, &record, err);
    if (status == STATUS_NOT_FOUND)
        return err_set(err, STATUS_CORRUPT, "books: nothing says when %s was enrolled", user);
    if (status == STATUS_OK) {
        const char *time = member_text(record, "time");
        *ret_seq = (uint64_t)member_integer(record, "seq");
        status = instant_parse(time, strlen(time), ret_time_ms, err);
    }
    json_decref(record);
    return status;
}

enum status facts_dormant(const struct facts *facts, const char *user, const char *sort, bool *ret_dormant,
                          struct err *err)
{
    int64_t last_ms = 0;
    uint64_t seq;
    int64_t days = policy_parameter(facts->policy, NULL,
                                    strcmp(sort, "bot") == 0 ? PARAMETER_DORMANT_BOT_DAYS : PARAMETER_DORMANT_DAYS);
    *ret_dormant = false;
    if (days == 0)
        return STATUS_OK;
    enum status status = facts_last_act(facts, user, &last_ms, &seq, err);
    if (status == STATUS_OK)
        *ret_dormant = facts->time_ms - last_ms > days * INSTANT_DAY_MS;
    return status;
}

enum status facts_manages_user(const struct facts *facts, const char *person, const char *user, bool *ret_manages,
                               struct err *err)
{
    struct hr_person at = {.known = false}, manager = {.known = false};
    enum status status = facts_hr_user(facts, user, &at, err);
    *ret_manages = false;
    if (status != STATUS_OK || at.manager[0] == '\0' || strcmp(at.manager, person) != 0)
        return status;
    status = facts_hr_person(facts, person, &manager, err);
    *ret_manages = status == STATUS_OK && !manager.left;
    return status;
}
