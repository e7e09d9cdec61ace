/*
 * What a user may do, and what a person holds, at the moment of a decision: grants in their dates, emergency access,
 * and what reviews, HR and delegations make of them. Declared in facts.h; a room of its own, since it asks the rooms that ask facts.
 */
#include <stdio.h>
#include <string.h>

#include "controls/facts.h"
#include "controls/facts_delegation.h"
#include "controls/facts_govern.h"
#include "controls/facts_parts.h"
#include "controls/facts_people.h"
#include "ledger/instant.h"
#include "ledger/schema.h"

/* An optional instant of a record; ret_ms is left alone when it lacks. */
static enum status instant_member(const json_t *record, const char *name, int64_t *ret_ms, struct err *err)
{
    const char *text = member_text(record, name);
    return text == NULL ? STATUS_OK : instant_parse(text, strlen(text), ret_ms, err);
}

bool facts_entity_in(const json_t *entities, const char *entity)
{
    for (size_t i = 0; i < json_array_size(entities); i++) {
        const char *one = json_string_value(json_array_get(entities, i));
        if (entity == NULL || strcmp(one, "*") == 0 || (entity[0] != '\0' && strcmp(one, entity) == 0))
            return true;
    }
    return false;
}

enum status facts_grant_stands(const struct facts *facts, const json_t *grant, bool future_too, bool *ret_stands,
                               struct err *err)
{
    int64_t from = 0, to = INT64_MAX, answered = INT64_MAX;
    enum status status = instant_member(grant, "from", &from, err);
    if (status == STATUS_OK)
        status = instant_member(grant, "to", &to, err);
    if (status == STATUS_OK)
        status = instant_member(json_object_get(grant, "review"), "until", &answered, err);
    if (status == STATUS_OK)
        *ret_stands = json_object_get(grant, "revoked") == NULL && facts->time_ms < to &&
                      (future_too || (facts->time_ms >= from && facts->time_ms < answered));
    return status;
}

struct grant_ask {
    const struct facts *facts;
    const char *function, *entity;
    int64_t since_ms; /* only grants given from here on */
    bool may;
};

/* The key of a user's grant ends with its number, after the user and a zero byte. */
static enum status grant_of_key(const struct facts *facts, struct slice key, json_t **ret_grant, struct err *err)
{
    char number[ID_BYTES_MAX + 1];
    const uint8_t *zero = memchr(key.bytes, 0, key.length);
    if (zero == NULL)
        return err_set(err, STATUS_CORRUPT, "books: a user's grant has no number");
    size_t length = key.length - (size_t)(zero + 1 - key.bytes);
    snprintf(number, sizeof number, "%.*s", (int)length, (const char *)zero + 1);
    enum status status = facts_grant(facts, number, ret_grant, err);
    if (status == STATUS_OK && *ret_grant == NULL)
        status = err_set(err, STATUS_CORRUPT, "books: grant %s is not there", number);
    return status;
}

static enum status grant_since(const json_t *grant, int64_t since_ms, bool *ret_since, struct err *err)
{
    int64_t given_ms = 0;
    enum status status = instant_member(grant, "since", &given_ms, err);
    if (status == STATUS_OK)
        *ret_since = given_ms >= since_ms;
    return status;
}

static struct books_key user_prefix(const char *user)
{
    struct books_key key = books_key(user);
    books_key_close(&key);
    return key;
}

struct each_grant {
    const struct facts *facts;
    facts_grant_step *step;
    void *context;
};

static enum status each_step(void *context, struct slice key, const json_t *record, bool *ret_more, struct err *err)
{
    const struct each_grant *each = context;
    json_t *grant = NULL;
    (void)record;
    enum status status = grant_of_key(each->facts, key, &grant, err);
    if (status == STATUS_OK)
        status = each->step(each->context, grant, ret_more, err);
    json_decref(grant);
    return status;
}

enum status facts_each_grant(const struct facts *facts, const char *user, facts_grant_step *step, void *context,
                             struct err *err)
{
    struct each_grant each = {.facts = facts, .step = step, .context = context};
    const struct books_key prefix = user_prefix(user);
    const struct books_walk walk = {.table = BOOKS_USER_GRANTS, .prefix = &prefix, .step = each_step, .context = &each};
    return books_each(facts->books, &walk, err);
}

