/*
 * C-01 Maker-checker: no one completes a correction alone. Compares persons, not accounts; everybody who made any version,
 * attached its evidence or asked for it is a maker, and a bot's maker is its owner.
 */
#include "controls/rules/common.h"

static enum status judge(const struct request *request, const struct facts *facts, struct answers *answers,
                         struct err *err)
{
    (void)facts;
    if (request->record == NULL)
        return STATUS_OK;
    bool maker = acting_in(json_object_get(request->record, "makers"), request);
    if (request->stage == STAGE_ITEM && request->statement->verb == VERB_WITHDRAW)
        return maker ? STATUS_OK : answer_deny(answers, "C-01", "not-yours", NULL, err);
    if (request->stage == STAGE_ITEM && request->statement->verb == VERB_AMEND)
        return STATUS_OK;
    return maker
               ? answer_deny(answers, "C-01", "own-document", json_pack("{s:s}", "person", request->actor.person), err)
               : STATUS_OK;
}

static void sentence(const json_t *answer, char ret_text[static SENTENCE_BYTES])
{
    snprintf(ret_text, SENTENCE_BYTES, "%s",
             code_is(answer, "not-yours")
                 ? "only somebody who prepared this document can withdraw it; an approver can reject it"
                 : "you prepared this document, another person has to approve it");
}

const struct control control_c01 = {
    .id = "C-01",
    .title = "Maker-checker",
    .objective = "No one completes a correction alone",
    .assertion = "authorisation",
    .type = CONTROL_PREVENTIVE,
    .stages = STAGE_APPROVE | STAGE_ITEM,
    .engine_from = ENGINE_FIRST,
    .engine_to = ENGINE_LAST,
    .parameters = "authority (the automatic tier)",
    .framework = "COSO 10; COBIT DSS06.03",
    .codes = "own-document not-yours",
    .judge = judge,
    .sentence = sentence,
};
