/*
 * C-31 Dual control for governance: users, keys, roles and policy are the officers'. What widens access or changes rules
 * takes two of them; what reduces access takes one, at once. A new policy waits for the next day. Months are their closers':
 * one closes, two open.
 */
#include "controls/facts_delegation.h"
#include "controls/facts_govern.h"
#include "controls/facts_people.h"
#include "controls/rules/common.h"
#include "controls/rules/governance.h"
#include "ledger/instant.h"

/* A delegation is taken back by whoever gave it, or that one's manager; by an officer anyhow. */
static enum status delegation_ends(const struct request *request, const struct facts *facts, bool *ret_may,
                                   struct err *err)
{
    json_t *delegation = NULL;
    *ret_may = false;
    enum status status = facts_delegation_find(facts, member_text(request->document, "grant"), &delegation, err);
    if (status == STATUS_OK && delegation != NULL) {
        *ret_may = strcmp(member_text(delegation, "from_user"), request->actor.user) == 0;
        if (!*ret_may)
            status =
                facts_manages_user(facts, request->actor.person, member_text(delegation, "from_user"), ret_may, err);
    }
    json_decref(delegation);
    return status;
}

/* Who answers for a bot or feed may stop it: takes back what was granted to it. */
static enum status bot_stops(const struct request *request, const struct facts *facts, bool *ret_may, struct err *err)
{
    json_t *grant = NULL;
    struct actor holder;
    *ret_may = false;
    enum status status = facts_grant(facts, member_text(request->document, "grant"), &grant, err);
    if (status == STATUS_OK && grant != NULL) {
        status = facts_actor(facts, member_text(grant, "user"), &holder, err);
        *ret_may = status == STATUS_OK && strcmp(holder.sort, "human") != 0 &&
                   strcmp(holder.person, request->actor.person) == 0;
    }
    json_decref(grant);
    return status;
}

/* A bot's account is its owner's. */
static enum status person_owns(const struct facts *facts, const char *person, const char *user, bool *ret_owns,
                               struct err *err)
{
    json_t *record = NULL;
    enum status status = facts_user(facts, user, &record, err);
    *ret_owns = record != NULL && strcmp(member_text(record, "person"), person) == 0;
    json_decref(record);
    return status;
}

/* Whether somebody who is no officer may do this: what one may prepare for oneself, and what one's manager signs. */
static enum status own_judge(const struct request *request, const struct facts *facts, bool *ret_may, struct err *err)
{
    const char *user = member_text(request->document, request->kind->id == KIND_DELEGATION ? "from_user" : "user");
    *ret_may = false;
    if (request->kind->id == KIND_REVOCATION && request->stage == STAGE_SUBMIT) {
        enum status status = delegation_ends(request, facts, ret_may, err);
        return status == STATUS_OK && !*ret_may ? bot_stops(request, facts, ret_may, err) : status;
    }
    if (user == NULL)
        return STATUS_OK;
    if (request->stage == STAGE_SUBMIT && request->kind->by_owner && strcmp(user, request->actor.user) == 0)
        *ret_may = true;
    else if (request->stage == STAGE_SUBMIT && request->kind->id == KIND_REACTIVATION)
        return person_owns(facts, request->actor.person, user, ret_may, err);
    else if (request->stage != STAGE_SUBMIT && request->kind->by_manager)
        return facts_manages_user(facts, request->actor.person, user, ret_may, err);
    return STATUS_OK;
}

