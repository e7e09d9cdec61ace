/*
 * C-30 Access review: an officer opens it over a population that the decision itself states, grants and delegations; each row
 * is attested by somebody else than the person it is about, and than who delegated; what nobody answers in time is suspended,
 * what is to be removed ends at once.
 */
#include "controls/facts_delegation.h"
#include "controls/facts_govern.h"
#include "controls/facts_people.h"
#include "controls/rules/common.h"
#include "ledger/instant.h"
#include "ledger/population.h"

#define DAY_MS INT64_C(86400000)

/* Grants of roles that govern: a review puts no term on them. Gives. */
static enum status officers_of(const struct facts *facts, const json_t *rows, json_t **ret_grants, struct err *err)
{
    json_t *grants = json_array();
    for (size_t i = 0; grants != NULL && i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i);
        if (role_governs(facts->policy, member_text(row, "role")) &&
            json_array_append(grants, json_object_get(row, "grant")) != 0) {
            json_decref(grants);
            grants = NULL;
        }
    }
    *ret_grants = grants;
    return grants != NULL ? STATUS_OK : err_set(err, STATUS_MEMORY, "no memory");
}

/* A row about what still waits for the answer of an earlier review. */
static enum status running_judge(const struct facts *facts, const json_t *rows, struct answers *answers,
                                 struct err *err)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && !answers->denied && i < json_array_size(rows); i++) {
        const char *number = member_text(json_array_get(rows, i), "grant");
        json_t *grant = NULL;
        status = facts_reviewed(facts, number, &grant, err);
        const char *review = member_text(json_object_get(grant, "review"), "number");
        if (status == STATUS_OK && review != NULL)
            status = answer_deny(answers, "C-30", "review-open",
                                 json_pack("{s:s, s:s}", "grant", number, "review", review), err);
        json_decref(grant);
    }
    return status;
}

static enum status opening_judge(const struct request *request, const struct facts *facts, struct answers *answers,
                                 struct err *err)
{
    struct population population = {.rows = NULL};
    char until[INSTANT_TEXT_BYTES], hash[HASH_HEX_CHARS + 1];
    json_t *officers = NULL;
    int64_t until_ms;
    int64_t days = policy_parameter(facts->policy, NULL, PARAMETER_REVIEW_ANSWER_DAYS);
    enum status status =
        population_read(facts->books, facts->time_ms, json_object_get(request->document, "entities"), &population, err);
    if (status != STATUS_OK)
        return status;
    size_t count = json_array_size(population.rows);
    status = running_judge(facts, population.rows, answers, err);
    if (status == STATUS_OK && !answers->denied)
        status = instant_add(facts->time_ms, days * DAY_MS, &until_ms, err);
    if (status == STATUS_OK && !answers->denied)
        status = officers_of(facts, population.rows, &officers, err);
    if (status == STATUS_OK && !answers->denied) {
        instant_format(until_ms, until);
        hash_to_hex(&population.hash, hash);
        status = answer_flag(answers, "C-30", "opened",
                             json_pack("{s:O, s:s, s:I, s:s}", "officers", officers, "population", hash, "rows",
                                       (json_int_t)count, "until", until),
                             err);
    }
    json_decref(officers);
    population_done(&population);
    return status;
}

static enum status row_judge(const struct request *request, const struct facts *facts, const json_t *answered,
                             struct answers *answers, struct err *err)
{
    const char *review = member_text(request->document, "review"), *number = member_text(answered, "grant");
    json_t *row = NULL, *grant = NULL;
    enum status status = facts_review_row(facts, review, number, &row, err);
    if (status == STATUS_OK)
        status = facts_reviewed(facts, number, &grant, err);
    const char *giver = member_text(row, "from_person");
    if (status == STATUS_OK && (row == NULL || json_object_get(row, "decision") != NULL || grant == NULL ||
                                json_object_get(grant, "revoked") != NULL))
        status = answer_deny(answers, "C-30", "unknown-row", json_pack("{s:s, s:s}", "grant", number, "review", review),
                             err);
    else if (status == STATUS_OK && (strcmp(member_text(row, "person"), request->actor.person) == 0 ||
                                     (giver != NULL && strcmp(giver, request->actor.person) == 0)))
        status = answer_deny(answers, "C-30", "own-row",
                             json_pack("{s:s, s:s}", "grant", number, "person", request->actor.person), err);
    else if (status == STATUS_OK && strcmp(member_text(answered, "decision"), "remove") == 0 &&
             role_governs(facts->policy, member_text(row, "role")))
        status = answer_deny(answers, "C-30", "officer-row", json_pack("{s:s}", "grant", number), err);
    json_decref(grant);
    json_decref(row);
    return status;
}

