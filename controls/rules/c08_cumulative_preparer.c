/*
 * C-08 Cumulative, preparer: levels are computed on what adds up, not on the single amount, so that splitting gains nothing. The
 * arithmetic is in window.c.
 */
#include "controls/rules/common.h"

static enum status judge(const struct request *request, const struct facts *facts, struct answers *answers, struct err *err)
{
    return window_judge(request, facts, WINDOW_BY_PREPARER, answers, "C-08", err);
}

static void sentence(const json_t *answer, char ret_text[static SENTENCE_BYTES])
{
    char levels[96], amount[MONEY_TEXT_MAX], sum[MONEY_TEXT_MAX], limit[MONEY_TEXT_MAX];
    if (code_is(answer, "sum-too-large")) {
        snprintf(ret_text, SENTENCE_BYTES, "the sum is too large to be counted");
        return;
    }
    said_levels(answer, levels, sizeof levels);
    snprintf(ret_text, SENTENCE_BYTES, "%s here makes %s over %lld documents (prepared by %s in %s), above %s: %s",
             said_amount(answer, "amount", amount), said_amount(answer, "sum", sum), (long long)member_integer(answer, "count"),
             said(answer, "person"), said(answer, "window"), said_amount(answer, "limit", limit), levels);
}

const struct control control_c08 = {
    .id = "C-08",
    .title = "Cumulative, preparer",
    .objective = "One person's corrections are bound together",
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
