/*
 * C-18 Deputy of last resort: no deadlock and no bypass. A level that has waited longer than the policy says may be signed by
 * somebody who holds a higher level of the same kind; nothing is approved by lapse of time. C-02 lets the signature in, this
 * control says so in the decision. One person still signs one level only (C-03), so the higher level takes another.
 */
#include "controls/escalation.h"
#include "controls/rules/common.h"
#include "ledger/instant.h"

static enum status judge(const struct request *request, const struct facts *facts, struct answers *answers,
                         struct err *err)
{
    char function[FUNCTION_NAME_BYTES], since[INSTANT_TEXT_BYTES];
    enum kind_id authority = KIND_UNKNOWN;
    struct escalation escalation;
    bool may = false;
    if (request->record == NULL || request_governs(request) || request->behalf.user[0] != '\0' ||
        (levels_from_json(json_object_get(request->record, "levels")) & 1U << (request->level - 1)) == 0)
        return STATUS_OK;
    enum status status = kind_authority(request->kind, request->document, facts, &authority, err);
    if (status != STATUS_OK || authority == KIND_UNKNOWN)
        return status;
    kind_function(request->kind, authority, request->level, function);
    status = facts_user_may(facts, request->actor.user, function, request->measure.entity, &may, err);
    if (status != STATUS_OK || may)
        return status;
    const struct escalation_ask ask = {.record = request->record, .authority = authority, .level = request->level};
    status = escalation_find(facts, &ask, request->actor.user, &escalation, err);
    if (status != STATUS_OK || escalation.by_level == 0)
        return status;
    instant_format(escalation.since_ms, since);
    return answer_flag(
        answers, "C-18", "escalated",
        json_pack("{s:i, s:I, s:i, s:s}", "by", escalation.by_level, "days",
                  (json_int_t)policy_parameter(facts->policy, request->measure.entity, PARAMETER_ESCALATION_DAYS),
                  "level", request->level, "since", since),
        err);
}

static void sentence(const json_t *answer, char ret_text[static SENTENCE_BYTES])
{
    snprintf(
        ret_text, SENTENCE_BYTES,
        "level %lld had waited since %.10s, longer than %lld business days; a holder of level %lld signed in its place",
        (long long)member_integer(answer, "level"), said(answer, "since"), (long long)member_integer(answer, "days"),
        (long long)member_integer(answer, "by"));
}

const struct control control_c18 = {
    .id = "C-18",
    .title = "Deputy of last resort",
    .objective = "A level that nobody signs goes up, and is never approved by itself",
    .assertion = "authorisation",
    .type = CONTROL_PREVENTIVE,
    .stages = STAGE_APPROVE,
    .engine_from = ENGINE_FIRST,
    .engine_to = ENGINE_LAST,
    .parameters = "escalation_days",
    .framework = "COSO 10; COBIT DSS06.03",
    .codes = "escalated",
    .judge = judge,
    .sentence = sentence,
};