static enum status manages_row(const struct request *request, const struct facts *facts, const char *number,
                               bool *ret_manages, struct err *err)
{
    json_t *grant = NULL;
    *ret_manages = false;
    enum status status = facts_reviewed(facts, number, &grant, err);
    const char *giver = member_text(grant, "from_user"); /* whose authority is lent */
    if (status == STATUS_OK && grant != NULL)
        status = facts_manages_user(facts, request->actor.person, giver != NULL ? giver : member_text(grant, "user"),
                                    ret_manages, err);
    json_decref(grant);
    return status;
}

static enum status attestation_judge(const struct request *request, const struct facts *facts, struct answers *answers,
                                     struct err *err)
{
    const char *number = member_text(request->document, "review");
    const json_t *rows = json_object_get(request->document, "rows");
    char now[INSTANT_TEXT_BYTES];
    json_t *review = NULL;
    bool may = false;
    enum status status = facts_user_may(facts, request->actor.user, "govern.access", "", &may, err);
    for (size_t i = 0; status == STATUS_OK && !may && i < json_array_size(rows); i++) {
        /* A manager attests what the own people hold: every row has to be of one of them. */
        status = manages_row(request, facts, member_text(json_array_get(rows, i), "grant"), &may, err);
        if (!may)
            break;
        may = i + 1 == json_array_size(rows);
    }
    if (status == STATUS_OK && !may)
        return answer_deny(answers, "C-30", "not-an-attester", NULL, err);
    if (status == STATUS_OK)
        status = facts_review(facts, number, &review, err);
    if (status == STATUS_OK && review == NULL)
        return answer_deny(answers, "C-30", "unknown-review", json_pack("{s:s}", "review", number), err);
    for (size_t i = 0; status == STATUS_OK && !answers->denied && i < json_array_size(rows); i++)
        status = row_judge(request, facts, json_array_get(rows, i), answers, err);
    instant_format(facts->time_ms, now);
    const char *until = member_text(review, "until");
    if (status == STATUS_OK && !answers->denied && strcmp(now, until) >= 0)
        status = answer_flag(answers, "C-30", "late", json_pack("{s:s, s:s}", "review", number, "until", until), err);
    json_decref(review);
    return status;
}

static enum status suspended_answer(const char *function, const json_t *held, struct answers *answers, struct err *err)
{
    const json_t *review = json_object_get(held, "review");
    return answer_deny(answers, "C-30", "suspended",
                       json_pack("{s:s, s:O, s:O, s:O}", "function", function, "grant", json_object_get(held, "number"),
                                 "review", json_object_get(review, "number"), "until",
                                 json_object_get(review, "until")),
                       err);
}

/* Who acts for somebody does so by the delegation, not by grants of the own. */
static enum status suspended_delegation_judge(const struct request *request, const struct facts *facts,
                                              const char *function, struct answers *answers, struct err *err)
{
    const struct delegation_ask ask = {.from_user = request->behalf.user,
                                       .to_user = request->actor.user,
                                       .function = function,
                                       .entity = request->measure.entity != NULL ? request->measure.entity : "",
                                       .amount_minor = request->measure.amount_minor};
    enum delegation_state state = DELEGATION_NONE;
    json_t *delegation = NULL, *good = NULL;
    enum status status = facts_suspended_delegation(facts, &ask, &delegation, err);
    if (status == STATUS_OK && delegation != NULL)
        status = facts_delegation(facts, &ask, &state, &good, err);
    if (status == STATUS_OK && delegation != NULL && state != DELEGATION_GOOD)
        status = suspended_answer(function, delegation, answers, err);
    json_decref(good);
    json_decref(delegation);
    return status;
}

