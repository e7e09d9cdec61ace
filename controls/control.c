/*
 * Answers of controls, and asking the table. Levels travel as sets of bits and stand in decisions as sorted lists.
 */
#include "controls/control.h"

#include <stdio.h>
#include <string.h>

#include "controls/facts_govern.h"
#include "controls/relaxable.h"
#include "ledger/limits.h"
#include "ledger/schema.h"
#include "ledger/transfer.h"

json_t *levels_to_json(uint16_t levels)
{
    json_t *list = json_array();
    for (int level = 1; list != NULL && level <= LEVELS_MAX; level++)
        if ((levels >> (level - 1) & 1) != 0)
            json_array_append_new(list, json_integer(level));
    return list;
}

uint16_t levels_from_json(const json_t *list)
{
    uint16_t levels = 0;
    for (size_t i = 0; i < json_array_size(list); i++) {
        json_int_t level = json_integer_value(json_array_get(list, i));
        if (level >= 1 && level <= LEVELS_MAX)
            levels = (uint16_t)(levels | 1U << (level - 1));
    }
    return levels;
}

enum status answers_init(struct answers *answers, struct err *err)
{
    *answers = (struct answers){.list = json_array()};
    return answers->list != NULL ? STATUS_OK : err_set(err, STATUS_MEMORY, "no memory");
}

void answers_done(struct answers *answers)
{
    if (answers == NULL)
        return;
    json_decref(answers->list);
    answers->list = NULL;
}

/* Where the control's answer belongs: ledger lines are judged after the rest, but answers stand in catalogue order. */
static size_t answer_place(const json_t *list, const char *control)
{
    size_t place = json_array_size(list);
    while (place > 0 && strcmp(member_text(json_array_get(list, place - 1), "control"), control) > 0)
        place--;
    return place;
}

static enum status answer_add(struct answers *answers, const char *answer, const char *control, const char *code,
                              json_t *inputs, struct err *err)
{
    json_t *all = inputs != NULL ? inputs : json_object();
    invariant(json_object_get(all, "answer") == NULL && json_object_get(all, "code") == NULL &&
              json_object_get(all, "control") == NULL); /* an input of that name would be lost */
    if (all == NULL || json_object_set_new(all, "answer", json_string(answer)) != 0 ||
        json_object_set_new(all, "control", json_string(control)) != 0 ||
        json_object_set_new(all, "code", json_string(code)) != 0 ||
        json_array_insert(answers->list, answer_place(answers->list, control), all) != 0) {
        json_decref(all);
        return err_set(err, STATUS_MEMORY, "no memory for an answer");
    }
    json_decref(all);
    return STATUS_OK;
}

enum status answer_deny(struct answers *answers, const char *control, const char *code, json_t *inputs, struct err *err)
{
    answers->denied = true;
    return answer_add(answers, "deny", control, code, inputs, err);
}

enum status answer_flag(struct answers *answers, const char *control, const char *code, json_t *inputs, struct err *err)
{
    return answer_add(answers, "flag", control, code, inputs, err);
}

enum status answer_need(struct answers *answers, const char *control, const char *code, uint16_t levels, json_t *inputs,
                        struct err *err)
{
    if (inputs == NULL)
        inputs = json_object();
    if (inputs == NULL || json_object_set_new(inputs, "levels", levels_to_json(levels)) != 0) {
        json_decref(inputs);
        return err_set(err, STATUS_MEMORY, "no memory for an answer");
    }
    answers->levels |= levels;
    return answer_add(answers, "need", control, code, inputs, err);
}

enum status answer_again(struct answers *answers, const char *control, const char *code, int level, json_t *inputs,
                         struct err *err)
{
    uint16_t bit = (uint16_t)(1U << (level - 1));
    answers->again |= bit;
    return answer_need(answers, control, code, bit, inputs, err);
}

enum status answer_need_more(struct answers *answers, const char *control, const char *code, json_t *inputs,
                             struct err *err)
{
    answers->more_levels++;
    return answer_add(answers, "need", control, code, inputs, err);
}

const struct control *control_find(const char *id)
{
    for (size_t i = 0; i < control_count; i++)
        if (strcmp(controls[i]->id, id) == 0)
            return controls[i];
    return NULL;
}

void answer_sentence(const json_t *answer, char ret_text[static SENTENCE_BYTES])
{
    const char *id = member_text(answer, "control");
    const char *code = member_text(answer, "code");
    const struct control *control = id != NULL ? control_find(id) : NULL;
    if (control != NULL && control->sentence != NULL)
        control->sentence(answer, ret_text);
    else
        snprintf(ret_text, SENTENCE_BYTES, "%s", code != NULL ? code : "?");
    const char *relaxed = member_text(answer, "relaxed");
    size_t used = strlen(ret_text);
    if (relaxed != NULL)
        snprintf(ret_text + used, SENTENCE_BYTES - used, " (let through under the emergency access %s)", relaxed);
}

/* The emergency access under which a document is made and judged now; NULL when there is none. */
static enum status relief_find(const struct request *request, const struct facts *facts, json_t **ret_access,
                               struct err *err)
{
    const char *channel = member_text(request->document, "channel");
    const char *user = request->stage == STAGE_SUBMIT ? request->actor.user : member_text(request->record, "preparer");
    *ret_access = NULL;
    if (facts->policy->relaxed_count == 0 ||
        (request->stage & (STAGE_SUBMIT | STAGE_APPROVE | STAGE_POST | STAGE_LINES)) == 0 || channel == NULL ||
        strcmp(channel, "break-glass") != 0 || user == NULL)
        return STATUS_OK;
    return facts_emergency(facts, user, NULL, request->measure.entity, ret_access, err);
}

