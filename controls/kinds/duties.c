/*
 * Documents about persons and duties: the mitigation of a conflict of duties, its review, and related customers. What they do
 * when in force is in ledger/fold_duties.c and ledger/fold_group.c; the rules are C-24, C-19 and C-34.
 */
#include <string.h>

#include "controls/kinds/common.h"
#include "ledger/limits.h"

static const struct field mitigation_fields[] = {
    {.name = "person", .type = FIELD_ID},     {.name = "a", .type = FIELD_CODE},
    {.name = "b", .type = FIELD_CODE},        {.name = "control", .type = FIELD_ID},
    {.name = "owner", .type = FIELD_ID},      {.name = "reviewer", .type = FIELD_ID},
    {.name = "until", .type = FIELD_INSTANT}, {.name = "reason", .type = FIELD_TEXT, .min = 1},
};
static const struct schema mitigation_schema = SCHEMA("mitigation", mitigation_fields, &document_schema);

const struct kind kind_mitigation = {
    .id = KIND_MITIGATION,
    .title = "mitigation",
    .schema = &mitigation_schema,
    .govern = "govern.access",
    .two_persons = true,
};

static const struct field review_fields[] = {
    {.name = "mitigation", .type = FIELD_ID},
    {.name = "uses", .type = FIELD_INTEGER, .min = 1, .max = INT64_C(1) << 50},
    {.name = "conclusion", .type = FIELD_TEXT, .min = 1},
};
static const struct schema review_schema = SCHEMA("mitigation review", review_fields, &document_schema);

/* The reviewer's own: he needs no function, and nobody signs it with him (C-24). */
const struct kind kind_mitigation_review = {
    .id = KIND_MITIGATION_REVIEW,
    .title = "mitigation review",
    .schema = &review_schema,
    .govern = "govern.access",
    .ruled_apart = true,
};

static const struct field customer_fields[] = {
    {.name = "customer", .type = FIELD_ID},
    {.name = "entity", .type = FIELD_CODE},
};
static const struct schema customer_schema = SCHEMA("customer of an entity", customer_fields, NULL);

static const struct field related_fields[] = {
    {.name = "customers", .type = FIELD_LIST, .schema = &customer_schema, .min = 1, .max = DOCUMENTS_MAX},
    {.name = "group", .type = FIELD_ID},
    {.name = "persons", .type = FIELD_LIST_ID, .max = RELATED_PERSONS_MAX, .optional = true},
    {.name = "party", .type = FIELD_BOOLEAN, .optional = true},
    {.name = "reason", .type = FIELD_TEXT, .min = 1},
};
static const struct schema related_schema = SCHEMA("related customers", related_fields, &document_schema);

/* Sorted by entity and customer, none twice, so that a list reads and compares. */
static enum status related_check(const json_t *document, struct err *err)
{
    const json_t *customers = json_object_get(document, "customers"), *persons = json_object_get(document, "persons");
    for (size_t i = 1; i < json_array_size(customers); i++) {
        const json_t *one = json_array_get(customers, i - 1), *two = json_array_get(customers, i);
        int order = strcmp(member_text(one, "entity"), member_text(two, "entity"));
        if (order == 0)
            order = strcmp(member_text(one, "customer"), member_text(two, "customer"));
        if (order >= 0)
            return err_set(err, STATUS_INPUT, "customers[%zu]: stands twice, or the list is not sorted", i);
    }
    for (size_t i = 1; i < json_array_size(persons); i++)
        if (strcmp(json_string_value(json_array_get(persons, i - 1)), json_string_value(json_array_get(persons, i))) >=
            0)
            return err_set(err, STATUS_INPUT, "persons[%zu]: stands twice, or the list is not sorted", i);
    return STATUS_OK;
}

const struct kind kind_related = {
    .id = KIND_RELATED,
    .title = "related customers",
    .schema = &related_schema,
    .govern = "govern.policy",
    .two_persons = true,
    .check = related_check,
};
