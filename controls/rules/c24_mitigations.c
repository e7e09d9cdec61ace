/*
 * C-24 Mitigated conflicts: duties that the policy lets one person join only under a recorded mitigation, which names a
 * control, an owner and a reviewer and ends. Each act in one of the two functions while both are held is counted as a use;
 * when the reviewer has not answered in time, there are no further ones.
 */
#include "controls/duties.h"
#include "controls/rules/common.h"
#include "ledger/instant.h"

#define DAY_MS INT64_C(86400000)

static enum status known_step(void *context, const char *user, bool *ret_more, struct err *err)
{
    (void)user;
    (void)err;
    *(bool *)context = true;
    *ret_more = false;
    return STATUS_OK;
}

static enum status person_known(const struct facts *facts, const char *person, bool *ret_known, struct err *err)
{
    *ret_known = false;
    return facts_person_users(facts, person, known_step, ret_known, err);
}

static const struct policy_conflict *pair_find(const struct policy *policy, const char *a, const char *b)
{
    for (size_t i = 0; i < policy->conflict_count; i++) {
        const struct policy_conflict *pair = &policy->conflicts[i];
        if ((strcmp(pair->a->duty, a) == 0 && strcmp(pair->b->duty, b) == 0) ||
            (strcmp(pair->a->duty, b) == 0 && strcmp(pair->b->duty, a) == 0))
            return pair;
    }
    return NULL;
}

static enum status until_judge(const json_t *document, const struct facts *facts, struct answers *answers,
                               struct err *err)
{
    const char *text = member_text(document, "until");
    int64_t until, days = policy_parameter(facts->policy, NULL, PARAMETER_MITIGATION_DAYS_MAX);
    enum status status = instant_parse(text, strlen(text), &until, err);
    if (status != STATUS_OK || (until > facts->time_ms && until - facts->time_ms <= days * DAY_MS))
        return status;
    return answer_deny(answers, "C-24", "until", json_pack("{s:I, s:s}", "days", (json_int_t)days, "until", text), err);
}

/* The document that records a mitigation. */
static enum status mitigation_judge(const json_t *document, const struct facts *facts, struct answers *answers,
                                    struct err *err)
{
    static const char *const names[] = {"person", "owner", "reviewer"};
    const char *a = member_text(document, "a"), *b = member_text(document, "b");
    const char *person = member_text(document, "person"), *owner = member_text(document, "owner");
    const char *reviewer = member_text(document, "reviewer");
    const struct policy_conflict *pair = pair_find(facts->policy, a, b);
    enum status status = STATUS_OK;
    if (pair == NULL || pair->mode != CONFLICT_MITIGATED)
        status = answer_deny(answers, "C-24", "not-mitigable", json_pack("{s:s, s:s}", "a", a, "b", b), err);
    if (status == STATUS_OK &&
        (strcmp(owner, person) == 0 || strcmp(reviewer, person) == 0 || strcmp(owner, reviewer) == 0))
        status = answer_deny(answers, "C-24", "not-independent",
                             json_pack("{s:s, s:s, s:s}", "owner", owner, "person", person, "reviewer", reviewer), err);
    for (size_t i = 0; status == STATUS_OK && i < sizeof names / sizeof names[0]; i++) {
        bool known = false;
        status = person_known(facts, member_text(document, names[i]), &known, err);
        if (status == STATUS_OK && !known)
            status = answer_deny(answers, "C-24", "unknown-person",
                                 json_pack("{s:s}", "person", member_text(document, names[i])), err);
    }
    return status == STATUS_OK ? until_judge(document, facts, answers, err) : status;
}