static bool is_relaxed(const struct policy *policy, const char *control)
{
    for (size_t i = 0; i < policy->relaxed_count; i++)
        if (strcmp(policy->relaxed[i], control) == 0)
            return true;
    return false;
}

/* Its denials that may be relaxed become flags that name the emergency access. Answers whether one still stands. */
static bool denials_relax(struct answers *answers, const struct control *control, const json_t *access,
                          enum stage stage)
{
    bool denied = false;
    for (size_t i = 0; i < json_array_size(answers->list); i++) {
        json_t *answer = json_array_get(answers->list, i);
        if (strcmp(member_text(answer, "control"), control->id) != 0 ||
            strcmp(member_text(answer, "answer"), "deny") != 0)
            continue;
        const char *code = member_text(answer, "code");
        bool may =
            stage == STAGE_APPROVE ? code_relaxed_at_approval(control->id, code) : code_relaxable(control->id, code);
        bool relaxed = may && json_object_set_new(answer, "answer", json_string("flag")) == 0 &&
                       json_object_set(answer, "relaxed", json_object_get(access, "number")) == 0;
        denied = denied || !relaxed;
    }
    return denied;
}

/* Whose two sides count: the transfer's own, or those of the one that is reversed; NULL: nobody's. Gives. */
static enum status transfer_find(const struct request *request, const struct facts *facts, json_t **ret_receiving,
                                 struct err *err)
{
    const char *reverses = member_text(request->document, "reverses");
    json_t *original = NULL, *side = NULL;
    if (reverses == NULL)
        return transfer_receiving(request->document, ret_receiving, err);
    enum status status = facts_document(facts, reverses, &original, err);
    const json_t *document = json_object_get(original, "document");
    if (status == STATUS_OK)
        status = transfer_receiving(document, &side, err);
    /* Between invoices of one customer there is nobody else. */
    bool other = side != NULL && strcmp(member_text(side, "customer"), member_text(document, "customer")) != 0;
    json_decref(original);
    if (status != STATUS_OK || !other) {
        json_decref(side);
        return status;
    }
    /* The reversal, of that customer. */
    *ret_receiving = json_copy((json_t *)request->document);
    bool whole =
        *ret_receiving != NULL && json_object_set(*ret_receiving, "customer", json_object_get(side, "customer")) == 0;
    json_decref(side);
    return whole ? STATUS_OK : err_set(err, STATUS_MEMORY, "no memory");
}

/*
 * A transfer as the receiving customer sees it. out *ret_receiving: gives the document that ret_request lends from; NULL:
 * the request has one side.
 */
static enum status receiving_begin(const struct request *request, const struct facts *facts,
                                   struct request *ret_request, json_t **ret_receiving, struct err *err)
{
    json_t *customer = NULL;
    *ret_receiving = NULL;
    if (request->document == NULL)
        return STATUS_OK;
    enum status status = transfer_find(request, facts, ret_receiving, err);
    if (status != STATUS_OK || *ret_receiving == NULL)
        return status;
    *ret_request = *request;
    ret_request->document = *ret_receiving;
    if (request->measure.customer == NULL)
        return STATUS_OK; /* a reversal has no customer of its own */
    struct measure *measure = &ret_request->measure;
    measure->customer = member_text(*ret_receiving, "customer");
    measure->group[0] = '\0';
    measure->reduces = strcmp(member_text(*ret_receiving, "direction"), "down") == 0;
    status = facts_customer(facts, measure->entity, measure->customer, &customer, err);
    if (status == STATUS_OK && customer != NULL)
        snprintf(measure->group, sizeof measure->group, "%s", member_text(customer, "group"));
    json_decref(customer);
    return status;
}

static bool asks_receiving(const struct control *control, const struct request *request)
{
    const char *ours = request->measure.customer;
    if (request->receiving == NULL)
        return false;
    if (ours != NULL && (control->receiving & RECEIVING_TRANSFER) != 0)
        return true;
    return (control->receiving & RECEIVING_CUSTOMER) != 0 &&
           (ours == NULL || strcmp(ours, request->receiving->measure.customer) != 0);
}

static enum status control_ask(const struct control *control, const struct request *request, const struct facts *facts,
                               const json_t *access, struct answers *answers, struct err *err)
{
    bool before = answers->denied;
    enum status status = control->judge(request, facts, answers, err);
    if (status == STATUS_OK && asks_receiving(control, request))
        status = control->judge(request->receiving, facts, answers, err);
    if (access != NULL && is_relaxed(facts->policy, control->id))
        answers->denied = denials_relax(answers, control, access, request->stage) || before;
    return status;
}

enum status controls_judge(const struct request *request, const struct facts *facts, struct answers *answers,
                           struct err *err)
{
    json_t *access = NULL, *document = NULL;
    struct request receiving, whole = *request;
    enum status status = relief_find(request, facts, &access, err);
    if (status == STATUS_OK)
        status = receiving_begin(request, facts, &receiving, &document, err);
    if (status == STATUS_OK && document != NULL)
        whole.receiving = &receiving;
    for (size_t i = 0; status == STATUS_OK && i < control_count; i++) {
        const struct control *control = controls[i];
        if ((control->stages & (unsigned)request->stage) == 0 || facts->engine < control->engine_from ||
            facts->engine > control->engine_to)
            continue;
        status = control_ask(control, &whole, facts, access, answers, err);
    }
    json_decref(document);
    json_decref(access);
    return status;
}
