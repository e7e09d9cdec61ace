/*
 * Delegations, read from the books; see the header. What makes one valid is C-17's to say.
 */
#include "controls/facts_delegation.h"

#include <stdio.h>
#include <string.h>

#include "controls/functions.h"
#include "ledger/currency.h"
#include "ledger/instant.h"
#include "ledger/money.h"
#include "ledger/schema.h"

enum status facts_delegation_find(const struct facts *facts, const char *number, json_t **ret_record, struct err *err)
{
    json_t *record = NULL;
    struct books_key key = books_key(number);
    enum status status = books_look(facts->books, BOOKS_DELEGATIONS, &key, &record, err);
    if (status != STATUS_OK && status != STATUS_NOT_FOUND)
        return status;
    *ret_record = record;
    return STATUS_OK;
}

struct delegation_walk {
    const struct facts *facts;
    facts_delegation_step *step;
    void *context;
};

static enum status user_step(void *context, struct slice key, const json_t *ignored, bool *ret_more, struct err *err)
{
    const struct delegation_walk *walk = context;
    const uint8_t *zero = memchr(key.bytes, 0, key.length);
    char number[ID_BYTES_MAX + 1];
    json_t *record = NULL;
    (void)ignored;
    if (zero == NULL)
        return err_set(err, STATUS_CORRUPT, "books: a user's delegation has no number");
    snprintf(number, sizeof number, "%.*s", (int)(key.length - (size_t)(zero + 1 - key.bytes)), (const char *)zero + 1);
    enum status status = facts_delegation_find(walk->facts, number, &record, err);
    if (status == STATUS_OK && record == NULL)
        status = err_set(err, STATUS_CORRUPT, "books: delegation %s is not there", number);
    if (status == STATUS_OK)
        status = walk->step(walk->context, record, ret_more, err);
    json_decref(record);
    return status;
}

enum status facts_delegations_of(const struct facts *facts, const char *user, facts_delegation_step *step,
                                 void *context, struct err *err)
{
    struct delegation_walk walk = {.facts = facts, .step = step, .context = context};
    struct books_key prefix = books_key(user);
    books_key_close(&prefix);
    const struct books_walk books = {
        .table = BOOKS_USER_DELEGATIONS, .prefix = &prefix, .step = user_step, .context = &walk};
    return books_each(facts->books, &books, err);
}

enum status facts_delegation_stands(const struct facts *facts, const json_t *delegation, bool future_too,
                                    bool *ret_stands, struct err *err)
{
    const char *from = member_text(delegation, "from"), *to = member_text(delegation, "to");
    const char *answered = member_text(json_object_get(delegation, "review"), "until");
    int64_t from_ms, to_ms, answered_ms = INT64_MAX;
    enum status status = instant_parse(from, strlen(from), &from_ms, err);
    if (status == STATUS_OK)
        status = instant_parse(to, strlen(to), &to_ms, err);
    if (status == STATUS_OK && answered != NULL)
        status = instant_parse(answered, strlen(answered), &answered_ms, err);
    if (status == STATUS_OK)
        *ret_stands = json_object_get(delegation, "revoked") == NULL && facts->time_ms < to_ms &&
                      (future_too || (facts->time_ms >= from_ms && facts->time_ms < answered_ms));
    return status;
}

static bool names_function(const json_t *delegation, const char *function)
{
    const json_t *functions = json_object_get(delegation, "functions");
    for (size_t i = 0; i < json_array_size(functions); i++)
        if (strcmp(json_string_value(json_array_get(functions, i)), function) == 0)
            return true;
    return false;
}

struct asking {
    const struct facts *facts;
    const struct delegation_ask *ask;
    enum delegation_state state;
    char now[INSTANT_TEXT_BYTES]; /* of one fixed form: instants compare as text */
    json_t *record;
};

static enum status state_of(const struct asking *asking, const json_t *delegation, enum delegation_state *ret_state,
                            struct err *err)
{
    const char *limit = member_text(delegation, "limit");
    bool stands = false, may = false;
    int64_t limit_minor = INT64_MAX;
    enum status status = facts_delegation_stands(asking->facts, delegation, false, &stands, err);
    if (status == STATUS_OK && stands)
        status = facts_user_may(asking->facts, asking->ask->from_user, asking->ask->function, asking->ask->entity, &may,
                                err);
    /* A limit in another currency than the policy's now bounds everything. */
    if (status == STATUS_OK && limit != NULL &&
        (strcmp(member_text(delegation, "currency"), asking->facts->policy->base) != 0 ||
         money_parse(limit, strlen(limit), asking->facts->policy->base_digits, &limit_minor, NULL) != STATUS_OK))
        limit_minor = -1;
    if (status != STATUS_OK)
        return status;
    *ret_state = !stands                                   ? DELEGATION_OVER
                 : !may                                    ? DELEGATION_LOST
                 : asking->ask->amount_minor > limit_minor ? DELEGATION_ABOVE
                                                           : DELEGATION_GOOD;
    return STATUS_OK;
}

