/*
 * C-06 Cumulative, invoice: levels are computed on what adds up, not on the single amount, so that splitting gains nothing. The
 * arithmetic is in window.c.
 */
#include "controls/rules/common.h"

static enum status judge(const struct request *request, const struct facts *facts, struct answers *answers,
                         struct err *err)
{
    return window_judge(request, facts, WINDOW_BY_INVOICE, answers, "C-06", err);
}

static void sentence(const json_t *answer, char ret_text[static SENTENCE_BYTES])
{
    char scope[SENTENCE_BYTES / 2];
    snprintf(scope, sizeof scope, "corrections of invoice %s, ever", said(answer, "invoice"));
    window_sentence(answer, scope, ret_text);
}

const struct control control_c06 = {
    .id = "C-06",
    .title = "Cumulative, invoice",
    .objective = "Splitting over one invoice is seen",
    .assertion = "authorisation",
    .type = CONTROL_PREVENTIVE,
    .stages = STAGE_DOCUMENT,
    .engine_from = ENGINE_FIRST,
    .engine_to = ENGINE_LAST,
    .parameters = "cumulative, authority, reasons",
    .framework = "COSO 10, 12; COBIT DSS06.03",
    .codes = "sum sum-too-large",
    .judge = judge,
    .sentence = sentence,
};