static enum status may_step(void *context, const json_t *grant, bool *ret_more, struct err *err)
{
    struct grant_ask *ask = context;
    bool stands = false;
    enum status status = facts_grant_stands(ask->facts, grant, false, &stands, err);
    if (status == STATUS_OK && stands && ask->since_ms > 0)
        status = grant_since(grant, ask->since_ms, &stands, err);
    if (status == STATUS_OK && stands && facts_entity_in(json_object_get(grant, "entities"), ask->entity)) {
        const struct policy_role *role = policy_find_role(ask->facts->policy, member_text(grant, "role"));
        ask->may = role != NULL && role_has_function(role, ask->function);
        *ret_more = !ask->may;
    }
    return status;
}

static enum status user_may(const char *user, struct grant_ask *ask, bool *ret_may, struct err *err)
{
    enum status status = facts_each_grant(ask->facts, user, may_step, ask, err);
    if (status == STATUS_OK)
        *ret_may = ask->may;
    return status;
}

/* What HR says takes away: everything from a leaver, what was given before the move from who moved some time ago. */
static enum status may_by_hr(const struct facts *facts, const char *user, bool *ret_left, int64_t *ret_since_ms,
                             struct err *err)
{
    struct hr_person person = {.left = false};
    bool used = false;
    *ret_left = false;
    *ret_since_ms = 0;
    enum status status = facts_people_used(facts, &used, err);
    if (status == STATUS_OK && used)
        status = facts_hr_user(facts, user, &person, err);
    if (status != STATUS_OK || !used)
        return status;
    int64_t grace_ms = policy_parameter(facts->policy, NULL, PARAMETER_MOVE_DAYS) * INSTANT_DAY_MS;
    *ret_left = person.left;
    if (person.moved_ms >= 0 && facts->time_ms - person.moved_ms >= grace_ms)
        *ret_since_ms = person.moved_ms;
    return STATUS_OK;
}

/* By grants; by emergency access too, which a move does not touch: it was given for hours, by two officers. */
static enum status may_now(const struct facts *facts, const char *user, struct grant_ask *ask, bool emergency_too,
                           bool *ret_may, struct err *err)
{
    json_t *emergency = NULL;
    bool left = false;
    *ret_may = false;
    enum status status = may_by_hr(facts, user, &left, &ask->since_ms, err);
    if (status != STATUS_OK || left) /* who has left is out, whatever else he holds */
        return status;
    status = user_may(user, ask, ret_may, err);
    if (status == STATUS_OK && !*ret_may && emergency_too)
        status = facts_emergency(facts, user, ask->function, ask->entity, &emergency, err);
    *ret_may = *ret_may || emergency != NULL;
    json_decref(emergency);
    return status;
}

enum status facts_user_may(const struct facts *facts, const char *user, const char *function, const char *entity,
                           bool *ret_may, struct err *err)
{
    struct grant_ask ask = {.facts = facts, .function = function, .entity = entity};
    return may_now(facts, user, &ask, true, ret_may, err);
}

enum status facts_user_granted(const struct facts *facts, const char *user, const char *function, const char *entity,
                               bool *ret_may, struct err *err)
{
    struct grant_ask ask = {.facts = facts, .function = function, .entity = entity};
    return may_now(facts, user, &ask, false, ret_may, err);
}

enum status facts_user_may_unmoved(const struct facts *facts, const char *user, const char *function,
                                   const char *entity, bool *ret_may, struct err *err)
{
    struct grant_ask ask = {.facts = facts, .function = function, .entity = entity};
    return user_may(user, &ask, ret_may, err);
}

struct right_walk {
    const struct facts *facts;
    int64_t since_ms; /* only grants given from here on */
    facts_right_step *step;
    void *context;
};

static enum status right_step(void *context, const json_t *grant, bool *ret_more, struct err *err)
{
    const struct right_walk *walk = context;
    bool stands = false;
    (void)ret_more;
    enum status status = facts_grant_stands(walk->facts, grant, false, &stands, err);
    if (status == STATUS_OK && stands && walk->since_ms > 0)
        status = grant_since(grant, walk->since_ms, &stands, err);
    const struct policy_role *role = policy_find_role(walk->facts->policy, member_text(grant, "role"));
    for (size_t i = 0; status == STATUS_OK && stands && role != NULL && i < role->function_count; i++)
        status = walk->step(walk->context, role->functions[i], json_object_get(grant, "entities"), err);
    return status;
}

