/*
 * Shared pieces of rules; see the header.
 */
#include "controls/rules/common.h"

bool request_governs(const struct request *request)
{
    return request->kind != NULL && request->kind->govern != NULL;
}

bool request_is_kind(const struct request *request, enum kind_id kind)
{
    return request->kind != NULL && request->kind->id == kind;
}

bool acting_is(const char *person, const struct request *request)
{
    return person != NULL && person[0] != '\0' &&
           (strcmp(person, request->actor.person) == 0 || strcmp(person, request->behalf.person) == 0);
}

bool acting_as(const json_t *member, const struct request *request)
{
    return acting_is(member_text(member, "person"), request) ||
           acting_is(member_text(json_object_get(member, "behalf"), "person"), request);
}

bool acting_in(const json_t *list, const struct request *request)
{
    for (size_t i = 0; i < json_array_size(list); i++)
        if (acting_as(json_array_get(list, i), request))
            return true;
    return false;
}

json_t *acting_inputs(const struct request *request)
{
    json_t *inputs = json_pack("{s:s}", "person", request->actor.person);
    if (inputs != NULL && request->behalf.user[0] != '\0')
        json_object_set_new(inputs, "behalf", json_string(request->behalf.user));
    return inputs;
}

const struct actor *request_authority(const struct request *request)
{
    return request->behalf.user[0] != '\0' ? &request->behalf : &request->actor;
}

enum status request_function(const struct request *request, const struct facts *facts,
                             char ret_name[static FUNCTION_NAME_BYTES], struct err *err)
{
    enum kind_id authority = KIND_UNKNOWN;
    enum status status = kind_authority(request->kind, request->document, facts, &authority, err);
    ret_name[0] = '\0';
    if (status == STATUS_OK && authority != KIND_UNKNOWN)
        kind_function(request->kind, authority, request->stage == STAGE_APPROVE ? request->level : 0, ret_name);
    return status;
}

enum status acting_may_somewhere(const struct request *request, const struct facts *facts, const char *function,
                                 bool *ret_may, struct err *err)
{
    bool may = false;
    enum status status = facts_user_may(facts, request->actor.user, function, "", &may, err);
    for (size_t i = 0; status == STATUS_OK && !may && i < facts->policy->entity_count; i++)
        status = facts_user_may(facts, request->actor.user, function, facts->policy->entities[i].entity, &may, err);
    if (status == STATUS_OK)
        *ret_may = may;
    return status;
}

enum status request_makers(const struct request *request, json_t **ret_makers, struct err *err)
{
    const json_t *makers = json_object_get(request->record, "makers");
    const char *requester = member_text(request->document, "requested_by");
    json_t *persons = json_object();
    bool all = persons != NULL;
    for (size_t i = 0; all && i < json_array_size(makers); i++)
        all = json_object_set_new(persons, member_text(json_array_get(makers, i), "person"), json_true()) == 0;
    if (all && request->stage == STAGE_SUBMIT)
        all = json_object_set_new(persons, request->actor.person, json_true()) == 0;
    if (all && request->stage == STAGE_SUBMIT && request->behalf.user[0] != '\0')
        all = json_object_set_new(persons, request->behalf.person, json_true()) == 0;
    if (all && request->stage == STAGE_SUBMIT && requester != NULL)
        all = json_object_set_new(persons, requester, json_true()) == 0;
    if (all) {
        *ret_makers = persons;
        return STATUS_OK;
    }
    json_decref(persons);
    return err_set(err, STATUS_MEMORY, "no memory");
}

json_t *amount_text(int64_t minor, int digits)
{
    char text[MONEY_TEXT_MAX];
    money_format(minor, digits, text);
    return json_string(text);
}

json_t *base_text(const struct facts *facts, int64_t minor)
{
    return amount_text(minor, facts->policy->base_digits);
}

enum status money_member_of(const json_t *object, const char *name, int digits, int64_t *ret_minor, struct err *err)
{
    const char *text = member_text(object, name);
    if (text == NULL)
        return err_set(err, STATUS_CORRUPT, "an amount %s lacks", name);
    return money_parse(text, strlen(text), digits, ret_minor, err);
}

json_t *bound_text(const struct facts *facts, const struct policy_row *row, int64_t minor)
{
    int64_t bound = 0;
    for (size_t i = 0; i < row->tier_count && row->tiers[i].upto_minor < minor; i++)
        bound = row->tiers[i].upto_minor;
    return base_text(facts, bound);
}

const struct policy_row *request_row(const struct request *request, const struct facts *facts)
{
    if (request->measure.reason == NULL || request->measure.entity == NULL)
        return NULL;
    const struct policy_reason *reason = policy_find_reason(facts->policy, request->measure.reason);
    return reason == NULL ? NULL : policy_find_row(facts->policy, reason->row, request->measure.entity);
}

const char *said(const json_t *answer, const char *name)
{
    const char *text = member_text(answer, name);
    return text != NULL ? text : "?";
}

const char *said_amount(const json_t *answer, const char *name, char ret_text[static MONEY_TEXT_MAX])
{
    const char *text = said(answer, name);
    const char *dot = strchr(text, '.');
    size_t whole = dot != NULL ? (size_t)(dot - text) : strlen(text);
    size_t sign = text[0] == '-' ? 1 : 0;
    size_t out = 0;
    for (size_t i = 0; i < whole && out + 2 < MONEY_TEXT_MAX; i++) {
        if (i > sign && (whole - i) % 3 == 0)
            ret_text[out++] = ',';
        ret_text[out++] = text[i];
    }
    snprintf(ret_text + out, MONEY_TEXT_MAX - out, "%s", dot != NULL ? dot : "");
    return ret_text;
}

void said_levels(const json_t *answer, char *ret_text, size_t bytes)
{
    const json_t *levels = json_object_get(answer, "levels");
    size_t used = 0;
    ret_text[0] = '\0';
    for (size_t i = 0; i < json_array_size(levels) && used < bytes; i++)
        used += (size_t)snprintf(ret_text + used, bytes - used, "%slevel %lld", i > 0 ? ", " : "",
                                 (long long)json_integer_value(json_array_get(levels, i)));
}

bool code_is(const json_t *answer, const char *code)
{
    return strcmp(said(answer, "code"), code) == 0;
}
