/*
 * C-36 Tax proportionality: a document that states its split itself keeps, for each tax code, the ratio of net and tax that
 * was billed, within one minor unit. Tax alone is credited for a reason that moves tax, and such a reason moves nothing
 * else. What states no split is split in proportion.
 */
#include "controls/rules/common.h"
#include "ledger/currency.h"

struct stated {
    const struct policy_reason *reason;
    bool moves_tax; /* the reason's account is of class tax */
    const char *invoice;
    int digits;
};

static enum status pair_read(const json_t *tax, int digits, int64_t ret_minor[2], struct err *err)
{
    enum status status = money_member_of(tax, "net", digits, &ret_minor[0], err);
    if (status == STATUS_OK)
        status = money_member_of(tax, "tax", digits, &ret_minor[1], err);
    for (size_t i = 0; status == STATUS_OK && i < 2; i++)
        status = money_abs(ret_minor[i], &ret_minor[i], err);
    return status;
}

/* What the tax on this net would be by what was billed, to the nearest minor unit, halves up. */
static __int128 tax_expected(const int64_t stated[2], const int64_t billed[2])
{
    return ((__int128)stated[0] * billed[1] * 2 + billed[0]) / ((__int128)billed[0] * 2);
}

/* |tax - net * billed tax / billed net| <= 1, without dividing. */
static bool ratio_kept(const int64_t stated[2], const int64_t billed[2])
{
    __int128 difference = (__int128)stated[1] * billed[0] - (__int128)stated[0] * billed[1];
    return (difference < 0 ? -difference : difference) <= billed[0];
}

static enum status code_judge(const struct stated *stated, const json_t *tax, const json_t *billed_tax,
                              struct answers *answers, struct err *err)
{
    const char *code = member_text(tax, "code");
    int64_t said_minor[2], billed[2];
    enum status status = pair_read(tax, stated->digits, said_minor, err);
    if (status == STATUS_OK)
        status = pair_read(billed_tax, stated->digits, billed, err);
    if (status != STATUS_OK)
        return status;
    if (stated->moves_tax)
        return said_minor[0] == 0 ? STATUS_OK
                                  : answer_deny(answers, "C-36", "not-tax-alone",
                                                json_pack("{s:s, s:o, s:s}", "tax_code", code, "net",
                                                          amount_text(said_minor[0], stated->digits), "reason",
                                                          stated->reason->reason),
                                                err);
    if (said_minor[0] == 0)
        return answer_deny(answers, "C-36", "tax-alone",
                           json_pack("{s:s, s:s, s:o}", "tax_code", code, "reason", stated->reason->reason, "tax",
                                     amount_text(said_minor[1], stated->digits)),
                           err);
    if (billed[0] > 0 && ratio_kept(said_minor, billed))
        return STATUS_OK;
    __int128 expected = billed[0] > 0 ? tax_expected(said_minor, billed) : 0;
    return answer_deny(answers, "C-36", "ratio",
                       json_pack("{s:s, s:o, s:s, s:o, s:o}", "tax_code", code, "expected",
                                 amount_text(expected > INT64_MAX ? INT64_MAX : (int64_t)expected, stated->digits),
                                 "invoice", stated->invoice, "net", amount_text(said_minor[0], stated->digits), "tax",
                                 amount_text(said_minor[1], stated->digits)),
                       err);
}

static const json_t *code_find(const json_t *taxes, const char *code)
{
    for (size_t i = 0; i < json_array_size(taxes); i++)
        if (strcmp(member_text(json_array_get(taxes, i), "code"), code) == 0)
            return json_array_get(taxes, i);
    return NULL;
}

static enum status taxes_judge(const struct stated *stated, const json_t *taxes, const json_t *invoice,
                               struct answers *answers, struct err *err)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && !answers->denied && i < json_array_size(taxes); i++) {
        const json_t *tax = json_array_get(taxes, i);
        const char *code = member_text(tax, "code");
        const json_t *billed = code_find(json_object_get(invoice, "taxes"), code);
        status = billed != NULL
                     ? code_judge(stated, tax, billed, answers, err)
                     : answer_deny(answers, "C-36", "unknown-code",
                                   json_pack("{s:s, s:s}", "tax_code", code, "invoice", stated->invoice), err);
    }
    return status;
}

static enum status judge(const struct request *request, const struct facts *facts, struct answers *answers,
                         struct err *err)
{
    const json_t *taxes = json_object_get(request->document, "taxes");
    const json_t *first = json_array_get(json_object_get(request->document, "allocations"), 0);
    json_t *invoice = NULL;
    const struct policy_reason *reason =
        request->measure.reason != NULL ? policy_find_reason(facts->policy, request->measure.reason) : NULL;
    if (taxes == NULL || first == NULL || reason == NULL)
        return STATUS_OK; /* no reason: C-37 */
    const struct policy_account *account =
        reason->account != NULL ? policy_find_account(facts->policy, reason->account) : NULL;
    const struct stated stated = {.reason = reason,
                                  .moves_tax = account != NULL && account->class == ACCOUNT_TAX,
                                  .invoice = member_text(first, "invoice"),
                                  .digits = currency_digits(request->measure.currency)};
    enum status status = facts_invoice(facts, request->measure.entity, stated.invoice, &invoice, err);
    if (status == STATUS_OK && invoice != NULL &&
        strcmp(member_text(invoice, "currency"), request->measure.currency) == 0)
        status = taxes_judge(&stated, taxes, invoice, answers, err); /* else C-35 */
    json_decref(invoice);
    return status;
}

static void sentence(const json_t *answer, char ret_text[static SENTENCE_BYTES])
{
    char net[MONEY_TEXT_MAX], tax[MONEY_TEXT_MAX], expected[MONEY_TEXT_MAX];
    if (code_is(answer, "ratio"))
        snprintf(ret_text, SENTENCE_BYTES, "tax %s on net %s of code %s, invoice %s was billed so that it is %s",
                 said_amount(answer, "tax", tax), said_amount(answer, "net", net), said(answer, "tax_code"),
                 said(answer, "invoice"), said_amount(answer, "expected", expected));
    else if (code_is(answer, "tax-alone"))
        snprintf(ret_text, SENTENCE_BYTES,
                 "credits tax %s of code %s without net; that takes a reason that moves tax, which %s does not",
                 said_amount(answer, "tax", tax), said(answer, "tax_code"), said(answer, "reason"));
    else if (code_is(answer, "not-tax-alone"))
        snprintf(ret_text, SENTENCE_BYTES,
                 "reason %s moves tax alone, net %s of code %s takes another reason, in a document of its own",
                 said(answer, "reason"), said_amount(answer, "net", net), said(answer, "tax_code"));
    else
        snprintf(ret_text, SENTENCE_BYTES, "invoice %s has no tax code %s", said(answer, "invoice"),
                 said(answer, "tax_code"));
}

const struct control control_c36 = {
    .id = "C-36",
    .title = "Tax proportionality",
    .objective = "Tax is given back as it was billed",
    .assertion = "accuracy, classification",
    .type = CONTROL_PREVENTIVE,
    .stages = STAGE_DOCUMENT,
    .engine_from = ENGINE_FIRST,
    .engine_to = ENGINE_LAST,
    .parameters = "reasons, accounts",
    .framework = "COSO 10; COBIT DSS06.02",
    .codes = "ratio tax-alone not-tax-alone unknown-code",
    .judge = judge,
    .sentence = sentence,
};
