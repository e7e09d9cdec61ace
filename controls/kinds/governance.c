/*
 * The governance documents: enrolment, grant, revocation, key rotation and revocation, policy. One table row
 * each; what they do when in force is in ledger/fold_govern.c, who may do them in C-31.
 */
#include <string.h>

#include "controls/kinds/common.h"
#include "ledger/limits.h"

static const char *const sort_words[] = {"human", "bot", "feed", NULL};

static const struct field enrolment_fields[] = {
    {.name = "user", .type = FIELD_ID},
    {.name = "person", .type = FIELD_ID},
    {.name = "sort", .type = FIELD_WORD, .words = sort_words},
    {.name = "key", .type = FIELD_KEY},
    {.name = "until", .type = FIELD_INSTANT, .optional = true},
    {.name = "personal", .type = FIELD_HASH, .optional = true},
};
static const struct schema enrolment_schema = SCHEMA("enrolment", enrolment_fields, &document_schema);

const struct kind kind_enrolment = {
    .id = KIND_ENROLMENT,
    .title = "enrolment",
    .schema = &enrolment_schema,
    .govern = "govern.access",
    .two_persons = true,
};

static const struct field grant_fields[] = {
    {.name = "user", .type = FIELD_ID},
    {.name = "role", .type = FIELD_CODE},
    {.name = "entities", .type = FIELD_LIST_ENTITY, .min = 1, .max = 100},
    {.name = "from", .type = FIELD_INSTANT, .optional = true},
    {.name = "to", .type = FIELD_INSTANT, .optional = true},
};
static const struct schema grant_schema = SCHEMA("grant", grant_fields, &document_schema);

static enum status grant_check(const json_t *document, struct err *err)
{
    const json_t *entities = json_object_get(document, "entities");
    size_t count = json_array_size(entities);
    for (size_t i = 0; i < count; i++)
        if (count > 1 && strcmp(json_string_value(json_array_get(entities, i)), "*") == 0)
            return err_set(err, STATUS_INPUT, "entities: * stands alone");
    const char *from = member_text(document, "from"), *to = member_text(document, "to");
    /* Instants of one fixed form compare as text. */
    if (from != NULL && to != NULL && strcmp(from, to) >= 0)
        return err_set(err, STATUS_INPUT, "to: has to be after from");
    return STATUS_OK;
}

const struct kind kind_grant = {
    .id = KIND_GRANT,
    .title = "grant",
    .schema = &grant_schema,
    .govern = "govern.access",
    .two_persons = true,
    .check = grant_check,
};

static const struct field revocation_fields[] = {
    {.name = "grant", .type = FIELD_ID},
    {.name = "reason", .type = FIELD_TEXT, .min = 1},
};
static const struct schema revocation_schema = SCHEMA("revocation", revocation_fields, &document_schema);

const struct kind kind_revocation = {
    .id = KIND_REVOCATION,
    .title = "revocation",
    .schema = &revocation_schema,
    .govern = "govern.access",
};

static const struct field rotation_fields[] = {
    {.name = "user", .type = FIELD_ID},
    {.name = "old", .type = FIELD_KEY, .optional = true},
    {.name = "new", .type = FIELD_KEY},
    {.name = "until", .type = FIELD_INSTANT, .optional = true},
};
static const struct schema rotation_schema = SCHEMA("key rotation", rotation_fields, &document_schema);

const struct kind kind_key_rotation = {
    .id = KIND_KEY_ROTATION,
    .title = "key rotation",
    .schema = &rotation_schema,
    .govern = "govern.access",
    .two_persons = true,
    .by_owner = true,
};

static const struct field key_revocation_fields[] = {
    {.name = "user", .type = FIELD_ID},
    {.name = "key", .type = FIELD_KEY},
    {.name = "since", .type = FIELD_INSTANT, .optional = true},
    {.name = "reason", .type = FIELD_TEXT, .min = 1},
};
static const struct schema key_revocation_schema = SCHEMA("key revocation", key_revocation_fields, &document_schema);

const struct kind kind_key_revocation = {
    .id = KIND_KEY_REVOCATION,
    .title = "key revocation",
    .schema = &key_revocation_schema,
    .govern = "govern.access",
    .by_owner = true,
};

static const struct field policy_fields[] = {
    {.name = "yaml", .type = FIELD_BASE64, .max = POLICY_YAML_BYTES_MAX},
    {.name = "compiled", .type = FIELD_OBJECT},
    {.name = "compiler", .type = FIELD_INTEGER, .min = 1, .max = 1},
    {.name = "effective", .type = FIELD_INSTANT},
};
static const struct schema policy_schema = SCHEMA("policy", policy_fields, &document_schema);

const struct kind kind_policy = {
    .id = KIND_POLICY,
    .title = "policy",
    .schema = &policy_schema,
    .govern = "govern.policy",
    .two_persons = true,
};
