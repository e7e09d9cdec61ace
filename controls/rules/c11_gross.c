/*
 * C-11 Gross, not net: the amount of a document is the sum of what it takes or gives in all its parts, never what is left
 * of them against each other. Parts are above zero by form, so their sum is gross. Where meter reads were corrected, the
 * parts are what the reads make of each bill, falls and rises apart (meter.c).
 */
#include "controls/rules/common.h"
#include "controls/rules/meter.h"
#include "ledger/currency.h"

static enum status judge(const struct request *request, const struct facts *facts, struct answers *answers,
                         struct err *err)
{
    const json_t *allocations = json_object_get(request->document, "allocations");
    int64_t sum = request->measure.on_account_minor, part;
    int digits = request->measure.currency != NULL ? currency_digits(request->measure.currency) : -1;
    const char *charge = member_text(request->document, "charge");
    if (allocations == NULL || digits < 0 || (charge != NULL && strcmp(charge, "credit-balance") == 0) ||
        (json_array_size(allocations) == 0 && charge != NULL && strcmp(charge, "transfer") == 0))
        return STATUS_OK; /* what is on an account has no parts */
    for (size_t i = 0; i < json_array_size(allocations); i++) {
        const char *text = member_text(json_array_get(allocations, i), "amount");
        enum status status = money_parse(text, strlen(text), digits, &part, err);
        if (status == STATUS_OK)
            status = money_add(sum, part, &sum, err);
        if (status == STATUS_LIMIT)
            return answer_deny(answers, "C-11", "sum-too-large", NULL, err);
        if (status != STATUS_OK)
            return status;
    }
    if (sum == request->measure.minor)
        return meter_judge(request, facts, answers, err);
    return answer_deny(
        answers, "C-11", "not-the-sum",
        json_pack("{s:o, s:o}", "amount", amount_text(request->measure.minor, digits), "sum", amount_text(sum, digits)),
        err);
}

static void sentence(const json_t *answer, char ret_text[static SENTENCE_BYTES])
{
    char amount[MONEY_TEXT_MAX], sum[MONEY_TEXT_MAX];
    if (code_is(answer, "sum-too-large"))
        snprintf(ret_text, SENTENCE_BYTES, "the parts are too large to be added up");
    else if (!code_is(answer, "not-the-sum"))
        meter_sentence(answer, ret_text);
    else
        snprintf(ret_text, SENTENCE_BYTES, "the amount is %s, but its parts (invoices and on account) add up to %s",
                 said_amount(answer, "amount", amount), said_amount(answer, "sum", sum));
}

const struct control control_c11 = {
    .id = "C-11",
    .title = "Gross, not net",
    .objective = "No netting; corrected reads move what they make and nothing else",
    .assertion = "accuracy",
    .type = CONTROL_PREVENTIVE,
    .stages = STAGE_DOCUMENT,
    .receiving = RECEIVING_TRANSFER,
    .engine_from = ENGINE_FIRST,
    .engine_to = ENGINE_LAST,
    .parameters = "",
    .framework = "COSO 10; COBIT DSS06.02",
    .codes =
        "not-the-sum sum-too-large unknown-contract unknown-read other-contract trued-up not-replaced below-actual "
        "below-previous not-the-usage not-the-difference",
    .judge = judge,
    .sentence = sentence,
};
