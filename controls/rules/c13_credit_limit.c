/*
 * C-13 Credit-limit rules, as far as engine 0 goes: a change states the limit that it replaces, and a limit that has moved
 * since is not changed on stale grounds. The authority table is read on the new total (kinds/credit_limit.c).
 */
#include "controls/rules/common.h"

static enum status judge(const struct request *request, const struct facts *facts, struct answers *answers,
                         struct err *err)
{
    json_t *customer = NULL;
    if (!request_is_kind(request, KIND_CREDIT_LIMIT))
        return STATUS_OK;
    enum status status = facts_customer(facts, request->measure.entity, request->measure.customer, &customer, err);
    if (status != STATUS_OK || customer == NULL)
        return status; /* C-34 denies an unknown customer */
    const char *limit = member_text(customer, "limit_text");
    const char *previous = member_text(request->document, "previous");
    if (strcmp(member_text(customer, "currency"), request->measure.currency) != 0)
        status = answer_deny(answers, "C-13", "other-currency",
                             json_pack("{s:s}", "currency", member_text(customer, "currency")), err);
    else if (strcmp(limit, previous) != 0)
        status = answer_deny(answers, "C-13", "stale-limit",
                             json_pack("{s:s, s:s}", "limit", limit, "previous", previous), err);
    json_decref(customer);
    return status;
}

static void sentence(const json_t *answer, char ret_text[static SENTENCE_BYTES])
{
    char limit[MONEY_TEXT_MAX], previous[MONEY_TEXT_MAX];
    if (code_is(answer, "other-currency"))
        snprintf(ret_text, SENTENCE_BYTES, "the customer's limit is in %s", said(answer, "currency"));
    else
        snprintf(ret_text, SENTENCE_BYTES, "the limit is %s now, not %s; look at it again",
                 said_amount(answer, "limit", limit), said_amount(answer, "previous", previous));
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
    .parameters = "authority",
    .framework = "COSO 10; COBIT DSS06.02",
    .codes = "stale-limit other-currency",
    .judge = judge,
    .sentence = sentence,
};
