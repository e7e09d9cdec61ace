/*
 * Cases: disputes, inquiries, exceptions, and the notes that move them (DOMAIN 1.7). They come into force when they are
 * submitted, without a signature; who may do what with them is C-33. Off the ledger.
 */
#include <stdio.h>
#include <string.h>

#include "controls/kinds/common.h"
#include "ledger/alike.h"
#include "ledger/instant.h"
#include "ledger/money.h"

static const struct field dispute_fields[] = {
    {.name = "entity", .type = FIELD_CODE},
    {.name = "customer", .type = FIELD_ID},
    {.name = "reason", .type = FIELD_CODE},
    {.name = "owner", .type = FIELD_ID},
    {.name = "invoice", .type = FIELD_ID, .optional = true},
    {.name = "line", .type = FIELD_ID, .optional = true},
    {.name = "amount", .type = FIELD_AMOUNT_POSITIVE, .optional = true},
    {.name = "currency", .type = FIELD_CURRENCY, .optional = true},
    {.name = "customer_ref", .type = FIELD_TEXT, .min = 1, .max = CUSTOMER_REF_BYTES_MAX, .optional = true},
    {.name = "promised", .type = FIELD_DATE, .optional = true},
};
static const struct schema dispute_schema = SCHEMA("dispute", dispute_fields, &document_schema);

static const struct field inquiry_fields[] = {
    {.name = "entity", .type = FIELD_CODE},
    {.name = "customer", .type = FIELD_ID},
    {.name = "reason", .type = FIELD_CODE},
    {.name = "owner", .type = FIELD_ID},
    {.name = "customer_ref", .type = FIELD_TEXT, .min = 1, .max = CUSTOMER_REF_BYTES_MAX, .optional = true},
    {.name = "promised", .type = FIELD_DATE, .optional = true},
};
static const struct schema inquiry_schema = SCHEMA("inquiry", inquiry_fields, &document_schema);

static const struct field exception_fields[] = {
    {.name = "entity", .type = FIELD_CODE},
    {.name = "reason", .type = FIELD_CODE},
    {.name = "owner", .type = FIELD_ID},
    {.name = "about", .type = FIELD_ID},
};
static const struct schema exception_schema = SCHEMA("exception", exception_fields, &document_schema);

static const char *const state_words[] = {"ASSIGNED", "AWAIT_CUSTOMER", "AWAIT_INTERNAL", "RESOLVED", "CLOSED", "VOID",
                                          NULL};
static const char *const outcome_words[] = {"CREDIT_FULL", "CREDIT_PARTIAL", "REBILL",    "INVALID_PAY", "SETTLED",
                                            "WRITTEN_OFF", "ANSWERED",       "CORRECTED", "ACCEPTED",    NULL};
static const char *const cause_words[] = {"contract", "price", "meter", "order", "tax",
                                          "delivery", "bot",   "other", NULL};

static const struct field note_fields[] = {
    {.name = "entity", .type = FIELD_CODE},
    {.name = "case", .type = FIELD_ID},
    {.name = "state", .type = FIELD_WORD, .words = state_words},
    {.name = "owner", .type = FIELD_ID, .optional = true},
    {.name = "outcome", .type = FIELD_WORD, .words = outcome_words, .optional = true},
    {.name = "promised", .type = FIELD_DATE, .optional = true},
    {.name = "root_cause", .type = FIELD_WORD, .words = cause_words, .optional = true},
    {.name = "settled_by", .type = FIELD_ID, .optional = true},
};
static const struct schema note_schema = SCHEMA("case note", note_fields, &document_schema);

static enum status dispute_check(const json_t *document, struct err *err)
{
    int64_t minor;
    bool amount = member_text(document, "amount") != NULL, currency = member_text(document, "currency") != NULL;
    if (amount != currency)
        return err_set(err, STATUS_INPUT, "%s: amount and currency stand together", amount ? "currency" : "amount");
    if (member_text(document, "line") != NULL && member_text(document, "invoice") == NULL)
        return err_set(err, STATUS_INPUT, "line: of which invoice?");
    return amount ? money_member(document, "amount", &minor, err) : STATUS_OK;
}

