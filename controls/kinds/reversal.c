/*
 * Reversal: the exact mirror of a posted document, once (DOMAIN 2C, C-43). Who may prepare and approve it is who may do so
 * for the original's kind; it takes at least the levels that the original took.
 */
#include <string.h>

#include "controls/kinds/common.h"
#include "ledger/instant.h"
#include "ledger/money.h"

static const struct field fields[] = {
    {.name = "entity", .type = FIELD_CODE},
    {.name = "reason", .type = FIELD_CODE},
    {.name = "date", .type = FIELD_DATE},
    {.name = "reverses", .type = FIELD_ID},
};
static const struct schema schema = SCHEMA("reversal", fields, &document_schema);

static enum status original_get(const json_t *document, const struct facts *facts, json_t **ret_record, struct err *err)
{
    return facts_document(facts, member_text(document, "reverses"), ret_record, err);
}

/* Members lend from the reversal itself where they outlive the original's record; amounts come from the original. */
static enum status measure(const json_t *document, const struct facts *facts, struct measure *ret_measure,
                           struct err *err)
{
    const char *date = member_text(document, "date");
    json_t *original = NULL;
    struct measure measured = {.entity = member_text(document, "entity"), .reason = member_text(document, "reason")};
    enum status status = date_parse(date, strlen(date), &measured.date, err);
    if (status == STATUS_OK)
        status = original_get(document, facts, &original, err);
    if (status != STATUS_OK)
        return status;
    const char *base = member_text(original, "base_text");
    if (base != NULL)
        status = money_parse(base, strlen(base), facts->policy->base_digits, &measured.amount_minor, err);
    const json_t *approvals = json_object_get(original, "approvals");
    for (size_t i = 0; i < json_array_size(approvals); i++) {
        int64_t level = member_integer(json_array_get(approvals, i), "level");
        measured.levels_before = (uint16_t)(measured.levels_before | 1U << (level - 1));
    }
    json_decref(original);
    if (status == STATUS_OK)
        *ret_measure = measured;
    return status;
}

static enum status authority(const json_t *document, const struct facts *facts, enum kind_id *ret_kind, struct err *err)
{
    json_t *original = NULL;
    enum status status = original_get(document, facts, &original, err);
    if (status != STATUS_OK)
        return status;
    *ret_kind = original != NULL ? kind_from_name(member_text(original, "kind")) : KIND_UNKNOWN;
    json_decref(original);
    return STATUS_OK;
}

static enum status lines_make(const json_t *document, const struct facts *facts, json_t **ret_lines, struct err *err)
{
    json_t *original = NULL;
    enum status status = original_get(document, facts, &original, err);
    if (status != STATUS_OK)
        return status;
    json_t *lines = json_deep_copy(json_object_get(original, "lines"));
    json_decref(original);
    if (lines == NULL)
        return err_set(err, STATUS_CORRUPT, "the document to reverse has no ledger lines");
    for (size_t i = 0; i < json_array_size(lines); i++) {
        json_t *line = json_array_get(lines, i);
        bool debit = strcmp(member_text(line, "side"), "dr") == 0;
        json_object_set_new(line, "side", json_string(debit ? "cr" : "dr"));
    }
    *ret_lines = lines;
    return STATUS_OK;
}

const struct kind kind_reversal = {
    .id = KIND_REVERSAL,
    .title = "reversal",
    .schema = &schema,
    .numbered = true,
    .posts = true,
    .measure = measure,
    .authority = authority,
    .lines = lines_make,
};
