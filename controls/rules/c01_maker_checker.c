/*
 * C-01 Maker-checker: no one completes a correction alone. Compares persons, not accounts; everybody who made any version,
 * attached its evidence or asked for it is a maker, and so is everybody for whom one of them did; a bot's maker is its
 * owner. What a leaver has waiting passes to the successor, to be withdrawn in the leaver's stead.
 */
#include "controls/facts_people.h"
#include "controls/rules/common.h"

static enum status successor_judge(const struct request *request, const struct facts *facts, struct answers *answers,
                                   struct err *err)
{
    const json_t *makers = json_object_get(request->record, "makers");
    bool succeeds = false;
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && !succeeds && i < json_array_size(makers); i++)
        status = facts_succeeds(facts, request->actor.person, member_text(json_array_get(makers, i), "person"),
                                &succeeds, err);
    return status == STATUS_OK && !succeeds ? answer_deny(answers, "C-01", "not-yours", NULL, err) : status;
}

static enum status judge(const struct request *request, const struct facts *facts, struct answers *answers,
                         struct err *err)
{
    if (request->record == NULL)
        return STATUS_OK;
    bool maker = acting_in(json_object_get(request->record, "makers"), request);
    if (request->stage == STAGE_ITEM && request->statement->verb == VERB_WITHDRAW)
        return maker ? STATUS_OK : successor_judge(request, facts, answers, err);
    if (request->stage == STAGE_ITEM && request->statement->verb == VERB_AMEND)
        return STATUS_OK;
    return maker ? answer_deny(answers, "C-01", "own-document", acting_inputs(request), err) : STATUS_OK;
}

static void sentence(const json_t *answer, char ret_text[static SENTENCE_BYTES])
{
    const char *behalf = member_text(answer, "behalf");
    if (code_is(answer, "not-yours"))
        snprintf(ret_text, SENTENCE_BYTES,
                 "only somebody who prepared this document, or the successor of one who left, can withdraw it; an "
                 "approver can reject it");
    else if (behalf != NULL)
        snprintf(ret_text, SENTENCE_BYTES,
                 "you or %s, for whom you act, prepared this document; another person has to approve it", behalf);
    else
        snprintf(ret_text, SENTENCE_BYTES, "you prepared this document, another person has to approve it");
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
