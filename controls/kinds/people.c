/*
 * Documents about persons at work: a delegation of functions for an absence, and the reactivation of an account that slept.
 * The user concerned prepares them, or an officer does; the user's manager or an officer signs. What they do in force is in
 * ledger/fold_people.c; what they may hold, in C-17 and C-28.
 */
#include <string.h>

#include "controls/kinds/common.h"
#include "ledger/limits.h"

enum { DELEGATED_MAX = 64 }; /* functions of one delegation: all that a person prepares or approves */

static const struct field delegation_fields[] = {
    {.name = "from_user", .type = FIELD_ID},
    {.name = "to_user", .type = FIELD_ID},
    {.name = "functions", .type = FIELD_LIST_ID, .min = 1, .max = DELEGATED_MAX},
    {.name = "limit", .type = FIELD_AMOUNT_POSITIVE, .optional = true},
    {.name = "currency", .type = FIELD_CURRENCY, .optional = true},
    {.name = "from", .type = FIELD_INSTANT},
    {.name = "to", .type = FIELD_INSTANT},
    {.name = "reason", .type = FIELD_TEXT, .min = 1},
};
static const struct schema delegation_schema = SCHEMA("delegation", delegation_fields, &document_schema);

static enum status delegation_check(const json_t *document, struct err *err)
{
    const json_t *functions = json_object_get(document, "functions");
    int64_t limit;
    /* Instants of one fixed form compare as text. */
    if (strcmp(member_text(document, "from"), member_text(document, "to")) >= 0)
        return err_set(err, STATUS_INPUT, "to: has to be after from");
    if ((member_text(document, "limit") == NULL) != (member_text(document, "currency") == NULL))
        return err_set(err, STATUS_INPUT, "limit: stands with its currency, or neither is there");
    for (size_t i = 1; i < json_array_size(functions); i++)
        if (strcmp(json_string_value(json_array_get(functions, i - 1)),
                   json_string_value(json_array_get(functions, i))) >= 0)
            return err_set(err, STATUS_INPUT, "functions: have to be sorted, each once");
    return member_text(document, "limit") != NULL ? money_member(document, "limit", &limit, err) : STATUS_OK;
}

const struct kind kind_delegation = {
    .id = KIND_DELEGATION,
    .title = "delegation",
    .schema = &delegation_schema,
    .govern = "govern.access",
    .two_persons = true,
    .by_owner = true,
    .by_manager = true,
    .check = delegation_check,
};

static const struct field reactivation_fields[] = {
    {.name = "user", .type = FIELD_ID},
    {.name = "reason", .type = FIELD_TEXT, .min = 1},
};
static const struct schema reactivation_schema = SCHEMA("reactivation", reactivation_fields, &document_schema);

const struct kind kind_reactivation = {
    .id = KIND_REACTIVATION,
    .title = "reactivation",
    .schema = &reactivation_schema,
    .govern = "govern.access",
    .two_persons = true,
    .by_manager = true,
};
