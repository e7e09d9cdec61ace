/*
 * Customers: the master record with its credit limit. The name is personal and stays out; its salted hash is in.
 */
#include <string.h>

#include "controls/feed_sort.h"
#include "controls/feeds/common.h"
#include "ledger/currency.h"

/* What two customers may share that makes them one group (C-34); values come as salted hashes, FORMAT.md section 9. */
static const char *const attribute_words[] = {"address", "bank_account", "email_domain", "tax_id", NULL};
enum { ATTRIBUTES_MAX = 16 };
static const struct field attribute_fields[] = {
    {.name = "hash", .type = FIELD_HASH},
    {.name = "name", .type = FIELD_WORD, .words = attribute_words},
};
static const struct schema attribute_schema = SCHEMA("attribute", attribute_fields, NULL);

static const struct field fields[] = {
    {.name = "attributes",
     .type = FIELD_LIST,
     .schema = &attribute_schema,
     .min = 1,
     .max = ATTRIBUTES_MAX,
     .optional = true},
    {.name = "currency", .type = FIELD_CURRENCY},
    {.name = "customer", .type = FIELD_ID},
    {.name = "group", .type = FIELD_ID},
    {.name = "limit", .type = FIELD_AMOUNT},
    {.name = "personal", .type = FIELD_HASH, .optional = true},
    {.name = "related", .type = FIELD_BOOLEAN, .optional = true},
    {.name = "terms_days", .type = FIELD_INTEGER, .min = 0, .max = 3650},
};
static const struct schema schema = SCHEMA("customer", fields, NULL);

/* Sorted by name and hash, none twice. */
static enum status attributes_check(const json_t *record, struct err *err)
{
    const json_t *list = json_object_get(record, "attributes");
    for (size_t i = 1; i < json_array_size(list); i++) {
        const json_t *one = json_array_get(list, i - 1), *two = json_array_get(list, i);
        int order = strcmp(member_text(one, "name"), member_text(two, "name"));
        if (order == 0)
            order = strcmp(member_text(one, "hash"), member_text(two, "hash"));
        if (order >= 0)
            return err_set(err, STATUS_INPUT, "attributes[%zu]: stands twice, or the list is not sorted", i);
    }
    return STATUS_OK;
}

static enum status check(const json_t *record, int digits, struct err *err)
{
    int64_t limit;
    (void)digits;
    enum status status = feed_amount(record, "limit", currency_digits(member_text(record, "currency")), &limit, err);
    if (status == STATUS_OK && limit < 0)
        status = err_set(err, STATUS_INPUT, "limit: may not be below zero");
    return status == STATUS_OK ? attributes_check(record, err) : status;
}

const struct feed_sort feed_sort_customers = {
    .name = "customers",
    .schema = &schema,
    .id = "customer",
    .table = BOOKS_CUSTOMERS,
    .check = check,
};
