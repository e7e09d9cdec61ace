/*
 * Entity: a legal entity comes into the book after the charter. Its customers and open invoices are loaded by feeds; two
 * officers sign what they were to bring, and when the books agree (C-44) the entity's documents can begin.
 */
#include <string.h>

#include "controls/kinds/common.h"
#include "ledger/currency.h"
#include "ledger/limits.h"
#include "ledger/money.h"

enum { OPENING_CURRENCIES_MAX = 100 };

static const struct field opening_fields[] = {
    {.name = "count", .type = FIELD_INTEGER, .min = 0, .max = INT64_C(1) << 50},
    {.name = "currency", .type = FIELD_CURRENCY},
    {.name = "total", .type = FIELD_AMOUNT},
};
static const struct schema opening_schema = SCHEMA("opening balance", opening_fields, NULL);

static const struct field fields[] = {
    {.name = "entity", .type = FIELD_CODE},
    {.name = "currency", .type = FIELD_CURRENCY},
    {.name = "customers", .type = FIELD_INTEGER, .min = 0, .max = INT64_C(1) << 50},
    {.name = "opening", .type = FIELD_LIST, .schema = &opening_schema, .min = 0, .max = OPENING_CURRENCIES_MAX},
};
static const struct schema schema = SCHEMA("entity", fields, &document_schema);

static enum status check(const json_t *document, struct err *err)
{
    const json_t *opening = json_object_get(document, "opening");
    const char *before = "";
    for (size_t i = 0; i < json_array_size(opening); i++) {
        const json_t *one = json_array_get(opening, i);
        const char *currency = member_text(one, "currency"), *total = member_text(one, "total");
        int64_t minor;
        if (strcmp(before, currency) >= 0)
            return err_set(err, STATUS_INPUT, "opening: has to be sorted by currency, each once");
        before = currency;
        enum status status = money_parse(total, strlen(total), currency_digits(currency), &minor, err);
        if (status != STATUS_OK) {
            err_prefix(err, "opening[%zu].total: ", i);
            return status;
        }
    }
    return STATUS_OK;
}

const struct kind kind_entity = {
    .id = KIND_ENTITY,
    .title = "entity",
    .schema = &schema,
    .govern = "govern.policy",
    .two_persons = true,
    .check = check,
};
