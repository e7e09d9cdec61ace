/*
 * C-20 Static segregation of duties: no person holds duties that the conflict matrix, a set of exclusive duties or a floor
 * keeps apart, over all users and entities, inherited roles and future grants included. Judged when a role is granted, when a
 * person gets another user, and, over everybody, when a policy is to change. What is worked out is in controls/duties.c;
 * pairs that a mitigation may join are C-24's.
 */
#include "controls/duties.h"
#include "controls/rules/common.h"

enum { NAMED_MAX = 20 }; /* conflicts that an answer names; the rest is counted */

struct clashes {
    const struct request *request;
    const struct facts *facts;
    struct answers *answers;
    size_t named;
};

/* What a clash is about, told from the side of the function that is to be granted. */
static json_t *clash_inputs(const struct clash *clash)
{
    json_t *inputs = json_pack("{s:s, s:s, s:s, s:s, s:s}", "function", clash->a->function, "grant", clash->b->grant,
                               "held", clash->b->function, "role", clash->b->role, "user", clash->b->user);
    if (clash->rule == CLASH_FLOOR)
        json_object_set_new(inputs, "floor", json_string(clash->name));
    if (clash->rule != CLASH_NEVER)
        return inputs; /* what may be mitigated does not come here */
    json_object_set_new(inputs, "duty", json_string(clash->a_duty));
    json_object_set_new(inputs, "other_duty", json_string(clash->b_duty));
    return inputs;
}

