/*
 * Cancel and rebill (DOMAIN 1.7), one document: what is credited, as a credit note would, and the invoice that is intended in
 * its place. Thresholds see the gross credit. Once posted it is open until a feed brings an invoice that names its
 * reference and is what was intended (C-44); until then it stands among the exceptions.
 */
#include <string.h>

#include "controls/kinds/common.h"
#include "ledger/alike.h"
#include "ledger/currency.h"
#include "ledger/limits.h"
#include "ledger/money.h"
#include "ledger/tax_shares.h"

static const struct field invoice_fields[] = {
    {.name = "customer", .type = FIELD_ID},
    {.name = "date", .type = FIELD_DATE},
    {.name = "due", .type = FIELD_DATE},
    {.name = "gross", .type = FIELD_AMOUNT_POSITIVE},
    {.name = "ref", .type = FIELD_ID},
    {.name = "taxes", .type = FIELD_LIST, .schema = &stated_tax_schema, .min = 1, .max = TAX_CODES_MAX},
};
static const struct schema invoice_schema = SCHEMA("intended invoice", invoice_fields, NULL);

static const struct field fields[] = {
    {.name = "allocations", .type = FIELD_LIST, .schema = &allocation_schema, .min = 1, .max = ALLOCATIONS_MAX},
    {.name = "customer_ref", .type = FIELD_TEXT, .min = 1, .max = CUSTOMER_REF_BYTES_MAX, .optional = true},
    {.name = "invoice", .type = FIELD_OBJECT, .schema = &invoice_schema},
};
static const struct schema schema = SCHEMA("rebill", fields, &money_schema);

static enum status check(const json_t *document, struct err *err)
{
    const json_t *invoice = json_object_get(document, "invoice");
    const char *currency = member_text(document, "currency"), *gross_text = member_text(invoice, "gross");
    int64_t gross, sum = 0;
    enum status status = money_parse(gross_text, strlen(gross_text), currency_digits(currency), &gross, err);
    if (status == STATUS_OK)
        status = taxes_check(json_object_get(invoice, "taxes"), currency, &sum, err);
    if (status == STATUS_OK && gross != sum)
        status = err_set(err, STATUS_INPUT, "gross: is not the sum of net and tax in taxes");
    if (status == STATUS_OK && strcmp(member_text(invoice, "due"), member_text(invoice, "date")) < 0)
        status = err_set(err, STATUS_INPUT, "due: is before its date");
    if (status != STATUS_OK) {
        err_prefix(err, "invoice.");
        return status;
    }
    return money_check(document, err);
}

static enum status lines_make(const json_t *document, const struct facts *facts, json_t **ret_lines, struct err *err)
{
    static const struct money_lines_options options = {.debit = true, .split_tax = true};
    return money_lines(document, facts, &options, ret_lines, err);
}

const struct kind kind_rebill = {
    .id = KIND_REBILL,
    .title = "cancel and rebill",
    .schema = &schema,
    .numbered = true,
    .posts = true,
    .check = check,
    .measure = money_measure,
    .lines = lines_make,
};
