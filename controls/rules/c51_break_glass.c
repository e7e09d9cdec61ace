/*
 * C-51 Emergency access: two officers lend functions to named users for hours; what is made under it says so and is
 * flagged; somebody outside it reviews it within days, or its users are suspended. Which denials it may relax is a closed
 * list (relaxable.c) that the policy can only shorten.
 */
#include "controls/facts_govern.h"
#include "controls/rules/common.h"
#include "ledger/instant.h"

#define HOUR_MS INT64_C(3600000)

static bool is_entity_of(const json_t *entities, const char *entity)
{
    for (size_t i = 0; i < json_array_size(entities); i++) {
        const char *one = json_string_value(json_array_get(entities, i));
        if (strcmp(one, "*") == 0 || strcmp(one, entity) == 0)
            return true;
    }
    return false;
}

/* The end of the business days that the review has, in the calendar of the entity where it comes last. */
static int64_t review_deadline(const struct facts *facts, const json_t *entities, int64_t until_ms)
{
    int64_t latest = until_ms;
    for (size_t i = 0; i < facts->policy->entity_count; i++) {
        const struct policy_entity *entity = &facts->policy->entities[i];
        if (!is_entity_of(entities, entity->entity))
            continue;
        int64_t days = policy_parameter(facts->policy, entity->entity, PARAMETER_BREAK_GLASS_REVIEW_DAYS);
        int64_t deadline = entity_business_deadline(entity, until_ms, days);
        latest = deadline > latest ? deadline : latest;
    }
    return latest;
}

static enum status term_judge(const struct request *request, const struct facts *facts, struct answers *answers,
                              struct err *err)
{
    const char *until = member_text(request->document, "until");
    int64_t hours = policy_parameter(facts->policy, NULL, PARAMETER_BREAK_GLASS_HOURS_MAX);
    char review_by[INSTANT_TEXT_BYTES];
    int64_t until_ms;
    enum status status = instant_parse(until, strlen(until), &until_ms, err);
    if (status != STATUS_OK)
        return status;
    if (until_ms <= facts->time_ms)
        return answer_deny(answers, "C-51", "over", json_pack("{s:s}", "until", until), err);
    if (until_ms - facts->time_ms > hours * HOUR_MS)
        return answer_deny(answers, "C-51", "too-long",
                           json_pack("{s:I, s:s}", "limit", (json_int_t)hours, "until", until), err);
    instant_format(review_deadline(facts, json_object_get(request->document, "entities"), until_ms), review_by);
    return answer_flag(answers, "C-51", "opened", json_pack("{s:s, s:s}", "review_by", review_by, "until", until), err);
}

static enum status user_judge(const struct facts *facts, const char *user, struct answers *answers, struct err *err)
{
    json_t *record = NULL;
    bool governs = false;
    enum status status = facts_user(facts, user, &record, err);
    if (status == STATUS_OK && record == NULL)
        return answer_deny(answers, "C-51", "unknown-user", json_pack("{s:s}", "user", user), err);
    if (status == STATUS_OK && strcmp(member_text(record, "sort"), "human") != 0)
        status = answer_deny(answers, "C-51", "not-human", json_pack("{s:s}", "user", user), err);
    json_decref(record);
    if (status == STATUS_OK && !answers->denied)
        status = facts_governs(facts, user, &governs, err);
    return status == STATUS_OK && governs
               ? answer_deny(answers, "C-51", "officer", json_pack("{s:s}", "user", user), err)
               : status;
}

static enum status opening_judge(const struct request *request, const struct facts *facts, struct answers *answers,
                                 struct err *err)
{
    const json_t *users = json_object_get(request->document, "users");
    const json_t *functions = json_object_get(request->document, "functions");
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && !answers->denied && i < json_array_size(users); i++)
        status = user_judge(facts, json_string_value(json_array_get(users, i)), answers, err);
    for (size_t i = 0; status == STATUS_OK && !answers->denied && i < json_array_size(functions); i++) {
        const char *function = json_string_value(json_array_get(functions, i));
        enum function_class class = function_class(function, NULL, NULL);
        if (class != FUNCTION_PREPARE && class != FUNCTION_APPROVE)
            status = answer_deny(answers, "C-51", "function", json_pack("{s:s}", "function", function), err);
    }
    return status == STATUS_OK && !answers->denied ? term_judge(request, facts, answers, err) : status;
}

