/*
 * Credit note: credits one invoice, several, or the customer's account (DOMAIN 1.4). Dr revenue and tax, Cr receivables.
 */
#include "controls/kinds/common.h"
#include "ledger/alike.h"
#include "ledger/limits.h"
#include "ledger/tax_shares.h"

static const struct field fields[] = {
    {.name = "allocations", .type = FIELD_LIST, .schema = &allocation_schema, .max = ALLOCATIONS_MAX},
    {.name = "customer_ref", .type = FIELD_TEXT, .min = 1, .max = CUSTOMER_REF_BYTES_MAX, .optional = true},
    {.name = "on_account", .type = FIELD_AMOUNT_POSITIVE, .optional = true},
    {.name = "taxes",
     .type = FIELD_LIST,
     .schema = &stated_tax_schema,
     .min = 1,
     .max = TAX_CODES_MAX,
     .optional = true},
};
static const struct schema schema = SCHEMA("credit note", fields, &money_schema);

static enum status lines_make(const json_t *document, const struct facts *facts, json_t **ret_lines, struct err *err)
{
    static const struct money_lines_options options = {.debit = true, .split_tax = true};
    return money_lines(document, facts, &options, ret_lines, err);
}

const struct kind kind_credit_note = {
    .id = KIND_CREDIT_NOTE,
    .title = "credit note",
    .schema = &schema,
    .numbered = true,
    .posts = true,
    .check = money_check,
    .measure = money_measure,
    .lines = lines_make,
};
