/*
 * C-13 Credit-limit rules. A change states the limit that it replaces, and a limit that has moved since is not changed on
 * stale grounds. What is authorised is the new total, and on top of it what temporary limits and hold releases granted the
 * customer's group lately; a steep rise asks for one level more; a fall takes one level. The next review is in sight.
 */
#include "controls/facts_limits.h"
#include "controls/rules/common.h"
#include "ledger/currency.h"
#include "ledger/fold.h"
#include "ledger/instant.h"

#define DAY_MS INT64_C(86400000)

struct limits {
    int64_t limit_minor, previous_minor; /* in the document's currency; of a release: the limit that counts now */
};

static bool is_limit(const struct request *request)
{
    return request_is_kind(request, KIND_CREDIT_LIMIT) || request_is_kind(request, KIND_TEMPORARY_LIMIT);
}

static enum status stale_judge(const struct request *request, const json_t *customer, struct answers *answers,
                               struct err *err)
{
    const char *limit = member_text(customer, "limit_text");
    const char *previous = member_text(request->document, "previous");
    if (strcmp(member_text(customer, "currency"), request->measure.currency) != 0)
        return answer_deny(answers, "C-13", "other-currency",
                           json_pack("{s:s}", "currency", member_text(customer, "currency")), err);
    if (previous != NULL && strcmp(limit, previous) != 0)
        return answer_deny(answers, "C-13", "stale-limit",
                           json_pack("{s:s, s:s}", "limit", limit, "previous", previous), err);
    return STATUS_OK;
}

static enum status review_judge(const struct request *request, const struct facts *facts, struct answers *answers,
                                struct err *err)
{
    const char *review = member_text(request->document, "review");
    int64_t most = policy_parameter(facts->policy, request->measure.entity, PARAMETER_LIMIT_REVIEW_DAYS);
    int32_t days = 0;
    if (review == NULL)
        return STATUS_OK;
    enum status status = date_parse(review, strlen(review), &days, err);
    return status == STATUS_OK && days > request->measure.date + most
               ? answer_deny(answers, "C-13", "review-late",
                             json_pack("{s:I, s:s}", "limit", (json_int_t)most, "review", review), err)
               : status;
}

/* (new - old) / old above the percentage; from nothing, any rise is steep. */
static enum status jump_judge(const struct request *request, const struct facts *facts, const struct limits *limits,
                              struct answers *answers, struct err *err)
{
    int64_t percent = policy_parameter(facts->policy, request->measure.entity, PARAMETER_LIMIT_JUMP_PERCENT);
    __int128 rise = (__int128)limits->limit_minor - limits->previous_minor;
    if (rise * 100 <= (__int128)limits->previous_minor * percent)
        return STATUS_OK;
    return answer_need_more(answers, "C-13", "jump",
                            json_pack("{s:s, s:I, s:s}", "limit", member_text(request->document, "limit"), "percent",
                                      (json_int_t)percent, "previous", member_text(request->document, "previous")),
                            err);
}

/* What is authorised in all, in base currency: the new total, or the limit that counts and the order. */
static enum status total_of(const struct request *request, const struct limits *limits, int64_t granted_minor,
                            int64_t *ret_minor, struct err *err)
{
    const struct measure *measure = &request->measure;
    int64_t total = measure->amount_minor, amount = 0, limit = 0;
    enum status status = STATUS_OK;
    if (!is_limit(request)) {
        status = money_parse(member_text(request->document, "amount"), strlen(member_text(request->document, "amount")),
                             currency_digits(measure->currency), &amount, err);
        if (status == STATUS_OK)
            status = base_share(measure->amount_minor, limits->limit_minor, amount, &limit, err);
        if (status == STATUS_OK)
            status = money_add(total, limit, &total, err);
    }
    return status == STATUS_OK ? money_add(total, granted_minor, ret_minor, err) : status;
}

static enum status total_judge(const struct request *request, const struct facts *facts, const struct limits *limits,
                               struct answers *answers, struct err *err)
{
    const struct policy_row *row = request_row(request, facts);
    int64_t days = policy_parameter(facts->policy, request->measure.entity, PARAMETER_LIMIT_DAYS), total = 0;
    struct books_key group;
    struct window_sum granted;
    if (row == NULL)
        return STATUS_OK; /* C-37 denies an unknown reason */
    window_key_customer(&group, request->measure.group);
    const struct window_query query = {.group = &group,
                                       .kinds = UINT64_C(1) << KIND_TEMPORARY_LIMIT | UINT64_C(1) << KIND_HOLD_RELEASE,
                                       .after_ms = request->time_ms - days * DAY_MS,
                                       .before_seq = request->seq,
                                       .before_index = request->index,
                                       .not_number = request->number};
    enum status status = facts_limits_granted(facts, &query, &granted, err);
    if (status == STATUS_OK)
        status = total_of(request, limits, granted.sum_minor, &total, err);
    if (status == STATUS_LIMIT)
        return answer_deny(answers, "C-13", "sum-too-large", NULL, err);
    uint16_t levels = status == STATUS_OK ? row_levels(row, total) : 0;
    if ((levels & ~row_levels(row, request->measure.amount_minor)) == 0)
        return status;
    return answer_need(answers, "C-13", "total", levels,
                       json_pack("{s:I, s:I, s:o, s:o, s:o}", "count", (json_int_t)granted.count, "days",
                                 (json_int_t)days, "granted", base_text(facts, granted.sum_minor), "limit",
                                 bound_text(facts, row, total), "sum", base_text(facts, total)),
                       err);
}

