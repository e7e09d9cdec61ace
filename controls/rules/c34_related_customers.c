/*
 * C-34 Related customers, as far as engine 0 goes: every correction belongs to a customer whose group is known, since
 * cumulative thresholds are counted over the group. No master record, no correction.
 */
#include "controls/rules/common.h"

static enum status judge(const struct request *request, const struct facts *facts, struct answers *answers,
                         struct err *err)
{
    const char *billed = member_text(json_object_get(request->document, "invoice"), "customer");
    if (request->measure.group[0] != '\0' && billed != NULL && request_is_kind(request, KIND_REBILL)) {
        json_t *customer = NULL;
        enum status status = facts_customer(facts, request->measure.entity, billed, &customer, err);
        bool known = customer != NULL;
        json_decref(customer);
        return status == STATUS_OK && !known
                   ? answer_deny(answers, "C-34", "unknown-customer",
                                 json_pack("{s:s, s:s}", "customer", billed, "entity", request->measure.entity), err)
                   : status;
    }
    if (request->measure.customer == NULL || request->measure.group[0] != '\0')
        return STATUS_OK;
    return answer_deny(
        answers, "C-34", "unknown-customer",
        json_pack("{s:s, s:s}", "customer", request->measure.customer, "entity", request->measure.entity), err);
}

static void sentence(const json_t *answer, char ret_text[static SENTENCE_BYTES])
{
    snprintf(ret_text, SENTENCE_BYTES, "customer %s is not in the master of %s; load it first",
             said(answer, "customer"), said(answer, "entity"));
}

const struct control control_c34 = {
    .id = "C-34",
    .title = "Related customers",
    .objective = "Thresholds see the whole group",
    .assertion = "completeness",
    .type = CONTROL_PREVENTIVE,
    .stages = STAGE_DOCUMENT,
    .engine_from = ENGINE_FIRST,
    .engine_to = ENGINE_LAST,
    .parameters = "",
    .framework = "COSO 10, 13; COBIT DSS06.02",
    .codes = "unknown-customer",
    .judge = judge,
    .sentence = sentence,
};
