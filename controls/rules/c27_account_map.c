/*
 * C-27 Reason to account map: accounts come from the policy, never from the poster. A credit note or correction reduces
 * revenue and tax, a write-off hits allowance or expense; neither passes for the other.
 */
#include "controls/rules/common.h"

static bool class_fits(enum kind_id kind, enum account_class class)
{
    if (kind == KIND_WRITE_OFF)
        return class == ACCOUNT_ALLOWANCE || class == ACCOUNT_EXPENSE || class == ACCOUNT_LIABILITY;
    return class == ACCOUNT_REVENUE || class == ACCOUNT_TAX || class == ACCOUNT_ROUNDING;
}

/* The method that a write-off states is the one that its reason's account makes. */
static bool method_fits(const json_t *document, enum account_class class)
{
    const char *method = member_text(document, "method");
    return method == NULL || class == ACCOUNT_LIABILITY ||
           (strcmp(method, "direct") == 0) == (class == ACCOUNT_EXPENSE);
}

static enum status lines_judge(const struct request *request, const struct facts *facts, struct answers *answers,
                               struct err *err)
{
    for (size_t i = 0; i < json_array_size(request->lines); i++) {
        const json_t *line = json_array_get(request->lines, i);
        if (policy_find_account(facts->policy, member_text(line, "account")) == NULL)
            return answer_deny(answers, "C-27", "no-account",
                               json_pack("{s:s, s:s}", "account", member_text(line, "account"), "tax",
                                         member_text(line, "tax") != NULL ? member_text(line, "tax") : ""),
                               err);
    }
    return STATUS_OK;
}

static enum status judge(const struct request *request, const struct facts *facts, struct answers *answers,
                         struct err *err)
{
    if (request->stage == STAGE_LINES)
        return lines_judge(request, facts, answers, err);
    if (!request->kind->posts || request_is_kind(request, KIND_REVERSAL))
        return STATUS_OK;
    const struct policy_reason *reason = policy_find_reason(facts->policy, request->measure.reason);
    if (reason == NULL)
        return STATUS_OK; /* C-37 */
    const struct policy_account *account =
        reason->account != NULL ? policy_find_account(facts->policy, reason->account) : NULL;
    if (account == NULL || !class_fits(request->kind->id, account->class))
        return answer_deny(
            answers, "C-27", "account-class",
            json_pack("{s:s, s:s}", "account", account != NULL ? account->account : "", "reason", reason->reason), err);
    if (!method_fits(request->document, account->class))
        return answer_deny(answers, "C-27", "method",
                           json_pack("{s:s, s:s}", "account", account->account, "reason", reason->reason), err);
    return STATUS_OK;
}

static void sentence(const json_t *answer, char ret_text[static SENTENCE_BYTES])
{
    if (code_is(answer, "method"))
        snprintf(ret_text, SENTENCE_BYTES, "reason %s moves account %s, which the other method stands for",
                 said(answer, "reason"), said(answer, "account"));
    else if (code_is(answer, "no-account"))
        snprintf(ret_text, SENTENCE_BYTES, "the policy has no account '%s' (tax code '%s')", said(answer, "account"),
                 said(answer, "tax"));
    else
        snprintf(ret_text, SENTENCE_BYTES, "reason %s moves account '%s', which this kind of document may not touch",
                 said(answer, "reason"), said(answer, "account"));
}

const struct control control_c27 = {
    .id = "C-27",
    .title = "Reason to account map",
    .objective = "Amounts hit the right class of account",
    .assertion = "classification",
    .type = CONTROL_PREVENTIVE,
    .stages = STAGE_DOCUMENT | STAGE_LINES,
    .engine_from = ENGINE_FIRST,
    .engine_to = ENGINE_LAST,
    .parameters = "reasons, accounts, taxes",
    .framework = "COSO 10, 12; COBIT DSS06.02",
    .codes = "account-class method no-account",
    .judge = judge,
    .sentence = sentence,
};
