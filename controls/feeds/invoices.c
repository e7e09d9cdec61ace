/*
 * Invoices: what was billed, by tax code and, where the source system has them, by line. Both add up to the gross.
 */
#include "controls/feed_sort.h"
#include "controls/feeds/common.h"
#include "ledger/money.h"

static const struct field tax_fields[] = {
    {.name = "code", .type = FIELD_CODE},
    {.name = "net", .type = FIELD_AMOUNT},
    {.name = "tax", .type = FIELD_AMOUNT},
};
static const struct schema tax_schema = SCHEMA("tax", tax_fields, NULL);

static const struct field line_fields[] = {
    {.name = "code", .type = FIELD_CODE},
    {.name = "line", .type = FIELD_ID},
    {.name = "net", .type = FIELD_AMOUNT},
    {.name = "tax", .type = FIELD_AMOUNT},
};
static const struct schema line_schema = SCHEMA("invoice line", line_fields, NULL);

static const struct field fields[] = {
    {.name = "customer", .type = FIELD_ID},
    {.name = "date", .type = FIELD_DATE},
    {.name = "due", .type = FIELD_DATE},
    {.name = "gross", .type = FIELD_AMOUNT},
    {.name = "invoice", .type = FIELD_ID},
    {.name = "lines", .type = FIELD_LIST, .schema = &line_schema, .max = 5000, .optional = true},
    {.name = "taxes", .type = FIELD_LIST, .schema = &tax_schema, .min = 1, .max = 64},
};
static const struct schema schema = SCHEMA("invoice", fields, NULL);

/* Sum of net and tax over a list. */
static enum status parts_sum(const json_t *list, int digits, int64_t *ret_sum, struct err *err)
{
    *ret_sum = 0;
    for (size_t i = 0; i < json_array_size(list); i++) {
        int64_t net, tax;
        enum status status = feed_amount(json_array_get(list, i), "net", digits, &net, err);
        if (status == STATUS_OK)
            status = feed_amount(json_array_get(list, i), "tax", digits, &tax, err);
        if (status == STATUS_OK)
            status = money_add(*ret_sum, net, ret_sum, err);
        if (status == STATUS_OK)
            status = money_add(*ret_sum, tax, ret_sum, err);
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}

static enum status check(const json_t *record, int digits, struct err *err)
{
    int64_t gross, sum;
    enum status status = feed_amount(record, "gross", digits, &gross, err);
    if (status == STATUS_OK)
        status = parts_sum(json_object_get(record, "taxes"), digits, &sum, err);
    if (status == STATUS_OK && sum != gross)
        status = err_set(err, STATUS_INPUT, "gross: is not the sum of net and tax in taxes");
    if (status == STATUS_OK && json_object_get(record, "lines") != NULL) {
        status = parts_sum(json_object_get(record, "lines"), digits, &sum, err);
        if (status == STATUS_OK && sum != gross)
            status = err_set(err, STATUS_INPUT, "gross: is not the sum of net and tax in lines");
    }
    return status;
}

const struct feed_sort feed_sort_invoices = {
    .name = "invoices",
    .schema = &schema,
    .id = "invoice",
    .total = "gross",
    .table = BOOKS_INVOICES,
    .of_customer = true,
    .check = check,
};