static enum status review_judge(const struct request *request, const struct facts *facts, struct answers *answers,
                                struct err *err)
{
    const char *number = member_text(request->document, "break_glass");
    char now[INSTANT_TEXT_BYTES];
    json_t *access = NULL;
    bool governs = false, audits = false;
    enum status status = facts_user_may(facts, request->actor.user, "govern.access", "", &governs, err);
    if (status == STATUS_OK)
        status = acting_may_somewhere(request, facts, "audit.commit", &audits, err);
    if (status == STATUS_OK && !governs && !audits)
        return answer_deny(answers, "C-51", "not-a-reviewer", NULL, err);
    if (status == STATUS_OK)
        status = facts_break_glass(facts, number, &access, err);
    if (status != STATUS_OK)
        return status;
    instant_format(facts->time_ms, now);
    const json_t *persons = json_object_get(access, "persons");
    bool own = false;
    for (size_t i = 0; i < json_array_size(persons); i++)
        own = own || strcmp(json_string_value(json_array_get(persons, i)), request->actor.person) == 0;
    if (access == NULL)
        status = answer_deny(answers, "C-51", "unknown-access", json_pack("{s:s}", "break_glass", number), err);
    else if (json_object_get(access, "review") != NULL)
        status = answer_deny(answers, "C-51", "reviewed-already", json_pack("{s:s}", "break_glass", number), err);
    else if (own)
        status = answer_deny(answers, "C-51", "own-use", json_pack("{s:s}", "break_glass", number), err);
    else if (strcmp(now, member_text(access, "until")) < 0)
        status =
            answer_deny(answers, "C-51", "still-open",
                        json_pack("{s:s, s:O}", "break_glass", number, "until", json_object_get(access, "until")), err);
    json_decref(access);
    return status;
}

/* What is done under emergency access says so by its channel, and is flagged. */
static enum status use_judge(const struct request *request, const struct facts *facts, struct answers *answers,
                             struct err *err)
{
    const char *channel = member_text(request->document, "channel");
    bool submits = request->stage == STAGE_SUBMIT, granted = false;
    bool says = submits && channel != NULL && strcmp(channel, "break-glass") == 0;
    const char *entity = request->measure.entity != NULL ? request->measure.entity : "";
    char function[FUNCTION_NAME_BYTES];
    enum kind_id authority = KIND_UNKNOWN;
    json_t *access = NULL;
    enum status status = kind_authority(request->kind, request->document, facts, &authority, err);
    if (status != STATUS_OK || authority == KIND_UNKNOWN)
        return status;
    kind_function(request->kind, authority, submits ? 0 : request->level, function);
    status = facts_emergency(facts, request->actor.user, function, entity, &access, err);
    if (status == STATUS_OK && access == NULL)
        return says ? answer_deny(answers, "C-51", "no-access",
                                  json_pack("{s:s, s:s}", "function", function, "user", request->actor.user), err)
                    : STATUS_OK;
    if (status == STATUS_OK)
        status = facts_user_granted(facts, request->actor.user, function, entity, &granted, err);
    if (status == STATUS_OK && submits && !says && !granted)
        status = answer_deny(answers, "C-51", "channel",
                             json_pack("{s:O}", "break_glass", json_object_get(access, "number")), err);
    else if (status == STATUS_OK && (says || (!submits && !granted)))
        status = answer_flag(
            answers, "C-51", "used",
            json_pack("{s:O, s:s}", "break_glass", json_object_get(access, "number"), "function", function), err);
    json_decref(access);
    return status;
}

/* Until it is reviewed, nobody who had it acts any more. */
static enum status suspension_judge(const struct request *request, const struct facts *facts, struct answers *answers,
                                    struct err *err)
{
    json_t *access = NULL;
    enum status status = facts_unreviewed(facts, request->actor.person, &access, err);
    if (status == STATUS_OK && access != NULL)
        status = answer_deny(answers, "C-51", "not-reviewed",
                             json_pack("{s:O, s:O}", "break_glass", json_object_get(access, "number"), "review_by",
                                       json_object_get(access, "review_by")),
                             err);
    json_decref(access);
    return status;
}

