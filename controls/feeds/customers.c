/*
 * Customers: the master record with its credit limit. The name is personal and stays out; its salted hash is in.
 */
#include "controls/feed_sort.h"
#include "controls/feeds/common.h"
#include "ledger/currency.h"

static const struct field fields[] = {
    {.name = "currency", .type = FIELD_CURRENCY},
    {.name = "customer", .type = FIELD_ID},
    {.name = "group", .type = FIELD_ID},
    {.name = "limit", .type = FIELD_AMOUNT},
    {.name = "personal", .type = FIELD_HASH, .optional = true},
    {.name = "related", .type = FIELD_BOOLEAN, .optional = true},
    {.name = "terms_days", .type = FIELD_INTEGER, .min = 0, .max = 3650},
};
static const struct schema schema = SCHEMA("customer", fields, NULL);

static enum status check(const json_t *record, int digits, struct err *err)
{
    int64_t limit;
    (void)digits;
    enum status status = feed_amount(record, "limit", currency_digits(member_text(record, "currency")), &limit, err);
    if (status == STATUS_OK && limit < 0)
        status = err_set(err, STATUS_INPUT, "limit: may not be below zero");
    return status;
}

const struct feed_sort feed_sort_customers = {
    .name = "customers",
    .schema = &schema,
    .id = "customer",
    .table = BOOKS_CUSTOMERS,
    .check = check,
};