static enum status ask_step(void *context, const json_t *delegation, bool *ret_more, struct err *err)
{
    struct asking *asking = context;
    enum delegation_state state = DELEGATION_NONE;
    if (strcmp(member_text(delegation, "from_user"), asking->ask->from_user) != 0 ||
        strcmp(member_text(delegation, "to_user"), asking->ask->to_user) != 0 ||
        !names_function(delegation, asking->ask->function))
        return STATUS_OK;
    enum status status = state_of(asking, delegation, &state, err);
    if (status != STATUS_OK || state <= asking->state)
        return status;
    json_decref(asking->record);
    asking->record = json_incref((json_t *)delegation);
    asking->state = state;
    *ret_more = state != DELEGATION_GOOD;
    return STATUS_OK;
}

enum status facts_delegation(const struct facts *facts, const struct delegation_ask *ask,
                             enum delegation_state *ret_state, json_t **ret_record, struct err *err)
{
    struct asking asking = {.facts = facts, .ask = ask, .state = DELEGATION_NONE};
    enum status status = facts_delegations_of(facts, ask->to_user, ask_step, &asking, err);
    if (status != STATUS_OK) {
        json_decref(asking.record);
        return status;
    }
    *ret_state = asking.state;
    *ret_record = asking.record;
    return STATUS_OK;
}

static enum status suspended_step(void *context, const json_t *delegation, bool *ret_more, struct err *err)
{
    struct asking *asking = context;
    bool now = false, would = false;
    if (json_object_get(delegation, "review") == NULL ||
        strcmp(member_text(delegation, "from_user"), asking->ask->from_user) != 0 ||
        strcmp(member_text(delegation, "to_user"), asking->ask->to_user) != 0 ||
        !names_function(delegation, asking->ask->function) || strcmp(asking->now, member_text(delegation, "from")) < 0)
        return STATUS_OK;
    enum status status = facts_delegation_stands(asking->facts, delegation, false, &now, err);
    if (status == STATUS_OK)
        status = facts_delegation_stands(asking->facts, delegation, true, &would, err);
    if (status == STATUS_OK && would && !now) {
        asking->record = json_incref((json_t *)delegation);
        *ret_more = false;
    }
    return status;
}

enum status facts_suspended_delegation(const struct facts *facts, const struct delegation_ask *ask, json_t **ret_record,
                                       struct err *err)
{
    struct asking asking = {.facts = facts, .ask = ask};
    instant_format(facts->time_ms, asking.now);
    enum status status = facts_delegations_of(facts, ask->to_user, suspended_step, &asking, err);
    if (status == STATUS_OK)
        *ret_record = asking.record;
    else
        json_decref(asking.record);
    return status;
}

struct counting {
    const struct facts *facts;
    const struct delegation_count *count;
    size_t found;
};

/* Instants of one fixed form compare as text. */
static enum status overlap_step(void *context, struct slice key, const json_t *delegation, bool *ret_more,
                                struct err *err)
{
    struct counting *counting = context;
    const struct delegation_count *count = counting->count;
    bool stands = false;
    (void)key;
    (void)ret_more;
    enum status status = facts_delegation_stands(counting->facts, delegation, true, &stands, err);
    if (status == STATUS_OK && stands &&
        strcmp(member_text(delegation, count->given ? "from_person" : "to_person"), count->person) == 0 &&
        (count->not_number == NULL || strcmp(member_text(delegation, "number"), count->not_number) != 0) &&
        strcmp(member_text(delegation, "from"), count->to) < 0 &&
        strcmp(count->from, member_text(delegation, "to")) < 0)
        counting->found++;
    return status;
}

enum status facts_delegation_overlaps(const struct facts *facts, const struct delegation_count *count,
                                      size_t *ret_count, struct err *err)
{
    struct counting counting = {.facts = facts, .count = count};
    const struct books_walk walk = {.table = BOOKS_DELEGATIONS, .step = overlap_step, .context = &counting};
    enum status status = books_each(facts->books, &walk, err);
    if (status == STATUS_OK)
        *ret_count = counting.found;
    return status;
}
