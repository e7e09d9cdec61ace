/*
 * Facts about people, documents and masters, read from the books. Windows and duplicates are in facts_window.c.
 */
#include "controls/facts.h"

#include <stdio.h>
#include <string.h>

#include "controls/facts_parts.h"
#include "ledger/instant.h"
#include "ledger/schema.h"

#define DAY_MS INT64_C(86400000)

/* NOT_FOUND becomes "no record". */
enum status facts_get(const struct facts *facts, enum books_table table, const struct books_key *key,
                      json_t **ret_record, struct err *err)
{
    json_t *record = NULL;
    enum status status = books_get(facts->books, table, key, &record, err);
    if (status != STATUS_OK && status != STATUS_NOT_FOUND)
        return status;
    *ret_record = record;
    return STATUS_OK;
}

enum status facts_document(const struct facts *facts, const char *number, json_t **ret_record, struct err *err)
{
    struct books_key key = books_key(number);
    return facts_get(facts, BOOKS_DOCUMENTS, &key, ret_record, err);
}

enum status facts_customer(const struct facts *facts, const char *entity, const char *customer, json_t **ret_record,
                           struct err *err)
{
    struct books_key key = books_key_pair(entity, customer);
    return facts_get(facts, BOOKS_CUSTOMERS, &key, ret_record, err);
}

enum status facts_invoice(const struct facts *facts, const char *entity, const char *invoice, json_t **ret_record,
                          struct err *err)
{
    struct books_key key = books_key_pair(entity, invoice);
    return facts_get(facts, BOOKS_INVOICES, &key, ret_record, err);
}

enum status facts_user(const struct facts *facts, const char *user, json_t **ret_record, struct err *err)
{
    struct books_key key = books_key(user);
    return facts_get(facts, BOOKS_USERS, &key, ret_record, err);
}

enum status facts_key(const struct facts *facts, const char *key_text, json_t **ret_record, struct err *err)
{
    struct books_key key = books_key(key_text);
    return facts_get(facts, BOOKS_KEYS, &key, ret_record, err);
}

enum status facts_grant(const struct facts *facts, const char *number, json_t **ret_record, struct err *err)
{
    struct books_key key = books_key(number);
    return facts_get(facts, BOOKS_GRANTS, &key, ret_record, err);
}

enum status facts_actor(const struct facts *facts, const char *user, struct actor *ret_actor, struct err *err)
{
    json_t *record = NULL;
    enum status status = facts_user(facts, user, &record, err);
    if (status != STATUS_OK)
        return status;
    if (record == NULL)
        return err_set(err, STATUS_NOT_FOUND, "there is no user %s", user);
    snprintf(ret_actor->user, sizeof ret_actor->user, "%s", user);
    snprintf(ret_actor->person, sizeof ret_actor->person, "%s", member_text(record, "person"));
    snprintf(ret_actor->sort, sizeof ret_actor->sort, "%s", member_text(record, "sort"));
    json_decref(record);
    return STATUS_OK;
}

/* An optional instant of a record; ret_ms is left alone when it lacks. */
static enum status instant_member(const json_t *record, const char *name, int64_t *ret_ms, struct err *err)
{
    const char *text = member_text(record, name);
    return text == NULL ? STATUS_OK : instant_parse(text, strlen(text), ret_ms, err);
}

enum status facts_key_end(const struct facts *facts, const json_t *record, int64_t *ret_ms, struct err *err)
{
    int64_t until = INT64_MAX, from = 0, longest = INT64_MAX;
    int64_t days = policy_parameter(facts->policy, NULL, PARAMETER_KEY_DAYS_MAX);
    enum status status = instant_member(record, "until", &until, err);
    if (status == STATUS_OK)
        status = instant_member(record, "from", &from, err);
    if (status == STATUS_OK && days > 0)
        status = instant_add(from, days * DAY_MS, &longest, err);
    if (status == STATUS_OK)
        *ret_ms = until < longest ? until : longest;
    return status;
}

enum status facts_key_valid(const struct facts *facts, const char *key_text, const char *user, bool *ret_valid,
                            struct err *err)
{
    json_t *record = NULL;
    int64_t until = INT64_MAX;
    enum status status = facts_key(facts, key_text, &record, err);
    if (status == STATUS_OK && record != NULL)
        status = facts_key_end(facts, record, &until, err);
    if (status == STATUS_OK)
        *ret_valid = record != NULL && strcmp(member_text(record, "user"), user) == 0 &&
                     json_object_get(record, "revoked") == NULL && facts->time_ms < until;
    json_decref(record);
    return status;
}

bool facts_text_in(const json_t *list, const char *text)
{
    for (size_t i = 0; i < json_array_size(list); i++)
        if (strcmp(json_string_value(json_array_get(list, i)), text) == 0)
            return true;
    return false;
}

