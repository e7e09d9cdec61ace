/*
 * C-39 Period lock: a document takes effect in an open month of its entity. A month that is soft-closed takes only what a
 * named user prepares under an exception, which is for that month alone, ends after days and takes two persons; one that is
 * hard-closed takes nothing any more, and is never opened again. Closing reduces, so one closer does it at once; opening and
 * excepting widen and take a second signature (C-31). Asked at submission, at each approval and again at posting.
 */
#include "controls/facts_period.h"
#include "controls/rules/common.h"
#include "ledger/instant.h"

static const struct policy_entity *request_entity(const struct request *request, const struct facts *facts)
{
    const char *entity = member_text(request->document, "entity");
    return entity != NULL ? policy_find_entity(facts->policy, entity) : NULL;
}

/* Who has to be excepted: who prepared the version that is judged. */
static const char *preparer(const struct request *request)
{
    return request->stage == STAGE_SUBMIT ? request->actor.user : member_text(request->record, "preparer");
}

static enum status soft_judge(const struct request *request, const struct facts *facts, const char *month,
                              const struct period *period, struct answers *answers, struct err *err)
{
    struct period_exception exception = {.over = false};
    const char *user = preparer(request), *entity = request->measure.entity;
    enum status status = facts_period_exception(facts, entity, month, user, period, &exception, err);
    if (status != STATUS_OK)
        return status;
    if (exception.number[0] != '\0' && !exception.over)
        return request->stage == STAGE_APPROVE
                   ? STATUS_OK
                   : answer_flag(answers, "C-39", "under-exception",
                                 json_pack("{s:s, s:s, s:s}", "exception", exception.number, "period", month, "user",
                                           user),
                                 err);
    if (exception.over)
        return answer_deny(answers, "C-39", "exception-ended",
                           json_pack("{s:s, s:s, s:s, s:s, s:s}", "entity", entity, "exception", exception.number,
                                     "period", month, "until", exception.until, "user", user),
                           err);
    return answer_deny(answers, "C-39", "soft-closed",
                       json_pack("{s:s, s:s, s:s}", "entity", entity, "period", month, "user", user), err);
}

static enum status document_judge(const struct request *request, const struct facts *facts, struct answers *answers,
                                  struct err *err)
{
    const struct policy_entity *entity = request_entity(request, facts);
    struct period period = {.state = PERIOD_OPEN};
    char month[MONTH_TEXT_BYTES];
    if (entity == NULL || member_text(request->document, "date") == NULL)
        return STATUS_OK; /* C-02 denies an entity that the policy has not */
    month_of_date(request->measure.date, month);
    enum status status = facts_period(facts, entity, month, &period, err);
    if (status == STATUS_OK && period.state == PERIOD_HARD)
        return answer_deny(answers, "C-39", "hard-closed",
                           json_pack("{s:s, s:s}", "entity", entity->entity, "period", month), err);
    return status == STATUS_OK && period.state == PERIOD_SOFT
               ? soft_judge(request, facts, month, &period, answers, err)
               : status;
}

/* The word of a period document: names what it wants to change. */
struct wish {
    const struct policy_entity *entity;
    const char *month, *state;
    struct period period; /* as it is */
    int32_t first, last;
};

static json_t *wish_inputs(const struct wish *wish)
{
    return json_pack("{s:s, s:s}", "entity", wish->entity->entity, "period", wish->month);
}

