/*
 * Write-off: debt given up, against the allowance or, by the direct method, against expense (DOMAIN 1.5). Tax is left as
 * it was billed: relief is claimed outside, so the whole amount goes to the reason's account.
 */
#include "controls/kinds/common.h"
#include "ledger/limits.h"

static const char *const method_words[] = {"allowance", "direct", NULL};

static const struct field fields[] = {
    {.name = "allocations", .type = FIELD_LIST, .schema = &allocation_schema, .min = 1, .max = ALLOCATIONS_MAX},
    {.name = "case", .type = FIELD_TEXT, .min = 1, .max = 200, .optional = true},
    {.name = "method", .type = FIELD_WORD, .words = method_words},
};
static const struct schema schema = SCHEMA("write-off", fields, &money_schema);

static enum status lines_make(const json_t *document, const struct facts *facts, json_t **ret_lines, struct err *err)
{
    static const struct money_lines_options options = {.debit = true, .split_tax = false};
    return money_lines(document, facts, &options, ret_lines, err);
}

const struct kind kind_write_off = {
    .id = KIND_WRITE_OFF,
    .title = "write-off",
    .schema = &schema,
    .numbered = true,
    .posts = true,
    .check = money_check,
    .measure = money_measure,
    .lines = lines_make,
};
