/*
 * Officers, reviews of access and emergency access, read from the books. Keys, releases and holds are in facts_custody.c.
 */
#include "controls/facts_govern.h"

#include <stdio.h>
#include <string.h>

#include "controls/facts_delegation.h"
#include "controls/facts_parts.h"
#include "controls/facts_people.h"
#include "controls/functions.h"
#include "ledger/instant.h"
#include "ledger/schema.h"

bool role_governs(const struct policy *policy, const char *role)
{
    const struct policy_role *found = role != NULL ? policy_find_role(policy, role) : NULL;
    for (size_t i = 0; found != NULL && i < found->function_count; i++)
        if (function_class(found->functions[i], NULL, NULL) == FUNCTION_GOVERN)
            return true;
    return false;
}

/* Instants of one fixed form compare as text. */
static bool now_is_before(const struct facts *facts, const char *text)
{
    char now[INSTANT_TEXT_BYTES];
    instant_format(facts->time_ms, now);
    return strcmp(now, text) < 0;
}

struct grant_find {
    const struct facts *facts;
    const char *function, *entity;
    bool governs;
    json_t *suspended; /* gives */
};

static enum status governs_step(void *context, const json_t *grant, bool *ret_more, struct err *err)
{
    struct grant_find *find = context;
    bool stands = false;
    enum status status = facts_grant_stands(find->facts, grant, false, &stands, err);
    if (status == STATUS_OK && stands && role_governs(find->facts->policy, member_text(grant, "role"))) {
        find->governs = true;
        *ret_more = false;
    }
    return status;
}

enum status facts_governs(const struct facts *facts, const char *user, bool *ret_governs, struct err *err)
{
    struct grant_find find = {.facts = facts};
    enum status status = facts_each_grant(facts, user, governs_step, &find, err);
    if (status == STATUS_OK)
        *ret_governs = find.governs;
    return status;
}

struct officer_count {
    const struct facts *facts;
    const char *not_grant, *not_key;
    json_t *persons;
    bool key; /* the user whose keys are walked has a valid one */
};

static enum status officer_key_step(void *context, struct slice key, const json_t *ignored, bool *ret_more,
                                    struct err *err)
{
    struct officer_count *count = context;
    char text[PUBLIC_KEY_TEXT_MAX], user[ID_BYTES_MAX + 1];
    (void)ignored;
    const uint8_t *zero = memchr(key.bytes, 0, key.length);
    if (zero == NULL || key.length - (size_t)(zero + 1 - key.bytes) >= sizeof text)
        return err_set(err, STATUS_CORRUPT, "books: a user's key has no text; run rebuild");
    snprintf(user, sizeof user, "%s", (const char *)key.bytes);
    snprintf(text, sizeof text, "%.*s", (int)(key.length - (size_t)(zero + 1 - key.bytes)), (const char *)zero + 1);
    if (count->not_key != NULL && strcmp(text, count->not_key) == 0)
        return STATUS_OK;
    enum status status = facts_key_valid(count->facts, text, user, &count->key, err);
    *ret_more = !count->key;
    return status;
}

static enum status officer_step(void *context, struct slice key, const json_t *grant, bool *ret_more, struct err *err)
{
    struct officer_count *count = context;
    const struct policy_role *role = policy_find_role(count->facts->policy, member_text(grant, "role"));
    bool stands = false;
    (void)key;
    (void)ret_more;
    if (role == NULL || !role_has_function(role, "govern.access") ||
        !facts_entity_in(json_object_get(grant, "entities"), "") ||
        (count->not_grant != NULL && strcmp(member_text(grant, "number"), count->not_grant) == 0))
        return STATUS_OK;
    struct hr_person hr = {.left = false};
    enum status status = facts_grant_stands(count->facts, grant, false, &stands, err);
    if (status == STATUS_OK && stands)
        status = facts_hr_person(count->facts, member_text(grant, "person"), &hr, err);
    if (status != STATUS_OK || !stands || hr.left) /* who has left governs nothing (C-29) */
        return status;
    struct books_key prefix = books_key(member_text(grant, "user"));
    books_key_close(&prefix);
    const struct books_walk walk = {
        .table = BOOKS_USER_KEYS, .prefix = &prefix, .step = officer_key_step, .context = count};
    count->key = false;
    status = books_each(count->facts->books, &walk, err);
    if (status == STATUS_OK && count->key &&
        json_object_set_new(count->persons, member_text(grant, "person"), json_true()) != 0)
        status = err_set(err, STATUS_MEMORY, "no memory to count officers");
    return status;
}

enum status facts_officers(const struct facts *facts, const char *not_grant, const char *not_key, size_t *ret_count,
                           struct err *err)
{
    struct officer_count count = {.facts = facts, .not_grant = not_grant, .not_key = not_key, .persons = json_object()};
    const struct books_walk walk = {.table = BOOKS_GRANTS, .step = officer_step, .context = &count};
    enum status status = count.persons != NULL ? books_each(facts->books, &walk, err)
                                               : err_set(err, STATUS_MEMORY, "no memory to count officers");
    if (status == STATUS_OK)
        *ret_count = json_object_size(count.persons);
    json_decref(count.persons);
    return status;
}

enum status facts_review(const struct facts *facts, const char *number, json_t **ret_record, struct err *err)
{
    struct books_key key = books_key(number);
    return facts_get(facts, BOOKS_REVIEWS, &key, ret_record, err);
}