static enum status exception_judge(const struct request *request, const struct facts *facts, const struct wish *wish,
                                   struct answers *answers, struct err *err)
{
    const char *until = member_text(request->document, "until"), *user = member_text(request->document, "user");
    int64_t days = policy_parameter(facts->policy, wish->entity->entity, PARAMETER_PERIOD_EXCEPTION_DAYS_MAX);
    int64_t until_ms;
    json_t *record = NULL;
    enum status status = instant_parse(until, strlen(until), &until_ms, err);
    if (status == STATUS_OK)
        status = facts_user(facts, user, &record, err);
    if (status != STATUS_OK)
        return status;
    bool own = record != NULL && strcmp(member_text(record, "person"), request->actor.person) == 0;
    bool known = record != NULL;
    json_decref(record);
    if (!known)
        return answer_deny(answers, "C-39", "unknown-user", json_pack("{s:s}", "user", user), err);
    if (own)
        return answer_deny(answers, "C-39", "own-exception", json_pack("{s:s}", "user", user), err);
    if (wish->period.state == PERIOD_OPEN)
        return answer_deny(answers, "C-39", "open-already", wish_inputs(wish), err);
    if (until_ms <= facts->time_ms)
        return answer_deny(answers, "C-39", "exception-past", json_pack("{s:s}", "until", until), err);
    if (until_ms - facts->time_ms > days * INSTANT_DAY_MS)
        return answer_deny(answers, "C-39", "exception-too-long",
                           json_pack("{s:I, s:s}", "days", (json_int_t)days, "until", until), err);
    return STATUS_OK;
}

static enum status closing_judge(const struct facts *facts, const struct wish *wish, struct answers *answers,
                                 struct err *err)
{
    int32_t today = entity_date(wish->entity, facts->time_ms);
    bool hard = strcmp(wish->state, "hard") == 0, excepted = false;
    char date[DATE_TEXT_BYTES];
    enum status status = STATUS_OK;
    date_format(hard && wish->last < DATE_MAX ? wish->last + 1 : wish->first, date);
    if (today < (hard ? wish->last + 1 : wish->first))
        return answer_deny(answers, "C-39", "too-early",
                           json_pack("{s:s, s:s, s:s, s:s}", "entity", wish->entity->entity, "from", date, "period",
                                     wish->month, "state", wish->state),
                           err);
    if (hard) /* what the calendar has closed can be closed by a document too, once */
        return wish->period.document_hard ? answer_deny(answers, "C-39", "closed-already", wish_inputs(wish), err)
                                          : STATUS_OK;
    if (wish->period.state != PERIOD_SOFT)
        return STATUS_OK;
    /* Again, to end the exceptions that were given. */
    status = facts_period_excepted(facts, wish->entity->entity, wish->month, &wish->period, &excepted, err);
    return status == STATUS_OK && !excepted ? answer_deny(answers, "C-39", "closed-already", wish_inputs(wish), err)
                                            : status;
}

static enum status period_judge(const struct request *request, const struct facts *facts, struct answers *answers,
                                struct err *err)
{
    struct wish wish = {.entity = request_entity(request, facts),
                        .month = member_text(request->document, "period"),
                        .state = member_text(request->document, "state")};
    if (wish.entity == NULL)
        return answer_deny(answers, "C-39", "unknown-entity",
                           json_pack("{s:s}", "entity", member_text(request->document, "entity")), err);
    enum status status = month_parse(wish.month, &wish.first, &wish.last, err);
    if (status == STATUS_OK)
        status = facts_period(facts, wish.entity, wish.month, &wish.period, err);
    if (status != STATUS_OK)
        return status;
    if (strcmp(wish.state, "hard") != 0 && wish.period.state == PERIOD_HARD)
        return answer_deny(answers, "C-39", "never-again",
                           json_pack("{s:s, s:s, s:s}", "entity", wish.entity->entity, "period", wish.month, "state",
                                     wish.state),
                           err);
    if (strcmp(wish.state, "open") != 0)
        return closing_judge(facts, &wish, answers, err);
    if (member_text(request->document, "user") != NULL)
        return exception_judge(request, facts, &wish, answers, err);
    return wish.period.state == PERIOD_OPEN ? answer_deny(answers, "C-39", "open-already", wish_inputs(&wish), err)
                                            : STATUS_OK;
}

static enum status judge(const struct request *request, const struct facts *facts, struct answers *answers,
                         struct err *err)
{
    if (request->stage == STAGE_APPROVE && request->record == NULL)
        return STATUS_OK; /* C-04 denies */
    if (request_is_kind(request, KIND_PERIOD))
        return period_judge(request, facts, answers, err);
    if (request_governs(request))
        return STATUS_OK;
    if (request->stage == STAGE_APPROVE && strcmp(member_text(request->record, "state"), "waiting") != 0)
        return STATUS_OK; /* C-04 denies */
    return document_judge(request, facts, answers, err);
}

