/*
 * C-40 Forward dating, as far as engine 0 goes: a document takes effect today or earlier, by the entity's local calendar.
 */
#include "controls/rules/common.h"
#include "controls/rules/rebill.h"
#include "ledger/instant.h"

static enum status judge(const struct request *request, const struct facts *facts, struct answers *answers,
                         struct err *err)
{
    char today[DATE_TEXT_BYTES];
    const struct policy_entity *entity =
        request->measure.entity != NULL ? policy_find_entity(facts->policy, request->measure.entity) : NULL;
    if (entity == NULL || request->measure.date <= entity_date(entity, facts->time_ms))
        return rebill_age_judge(request, facts, answers, err);
    date_format(entity_date(entity, facts->time_ms), today);
    return answer_deny(answers, "C-40", "forward-dated re-aged",
                       json_pack("{s:s, s:s}", "date", member_text(request->document, "date"), "today", today), err);
}

static void sentence(const json_t *answer, char ret_text[static SENTENCE_BYTES])
{
    if (code_is(answer, "re-aged")) {
        snprintf(ret_text, SENTENCE_BYTES, "the new invoice is of %s due %s, invoice %s was of %s due %s: re-aged",
                 said(answer, "date"), said(answer, "due"), said(answer, "invoice"), said(answer, "was"),
                 said(answer, "was_due"));
        return;
    }
    snprintf(ret_text, SENTENCE_BYTES, "the date %s is after today, %s", said(answer, "date"), said(answer, "today"));
}

const struct control control_c40 = {
    .id = "C-40",
    .title = "Backdating and forward-dating",
    .objective = "Honest time",
    .assertion = "cut-off",
    .type = CONTROL_BOTH,
    .stages = STAGE_DOCUMENT,
    .engine_from = ENGINE_FIRST,
    .engine_to = ENGINE_LAST,
    .parameters = "entities",
    .framework = "COSO 10; COBIT DSS06.02",
    .codes = "forward-dated",
    .judge = judge,
    .sentence = sentence,
};
