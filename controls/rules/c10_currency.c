/*
 * C-10 Currency neutrality: thresholds are in the base currency, so an amount in another one needs a journaled rate.
 * Engine 0 has no rates yet: what it cannot convert it denies.
 */
#include "controls/rules/common.h"

static enum status judge(const struct request *request, const struct facts *facts, struct answers *answers,
                         struct err *err)
{
    const char *currency = request->measure.currency;
    if (currency == NULL || strcmp(currency, facts->policy->base) == 0)
        return STATUS_OK;
    return answer_deny(answers, "C-10", "no-rate",
                       json_pack("{s:s, s:s}", "base", facts->policy->base, "currency", currency), err);
}

static void sentence(const json_t *answer, char ret_text[static SENTENCE_BYTES])
{
    snprintf(ret_text, SENTENCE_BYTES, "there is no rate from %s to %s in the book", said(answer, "currency"),
             said(answer, "base"));
}

const struct control control_c10 = {
    .id = "C-10",
    .title = "Currency neutrality",
    .objective = "No threshold gaming by currency",
    .assertion = "valuation",
    .type = CONTROL_PREVENTIVE,
    .stages = STAGE_DOCUMENT,
    .engine_from = ENGINE_FIRST,
    .engine_to = ENGINE_LAST,
    .parameters = "base",
    .framework = "COSO 10, 13; COBIT DSS06.02",
    .codes = "no-rate",
    .judge = judge,
    .sentence = sentence,
};