static enum status officer_judge(const struct request *request, const struct facts *facts, struct answers *answers,
                                 struct err *err)
{
    bool may = false;
    if (request->kind->ruled_apart)
        return STATUS_OK;
    enum status status = own_judge(request, facts, &may, err);
    if (status != STATUS_OK || may || (request->stage == STAGE_SUBMIT && request->kind->own_rule))
        return status;
    /* An old key signs its own replacement: nobody else can start a rotation. A further key is an officer's matter too. */
    if (request->stage == STAGE_SUBMIT && request->kind->id == KIND_KEY_ROTATION &&
        member_text(request->document, "old") != NULL)
        return answer_deny(answers, "C-31", "not-the-owner",
                           json_pack("{s:s}", "user", member_text(request->document, "user")), err);
    const char *entity = request->kind->by_entity ? member_text(request->document, "entity") : "";
    status = strcmp(request->kind->govern, "audit.commit") == 0
                 ? acting_may_somewhere(request, facts, "audit.commit", &may, err)
                 : facts_user_may(facts, request->actor.user, request->kind->govern, entity, &may, err);
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

static enum status user_known(const struct request *request, const struct facts *facts, struct answers *answers,
                              struct err *err)
{
    const char *user = member_text(request->document, "user");
    json_t *record = NULL;
    enum status status = facts_user(facts, user, &record, err);
    if (status == STATUS_OK && record == NULL)
        status = answer_deny(answers, "C-31", "unknown-user", json_pack("{s:s}", "user", user), err);
    json_decref(record);
    return status;
}

static enum status grant_judge(const struct request *request, const struct facts *facts, struct answers *answers,
                               struct err *err)
{
    json_t *grant = NULL;
    const char *number = member_text(request->document, "grant");
    /* A mitigation is taken back like a grant: at once, by one officer (C-24). */
    struct books_key key = books_key(number);
    bool mitigation = strncmp(number, "MI-", 3) == 0;
    enum status status = mitigation ? books_get(facts->books, BOOKS_MITIGATIONS, &key, &grant, err)
                                    : facts_grant(facts, number, &grant, err);
    if (status == STATUS_NOT_FOUND)
        status = STATUS_OK;
    if (status == STATUS_OK && grant == NULL && !mitigation)
        status = facts_delegation_find(facts, number, &grant, err);
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
        return err_set(err, STATUS_MEMORY, "no memory for a policy");
    if (status != STATUS_OK)
        return answer_deny(answers, "C-31", "policy-invalid", NULL, err);
    status = instant_parse(text, strlen(text), &effective, err);
    if (status != STATUS_OK || effective >= next_day(facts))
        return status;
    instant_format(next_day(facts), earliest);
    return answer_deny(answers, "C-31", "too-early", json_pack("{s:s, s:s}", "earliest", earliest, "effective", text),
                       err);
}

/* Ending an officer's grant or key: two officers, and two have to be left. Everybody else's takes one, at once. */
static enum status officers_judge(const struct request *request, const struct facts *facts, struct answers *answers,
                                  struct err *err)
{
    const char *number = member_text(request->document, "grant"), *key = member_text(request->document, "key");
    const char *user = member_text(request->document, "user");
    json_t *grant = NULL;
    bool governs = false;
    size_t before, after;
    enum status status = STATUS_OK;
    if (number != NULL) {
        status = facts_grant(facts, number, &grant, err);
        governs = status == STATUS_OK && grant != NULL && role_governs(facts->policy, member_text(grant, "role"));
        json_decref(grant);
    } else {
        status = facts_governs(facts, user, &governs, err);
    }
    if (status == STATUS_OK && governs)
        status = facts_officers(facts, NULL, NULL, &before, err);
    if (status == STATUS_OK && governs)
        status = facts_officers(facts, number, key, &after, err);
    if (status != STATUS_OK || !governs)
        return status;
    if (after < before && after < 2)
        return answer_deny(answers, "C-31", "last-officers", json_pack("{s:I}", "officers", (json_int_t)after), err);
    /* An officer ends his own key at once, as everybody does. */
    return number == NULL && strcmp(user, request->actor.user) == 0 && request->stage == STAGE_SUBMIT
               ? STATUS_OK
               : answer_need(answers, "C-31", "second-officer", 1, NULL, err);
}

static enum status book_key_judge(const struct request *request, const struct facts *facts, struct answers *answers,
                                  struct err *err)
{
    const char *retires = member_text(request->document, "retires");
    json_t *record = NULL;
    if (retires == NULL)
        return STATUS_OK;
    enum status status = facts_book_key(facts, retires, &record, err);
    if (status == STATUS_OK && (record == NULL || json_object_get(record, "retired") != NULL))
        status = answer_deny(answers, "C-31", "unknown-book-key", NULL, err);
    json_decref(record);
    return status;
}

static enum status erasure_judge(const struct request *request, const struct facts *facts, struct answers *answers,
                                 struct err *err)
{
    char customer[ID_BYTES_MAX + 1];
    enum status status = facts_held_personal(facts, json_object_get(request->document, "personal"), customer, err);
    return status == STATUS_OK && customer[0] != '\0'
               ? answer_deny(answers, "C-31", "legal-hold", json_pack("{s:s}", "customer", customer), err)
               : status;
}

static enum status hold_judge(const struct request *request, const struct facts *facts, struct answers *answers,
                              struct err *err)
{
    const json_t *customers = json_object_get(request->document, "customers");
    enum status status = STATUS_OK;
    if (strcmp(member_text(request->document, "state"), "on") == 0)
        return STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(customers); i++) {
        const char *customer = json_string_value(json_array_get(customers, i));
        json_t *hold = NULL;
        status = facts_hold(facts, customer, &hold, err);
        if (status == STATUS_OK && hold == NULL)
            return answer_deny(answers, "C-31", "no-hold", json_pack("{s:s}", "customer", customer), err);
        json_decref(hold);
    }
    return status == STATUS_OK ? answer_need(answers, "C-31", "second-officer", 1, NULL, err) : status;
}