static enum status limits_read(const struct request *request, const struct facts *facts, struct limits *ret_limits,
                               struct err *err)
{
    const char *limit = member_text(request->document, "limit"), *previous = member_text(request->document, "previous");
    int digits = currency_digits(request->measure.currency);
    struct exposure exposure;
    enum status status;
    if (is_limit(request)) {
        status = money_parse(limit, strlen(limit), digits, &ret_limits->limit_minor, err);
        return status == STATUS_OK ? money_parse(previous, strlen(previous), digits, &ret_limits->previous_minor, err)
                                   : status;
    }
    status = facts_exposure(facts, request->measure.entity, request->measure.customer, &exposure, err);
    if (status == STATUS_OK)
        ret_limits->limit_minor = ret_limits->previous_minor = exposure_limit(&exposure);
    return status;
}

static enum status authority_judge(const struct request *request, const struct facts *facts, struct answers *answers,
                                   struct err *err)
{
    struct limits limits = {.limit_minor = 0};
    enum status status = limits_read(request, facts, &limits, err);
    if (status != STATUS_OK)
        return status;
    if (is_limit(request) && limits.limit_minor <= limits.previous_minor)
        return answer_need(answers, "C-13", "decrease", 1, NULL, err);
    status = total_judge(request, facts, &limits, answers, err);
    return status == STATUS_OK && is_limit(request) ? jump_judge(request, facts, &limits, answers, err) : status;
}

static enum status judge(const struct request *request, const struct facts *facts, struct answers *answers,
                         struct err *err)
{
    json_t *customer = NULL;
    if (!is_limit(request) && !request_is_kind(request, KIND_HOLD_RELEASE))
        return STATUS_OK;
    enum status status = facts_customer(facts, request->measure.entity, request->measure.customer, &customer, err);
    if (status != STATUS_OK || customer == NULL)
        return status; /* C-34 denies an unknown customer */
    bool same = strcmp(member_text(customer, "currency"), request->measure.currency) == 0;
    status = stale_judge(request, customer, answers, err);
    json_decref(customer);
    if (status == STATUS_OK)
        status = review_judge(request, facts, answers, err);
    return status == STATUS_OK && same ? authority_judge(request, facts, answers, err) : status;
}

static void sentence(const json_t *answer, char ret_text[static SENTENCE_BYTES])
{
    char limit[MONEY_TEXT_MAX], other[MONEY_TEXT_MAX], sum[MONEY_TEXT_MAX], levels[96];
    said_levels(answer, levels, sizeof levels);
    if (code_is(answer, "other-currency"))
        snprintf(ret_text, SENTENCE_BYTES, "the customer's limit is in %s", said(answer, "currency"));
    else if (code_is(answer, "stale-limit"))
        snprintf(ret_text, SENTENCE_BYTES, "the limit is %s now, not %s; look at it again",
                 said_amount(answer, "limit", limit), said_amount(answer, "previous", other));
    else if (code_is(answer, "decrease"))
        snprintf(ret_text, SENTENCE_BYTES, "a limit that does not rise takes %s", levels);
    else if (code_is(answer, "jump"))
        snprintf(ret_text, SENTENCE_BYTES, "from %s to %s is a rise of more than %lld %%: one level more",
                 said_amount(answer, "previous", other), said_amount(answer, "limit", limit),
                 (long long)member_integer(answer, "percent"));
    else if (code_is(answer, "review-late"))
        snprintf(ret_text, SENTENCE_BYTES, "a limit is reviewed again within %lld days; %s is later",
                 (long long)member_integer(answer, "limit"), said(answer, "review"));
    else if (code_is(answer, "sum-too-large"))
        snprintf(ret_text, SENTENCE_BYTES, "the sum is too large to be counted");
    else
        snprintf(ret_text, SENTENCE_BYTES,
                 "with %s that %lld temporary limits and hold releases granted in %lld days it is %s, above %s: %s",
                 said_amount(answer, "granted", other), (long long)member_integer(answer, "count"),
                 (long long)member_integer(answer, "days"), said_amount(answer, "sum", sum),
                 said_amount(answer, "limit", limit), levels);
}

const struct control control_c13 = {
    .id = "C-13",
    .title = "Credit-limit rules",
    .objective = "Exposure is authorised on the new total",
    .assertion = "authorisation, valuation",
    .type = CONTROL_PREVENTIVE,
    .stages = STAGE_DOCUMENT,
    .engine_from = ENGINE_FIRST,
    .engine_to = ENGINE_LAST,
    .parameters = "authority, limit_days, limit_jump_percent, limit_review_days",
    .framework = "COSO 10; COBIT DSS06.02",
    .codes = "stale-limit other-currency decrease total jump review-late sum-too-large",
    .judge = judge,
    .sentence = sentence,
};
