/*
 * C-07 Cumulative, customer: levels are computed on what adds up, not on the single amount, so that splitting gains nothing. The
 * arithmetic is in window.c.
 */
#include "controls/rules/common.h"

static enum status judge(const struct request *request, const struct facts *facts, struct answers *answers,
                         struct err *err)
{
    return window_judge(request, facts, WINDOW_BY_CUSTOMER, answers, "C-07", err);
}

static void sentence(const json_t *answer, char ret_text[static SENTENCE_BYTES])
{
    char scope[SENTENCE_BYTES / 2];
    snprintf(scope, sizeof scope, "corrected for customer group %s in %s", said(answer, "group"),
             said(answer, "window"));
    window_sentence(answer, scope, ret_text);
}

const struct control control_c07 = {
    .id = "C-07",
    .title = "Cumulative, customer",
    .objective = "Splitting over one customer, its group and time is seen",
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