static bool outcome_is_settled(const char *outcome)
{
    return strncmp(outcome, "CREDIT_", 7) == 0 || strcmp(outcome, "REBILL") == 0 || strcmp(outcome, "WRITTEN_OFF") == 0;
}

static enum status note_check(const json_t *document, struct err *err)
{
    const char *outcome = member_text(document, "outcome");
    bool resolved = strcmp(member_text(document, "state"), "RESOLVED") == 0;
    if (resolved != (outcome != NULL))
        return err_set(err, STATUS_INPUT, "outcome: %s",
                       resolved ? "a case is resolved with one" : "only a case that is resolved has one");
    if (member_text(document, "owner") != NULL && strcmp(member_text(document, "state"), "ASSIGNED") != 0)
        return err_set(err, STATUS_INPUT, "owner: only a case that is assigned gets one");
    bool named = member_text(document, "settled_by") != NULL;
    if (named && (outcome == NULL || (!outcome_is_settled(outcome) && strcmp(outcome, "SETTLED") != 0)))
        return err_set(err, STATUS_INPUT, "settled_by: this outcome is settled by no document");
    if (outcome != NULL && outcome_is_settled(outcome) && !named)
        return err_set(err, STATUS_INPUT, "settled_by: %s names the document that settled it", outcome);
    return STATUS_OK;
}

/* No amount counts and nobody signs; its date is the entity's today. */
static enum status measure(const json_t *document, const struct facts *facts, struct measure *ret_measure,
                           struct err *err)
{
    struct measure measured = {.entity = member_text(document, "entity"),
                               .customer = member_text(document, "customer"),
                               .reason = member_text(document, "reason"),
                               .no_row = true};
    const struct policy_entity *entity = policy_find_entity(facts->policy, measured.entity);
    json_t *customer = NULL;
    enum status status = STATUS_OK;
    if (entity != NULL)
        measured.date = entity_date(entity, facts->time_ms);
    if (measured.customer != NULL)
        status = facts_customer(facts, measured.entity, measured.customer, &customer, err);
    if (customer != NULL)
        snprintf(measured.group, sizeof measured.group, "%s", member_text(customer, "group"));
    json_decref(customer);
    if (status == STATUS_OK)
        *ret_measure = measured;
    return status;
}

/* By when it is to be resolved: so many business days of the entity (DOMAIN 1.7). */
static enum status due_tell(const json_t *document, const struct facts *facts, json_t *result, struct err *err)
{
    static const enum policy_parameter sla[] = {[KIND_DISPUTE] = PARAMETER_SLA_DISPUTE_DAYS,
                                                [KIND_INQUIRY] = PARAMETER_SLA_INQUIRY_DAYS,
                                                [KIND_EXCEPTION] = PARAMETER_SLA_EXCEPTION_DAYS};
    const struct policy_entity *entity = policy_find_entity(facts->policy, member_text(document, "entity"));
    char due[INSTANT_TEXT_BYTES];
    if (entity == NULL)
        return STATUS_OK; /* C-02 has denied it */
    int64_t days = policy_parameter(facts->policy, entity->entity, sla[kind_from_name(member_text(document, "kind"))]);
    instant_format(entity_business_deadline(entity, facts->time_ms, days), due);
    return json_object_set_new(result, "due", json_string(due)) == 0 ? STATUS_OK
                                                                     : err_set(err, STATUS_MEMORY, "no memory");
}

const struct kind kind_dispute = {
    .id = KIND_DISPUTE,
    .title = "dispute",
    .schema = &dispute_schema,
    .check = dispute_check,
    .measure = measure,
    .tell = due_tell,
};

const struct kind kind_inquiry = {
    .id = KIND_INQUIRY,
    .title = "inquiry",
    .schema = &inquiry_schema,
    .measure = measure,
    .tell = due_tell,
};

const struct kind kind_exception = {
    .id = KIND_EXCEPTION,
    .title = "exception",
    .schema = &exception_schema,
    .measure = measure,
    .tell = due_tell,
};

const struct kind kind_case_note = {
    .id = KIND_CASE_NOTE,
    .title = "case note",
    .schema = &note_schema,
    .check = note_check,
    .measure = measure,
};
