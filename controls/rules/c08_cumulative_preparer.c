/*
 * C-08 Cumulative, person: one person is bound three times over. What somebody prepares adds up in the policy's windows
 * (window.c), for each of a document's makers; what somebody posts without a second signature adds up in a local day and in
 * 30 days; what somebody approves adds up in a window of its own, and is refused above its bound.
 */
#include "controls/rules/common.h"
#include "ledger/fold.h"

#define DAY_MS INT64_C(86400000)

enum { MONTH_DAYS = 30 };

struct bound {
    const char *code, *person;
    struct books_key group;
    int64_t after_ms, limit_minor;
    json_int_t days; /* 0: the local day */
};

/* The document's place is the act's: the latest in the book. */
static enum status bound_sum(const struct request *request, const struct facts *facts, const struct bound *bound,
                             struct window_sum *ret_sum, struct err *err)
{
    const struct window_query query = {.group = &bound->group,
                                       .kinds = UINT64_MAX,
                                       .after_ms = bound->after_ms,
                                       .before_seq = facts->seq,
                                       .before_index = request->act_index,
                                       .not_number = request->number};
    return facts_window(facts, &query, request->measure.amount_minor, ret_sum, err);
}

static json_t *bound_inputs(const struct request *request, const struct facts *facts, const struct bound *bound,
                            const struct window_sum *sum)
{
    return json_pack("{s:o, s:I, s:I, s:o, s:s, s:o}", "amount", base_text(facts, request->measure.amount_minor),
                     "count", (json_int_t)sum->count, "days", bound->days, "limit",
                     base_text(facts, bound->limit_minor), "person", bound->person, "sum",
                     base_text(facts, sum->sum_minor));
}

static enum status approver_judge(const struct request *request, const struct facts *facts, const char *person,
                                  struct answers *answers, struct err *err)
{
    const char *entity = request->measure.entity;
    struct bound bound = {.person = person,
                          .limit_minor = policy_parameter(facts->policy, entity, PARAMETER_APPROVER_SUM_MAX),
                          .days = policy_parameter(facts->policy, entity, PARAMETER_APPROVER_DAYS)};
    struct window_sum sum;
    if (bound.limit_minor == 0)
        return STATUS_OK;
    bound.after_ms = facts->time_ms - bound.days * DAY_MS;
    window_key_approver(&bound.group, bound.person);
    enum status status = bound_sum(request, facts, &bound, &sum, err);
    if (status == STATUS_LIMIT)
        return answer_deny(answers, "C-08", "sum-too-large", NULL, err);
    if (status != STATUS_OK || sum.sum_minor <= bound.limit_minor)
        return status;
    return answer_deny(answers, "C-08", "approver-sum", bound_inputs(request, facts, &bound, &sum), err);
}

/* The levels that the row asks first; level 1 where it never asks any. */
static uint16_t first_levels(const struct policy_row *row)
{
    for (size_t i = 0; i < row->tier_count; i++)
        if (row->tiers[i].levels != 0)
            return row->tiers[i].levels;
    return 1;
}

static enum status automatic_judge(const struct request *request, const struct facts *facts, struct bound *bound,
                                   struct answers *answers, struct err *err)
{
    struct window_sum sum;
    if (bound->limit_minor == 0 || answers->levels != 0 || answers->denied)
        return STATUS_OK;
    window_key_automatic(&bound->group, bound->person);
    enum status status = bound_sum(request, facts, bound, &sum, err);
    if (status == STATUS_LIMIT)
        return answer_deny(answers, "C-08", "sum-too-large", NULL, err);
    if (status != STATUS_OK || sum.sum_minor <= bound->limit_minor)
        return status;
    return answer_need(answers, "C-08", bound->code, first_levels(request_row(request, facts)),
                       bound_inputs(request, facts, bound, &sum), err);
}

