/*
 * C-27 Reason to account map: accounts come from the policy, never from the poster. A credit note or correction reduces
 * revenue and tax, a write-off or recovery hits allowance or expense, an adjustment what its charge is; none passes for
 * another.
 */
#include "controls/rules/common.h"

#define BIT(class) (1U << (class))

/* What an adjustment's charge may move (DOMAIN 1.5, 1.7). */
static unsigned charge_classes(const char *charge)
{
    static const struct {
        const char *charge;
        unsigned classes;
    } rows[] = {
        {"finance", BIT(ACCOUNT_REVENUE)},
        {"small-balance", BIT(ACCOUNT_EXPENSE) | BIT(ACCOUNT_ROUNDING)},
        {"freight", BIT(ACCOUNT_REVENUE)},
        {"discount", BIT(ACCOUNT_REVENUE)},
        {"fx", BIT(ACCOUNT_FX) | BIT(ACCOUNT_ROUNDING)},
        {"credit-balance", BIT(ACCOUNT_LIABILITY) | BIT(ACCOUNT_REVENUE)},
        {"transfer", BIT(ACCOUNT_RECEIVABLE)}, /* and no other charge moves that */
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (strcmp(rows[i].charge, charge) == 0)
            return rows[i].classes;
    return 0;
}

static bool class_fits(const struct request *request, enum account_class class)
{
    enum kind_id kind = request->kind->id;
    if (kind == KIND_ADJUSTMENT)
        return (charge_classes(member_text(request->document, "charge")) >> class & 1) != 0;
    if (kind == KIND_WRITE_OFF || kind == KIND_RECOVERY)
        return class == ACCOUNT_ALLOWANCE || class == ACCOUNT_EXPENSE || class == ACCOUNT_LIABILITY;
    return class == ACCOUNT_REVENUE || class == ACCOUNT_TAX || class == ACCOUNT_ROUNDING;
}

/* The method that a write-off states is the one that its reason's account makes, and its recovery's too. */
static bool method_fits(const char *method, enum account_class class)
{
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

/* A recovery goes where its write-off came from; *ret_method is "" where there is none, which C-35 denies. */
static enum status method_read(const struct request *request, const struct facts *facts, char ret_method[static 16],
                               struct err *err)
{
    json_t *record = NULL;
    const json_t *document = request->document;
    enum status status = STATUS_OK;
    if (request_is_kind(request, KIND_RECOVERY)) {
        status = facts_document(facts, member_text(document, "recovers"), &record, err);
        document = json_object_get(record, "document");
    }
    const char *method = member_text(document, "method");
    snprintf(ret_method, 16, "%s", method != NULL ? method : "");
    json_decref(record);
    return status;
}

static enum status judge(const struct request *request, const struct facts *facts, struct answers *answers,
                         struct err *err)
{
    char method[16];
    if (request->stage == STAGE_LINES)
        return lines_judge(request, facts, answers, err);
    if (!request->kind->posts || request_is_kind(request, KIND_REVERSAL))
        return STATUS_OK;
    const struct policy_reason *reason = policy_find_reason(facts->policy, request->measure.reason);
    if (reason == NULL)
        return STATUS_OK; /* C-37 */
    const struct policy_account *account =
        reason->account != NULL ? policy_find_account(facts->policy, reason->account) : NULL;
    if (account == NULL || !class_fits(request, account->class))
        return answer_deny(
            answers, "C-27", "account-class",
            json_pack("{s:s, s:s}", "account", account != NULL ? account->account : "", "reason", reason->reason), err);
    enum status status = method_read(request, facts, method, err);
    if (status == STATUS_OK && !method_fits(method[0] != '\0' ? method : NULL, account->class))
        return answer_deny(answers, "C-27", "method",
                           json_pack("{s:s, s:s}", "account", account->account, "reason", reason->reason), err);
    return status;
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
