/*
 * C-42 Block after a write-off: while bad debt of a customer, or of one of the same group, stands written off, nobody
 * raises a limit, releases a hold, gives credit there or transfers from or to it without the function credit.override. To
 * recover is what is wanted, so it is free.
 */
#include "controls/facts_money.h"
#include "controls/rules/common.h"

static const char override_function[] = "credit.override";

/* Bad debt and insolvency; a reason that the policy no longer has is taken for one of them. */
static bool blocks(const struct policy *policy, const char *reason)
{
    const struct policy_reason *found = policy_find_reason(policy, reason);
    return found == NULL || found->precondition == PRECONDITION_BAD_DEBT || found->precondition == PRECONDITION_CASE;
}

static bool gives_credit(const struct request *request)
{
    const char *direction = member_text(request->document, "direction");
    const char *charge = member_text(request->document, "charge");
    if (request_is_kind(request, KIND_CREDIT_LIMIT))
        return request->measure.amount_minor > 0; /* a rise */
    if (charge != NULL && strcmp(charge, "transfer") == 0)
        return true; /* takes debt away, or hides it where nobody looks any more */
    if (request_is_kind(request, KIND_CORRECTION) || request_is_kind(request, KIND_ADJUSTMENT))
        return direction != NULL && strcmp(direction, "down") == 0;
    return request_is_kind(request, KIND_CREDIT_NOTE) || request_is_kind(request, KIND_REBILL) ||
           request_is_kind(request, KIND_TEMPORARY_LIMIT) || request_is_kind(request, KIND_HOLD_RELEASE);
}

/* Who prepares or signs last holds it, or who prepared it. */
static enum status may_override(const struct request *request, const struct facts *facts, bool *ret_may,
                                struct err *err)
{
    const char *preparer = member_text(request->record, "preparer");
    enum status status = request->actor.user[0] != '\0' ? facts_user_may(facts, request->actor.user, override_function,
                                                                         request->measure.entity, ret_may, err)
                                                        : STATUS_OK;
    return status == STATUS_OK && !*ret_may && preparer != NULL && request->stage == STAGE_POST
               ? facts_user_may(facts, preparer, override_function, request->measure.entity, ret_may, err)
               : status;
}

static enum status judge(const struct request *request, const struct facts *facts, struct answers *answers,
                         struct err *err)
{
    char number[ID_BYTES_MAX + 1];
    bool may = false;
    if (!gives_credit(request) || request->measure.group[0] == '\0')
        return STATUS_OK;
    enum status status = facts_written_off(facts, request->measure.group, blocks, number, err);
    if (status != STATUS_OK || number[0] == '\0')
        return status;
    status = may_override(request, facts, &may, err);
    if (status != STATUS_OK)
        return status;
    json_t *inputs = json_pack("{s:s, s:s, s:s}", "customer", request->measure.customer, "document", number, "function",
                               override_function);
    return may ? answer_flag(answers, "C-42", "override", inputs, err)
               : answer_deny(answers, "C-42", "written-off", inputs, err);
}

static void sentence(const json_t *answer, char ret_text[static SENTENCE_BYTES])
{
    if (code_is(answer, "override"))
        snprintf(ret_text, SENTENCE_BYTES, "%s wrote off debt of this customer's group; let through by %s",
                 said(answer, "document"), said(answer, "function"));
    else
        snprintf(
            ret_text, SENTENCE_BYTES,
            "%s wrote off debt of this customer's group; customer %s gets no credit unless who prepares it or signs "
            "last holds %s",
            said(answer, "document"), said(answer, "customer"), said(answer, "function"));
}

const struct control control_c42 = {
    .id = "C-42",
    .title = "Block after a write-off",
    .objective = "No silent revival of written-off customers",
    .assertion = "authorisation, valuation",
    .type = CONTROL_BOTH,
    .stages = STAGE_DOCUMENT,
    .receiving = RECEIVING_CUSTOMER,
    .engine_from = ENGINE_FIRST,
    .engine_to = ENGINE_LAST,
    .parameters = "reasons, roles",
    .framework = "COSO 10; COBIT DSS06.03",
    .codes = "written-off override",
    .judge = judge,
    .sentence = sentence,
};