static enum status emergency_right_step(void *context, const json_t *access, struct err *err)
{
    const struct right_walk *walk = context;
    const json_t *functions = json_object_get(access, "functions");
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(functions); i++)
        status = walk->step(walk->context, json_string_value(json_array_get(functions, i)),
                            json_object_get(access, "entities"), err);
    return status;
}

enum status facts_each_right(const struct facts *facts, const char *user, facts_right_step *step, void *context,
                             struct err *err)
{
    struct right_walk walk = {.facts = facts, .step = step, .context = context};
    bool left = false;
    enum status status = may_by_hr(facts, user, &left, &walk.since_ms, err);
    if (status != STATUS_OK || left)
        return status;
    status = facts_each_grant(facts, user, right_step, &walk, err);
    return status == STATUS_OK ? facts_each_emergency(facts, user, emergency_right_step, &walk, err) : status;
}

struct function_walk {
    const struct facts *facts;
    facts_function_step *step;
    void *context;
    const char *user; /* while what was delegated to this user is walked */
    bool more;
};

static enum status role_functions(struct function_walk *walk, const json_t *grant, struct err *err)
{
    const struct policy_role *role = policy_find_role(walk->facts->policy, member_text(grant, "role"));
    enum status status = STATUS_OK;
    for (size_t i = 0; role != NULL && status == STATUS_OK && walk->more && i < role->function_count; i++) {
        const struct held_function held = {.function = role->functions[i],
                                           .role = role->role,
                                           .grant = member_text(grant, "number"),
                                           .user = member_text(grant, "user")};
        status = walk->step(walk->context, &held, &walk->more, err);
    }
    return status;
}

static enum status user_grant_step(void *context, const json_t *grant, bool *ret_more, struct err *err)
{
    struct function_walk *walk = context;
    bool stands = false;
    enum status status = facts_grant_stands(walk->facts, grant, true, &stands, err);
    if (status == STATUS_OK && stands)
        status = role_functions(walk, grant, err);
    *ret_more = walk->more;
    return status;
}

/* What others delegated to this user counts among what the person holds. */
static enum status delegated_step(void *context, const json_t *delegation, bool *ret_more, struct err *err)
{
    struct function_walk *walk = context;
    const json_t *functions = json_object_get(delegation, "functions");
    bool stands = false;
    enum status status = facts_delegation_stands(walk->facts, delegation, true, &stands, err);
    if (status != STATUS_OK || !stands || strcmp(member_text(delegation, "to_user"), walk->user) != 0)
        return status;
    for (size_t i = 0; status == STATUS_OK && walk->more && i < json_array_size(functions); i++) {
        const struct held_function held = {.function = json_string_value(json_array_get(functions, i)),
                                           .role = "",
                                           .grant = member_text(delegation, "number"),
                                           .user = walk->user};
        status = walk->step(walk->context, &held, &walk->more, err);
    }
    *ret_more = walk->more;
    return status;
}

static enum status person_user_step(void *context, struct slice key, const json_t *record, bool *ret_more,
                                    struct err *err)
{
    struct function_walk *walk = context;
    char user[ID_BYTES_MAX + 1];
    (void)record;
    const uint8_t *zero = memchr(key.bytes, 0, key.length);
    if (zero == NULL)
        return err_set(err, STATUS_CORRUPT, "books: a person has no user");
    size_t length = key.length - (size_t)(zero + 1 - key.bytes);
    snprintf(user, sizeof user, "%.*s", (int)length, (const char *)zero + 1);
    enum status status = facts_each_grant(walk->facts, user, user_grant_step, walk, err);
    walk->user = user;
    if (status == STATUS_OK && walk->more)
        status = facts_delegations_of(walk->facts, user, delegated_step, walk, err);
    walk->user = NULL;
    *ret_more = walk->more;
    return status;
}

enum status facts_person_functions(const struct facts *facts, const char *person, facts_function_step *step,
                                   void *context, struct err *err)
{
    struct function_walk walk = {.facts = facts, .step = step, .context = context, .more = true};
    const struct books_key prefix = user_prefix(person);
    const struct books_walk users = {
        .table = BOOKS_PERSONS, .prefix = &prefix, .step = person_user_step, .context = &walk};
    return books_each(facts->books, &users, err);
}
