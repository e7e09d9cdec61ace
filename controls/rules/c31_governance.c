/*
 * C-31 Dual control for governance: users, keys, roles and policy are the officers'. What widens access or changes rules
 * takes two of them; what reduces access takes one, at once. A new policy waits for the next day. Months are their closers':
 * one closes, two open.
 */
#include "controls/rules/common.h"
#include "ledger/instant.h"

static enum status officer_judge(const struct request *request, const struct facts *facts, struct answers *answers,
                                 struct err *err)
{
    bool may = false;
    const char *user = member_text(request->document, "user");
    bool own = request->kind->by_owner && user != NULL && strcmp(user, request->actor.user) == 0;
    if (request->stage == STAGE_SUBMIT && own)
        return STATUS_OK;
    /* An old key signs its own replacement: nobody else can start a rotation. */
    if (request->stage == STAGE_SUBMIT && request->kind->id == KIND_KEY_ROTATION)
        return answer_deny(answers, "C-31", "not-the-owner", json_pack("{s:s}", "user", user), err);
    const char *entity = request->kind->by_entity ? member_text(request->document, "entity") : "";
    enum status status = facts_user_may(facts, request->actor.user, request->kind->govern, entity, &may, err);
    if (request->kind->by_entity && status == STATUS_OK && !may) {
        /* A small entity has one closer; then an officer, who can't close himself, is the second person. */
        if (request->stage != STAGE_SUBMIT)
            status = facts_user_may(facts, request->actor.user, "govern.policy", "", &may, err);
        return status == STATUS_OK && !may
                   ? answer_deny(answers, "C-31", "not-a-closer",
                                 json_pack("{s:s, s:s}", "entity", entity, "function", request->kind->govern), err)
                   : status;
    }
    return status == STATUS_OK && !may ? answer_deny(answers, "C-31", "not-an-officer",
                                                     json_pack("{s:s}", "function", request->kind->govern), err)
                                       : status;
}

static enum status key_of_user(const struct request *request, const struct facts *facts, const char *key_text,
                               struct answers *answers, struct err *err)
{
    bool valid = false;
    enum status status = facts_key_valid(facts, key_text, member_text(request->document, "user"), &valid, err);
    return status == STATUS_OK && !valid
               ? answer_deny(answers, "C-31", "unknown-key",
                             json_pack("{s:s}", "user", member_text(request->document, "user")), err)
               : status;
}

static enum status grant_judge(const struct request *request, const struct facts *facts, struct answers *answers,
                               struct err *err)
{
    json_t *grant = NULL;
    const char *number = member_text(request->document, "grant");
    enum status status = facts_grant(facts, number, &grant, err);
    if (status == STATUS_OK && (grant == NULL || json_object_get(grant, "revoked") != NULL))
        status = answer_deny(answers, "C-31", "unknown-grant", json_pack("{s:s}", "grant", number), err);
    json_decref(grant);
    return status;
}

/* The first instant at which every entity of the policy in force has its next day. */
static int64_t next_day(const struct facts *facts)
{
    int64_t latest = facts->time_ms;
    for (size_t i = 0; i < facts->policy->entity_count; i++) {
        int64_t midnight = entity_next_midnight(&facts->policy->entities[i], facts->time_ms);
        latest = midnight > latest ? midnight : latest;
    }
    return latest;
}

static enum status policy_judge(const struct request *request, const struct facts *facts, struct answers *answers,
                                struct err *err)
{
    struct policy *policy = NULL;
    char earliest[INSTANT_TEXT_BYTES];
    int64_t effective;
    const char *text = member_text(request->document, "effective");
    enum status status = policy_read(json_object_get(request->document, "compiled"), &policy, NULL);
    policy_free(policy);
    if (status == STATUS_MEMORY)
        return status;
    if (status != STATUS_OK)
        return answer_deny(answers, "C-31", "policy-invalid", NULL, err);
    status = instant_parse(text, strlen(text), &effective, err);
    if (status != STATUS_OK || effective >= next_day(facts))
        return status;
    instant_format(next_day(facts), earliest);
    return answer_deny(answers, "C-31", "too-early", json_pack("{s:s, s:s}", "earliest", earliest, "effective", text),
                       err);
}