/* Asked only of what nobody has to sign otherwise; later controls may still ask. */
static enum status makers_automatic(const struct request *request, const struct facts *facts, struct answers *answers,
                                    struct err *err)
{
    const struct policy_entity *entity = policy_find_entity(facts->policy, request->measure.entity);
    json_t *makers = NULL, *ignored;
    const char *person;
    /* Without a currency it is a reversal, which always takes a signature (C-43). */
    if (entity == NULL || request_row(request, facts) == NULL || request->measure.currency == NULL ||
        !request->measure.in_base || !request->kind->posts)
        return STATUS_OK;
    int64_t day = entity_day_start(entity, entity_date(entity, facts->time_ms));
    enum status status = request_makers(request, &makers, err);
    json_object_foreach(makers, person, ignored)
    {
        struct bound of_day = {.code = "automatic-day",
                               .person = person,
                               .after_ms = day - 1,
                               .limit_minor =
                                   policy_parameter(facts->policy, entity->entity, PARAMETER_AUTOMATIC_DAY_MAX)};
        struct bound of_month = {.code = "automatic-month",
                                 .person = person,
                                 .after_ms = facts->time_ms - MONTH_DAYS * DAY_MS,
                                 .days = MONTH_DAYS,
                                 .limit_minor =
                                     policy_parameter(facts->policy, entity->entity, PARAMETER_AUTOMATIC_MONTH_MAX)};
        if (status == STATUS_OK)
            status = automatic_judge(request, facts, &of_day, answers, err);
        if (status == STATUS_OK)
            status = automatic_judge(request, facts, &of_month, answers, err);
    }
    json_decref(makers);
    return status;
}

static enum status judge(const struct request *request, const struct facts *facts, struct answers *answers,
                         struct err *err)
{
    if (request_governs(request) || request->document == NULL)
        return STATUS_OK;
    if (request->stage == STAGE_APPROVE) {
        /* A delegate uses up what both may approve: else two persons would have two bounds for one task. */
        enum status bound = approver_judge(request, facts, request->actor.person, answers, err);
        return bound == STATUS_OK && request->behalf.user[0] != '\0'
                   ? approver_judge(request, facts, request->behalf.person, answers, err)
                   : bound;
    }
    enum status status = window_judge(request, facts, WINDOW_BY_PREPARER, answers, "C-08", err);
    return status == STATUS_OK && request->stage == STAGE_SUBMIT ? makers_automatic(request, facts, answers, err)
                                                                 : status;
}

static void sentence(const json_t *answer, char ret_text[static SENTENCE_BYTES])
{
    char scope[SENTENCE_BYTES / 2], levels[96], amount[MONEY_TEXT_MAX], sum[MONEY_TEXT_MAX], limit[MONEY_TEXT_MAX];
    said_levels(answer, levels, sizeof levels);
    said_amount(answer, "amount", amount);
    said_amount(answer, "sum", sum);
    said_amount(answer, "limit", limit);
    if (code_is(answer, "approver-sum")) {
        snprintf(
            ret_text, SENTENCE_BYTES,
            "%s here makes %s over %lld documents that %s approved in %lld days, above %s; somebody else has to sign",
            amount, sum, (long long)member_integer(answer, "count"), said(answer, "person"),
            (long long)member_integer(answer, "days"), limit);
        return;
    }
    if (code_is(answer, "automatic-day") || code_is(answer, "automatic-month")) {
        snprintf(ret_text, SENTENCE_BYTES,
                 "%s here makes %s over %lld documents that %s made without a second signature %s, above %s: %s",
                 amount, sum, (long long)member_integer(answer, "count"), said(answer, "person"),
                 code_is(answer, "automatic-day") ? "today" : "in 30 days", limit, levels);
        return;
    }
    snprintf(scope, sizeof scope, "prepared by %s in %s", said(answer, "person"), said(answer, "window"));
    window_sentence(answer, scope, ret_text);
}

const struct control control_c08 = {
    .id = "C-08",
    .title = "Cumulative, person",
    .objective = "What one person prepares, posts alone and approves is bound together",
    .assertion = "authorisation",
    .type = CONTROL_PREVENTIVE,
    .stages = STAGE_DOCUMENT | STAGE_APPROVE,
    .engine_from = ENGINE_FIRST,
    .engine_to = ENGINE_LAST,
    .parameters =
        "cumulative, authority, reasons, approver_days, approver_sum_max, automatic_day_max, automatic_month_max",
    .framework = "COSO 10, 12; COBIT DSS06.03",
    .codes = "sum sum-too-large approver-sum automatic-day automatic-month",
    .judge = judge,
    .sentence = sentence,
};
