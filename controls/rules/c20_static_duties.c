/*
 * C-20 Static segregation of duties: no person holds duties that the conflict matrix or a floor keeps apart, over all
 * users and entities, future grants included. Judged when a role is granted.
 */
#include "controls/rules/common.h"

/* Floors that no policy can lower: classes of function that one person may not join. */
static const struct {
    enum function_class a, b;
    const char *name;
} floors[] = {
    {FUNCTION_APPROVE, FUNCTION_GOVERN, "approve-govern"}, {FUNCTION_APPROVE, FUNCTION_CLOSE, "approve-close"},
    {FUNCTION_GOVERN, FUNCTION_CLOSE, "govern-close"},     {FUNCTION_GOVERN, FUNCTION_PREPARE, "govern-prepare"},
    {FUNCTION_GOVERN, FUNCTION_FEED, "govern-feed"},       {FUNCTION_FEED, FUNCTION_PREPARE, "feed-prepare"},
    {FUNCTION_FEED, FUNCTION_APPROVE, "feed-approve"},     {FUNCTION_FEED, FUNCTION_CLOSE, "feed-close"},
};

struct clash {
    const struct facts *facts;
    const struct policy_role *role; /* to be granted */
    struct answers *answers;
    const struct policy_conflict *noted; /* mitigated pair that was flagged already */
};

bool duty_floor(const char *a, const char *b, const char **ret_name)
{
    enum kind_id a_kind = KIND_UNKNOWN, b_kind = KIND_UNKNOWN;
    int level;
    enum function_class x = function_class(a, &a_kind, &level), y = function_class(b, &b_kind, &level);
    *ret_name = "prepare-approve";
    if (((x == FUNCTION_PREPARE && y == FUNCTION_APPROVE) || (x == FUNCTION_APPROVE && y == FUNCTION_PREPARE)) &&
        a_kind == b_kind)
        return true;
    for (size_t i = 0; i < sizeof floors / sizeof floors[0]; i++) {
        *ret_name = floors[i].name;
        if ((x == floors[i].a && y == floors[i].b) || (x == floors[i].b && y == floors[i].a))
            return true;
    }
    return false;
}

static enum status pair_judge(struct clash *clash, const char *granted, const struct held_function *held,
                              struct err *err)
{
    const struct policy *policy = clash->facts->policy;
    const char *floor;
    if (duty_floor(granted, held->function, &floor))
        return answer_deny(clash->answers, "C-20", "floor",
                           json_pack("{s:s, s:s, s:s, s:s}", "floor", floor, "function", granted, "grant", held->grant,
                                     "held", held->function),
                           err);
    for (size_t i = 0; i < policy->conflict_count; i++) {
        const struct policy_conflict *conflict = &policy->conflicts[i];
        if (conflict->mode == CONFLICT_DOCUMENT || !conflict_joins(conflict, granted, held->function))
            continue;
        json_t *inputs = json_pack("{s:s, s:s, s:s, s:s, s:s}", "duty", conflict->a->duty, "function", granted, "grant",
                                   held->grant, "held", held->function, "other_duty", conflict->b->duty);
        if (conflict->mode == CONFLICT_NEVER)
            return answer_deny(clash->answers, "C-20", "conflict", inputs, err);
        if (clash->noted == conflict) {
            json_decref(inputs);
            continue;
        }
        clash->noted = conflict;
        return answer_flag(clash->answers, "C-20", "mitigation", inputs, err);
    }
    return STATUS_OK;
}

static enum status held_step(void *context, const struct held_function *held, bool *ret_more, struct err *err)
{
    struct clash *clash = context;
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && !clash->answers->denied && i < clash->role->function_count; i++)
        status = pair_judge(clash, clash->role->functions[i], held, err);
    *ret_more = !clash->answers->denied;
    return status;
}

static enum status entities_judge(const struct request *request, const struct facts *facts, struct answers *answers,
                                  struct err *err)
{
    const json_t *entities = json_object_get(request->document, "entities");
    for (size_t i = 0; i < json_array_size(entities); i++) {
        const char *entity = json_string_value(json_array_get(entities, i));
        if (strcmp(entity, "*") != 0 && policy_find_entity(facts->policy, entity) == NULL)
            return answer_deny(answers, "C-20", "unknown-entity", json_pack("{s:s}", "entity", entity), err);
    }
    return STATUS_OK;
}

static enum status judge(const struct request *request, const struct facts *facts, struct answers *answers,
                         struct err *err)
{
    json_t *user = NULL;
    if (!request_is_kind(request, KIND_GRANT))
        return STATUS_OK;
    const char *role_code = member_text(request->document, "role");
    struct clash clash = {.facts = facts, .role = policy_find_role(facts->policy, role_code), .answers = answers};
    if (clash.role == NULL)
        return answer_deny(answers, "C-20", "unknown-role", json_pack("{s:s}", "role", role_code), err);
    enum status status = facts_user(facts, member_text(request->document, "user"), &user, err);
    if (status == STATUS_OK && user == NULL)
        status = answer_deny(answers, "C-20", "unknown-user",
                             json_pack("{s:s}", "user", member_text(request->document, "user")), err);
    else if (status == STATUS_OK)
        status = entities_judge(request, facts, answers, err);
    if (status == STATUS_OK && !answers->denied)
        status = facts_person_functions(facts, member_text(user, "person"), held_step, &clash, err);
    json_decref(user);
    return status;
}

static void sentence(const json_t *answer, char ret_text[static SENTENCE_BYTES])
{
    if (code_is(answer, "conflict"))
        snprintf(ret_text, SENTENCE_BYTES, "%s (%s) may not be joined with %s (%s), held by grant %s",
                 said(answer, "function"), said(answer, "duty"), said(answer, "held"), said(answer, "other_duty"),
                 said(answer, "grant"));
    else if (code_is(answer, "mitigation"))
        snprintf(ret_text, SENTENCE_BYTES, "%s and %s (grant %s) are joined only under a mitigation",
                 said(answer, "function"), said(answer, "held"), said(answer, "grant"));
    else if (code_is(answer, "floor"))
        snprintf(ret_text, SENTENCE_BYTES, "%s may never be joined with %s, held by grant %s (%s)",
                 said(answer, "function"), said(answer, "held"), said(answer, "grant"), said(answer, "floor"));
    else if (code_is(answer, "unknown-role"))
        snprintf(ret_text, SENTENCE_BYTES, "the policy has no role %s", said(answer, "role"));
    else if (code_is(answer, "unknown-entity"))
        snprintf(ret_text, SENTENCE_BYTES, "the policy has no entity %s", said(answer, "entity"));
    else
        snprintf(ret_text, SENTENCE_BYTES, "there is no user %s", said(answer, "user"));
}

const struct control control_c20 = {
    .id = "C-20",
    .title = "Static segregation of duties",
    .objective = "No toxic sets of roles",
    .assertion = "authorisation",
    .type = CONTROL_PREVENTIVE,
    .stages = STAGE_DOCUMENT,
    .engine_from = ENGINE_FIRST,
    .engine_to = ENGINE_LAST,
    .parameters = "duties, conflicts, roles",
    .framework = "COSO 10; COBIT DSS06.03",
    .codes = "conflict mitigation floor unknown-role unknown-entity unknown-user",
    .judge = judge,
    .sentence = sentence,
};