static enum status kind_judge(const struct request *request, const struct facts *facts, struct answers *answers,
                              struct err *err)
{
    if (request_is_kind(request, KIND_KEY_ROTATION))
        return key_of_user(request, facts, member_text(request->document, "old"), answers, err);
    if (request_is_kind(request, KIND_KEY_REVOCATION))
        return key_of_user(request, facts, member_text(request->document, "key"), answers, err);
    if (request_is_kind(request, KIND_REVOCATION))
        return grant_judge(request, facts, answers, err);
    if (request_is_kind(request, KIND_POLICY))
        return policy_judge(request, facts, answers, err);
    return STATUS_OK;
}

static enum status judge(const struct request *request, const struct facts *facts, struct answers *answers,
                         struct err *err)
{
    if (!request_governs(request))
        return STATUS_OK;
    /* Who withdraws is asked by C-01; an amendment comes again as a document. */
    bool asked = request->stage == STAGE_SUBMIT || request->stage == STAGE_APPROVE ||
                 (request->stage == STAGE_ITEM && request->statement->verb != VERB_WITHDRAW &&
                  request->statement->verb != VERB_AMEND);
    enum status status = asked ? officer_judge(request, facts, answers, err) : STATUS_OK;
    if (status == STATUS_OK && (request->stage & STAGE_DOCUMENT) != 0)
        status = kind_judge(request, facts, answers, err);
    bool two = request->kind->widens != NULL ? request->kind->widens(request->document) : request->kind->two_persons;
    if (status == STATUS_OK && (request->stage & STAGE_DOCUMENT) != 0 && two)
        status = request->kind->by_entity
                     ? answer_need(answers, "C-31", "second-closer", 1,
                                   json_pack("{s:s}", "entity", member_text(request->document, "entity")), err)
                     : answer_need(answers, "C-31", "second-officer", 1, NULL, err);
    return status;
}

static void sentence(const json_t *answer, char ret_text[static SENTENCE_BYTES])
{
    if (code_is(answer, "second-officer"))
        snprintf(ret_text, SENTENCE_BYTES, "another officer has to sign");
    else if (code_is(answer, "not-an-officer"))
        snprintf(ret_text, SENTENCE_BYTES, "only governance officers (%s) may do this", said(answer, "function"));
    else if (code_is(answer, "second-closer"))
        snprintf(ret_text, SENTENCE_BYTES, "another closer of %s, or a governance officer, has to sign",
                 said(answer, "entity"));
    else if (code_is(answer, "not-a-closer"))
        snprintf(ret_text, SENTENCE_BYTES,
                 "only who holds %s for %s may do this; the second signature may be a governance officer's",
                 said(answer, "function"), said(answer, "entity"));
    else if (code_is(answer, "not-the-owner"))
        snprintf(ret_text, SENTENCE_BYTES, "only %s can rotate this key; an officer can revoke it",
                 said(answer, "user"));
    else if (code_is(answer, "unknown-key"))
        snprintf(ret_text, SENTENCE_BYTES, "this is no valid key of %s", said(answer, "user"));
    else if (code_is(answer, "unknown-grant"))
        snprintf(ret_text, SENTENCE_BYTES, "there is no grant %s in force", said(answer, "grant"));
    else if (code_is(answer, "too-early"))
        snprintf(ret_text, SENTENCE_BYTES,
                 "a policy takes effect the next day at the earliest, %s, not %s; amend it or propose it again",
                 said(answer, "earliest"), said(answer, "effective"));
    else
        snprintf(ret_text, SENTENCE_BYTES, "the compiled policy is not valid; run policy check");
}

const struct control control_c31 = {
    .id = "C-31",
    .title = "Dual control for governance",
    .objective = "Users, keys, roles and policy change under two officers",
    .assertion = "authorisation",
    .type = CONTROL_PREVENTIVE,
    .stages = STAGE_DOCUMENT | STAGE_APPROVE | STAGE_ITEM,
    .engine_from = ENGINE_FIRST,
    .engine_to = ENGINE_LAST,
    .parameters = "roles, entities",
    .framework = "COSO 10, 11, 12; COBIT DSS05.04",
    .codes = "second-officer second-closer not-an-officer not-a-closer not-the-owner unknown-key unknown-grant policy-invalid too-early",
    .judge = judge,
    .sentence = sentence,
};
