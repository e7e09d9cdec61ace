/*
 * Recovery of a debt that was written off (DOMAIN 1.5), in two steps and one document: the invoices are reinstated by what is
 * recovered, against the reason's account (the allowance, or by the direct method expense), and then paid out of what the
 * receipt left on the customer's account. So the customer's history shows both, and the invoices have open what they had.
 */
#include "controls/kinds/common.h"
#include "ledger/currency.h"
#include "ledger/limits.h"
#include "ledger/money.h"

static const struct field allocation_fields[] = {
    {.name = "amount", .type = FIELD_AMOUNT_POSITIVE},
    {.name = "invoice", .type = FIELD_ID},
};
static const struct schema whole_schema = SCHEMA("recovered invoice", allocation_fields, NULL);

static const struct field fields[] = {
    {.name = "allocations", .type = FIELD_LIST, .schema = &whole_schema, .min = 1, .max = ALLOCATIONS_MAX},
    {.name = "receipt", .type = FIELD_ID},
    {.name = "recovers", .type = FIELD_ID},
};
static const struct schema schema = SCHEMA("recovery", fields, &money_schema);

static enum status measure(const json_t *document, const struct facts *facts, struct measure *ret_measure,
                           struct err *err)
{
    enum status status = money_measure(document, facts, ret_measure, err);
    if (status == STATUS_OK)
        ret_measure->reduces = false; /* what it reinstates it pays */
    return status;
}

static enum status lines_make(const json_t *document, const struct facts *facts, json_t **ret_lines, struct err *err)
{
    static const struct money_lines_options reinstated = {.reason_last = true};
    json_t *lines = NULL;
    enum status status = money_lines(document, facts, &reinstated, &lines, err);
    if (status == STATUS_OK)
        status = money_lines_payment(document, facts, lines, err);
    if (status == STATUS_OK)
        *ret_lines = lines;
    else
        json_decref(lines);
    return status;
}

const struct kind kind_recovery = {
    .id = KIND_RECOVERY,
    .title = "recovery",
    .schema = &schema,
    .numbered = true,
    .posts = true,
    .check = money_check,
    .measure = measure,
    .lines = lines_make,
};