static enum status judge(const struct request *request, const struct facts *facts, struct answers *answers,
                         struct err *err)
{
    if (request->stage == STAGE_STATEMENT)
        return suspension_judge(request, facts, answers, err);
    if (request_is_kind(request, KIND_BREAK_GLASS))
        return request->stage == STAGE_APPROVE ? STATUS_OK : opening_judge(request, facts, answers, err);
    if (request_is_kind(request, KIND_BREAK_GLASS_REVIEW))
        return request->stage == STAGE_SUBMIT ? review_judge(request, facts, answers, err) : STATUS_OK;
    if (request->document == NULL || request->stage == STAGE_POST || request_governs(request))
        return STATUS_OK;
    return use_judge(request, facts, answers, err);
}

static void sentence(const json_t *answer, char ret_text[static SENTENCE_BYTES])
{
    static const struct {
        const char *code, *text, *member;
    } plain[] = {
        {"unknown-user", "there is no user %s", "user"},
        {"not-human", "%s is no human being; emergency access is for people", "user"},
        {"officer", "%s is an officer; who governs neither prepares nor approves, in an emergency either", "user"},
        {"function", "emergency access lends functions that prepare or approve, not %s", "function"},
        {"over", "it would be over already, at %.16s", "until"},
        {"unknown-access", "there is no emergency access %s", "break_glass"},
        {"reviewed-already", "%s has been reviewed", "break_glass"},
        {"own-use", "you had %s yourself; somebody who had not reviews it", "break_glass"},
        {"channel", "this is made under %s: give it the channel break-glass", "break_glass"},
    };
    if (code_is(answer, "opened"))
        snprintf(ret_text, SENTENCE_BYTES, "lasts until %.16s and has to be reviewed by %.16s", said(answer, "until"),
                 said(answer, "review_by"));
    else if (code_is(answer, "used"))
        snprintf(ret_text, SENTENCE_BYTES, "%s was used here, for %s", said(answer, "break_glass"),
                 said(answer, "function"));
    else if (code_is(answer, "too-long"))
        snprintf(ret_text, SENTENCE_BYTES, "emergency access lasts %lld hours at most, this one until %.16s",
                 (long long)member_integer(answer, "limit"), said(answer, "until"));
    else if (code_is(answer, "still-open"))
        snprintf(ret_text, SENTENCE_BYTES, "%s goes on until %.16s; review it when it is over",
                 said(answer, "break_glass"), said(answer, "until"));
    else if (code_is(answer, "not-a-reviewer"))
        snprintf(ret_text, SENTENCE_BYTES, "emergency access is reviewed by an officer or an auditor");
    else if (code_is(answer, "no-access"))
        snprintf(ret_text, SENTENCE_BYTES, "%s has no emergency access now for %s; two officers can give it",
                 said(answer, "user"), said(answer, "function"));
    else if (code_is(answer, "not-reviewed"))
        snprintf(ret_text, SENTENCE_BYTES, "%s was to be reviewed by %.16s; until it is, those who had it do nothing",
                 said(answer, "break_glass"), said(answer, "review_by"));
    for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++)
        if (code_is(answer, plain[i].code)) {
            const char *mark = strchr(plain[i].text, '%');
            invariant(mark != NULL); /* each of these texts has one */
            size_t skip = strncmp(mark, "%.16s", 5) == 0 ? 5 : 2;
            snprintf(ret_text, SENTENCE_BYTES, "%.*s%.*s%s", (int)(mark - plain[i].text), plain[i].text,
                     skip == 5 ? 16 : 200, said(answer, plain[i].member), mark + skip);
        }
}

const struct control control_c51 = {
    .id = "C-51",
    .title = "Emergency access",
    .objective = "Emergencies are met in the open, briefly, and reviewed by somebody else",
    .assertion = "authorisation",
    .type = CONTROL_BOTH,
    .stages = STAGE_STATEMENT | STAGE_SUBMIT | STAGE_APPROVE | STAGE_POST,
    .engine_from = ENGINE_FIRST,
    .engine_to = ENGINE_LAST,
    .parameters = "break_glass, break_glass_hours_max, break_glass_review_days",
    .framework = "COSO 10, 11; COBIT DSS05.04",
    .codes = "opened too-long over function unknown-user not-human officer used no-access channel not-reviewed "
             "not-a-reviewer unknown-access reviewed-already own-use still-open",
    .judge = judge,
    .sentence = sentence,
};