bool facts_entity_in(const json_t *entities, const char *entity)
{
    for (size_t i = 0; i < json_array_size(entities); i++) {
        const char *one = json_string_value(json_array_get(entities, i));
        if (strcmp(one, "*") == 0 || (entity[0] != '\0' && strcmp(one, entity) == 0))
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

static enum status may_step(void *context, struct slice key, const json_t *record, bool *ret_more, struct err *err)
{
    struct grant_ask *ask = context;
    json_t *grant = NULL;
    bool stands = false;
    (void)record;
    enum status status = grant_of_key(ask->facts, key, &grant, err);
    if (status == STATUS_OK)
        status = facts_grant_stands(ask->facts, grant, false, &stands, err);
    if (status == STATUS_OK && stands && facts_entity_in(json_object_get(grant, "entities"), ask->entity)) {
        const struct policy_role *role = policy_find_role(ask->facts->policy, member_text(grant, "role"));
        ask->may = role != NULL && role_has_function(role, ask->function);
        *ret_more = !ask->may;
    }
    json_decref(grant);
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

enum status facts_user_granted(const struct facts *facts, const char *user, const char *function, const char *entity,
                               bool *ret_may, struct err *err)
{
    struct grant_ask ask = {.facts = facts, .function = function, .entity = entity};
    const struct books_key prefix = user_prefix(user);
    const struct books_walk walk = {.table = BOOKS_USER_GRANTS, .prefix = &prefix, .step = may_step, .context = &ask};
    enum status status = books_each(facts->books, &walk, err);
    if (status == STATUS_OK)
        *ret_may = ask.may;
    return status;
}

struct function_walk {
    const struct facts *facts;
    facts_function_step *step;
    void *context;
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

static enum status user_grant_step(void *context, struct slice key, const json_t *record, bool *ret_more,
                                   struct err *err)
{
    struct function_walk *walk = context;
    json_t *grant = NULL;
    bool stands = false;
    (void)record;
    enum status status = grant_of_key(walk->facts, key, &grant, err);
    if (status == STATUS_OK)
        status = facts_grant_stands(walk->facts, grant, true, &stands, err);
    if (status == STATUS_OK && stands)
        status = role_functions(walk, grant, err);
    *ret_more = walk->more;
    json_decref(grant);
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
    const struct books_key prefix = user_prefix(user);
    const struct books_walk grants = {
        .table = BOOKS_USER_GRANTS, .prefix = &prefix, .step = user_grant_step, .context = walk};
    enum status status = books_each(walk->facts->books, &grants, err);
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

enum status facts_last_number(const struct facts *facts, const char *series, int64_t *ret_last, struct err *err)
{
    json_t *record = NULL;
    struct books_key key = books_key(series);
    enum status status = facts_get(facts, BOOKS_NUMBERS, &key, &record, err);
    if (status == STATUS_OK)
        *ret_last = member_integer(record, "last");
    json_decref(record);
    return status;
}

enum status facts_documents_today(const struct facts *facts, const char *user, int64_t *ret_count, struct err *err)
{
    json_t *record = NULL;
    char day[DATE_TEXT_BYTES];
    date_format(date_from_instant(facts->time_ms, 0), day);
    struct books_key key = books_key_pair(user, day);
    enum status status = facts_get(facts, BOOKS_COUNTERS, &key, &record, err);
    if (status == STATUS_OK)
        *ret_count = member_integer(record, "documents");
    json_decref(record);
    return status;
}

enum status facts_entry_hash(const struct facts *facts, uint64_t seq, char ret_hex[static 65], struct err *err)
{
    json_t *record = NULL;
    struct books_key key = books_key(NULL);
    books_key_add_number(&key, seq);
    enum status status = facts_get(facts, BOOKS_ENTRIES, &key, &record, err);
    if (status == STATUS_OK)
        snprintf(ret_hex, 65, "%s", record != NULL ? member_text(record, "hash") : "");
    json_decref(record);
    return status;
}

enum status facts_staged(const struct facts *facts, const char *entity, const char *feed, const char *id,
                         bool *ret_staged, struct err *err)
{
    struct books_key key = books_key_pair(entity, feed);
    books_key_add_text(&key, id);
    return books_has(facts->books, BOOKS_STAGED, &key, ret_staged, err);
}

enum status facts_staged_each(const struct facts *facts, const char *entity, const char *feed, books_step *step,
                              void *context, struct err *err)
{
    struct books_key prefix = books_key_pair(entity, feed);
    books_key_close(&prefix);
    const struct books_walk walk = {.table = BOOKS_STAGED, .prefix = &prefix, .step = step, .context = context};
    return books_each(facts->books, &walk, err);
}
