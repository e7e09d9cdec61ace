/*
 * C-34 Related customers: every correction belongs to a customer whose group is known, since cumulative thresholds are
 * counted over the group. No master record, no correction.
 */
#include "controls/rules/common.h"

enum { NAMED_MAX = 20 }; /* shared attributes that a file's answers name */

/* The customers of a document that says who belongs together. */
static enum status related_judge(const struct request *request, const struct facts *facts, struct answers *answers,
                                 struct err *err)
{
    const json_t *customers = json_object_get(request->document, "customers");
    for (size_t i = 0; i < json_array_size(customers); i++) {
        const json_t *place = json_array_get(customers, i);
        const char *entity = member_text(place, "entity"), *customer = member_text(place, "customer");
        json_t *record = NULL;
        enum status status = facts_customer(facts, entity, customer, &record, err);
        bool known = record != NULL;
        json_decref(record);
        if (status != STATUS_OK)
            return status;
        if (!known)
            return answer_deny(answers, "C-34", "unknown-customer",
                               json_pack("{s:s, s:s}", "customer", customer, "entity", entity), err);
    }
    return STATUS_OK;
}

/* Whether a new customer shares an attribute with one that the books have. */
static enum status attribute_judge(const struct facts *facts, const json_t *record, const json_t *attribute,
                                   struct answers *answers, struct err *err)
{
    json_t *first = NULL;
    struct books_key key = books_key_pair(member_text(attribute, "name"), member_text(attribute, "hash"));
    enum status status = books_get(facts->books, BOOKS_ATTRIBUTES, &key, &first, err);
    if (status == STATUS_NOT_FOUND)
        return STATUS_OK;
    if (status == STATUS_OK)
        status = answer_flag(answers, "C-34", "shared",
                             json_pack("{s:s, s:s, s:s, s:s}", "attribute", member_text(attribute, "name"), "customer",
                                       member_text(record, "customer"), "entity", member_text(first, "entity"), "other",
                                       member_text(first, "customer")),
                             err);
    json_decref(first);
    return status;
}

static enum status feed_judge_attributes(const struct request *request, const struct facts *facts,
                                         struct answers *answers, struct err *err)
{
    const json_t *records = json_object_get(request->statement->body, "records");
    size_t named = json_array_size(answers->list);
    if (strcmp(member_text(request->statement->body, "feed"), "customers") != 0)
        return STATUS_OK;
    for (size_t i = 0; i < json_array_size(records); i++) {
        const json_t *record = json_array_get(records, i), *attributes = json_object_get(record, "attributes");
        for (size_t k = 0; k < json_array_size(attributes); k++) {
            enum status status = attribute_judge(facts, record, json_array_get(attributes, k), answers, err);
            if (status != STATUS_OK || json_array_size(answers->list) - named == NAMED_MAX)
                return status;
        }
    }
    return STATUS_OK;
}

/* The customer that a rebill is to bill. */
static enum status billed_judge(const struct request *request, const struct facts *facts, struct answers *answers,
                                struct err *err)
{
    const char *billed = member_text(json_object_get(request->document, "invoice"), "customer");
    json_t *customer = NULL;
    if (billed == NULL)
        return STATUS_OK;
    enum status status = facts_customer(facts, request->measure.entity, billed, &customer, err);
    bool known = customer != NULL;
    json_decref(customer);
    return status == STATUS_OK && !known
               ? answer_deny(answers, "C-34", "unknown-customer",
                             json_pack("{s:s, s:s}", "customer", billed, "entity", request->measure.entity), err)
               : status;
}

static enum status judge(const struct request *request, const struct facts *facts, struct answers *answers,
                         struct err *err)
{
    if (request->stage == STAGE_FEED)
        return feed_judge_attributes(request, facts, answers, err);
    if (request_is_kind(request, KIND_RELATED))
        return related_judge(request, facts, answers, err);
    if (request->measure.group[0] != '\0' && request_is_kind(request, KIND_REBILL))
        return billed_judge(request, facts, answers, err);
    if (request->measure.customer == NULL || request->measure.group[0] != '\0')
        return STATUS_OK;
    return answer_deny(
        answers, "C-34", "unknown-customer",
        json_pack("{s:s, s:s}", "customer", request->measure.customer, "entity", request->measure.entity), err);
}

static void sentence(const json_t *answer, char ret_text[static SENTENCE_BYTES])
{
    if (code_is(answer, "shared"))
        snprintf(ret_text, SENTENCE_BYTES,
                 "customer %s has the same %s as %s of %s: they are of one group now; officers can part them",
                 said(answer, "customer"), said(answer, "attribute"), said(answer, "other"), said(answer, "entity"));
    else
        snprintf(ret_text, SENTENCE_BYTES, "customer %s is not in the master of %s; load it first",
                 said(answer, "customer"), said(answer, "entity"));
}

const struct control control_c34 = {
    .id = "C-34",
    .title = "Related customers",
    .objective = "Thresholds see the whole group",
    .assertion = "completeness",
    .type = CONTROL_BOTH,
    .stages = STAGE_DOCUMENT | STAGE_FEED,
    .receiving = RECEIVING_CUSTOMER,
    .engine_from = ENGINE_FIRST,
    .engine_to = ENGINE_LAST,
    .parameters = "",
    .framework = "COSO 10, 13; COBIT DSS06.02",
    .codes = "unknown-customer shared",
    .judge = judge,
    .sentence = sentence,
};
