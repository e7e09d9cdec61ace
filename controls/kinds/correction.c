/*
 * Correction of an invoice: re-states what was billed, up or down (DOMAIN 1.3). Down: Dr revenue and tax, Cr receivables;
 * up: the mirror.
 */
#include <string.h>

#include "controls/kinds/common.h"
#include "ledger/limits.h"
#include "ledger/tax_shares.h"

static const char *const direction_words[] = {"down", "up", NULL};
static const char *const field_words[] = {"price", "quantity", "meter", "tax", "duplicate", "terms", NULL};

static const struct field fields[] = {
    {.name = "allocations", .type = FIELD_LIST, .schema = &allocation_schema, .min = 1, .max = ALLOCATIONS_MAX},
    {.name = "direction", .type = FIELD_WORD, .words = direction_words},
    {.name = "field", .type = FIELD_WORD, .words = field_words},
    {.name = "original", .type = FIELD_TEXT, .min = 1, .max = 200, .optional = true},
    {.name = "corrected", .type = FIELD_TEXT, .min = 1, .max = 200, .optional = true},
    {.name = "taxes",
     .type = FIELD_LIST,
     .schema = &stated_tax_schema,
     .min = 1,
     .max = TAX_CODES_MAX,
     .optional = true},
};
static const struct schema schema = SCHEMA("correction", fields, &money_schema);

static enum status lines_make(const json_t *document, const struct facts *facts, json_t **ret_lines, struct err *err)
{
    const struct money_lines_options options = {.debit = strcmp(member_text(document, "direction"), "down") == 0,
                                                .split_tax = true};
    return money_lines(document, facts, &options, ret_lines, err);
}

const struct kind kind_correction = {
    .id = KIND_CORRECTION,
    .title = "correction",
    .schema = &schema,
    .numbered = true,
    .posts = true,
    .check = money_check,
    .measure = money_measure,
    .lines = lines_make,
};
