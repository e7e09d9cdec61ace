/*
 * Access as it is looked at and lent: reviews of access with their attestations (C-30), emergency access with its review
 * (C-51), the affirmation of what a compromised key has signed (C-52). What they do is in ledger/fold_review.c,
 * fold_break_glass.c and fold_keys.c, who may do them in the rules named.
 */
#include <string.h>

#include "controls/kinds/common.h"
#include "ledger/limits.h"

enum { EMERGENCY_USERS_MAX = 20 };

static enum status entities_check(const json_t *document, struct err *err)
{
    const json_t *entities = json_object_get(document, "entities");
    for (size_t i = 0; i < json_array_size(entities); i++)
        if (json_array_size(entities) > 1 && strcmp(json_string_value(json_array_get(entities, i)), "*") == 0)
            return err_set(err, STATUS_INPUT, "entities: * stands alone");
    return STATUS_OK;
}

static const struct field review_fields[] = {
    {.name = "entities", .type = FIELD_LIST_ENTITY, .min = 1, .max = 100},
};
static const struct schema review_schema = SCHEMA("review", review_fields, &document_schema);

const struct kind kind_review = {
    .id = KIND_REVIEW,
    .title = "access review",
    .schema = &review_schema,
    .govern = "govern.access",
    .check = entities_check,
};

static const char *const decision_words[] = {"keep", "remove", NULL};

static const struct field attested_fields[] = {
    {.name = "decision", .type = FIELD_WORD, .words = decision_words},
    {.name = "grant", .type = FIELD_ID},
};
static const struct schema attested_schema = SCHEMA("row", attested_fields, NULL);

static const struct field attestation_fields[] = {
    {.name = "review", .type = FIELD_ID},
    {.name = "rows", .type = FIELD_LIST, .schema = &attested_schema, .min = 1, .max = DOCUMENTS_MAX},
};
static const struct schema attestation_schema = SCHEMA("attestation", attestation_fields, &document_schema);

static enum status attestation_check(const json_t *document, struct err *err)
{
    const json_t *rows = json_object_get(document, "rows");
    for (size_t i = 1; i < json_array_size(rows); i++)
        if (strcmp(member_text(json_array_get(rows, i - 1), "grant"), member_text(json_array_get(rows, i), "grant")) >=
            0)
            return err_set(err, STATUS_INPUT, "rows[%zu].grant: rows are sorted by grant, none stands twice", i);
    return STATUS_OK;
}

const struct kind kind_attestation = {
    .id = KIND_ATTESTATION,
    .title = "attestation",
    .schema = &attestation_schema,
    .govern = "govern.access",
    .own_rule = true,
    .check = attestation_check,
};

static const struct field break_glass_fields[] = {
    {.name = "users", .type = FIELD_LIST_ID, .min = 1, .max = EMERGENCY_USERS_MAX},
    {.name = "functions", .type = FIELD_LIST_ID, .min = 1, .max = FUNCTION_NUMBERS},
    {.name = "entities", .type = FIELD_LIST_ENTITY, .min = 1, .max = 100},
    {.name = "until", .type = FIELD_INSTANT},
    {.name = "ticket", .type = FIELD_TEXT, .min = 1},
    {.name = "reason", .type = FIELD_TEXT, .min = 1},
};
static const struct schema break_glass_schema = SCHEMA("break-glass", break_glass_fields, &document_schema);

const struct kind kind_break_glass = {
    .id = KIND_BREAK_GLASS,
    .title = "emergency access",
    .schema = &break_glass_schema,
    .govern = "govern.access",
    .two_persons = true,
    .check = entities_check,
};

static const char *const verdict_words[] = {"justified", "unjustified", NULL};

static const struct field break_glass_review_fields[] = {
    {.name = "break_glass", .type = FIELD_ID},
    {.name = "conclusion", .type = FIELD_WORD, .words = verdict_words},
};
static const struct schema break_glass_review_schema =
    SCHEMA("break-glass-review", break_glass_review_fields, &document_schema);

static enum status note_check(const json_t *document, struct err *err)
{
    const char *note = member_text(document, "note");
    return note != NULL && note[0] != '\0' ? STATUS_OK
                                           : err_set(err, STATUS_INPUT, "note: say what was looked at and found");
}

const struct kind kind_break_glass_review = {
    .id = KIND_BREAK_GLASS_REVIEW,
    .title = "review of emergency access",
    .schema = &break_glass_review_schema,
    .govern = "govern.access",
    .own_rule = true,
    .check = note_check,
};

static const char *const conclusion_words[] = {"affirm", "reverse", NULL};

static const struct field affirmed_fields[] = {
    {.name = "conclusion", .type = FIELD_WORD, .words = conclusion_words},
    {.name = "document", .type = FIELD_ID, .optional = true},
    {.name = "entry", .type = FIELD_INTEGER, .min = 1, .max = INT64_C(9007199254740991), .optional = true},
};
static const struct schema affirmed_schema = SCHEMA("row", affirmed_fields, NULL);

static const struct field affirmation_fields[] = {
    {.name = "key", .type = FIELD_KEY},
    {.name = "rows", .type = FIELD_LIST, .schema = &affirmed_schema, .min = 1, .max = DOCUMENTS_MAX},
};
static const struct schema affirmation_schema = SCHEMA("affirmation", affirmation_fields, &document_schema);

static enum status affirmation_check(const json_t *document, struct err *err)
{
    const json_t *rows = json_object_get(document, "rows");
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i);
        if ((json_object_get(row, "document") == NULL) == (json_object_get(row, "entry") == NULL))
            return err_set(err, STATUS_INPUT, "rows[%zu]: names either a document or an entry", i);
    }
    return STATUS_OK;
}

const struct kind kind_affirmation = {
    .id = KIND_AFFIRMATION,
    .title = "affirmation",
    .schema = &affirmation_schema,
    .govern = "govern.access",
    .check = affirmation_check,
};