static enum status review_judge(const struct request *request, const struct facts *facts, struct answers *answers,
                                struct err *err)
{
    json_t *mitigation = NULL;
    const char *number = member_text(request->document, "mitigation");
    struct books_key key = books_key(number);
    enum status status = books_get(facts->books, BOOKS_MITIGATIONS, &key, &mitigation, err);
    if (status == STATUS_NOT_FOUND)
        return answer_deny(answers, "C-24", "unknown-mitigation", json_pack("{s:s}", "mitigation", number), err);
    if (status != STATUS_OK)
        return status;
    int64_t uses = member_integer(mitigation, "uses"), stated = member_integer(request->document, "uses");
    if (strcmp(member_text(mitigation, "reviewer"), request->actor.person) != 0)
        status = answer_deny(
            answers, "C-24", "not-the-reviewer",
            json_pack("{s:s, s:s}", "mitigation", number, "reviewer", member_text(mitigation, "reviewer")), err);
    else if (uses != stated || uses == member_integer(mitigation, "answered"))
        status = answer_deny(answers, "C-24", "uses",
                             json_pack("{s:I, s:s, s:I, s:I}", "answered",
                                       (json_int_t)member_integer(mitigation, "answered"), "mitigation", number,
                                       "stated", (json_int_t)stated, "uses", (json_int_t)uses),
                             err);
    json_decref(mitigation);
    return status;
}

/* A grant, or an act, that joins two duties of a pair. */
struct joining {
    const struct request *request;
    const struct facts *facts;
    struct answers *answers;
    const char *person;
};

static enum status review_late(const struct joining *joining, const json_t *mitigation, bool *ret_late, struct err *err)
{
    const char *text = member_text(mitigation, "unanswered_since");
    int64_t since, days = policy_parameter(joining->facts->policy, NULL, PARAMETER_MITIGATION_REVIEW_DAYS);
    *ret_late = false;
    if (text == NULL)
        return STATUS_OK;
    enum status status = instant_parse(text, strlen(text), &since, err);
    if (status == STATUS_OK)
        *ret_late = joining->facts->time_ms - since > days * DAY_MS;
    return status;
}

static enum status joined_answer(const struct joining *joining, const struct clash *clash, bool act, struct err *err)
{
    json_t *mitigation = NULL;
    bool late = false;
    enum status status =
        facts_mitigation(joining->facts, joining->person, clash->a_duty, clash->b_duty, &mitigation, err);
    if (status == STATUS_OK && mitigation != NULL && act)
        status = review_late(joining, mitigation, &late, err);
    json_t *inputs = json_pack("{s:s, s:s, s:s, s:s, s:s}", "duty", clash->a_duty, "function", clash->a->function,
                               "held", clash->b->function, "other_duty", clash->b_duty, "person", joining->person);
    if (mitigation != NULL)
        json_object_set(inputs, "mitigation", json_object_get(mitigation, "number"));
    else
        json_object_set_new(inputs, "grant", json_string(clash->b->grant));
    if (late) {
        json_object_set(inputs, "reviewer", json_object_get(mitigation, "reviewer"));
        json_object_set_new(
            inputs, "days",
            json_integer(policy_parameter(joining->facts->policy, NULL, PARAMETER_MITIGATION_REVIEW_DAYS)));
    }
    if (status == STATUS_OK && late)
        status = answer_deny(joining->answers, "C-24", "review-late", inputs, err);
    else if (status == STATUS_OK && mitigation == NULL)
        status = answer_deny(joining->answers, "C-24", "no-mitigation", inputs, err);
    else if (status == STATUS_OK)
        status = answer_flag(joining->answers, "C-24", act ? "use" : "mitigated", inputs, err);
    else
        json_decref(inputs);
    json_decref(mitigation);
    return status;
}

static enum status grant_clash(void *context, const struct clash *clash, struct err *err)
{
    bool counts = clash->rule == CLASH_MITIGATED && !clash->a->waits && !clash->b->waits;
    return counts ? joined_answer(context, clash, false, err) : STATUS_OK;
}