/* Whoever lacks a function only because a review was not answered is told so. */
static enum status suspended_judge(const struct request *request, const struct facts *facts, struct answers *answers,
                                   struct err *err)
{
    char function[FUNCTION_NAME_BYTES];
    const char *entity = request->measure.entity != NULL ? request->measure.entity : "";
    enum kind_id authority = KIND_UNKNOWN;
    json_t *grant = NULL;
    bool may = false;
    enum status status = kind_authority(request->kind, request->document, facts, &authority, err);
    if (status != STATUS_OK || authority == KIND_UNKNOWN)
        return status;
    kind_function(request->kind, authority, request->stage == STAGE_APPROVE ? request->level : 0, function);
    if (request->behalf.user[0] != '\0')
        return suspended_delegation_judge(request, facts, function, answers, err);
    status = facts_suspended_grant(facts, request->actor.user, function, entity, &grant, err);
    if (status == STATUS_OK && grant != NULL)
        status = facts_user_may(facts, request->actor.user, function, entity, &may, err);
    if (status == STATUS_OK && grant != NULL && !may)
        status = suspended_answer(function, grant, answers, err);
    json_decref(grant);
    return status;
}

static enum status judge(const struct request *request, const struct facts *facts, struct answers *answers,
                         struct err *err)
{
    if (request->document == NULL)
        return STATUS_OK; /* C-04 denies an unknown document */
    if (request_is_kind(request, KIND_ATTESTATION))
        return attestation_judge(request, facts, answers, err);
    if (request_is_kind(request, KIND_REVIEW)) {
        enum status status = opening_judge(request, facts, answers, err);
        if (status != STATUS_OK)
            return status;
    }
    return suspended_judge(request, facts, answers, err);
}

/* What a row is about: a delegation has a number of its own series. */
static const char *said_what(const json_t *answer)
{
    return strncmp(said(answer, "grant"), "DG-", 3) == 0 ? "delegation" : "grant";
}

static void sentence(const json_t *answer, char ret_text[static SENTENCE_BYTES])
{
    if (code_is(answer, "opened"))
        snprintf(ret_text, SENTENCE_BYTES,
                 "%lld grants and delegations are to be attested by %.10s; what nobody has answered then is suspended "
                 "(population %.16s)",
                 (long long)member_integer(answer, "rows"), said(answer, "until"), said(answer, "population"));
    else if (code_is(answer, "review-open"))
        snprintf(ret_text, SENTENCE_BYTES, "%s %s still waits for its answer in %s; attest it first", said_what(answer),
                 said(answer, "grant"), said(answer, "review"));
    else if (code_is(answer, "unknown-review"))
        snprintf(ret_text, SENTENCE_BYTES, "there is no review %s", said(answer, "review"));
    else if (code_is(answer, "unknown-row"))
        snprintf(ret_text, SENTENCE_BYTES, "%s has no open row for %s %s; see 'review show %s'", said(answer, "review"),
                 said_what(answer), said(answer, "grant"), said(answer, "review"));
    else if (code_is(answer, "own-row"))
        snprintf(ret_text, SENTENCE_BYTES, "%s %s is %s's own; somebody else has to attest it", said_what(answer),
                 said(answer, "grant"), said(answer, "person"));
    else if (code_is(answer, "not-an-attester"))
        snprintf(ret_text, SENTENCE_BYTES,
                 "access is attested by officers (govern.access), or by the manager of everybody in the rows");
    else if (code_is(answer, "officer-row"))
        snprintf(ret_text, SENTENCE_BYTES,
                 "grant %s is an officer's; it ends by a revocation that two officers sign, or is kept",
                 said(answer, "grant"));
    else if (code_is(answer, "late"))
        snprintf(ret_text, SENTENCE_BYTES, "answered after %.10s, when what nobody had answered in %s was suspended",
                 said(answer, "until"), said(answer, "review"));
    else
        snprintf(ret_text, SENTENCE_BYTES,
                 "%s %s, which allows %s, is suspended since %.10s, as nobody attested it in %s; an officer can",
                 said_what(answer), said(answer, "grant"), said(answer, "function"), said(answer, "until"),
                 said(answer, "review"));
}

const struct control control_c30 = {
    .id = "C-30",
    .title = "Access review",
    .objective = "Who may do what is looked at again, by somebody else, and lapses when nobody does",
    .assertion = "authorisation",
    .type = CONTROL_BOTH,
    .stages = STAGE_SUBMIT | STAGE_APPROVE,
    .engine_from = ENGINE_FIRST,
    .engine_to = ENGINE_LAST,
    .parameters = "review_answer_days, review_months",
    .framework = "COSO 10, 16; COBIT DSS05.04",
    .codes = "opened review-open unknown-review unknown-row own-row not-an-attester officer-row late suspended",
    .judge = judge,
    .sentence = sentence,
};