enum status facts_review_row(const struct facts *facts, const char *review, const char *grant, json_t **ret_row,
                             struct err *err)
{
    struct books_key key = books_key_pair(review, grant);
    return facts_get(facts, BOOKS_REVIEW_ROWS, &key, ret_row, err);
}

enum status facts_reviewed(const struct facts *facts, const char *number, json_t **ret_record, struct err *err)
{
    enum status status = facts_grant(facts, number, ret_record, err);
    return status == STATUS_OK && *ret_record == NULL ? facts_delegation_find(facts, number, ret_record, err) : status;
}

static enum status suspended_step(void *context, const json_t *grant, bool *ret_more, struct err *err)
{
    struct grant_find *find = context;
    const char *until = member_text(json_object_get(grant, "review"), "until");
    const struct policy_role *role = policy_find_role(find->facts->policy, member_text(grant, "role"));
    bool would = false;
    if (until == NULL || now_is_before(find->facts, until) || role == NULL ||
        !role_has_function(role, find->function) || !facts_entity_in(json_object_get(grant, "entities"), find->entity))
        return STATUS_OK;
    enum status status = facts_grant_stands(find->facts, grant, true, &would, err);
    if (status == STATUS_OK && would) {
        find->suspended = json_incref((json_t *)(uintptr_t)grant);
        *ret_more = false;
    }
    return status;
}

enum status facts_suspended_grant(const struct facts *facts, const char *user, const char *function, const char *entity,
                                  json_t **ret_grant, struct err *err)
{
    struct grant_find find = {.facts = facts, .function = function, .entity = entity};
    enum status status = facts_each_grant(facts, user, suspended_step, &find, err);
    if (status == STATUS_OK)
        *ret_grant = find.suspended;
    else
        json_decref(find.suspended);
    return status;
}

enum status facts_break_glass(const struct facts *facts, const char *number, json_t **ret_record, struct err *err)
{
    struct books_key key = books_key(number);
    return facts_get(facts, BOOKS_BREAK_GLASS, &key, ret_record, err);
}

struct emergency_find {
    const struct facts *facts;
    const char *user, *function, *entity; /* user NULL: look for one that was not reviewed in time */
    json_t *found;                        /* gives */
    facts_emergency_step *step;           /* not NULL: is called for each, none is found */
    void *context;
};

static bool is_active(const struct emergency_find *find, const json_t *record)
{
    return facts_text_in(json_object_get(record, "users"), find->user) &&
           !now_is_before(find->facts, member_text(record, "from")) &&
           now_is_before(find->facts, member_text(record, "until")) &&
           (find->function == NULL || facts_text_in(json_object_get(record, "functions"), find->function)) &&
           (find->entity == NULL || facts_entity_in(json_object_get(record, "entities"), find->entity));
}

static bool is_overdue(const struct emergency_find *find, const json_t *record)
{
    return json_object_get(record, "review") == NULL && !now_is_before(find->facts, member_text(record, "review_by"));
}

static enum status emergency_step(void *context, struct slice key, const json_t *ignored, bool *ret_more,
                                  struct err *err)
{
    struct emergency_find *find = context;
    char number[ID_BYTES_MAX + 1];
    json_t *record = NULL;
    (void)ignored;
    const uint8_t *zero = memchr(key.bytes, 0, key.length);
    if (zero == NULL)
        return err_set(err, STATUS_CORRUPT, "books: a person's emergency access has no number; run rebuild");
    snprintf(number, sizeof number, "%.*s", (int)(key.length - (size_t)(zero + 1 - key.bytes)), (const char *)zero + 1);
    enum status status = facts_break_glass(find->facts, number, &record, err);
    if (status == STATUS_OK && record != NULL &&
        (find->user != NULL ? is_active(find, record) : is_overdue(find, record))) {
        if (find->step != NULL) {
            status = find->step(find->context, record, err);
            json_decref(record);
            return status;
        }
        find->found = record;
        *ret_more = false;
        return STATUS_OK;
    }
    json_decref(record);
    return status;
}

static enum status emergency_walk(struct emergency_find *find, const char *person, struct err *err)
{
    struct books_key prefix = books_key(person);
    books_key_close(&prefix);
    const struct books_walk walk = {
        .table = BOOKS_BREAK_GLASS_PERSONS, .prefix = &prefix, .step = emergency_step, .context = find};
    return books_each(find->facts->books, &walk, err);
}

static enum status emergency_of_user(struct emergency_find *find, struct err *err)
{
    json_t *record = NULL;
    enum status status = facts_user(find->facts, find->user, &record, err);
    if (status == STATUS_OK && record != NULL)
        status = emergency_walk(find, member_text(record, "person"), err);
    json_decref(record);
    return status;
}

enum status facts_each_emergency(const struct facts *facts, const char *user, facts_emergency_step *step, void *context,
                                 struct err *err)
{
    struct emergency_find find = {.facts = facts, .user = user, .step = step, .context = context};
    return emergency_of_user(&find, err);
}

enum status facts_emergency(const struct facts *facts, const char *user, const char *function, const char *entity,
                            json_t **ret_record, struct err *err)
{
    struct emergency_find find = {.facts = facts, .user = user, .function = function, .entity = entity};
    enum status status = emergency_of_user(&find, err);
    if (status == STATUS_OK)
        *ret_record = find.found;
    return status;
}

enum status facts_unreviewed(const struct facts *facts, const char *person, json_t **ret_record, struct err *err)
{
    struct emergency_find find = {.facts = facts};
    enum status status = emergency_walk(&find, person, err);
    if (status == STATUS_OK)
        *ret_record = find.found;
    return status;
}
