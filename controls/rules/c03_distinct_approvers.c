/*
 * C-03 Distinct approvers: a person signs at most one level of a document, himself or through a delegate.
 */
#include "controls/rules/common.h"

static enum status judge(const struct request *request, const struct facts *facts, struct answers *answers,
                         struct err *err)
{
    (void)facts;
    if (request->record == NULL || !acting_in(json_object_get(request->record, "approvals"), request))
        return STATUS_OK;
    return answer_deny(answers, "C-03", "signed-already", acting_inputs(request), err);
}

static void sentence(const json_t *answer, char ret_text[static SENTENCE_BYTES])
{
    const char *behalf = member_text(answer, "behalf");
    if (behalf != NULL)
        snprintf(
            ret_text, SENTENCE_BYTES,
            "you or %s, for whom you act, signed another level of this document, or somebody did for one of you; each "
            "level takes another person",
            behalf);
    else
        snprintf(ret_text, SENTENCE_BYTES,
                 "you signed another level of this document; each level takes another person");
}

const struct control control_c03 = {
    .id = "C-03",
    .title = "Distinct approvers",
    .objective = "No double-hat",
    .assertion = "authorisation",
    .type = CONTROL_PREVENTIVE,
    .stages = STAGE_APPROVE,
    .engine_from = ENGINE_FIRST,
    .engine_to = ENGINE_LAST,
    .parameters = "",
    .framework = "COSO 10; COBIT DSS06.03",
    .codes = "signed-already",
    .judge = judge,
    .sentence = sentence,
};