static enum status grant_judge(const struct request *request, const struct facts *facts, struct answers *answers,
                               struct err *err)
{
    struct holding holding = {.items = NULL};
    json_t *user = NULL;
    const char *name = member_text(request->document, "user");
    const struct policy_role *role = policy_find_role(facts->policy, member_text(request->document, "role"));
    enum status status = facts_user(facts, name, &user, err);
    struct joining joining = {.request = request, .facts = facts, .answers = answers};
    if (status == STATUS_OK && user != NULL && role != NULL) {
        joining.person = member_text(user, "person");
        status = holding_collect(facts, joining.person, false, NULL, &holding, err);
        if (status == STATUS_OK)
            status = holding_consider(&holding, role, name, err);
        if (status == STATUS_OK)
            status = holding_clashes(facts->policy, &holding, grant_clash, &joining, err);
    }
    holding_done(&holding);
    json_decref(user);
    return status;
}

/* The first item of the other duty that the person holds now; NULL when none. */
static const struct duty_item *other_held(const struct holding *holding, const struct policy_duty *duty)
{
    for (size_t i = 0; i < holding->count; i++)
        if (duty_has_function(duty, holding->items[i].function))
            return &holding->items[i];
    return NULL;
}

/* What the person acts as now. "" when this act is not asked. */
static enum status act_function(const struct request *request, const struct facts *facts,
                                char ret_function[static FUNCTION_NAME_BYTES], struct err *err)
{
    enum kind_id authority = KIND_UNKNOWN;
    ret_function[0] = '\0';
    if (request->stage == STAGE_FEED) {
        snprintf(ret_function, FUNCTION_NAME_BYTES, "feed.%s", member_text(request->statement->body, "feed"));
        return STATUS_OK;
    }
    if (request->kind == NULL || request->document == NULL || request->kind->ruled_apart)
        return STATUS_OK;
    enum status status = kind_authority(request->kind, request->document, facts, &authority, err);
    if (status == STATUS_OK && authority != KIND_UNKNOWN)
        kind_function(request->kind, authority, request->stage == STAGE_APPROVE ? request->level : 0, ret_function);
    return status;
}

static enum status act_judge(const struct request *request, const struct facts *facts, struct answers *answers,
                             struct err *err)
{
    char function[FUNCTION_NAME_BYTES];
    struct holding holding = {.items = NULL};
    bool collected = false;
    const struct joining joining = {
        .request = request, .facts = facts, .answers = answers, .person = request->actor.person};
    enum status status = act_function(request, facts, function, err);
    for (size_t i = 0; status == STATUS_OK && function[0] != '\0' && i < facts->policy->conflict_count; i++) {
        const struct policy_conflict *pair = &facts->policy->conflicts[i];
        bool in_a = duty_has_function(pair->a, function);
        if (pair->mode != CONFLICT_MITIGATED || (!in_a && !duty_has_function(pair->b, function)))
            continue;
        if (!collected)
            status = holding_collect(facts, joining.person, false, NULL, &holding, err);
        collected = true;
        const struct duty_item *other = other_held(&holding, in_a ? pair->b : pair->a);
        const struct duty_item now = {.function = function};
        const struct clash clash = {
            .rule = CLASH_MITIGATED, .a_duty = pair->a->duty, .b_duty = pair->b->duty, .a = &now, .b = other};
        if (status == STATUS_OK && other != NULL)
            status = joined_answer(&joining, &clash, true, err);
    }
    holding_done(&holding);
    return status;
}

static enum status judge(const struct request *request, const struct facts *facts, struct answers *answers,
                         struct err *err)
{
    enum status status = STATUS_OK;
    if ((request->stage & STAGE_DOCUMENT) != 0 && request_is_kind(request, KIND_MITIGATION))
        status = mitigation_judge(request->document, facts, answers, err);
    if (request->stage == STAGE_SUBMIT && request_is_kind(request, KIND_MITIGATION_REVIEW))
        status = review_judge(request, facts, answers, err);
    if ((request->stage & STAGE_DOCUMENT) != 0 && request_is_kind(request, KIND_GRANT))
        status = grant_judge(request, facts, answers, err);
    if (status == STATUS_OK && request->stage != STAGE_POST)
        status = act_judge(request, facts, answers, err);
    return status;
}