static void document_sentence(const json_t *answer, char ret_text[static SENTENCE_BYTES])
{
    static const char amend[] = "amend its date to an open month, or withdraw it and submit it again where the fiscal year "
                                "would change";
    if (code_is(answer, "hard-closed"))
        snprintf(ret_text, SENTENCE_BYTES, "%s of %s is closed for good; %s", said(answer, "period"),
                 said(answer, "entity"), amend);
    else if (code_is(answer, "soft-closed"))
        snprintf(ret_text, SENTENCE_BYTES, "%s of %s is closed, and %s has no exception to it; %s, or ask the closers",
                 said(answer, "period"), said(answer, "entity"), said(answer, "user"), amend);
    else if (code_is(answer, "exception-ended"))
        snprintf(ret_text, SENTENCE_BYTES,
                 "%s of %s is closed, and the exception of %s (%s, until %s) has ended; %s, or ask the closers",
                 said(answer, "period"), said(answer, "entity"), said(answer, "user"), said(answer, "exception"),
                 said(answer, "until"), amend);
    else
        snprintf(ret_text, SENTENCE_BYTES, "%s is closed; it comes in under the exception %s of %s",
                 said(answer, "period"), said(answer, "exception"), said(answer, "user"));
}

static void sentence(const json_t *answer, char ret_text[static SENTENCE_BYTES])
{
    const char *period = said(answer, "period"), *entity = said(answer, "entity");
    if (code_is(answer, "never-again"))
        snprintf(ret_text, SENTENCE_BYTES, "%s of %s is closed for good: it can't be %s again, nor anybody be excepted",
                 period, entity, said(answer, "state"));
    else if (code_is(answer, "open-already"))
        snprintf(ret_text, SENTENCE_BYTES, "%s of %s is open, there is nothing to open", period, entity);
    else if (code_is(answer, "closed-already"))
        snprintf(ret_text, SENTENCE_BYTES, "%s of %s is closed so already, and nobody is excepted", period, entity);
    else if (code_is(answer, "too-early"))
        snprintf(ret_text, SENTENCE_BYTES, "%s of %s can be closed (%s) from %s on", period, entity,
                 said(answer, "state"), said(answer, "from"));
    else if (code_is(answer, "exception-too-long"))
        snprintf(ret_text, SENTENCE_BYTES, "an exception lasts %lld days at most, from when it is signed; %s is later",
                 (long long)member_integer(answer, "days"), said(answer, "until"));
    else if (code_is(answer, "exception-past"))
        snprintf(ret_text, SENTENCE_BYTES, "the exception would be over: it was to last until %s",
                 said(answer, "until"));
    else if (code_is(answer, "own-exception"))
        snprintf(ret_text, SENTENCE_BYTES, "the exception is for %s, who is you; others have to prepare and sign it",
                 said(answer, "user"));
    else if (code_is(answer, "unknown-user"))
        snprintf(ret_text, SENTENCE_BYTES, "there is no user %s", said(answer, "user"));
    else if (code_is(answer, "unknown-entity"))
        snprintf(ret_text, SENTENCE_BYTES, "the policy has no entity %s", entity);
    else
        document_sentence(answer, ret_text);
}

const struct control control_c39 = {
    .id = "C-39",
    .title = "Period lock",
    .objective = "Cut-off: nothing takes effect in a closed month",
    .assertion = "cut-off",
    .type = CONTROL_PREVENTIVE,
    .stages = STAGE_DOCUMENT | STAGE_APPROVE,
    .engine_from = ENGINE_FIRST,
    .engine_to = ENGINE_LAST,
    .parameters = "entities, parameters.period_soft_days, parameters.period_hard_days, "
                  "parameters.period_exception_days_max",
    .framework = "COSO 10; COBIT DSS06.02",
    .codes = "soft-closed hard-closed exception-ended under-exception never-again open-already closed-already too-early "
             "exception-too-long exception-past own-exception unknown-user unknown-entity",
    .judge = judge,
    .sentence = sentence,
};
