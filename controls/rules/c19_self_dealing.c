/*
 * C-19 Self-dealing: nobody acts on a document of a customer that is related to him (a register that the officers keep, kind
 * `related`), and a document of a customer that is a related party takes one level more.
 */
#include "controls/facts_history.h"
#include "controls/rules/common.h"

static bool text_in(const json_t *list, const char *text)
{
    for (size_t i = 0; i < json_array_size(list); i++)
        if (strcmp(json_string_value(json_array_get(list, i)), text) == 0)
            return true;
    return false;
}

static enum status excluded_deny(const json_t *customer, const char *person, struct answers *answers, struct err *err)
{
    return answer_deny(answers, "C-19", "related-person",
                       json_pack("{s:s, s:s}", "customer", member_text(customer, "customer"), "person", person), err);
}

/* Everybody who made or approved the document: the relation may have been recorded while it waited. */
static enum status list_judge(const json_t *customer, const json_t *list, struct answers *answers, struct err *err)
{
    const json_t *persons = json_object_get(customer, "persons");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *person = member_text(json_array_get(list, i), "person");
        if (text_in(persons, person))
            return excluded_deny(customer, person, answers, err);
    }
    return STATUS_OK;
}

static enum status persons_judge(const struct request *request, const json_t *customer, struct answers *answers,
                                 struct err *err)
{
    const json_t *persons = json_object_get(customer, "persons");
    const char *requester = member_text(request->document, "requested_by");
    if (request->stage == STAGE_POST && request->record != NULL) {
        enum status status = list_judge(customer, json_object_get(request->record, "makers"), answers, err);
        return status == STATUS_OK && !answers->denied
                   ? list_judge(customer, json_object_get(request->record, "approvals"), answers, err)
                   : status;
    }
    if (request->statement != NULL && text_in(persons, request->actor.person))
        return excluded_deny(customer, request->actor.person, answers, err);
    if (request->stage == STAGE_SUBMIT && requester != NULL && text_in(persons, requester))
        return excluded_deny(customer, requester, answers, err);
    return STATUS_OK;
}

static enum status judge(const struct request *request, const struct facts *facts, struct answers *answers,
                         struct err *err)
{
    json_t *customer = NULL;
    if (request->document == NULL || request_governs(request))
        return STATUS_OK;
    enum status status = facts_customer_of(facts, request->document, &customer, err);
    if (status == STATUS_OK && customer != NULL)
        status = persons_judge(request, customer, answers, err);
    if (status == STATUS_OK && (request->stage & STAGE_DOCUMENT) != 0 &&
        json_is_true(json_object_get(customer, "related")))
        status = answer_need_more(answers, "C-19", "related-party",
                                  json_pack("{s:s}", "customer", member_text(customer, "customer")), err);
    json_decref(customer);
    return status;
}

static void sentence(const json_t *answer, char ret_text[static SENTENCE_BYTES])
{
    if (code_is(answer, "related-person"))
        snprintf(ret_text, SENTENCE_BYTES,
                 "%s is on the register of persons related to customer %s and takes no part in its documents; somebody "
                 "else has to",
                 said(answer, "person"), said(answer, "customer"));
    else
        snprintf(ret_text, SENTENCE_BYTES, "customer %s is a related party: one level more signs",
                 said(answer, "customer"));
}

const struct control control_c19 = {
    .id = "C-19",
    .title = "Self-dealing",
    .objective = "Nobody benefits himself or his own",
    .assertion = "authorisation",
    .type = CONTROL_PREVENTIVE,
    .stages = STAGE_DOCUMENT | STAGE_APPROVE,
    .receiving = RECEIVING_CUSTOMER,
    .engine_from = ENGINE_FIRST,
    .engine_to = ENGINE_LAST,
    .parameters = "authority",
    .framework = "COSO 1, 10; COBIT DSS06.03",
    .codes = "related-person related-party",
    .judge = judge,
    .sentence = sentence,
};