static void joined_sentence(const json_t *answer, char ret_text[static SENTENCE_BYTES])
{
    const char *person = said(answer, "person"), *function = said(answer, "function"), *held = said(answer, "held");
    if (code_is(answer, "no-mitigation"))
        snprintf(ret_text, SENTENCE_BYTES,
                 "%s joins %s with %s (grant %s): the policy allows %s with %s only under a mitigation; record one, or "
                 "revoke a grant",
                 person, function, held, said(answer, "grant"), said(answer, "duty"), said(answer, "other_duty"));
    else if (code_is(answer, "review-late"))
        snprintf(
            ret_text, SENTENCE_BYTES,
            "the uses of mitigation %s were not answered for within %lld days; %s has to review them before %s acts "
            "with %s again (%s is held, too; %s with %s)",
            said(answer, "mitigation"), (long long)member_integer(answer, "days"), said(answer, "reviewer"), person,
            function, held, said(answer, "duty"), said(answer, "other_duty"));
    else
        snprintf(ret_text, SENTENCE_BYTES, "%s %s %s with %s under mitigation %s (%s with %s)", person,
                 code_is(answer, "use") ? "acted, joining" : "joins", function, held, said(answer, "mitigation"),
                 said(answer, "duty"), said(answer, "other_duty"));
}

static void sentence(const json_t *answer, char ret_text[static SENTENCE_BYTES])
{
    if (code_is(answer, "not-mitigable"))
        snprintf(ret_text, SENTENCE_BYTES,
                 "%s and %s are no pair that the policy lets a mitigation join; only pairs of mode mitigated are",
                 said(answer, "a"), said(answer, "b"));
    else if (code_is(answer, "not-independent"))
        snprintf(ret_text, SENTENCE_BYTES,
                 "the person (%s), the owner of the control (%s) and the reviewer (%s) have to be three persons",
                 said(answer, "person"), said(answer, "owner"), said(answer, "reviewer"));
    else if (code_is(answer, "unknown-person"))
        snprintf(ret_text, SENTENCE_BYTES, "nobody is enrolled as person %s", said(answer, "person"));
    else if (code_is(answer, "until"))
        snprintf(ret_text, SENTENCE_BYTES, "a mitigation ends within %lld days from when it comes in force, not on %s",
                 (long long)member_integer(answer, "days"), said(answer, "until"));
    else if (code_is(answer, "unknown-mitigation"))
        snprintf(ret_text, SENTENCE_BYTES, "there is no mitigation %s", said(answer, "mitigation"));
    else if (code_is(answer, "not-the-reviewer"))
        snprintf(ret_text, SENTENCE_BYTES, "only %s reviews what was done under mitigation %s",
                 said(answer, "reviewer"), said(answer, "mitigation"));
    else if (code_is(answer, "uses"))
        snprintf(ret_text, SENTENCE_BYTES,
                 "mitigation %s was used %lld times, %lld of them answered for; this review states %lld: look again",
                 said(answer, "mitigation"), (long long)member_integer(answer, "uses"),
                 (long long)member_integer(answer, "answered"), (long long)member_integer(answer, "stated"));
    else
        joined_sentence(answer, ret_text);
}

const struct control control_c24 = {
    .id = "C-24",
    .title = "Mitigated conflicts",
    .objective = "A conflict is joined only under a control that somebody reviews",
    .assertion = "authorisation",
    .type = CONTROL_BOTH,
    .stages = STAGE_DOCUMENT | STAGE_APPROVE | STAGE_FEED,
    .engine_from = ENGINE_FIRST,
    .engine_to = ENGINE_LAST,
    .parameters = "duties, conflicts, mitigation_days_max, mitigation_review_days",
    .framework = "COSO 10, 16; COBIT DSS06.03",
    .codes = "no-mitigation mitigated use review-late not-mitigable not-independent unknown-person until "
             "unknown-mitigation not-the-reviewer uses",
    .judge = judge,
    .sentence = sentence,
};