static enum status clash_answer(void *context, const struct clash *clash, struct err *err)
{
    struct clashes *clashes = context;
    if (clash->rule == CLASH_MITIGATED || clashes->named == NAMED_MAX)
        return STATUS_OK; /* C-24 */
    clashes->named++;
    if (clash->rule == CLASH_EXCLUSIVE)
        return answer_deny(clashes->answers, "C-20", "exclusive",
                           json_pack("{s:I, s:s, s:I, s:s}", "fewer_than", (json_int_t)clash->fewer_than, "function",
                                     clash->a->function, "held", (json_int_t)clash->held, "set", clash->name),
                           err);
    if (clash->b->waits || clash->a->waits)
        return answer_flag(clashes->answers, "C-20", "waiting", clash_inputs(clash), err);
    return answer_deny(clashes->answers, "C-20", clash->rule == CLASH_FLOOR ? "floor" : "conflict", clash_inputs(clash),
                       err);
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

static enum status grant_judge(const struct request *request, const struct facts *facts, struct answers *answers,
                               struct err *err)
{
    struct clashes clashes = {.request = request, .facts = facts, .answers = answers};
    struct holding holding = {.items = NULL};
    json_t *user = NULL;
    const char *name = member_text(request->document, "user"), *role_code = member_text(request->document, "role");
    const struct policy_role *role = policy_find_role(facts->policy, role_code);
    if (role == NULL)
        return answer_deny(answers, "C-20", "unknown-role", json_pack("{s:s}", "role", role_code), err);
    enum status status = facts_user(facts, name, &user, err);
    if (status == STATUS_OK && user == NULL)
        return answer_deny(answers, "C-20", "unknown-user", json_pack("{s:s}", "user", name), err);
    if (status == STATUS_OK)
        status = entities_judge(request, facts, answers, err);
    if (status == STATUS_OK && !answers->denied)
        status = holding_collect(facts, member_text(user, "person"), true, request->number, &holding, err);
    if (status == STATUS_OK && !answers->denied)
        status = holding_consider(&holding, role, name, err);
    if (status == STATUS_OK && !answers->denied)
        status = holding_clashes(facts->policy, &holding, clash_answer, &clashes, err);
    holding_done(&holding);
    json_decref(user);
    return status;
}

/* What a user of this sort will do, as far as it is known before any grant; NULL for a human being. */
static const char *sort_function(const char *sort)
{
    if (strcmp(sort, "feed") == 0)
        return "feed.customers";
    return strcmp(sort, "bot") == 0 ? "credit-note.prepare" : NULL;
}

/* A bot prepares and a feed brings: their owner may not hold what is kept from that. A bot's owner may hold approvals of
 * other kinds than it prepares, which its grants will tell. */
static enum status owner_judge(const struct request *request, const struct holding *holding, struct answers *answers,
                               struct err *err)
{
    const char *sort = member_text(request->document, "sort"), *function = sort_function(sort);
    for (size_t i = 0; function != NULL && i < holding->count; i++) {
        const struct duty_item *item = &holding->items[i];
        const char *floor = duties_floor(function, item->function);
        if (floor == NULL || strcmp(floor, "prepare-approve") == 0)
            continue;
        return answer_deny(answers, "C-20", "owner",
                           json_pack("{s:s, s:s, s:s, s:s, s:s}", "floor", floor, "grant", item->grant, "held",
                                     item->function, "sort", sort, "user", item->user),
                           err);
    }
    return STATUS_OK;
}

static enum status enrolment_judge(const struct request *request, const struct facts *facts, struct answers *answers,
                                   struct err *err)
{
    struct clashes clashes = {.request = request, .facts = facts, .answers = answers};
    struct holding holding = {.items = NULL};
    enum status status = holding_collect(facts, member_text(request->document, "person"), false, NULL, &holding, err);
    if (status == STATUS_OK)
        status = holding_clashes(facts->policy, &holding, clash_answer, &clashes, err);
    if (status == STATUS_OK)
        status = owner_judge(request, &holding, answers, err);
    holding_done(&holding);
    return status;
}

/* Everybody under another policy. */
struct everybody {
    struct facts facts; /* with the policy that is proposed */
    const char *person;
    json_t *named;
    size_t count;
};

static enum status policy_clash(void *context, const struct clash *clash, struct err *err)
{
    struct everybody *all = context;
    json_t *mitigation = NULL;
    enum status status = STATUS_OK;
    if (clash->rule == CLASH_MITIGATED)
        status = facts_mitigation(&all->facts, all->person, clash->a_duty, clash->b_duty, &mitigation, err);
    bool mitigated = mitigation != NULL;
    json_decref(mitigation);
    if (status != STATUS_OK || mitigated || ++all->count > NAMED_MAX)
        return status;
    const char *first = clash->a_duty != NULL ? clash->a_duty : clash->a->function;
    const char *second = clash->b_duty != NULL ? clash->b_duty : clash->b != NULL ? clash->b->function : clash->name;
    return json_array_append_new(all->named, json_pack("{s:s, s:s, s:s, s:s}", "a", first, "b", second, "person",
                                                       all->person, "rule", clash_rule_word(clash->rule))) == 0
               ? STATUS_OK
               : err_set(err, STATUS_MEMORY, "no memory for an answer");
}

static enum status person_judge(void *context, const char *person, bool *ret_more, struct err *err)
{
    struct everybody *all = context;
    struct holding holding = {.items = NULL};
    (void)ret_more;
    all->person = person;
    enum status status = holding_collect(&all->facts, person, false, NULL, &holding, err);
    if (status == STATUS_OK)
        status = holding_clashes(all->facts.policy, &holding, policy_clash, all, err);
    holding_done(&holding);
    return status;
}

static enum status policy_judge(const struct request *request, const struct facts *facts, struct answers *answers,
                                struct err *err)
{
    struct everybody all = {.facts = *facts, .named = json_array()};
    struct policy *policy = NULL;
    enum status status = policy_read(json_object_get(request->document, "compiled"), &policy, NULL);
    all.facts.policy = policy;
    if (status == STATUS_OK)
        status = facts_persons(&all.facts, person_judge, &all, err);
    else if (status == STATUS_MEMORY)
        status = err_set(err, STATUS_MEMORY, "no memory for a policy");
    else
        status = STATUS_OK; /* C-31 denies */
    if (status == STATUS_OK && all.count > 0)
        status = answer_deny(answers, "C-20", "policy-conflict",
                             json_pack("{s:O, s:I}", "conflicts", all.named, "count", (json_int_t)all.count), err);
    json_decref(all.named);
    policy_free(policy);
    return status;
}

static enum status judge(const struct request *request, const struct facts *facts, struct answers *answers,
                         struct err *err)
{
    if (request_is_kind(request, KIND_GRANT))
        return grant_judge(request, facts, answers, err);
    if (request_is_kind(request, KIND_ENROLMENT))
        return enrolment_judge(request, facts, answers, err);
    return request_is_kind(request, KIND_POLICY) ? policy_judge(request, facts, answers, err) : STATUS_OK;
}

static void policy_sentence(const json_t *answer, char ret_text[static SENTENCE_BYTES])
{
    enum { ROOM_FOR_REST = 150 };
    const json_t *conflicts = json_object_get(answer, "conflicts");
    size_t told = 0, count = (size_t)member_integer(answer, "count"), used;
    used = (size_t)snprintf(ret_text, SENTENCE_BYTES,
                            "%zu conflict%s of duties already held under this policy: ", count, count == 1 ? "" : "s");
    for (; told < json_array_size(conflicts) && used < SENTENCE_BYTES - ROOM_FOR_REST - 2 * ID_BYTES_MAX; told++) {
        const json_t *one = json_array_get(conflicts, told);
        used += (size_t)snprintf(ret_text + used, SENTENCE_BYTES - used, "%s%s %s with %s (%s)", told > 0 ? ", " : "",
                                 said(one, "person"), said(one, "a"), said(one, "b"), said(one, "rule"));
    }
    if (used < SENTENCE_BYTES)
        snprintf(ret_text + used, SENTENCE_BYTES - used, "%s; revoke grants, mitigate, or change the policy",
                 told < count ? ", and more" : "");
}

static void sentence(const json_t *answer, char ret_text[static SENTENCE_BYTES])
{
    if (code_is(answer, "conflict"))
        snprintf(ret_text, SENTENCE_BYTES,
                 "%s may not be joined with %s, which %s holds through role %s (grant %s): the policy keeps %s and %s "
                 "apart; revoke that grant first, or choose another person",
                 said(answer, "function"), said(answer, "held"), said(answer, "user"), said(answer, "role"),
                 said(answer, "grant"), said(answer, "duty"), said(answer, "other_duty"));
    else if (code_is(answer, "floor"))
        snprintf(ret_text, SENTENCE_BYTES,
                 "%s may never be joined with %s, which %s holds through role %s (grant %s): floor %s, which no policy "
                 "lowers; revoke that grant first, or choose another person",
                 said(answer, "function"), said(answer, "held"), said(answer, "user"), said(answer, "role"),
                 said(answer, "grant"), said(answer, "floor"));
    else if (code_is(answer, "waiting"))
        snprintf(ret_text, SENTENCE_BYTES,
                 "%s may not be joined with %s, which %s gets through role %s when grant %s is signed: whichever comes "
                 "second will be refused",
                 said(answer, "function"), said(answer, "held"), said(answer, "user"), said(answer, "role"),
                 said(answer, "grant"));
    else if (code_is(answer, "exclusive"))
        snprintf(
            ret_text, SENTENCE_BYTES,
            "with %s the person would hold %lld duties of the set %s, of which one holds fewer than %lld; revoke a "
            "grant first, or choose another person",
            said(answer, "function"), (long long)member_integer(answer, "held"), said(answer, "set"),
            (long long)member_integer(answer, "fewer_than"));
    else if (code_is(answer, "owner"))
        snprintf(ret_text, SENTENCE_BYTES,
                 "the owner of a %s user may not hold %s (user %s, grant %s): floor %s; choose another owner",
                 said(answer, "sort"), said(answer, "held"), said(answer, "user"), said(answer, "grant"),
                 said(answer, "floor"));
    else if (code_is(answer, "policy-conflict"))
        policy_sentence(answer, ret_text);
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
    .parameters = "duties, conflicts, exclusive, roles",
    .framework = "COSO 10; COBIT DSS06.03",
    .codes = "conflict floor exclusive waiting owner policy-conflict unknown-role unknown-entity unknown-user",
    .judge = judge,
    .sentence = sentence,
};