static enum status kind_judge(const struct request *request, const struct facts *facts, struct answers *answers,
                              struct err *err)
{
    enum status status = STATUS_OK;
    if (request_is_kind(request, KIND_KEY_ROTATION))
        return member_text(request->document, "old") != NULL
                   ? key_of_user(request, facts, member_text(request->document, "old"), answers, err)
                   : user_known(request, facts, answers, err);
    if (request_is_kind(request, KIND_KEY_REVOCATION))
        status = key_of_user(request, facts, member_text(request->document, "key"), answers, err);
    if (request_is_kind(request, KIND_REVOCATION))
        status = grant_judge(request, facts, answers, err);
    if (request_is_kind(request, KIND_KEY_REVOCATION) || request_is_kind(request, KIND_REVOCATION))
        return status == STATUS_OK && !answers->denied ? officers_judge(request, facts, answers, err) : status;
    if (request_is_kind(request, KIND_BOOK_KEY))
        return book_key_judge(request, facts, answers, err);
    if (request_is_kind(request, KIND_ERASURE))
        return erasure_judge(request, facts, answers, err);
    if (request_is_kind(request, KIND_LEGAL_HOLD))
        return hold_judge(request, facts, answers, err);
    if (request_is_kind(request, KIND_POLICY))
        return policy_judge(request, facts, answers, err);
    return STATUS_OK;
}

static enum status judge(const struct request *request, const struct facts *facts, struct answers *answers,
                         struct err *err)
{
    if (request->stage == STAGE_STATEMENT)
        return governance_verbs_judge(request, facts, answers, err);
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
    if (governance_verbs_sentence(answer, ret_text))
        return;
    if (code_is(answer, "last-officers"))
        snprintf(ret_text, SENTENCE_BYTES,
                 "%lld officer%s with a valid key would be left, a book keeps two; enrol another one, or give the "
                 "officer a new key, first",
                 (long long)member_integer(answer, "officers"), member_integer(answer, "officers") == 1 ? "" : "s");
    else if (code_is(answer, "unknown-user"))
        snprintf(ret_text, SENTENCE_BYTES, "there is no user %s", said(answer, "user"));
    else if (code_is(answer, "unknown-book-key"))
        snprintf(ret_text, SENTENCE_BYTES, "the key to retire signs no checkpoints of this book");
    else if (code_is(answer, "legal-hold"))
        snprintf(ret_text, SENTENCE_BYTES,
                 "customer %s is under legal hold: nothing of theirs is erased until two officers have taken it off",
                 said(answer, "customer"));
    else if (code_is(answer, "no-hold"))
        snprintf(ret_text, SENTENCE_BYTES, "customer %s is under no legal hold", said(answer, "customer"));
    else if (code_is(answer, "second-officer"))
        snprintf(ret_text, SENTENCE_BYTES, "another officer has to sign");
    else if (code_is(answer, "not-an-officer"))
        snprintf(ret_text, SENTENCE_BYTES,
                 strcmp(said(answer, "function"), "audit.commit") == 0 ? "only auditors (%s) may do this"
                                                                       : "only governance officers (%s) may do this",
                 said(answer, "function"));
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
        snprintf(ret_text, SENTENCE_BYTES, "there is no grant, delegation or mitigation %s in force",
                 said(answer, "grant"));
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
    .stages = STAGE_STATEMENT | STAGE_DOCUMENT | STAGE_APPROVE | STAGE_ITEM,
    .engine_from = ENGINE_FIRST,
    .engine_to = ENGINE_LAST,
    .parameters = "roles, entities",
    .framework = "COSO 10, 11, 12; COBIT DSS05.04",
    .codes = "second-officer second-closer not-an-officer not-a-closer not-the-owner unknown-key unknown-grant "
             "policy-invalid "
             "too-early last-officers unknown-user unknown-book-key legal-hold no-hold recovery-keys recovery-user "
             "recovery-duties clock-signers clock-head clock-time clock-right restore-signers restore-note "
             "restore-range",
    .judge = judge,
    .sentence = sentence,
};
