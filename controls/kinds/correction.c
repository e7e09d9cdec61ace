/*
 * Correction of an invoice: re-states what was billed, up or down (DOMAIN 1.3). Down: Dr revenue and tax, Cr receivables;
 * up: the mirror. One of meter reads says which reads, and what the bills of their contract come to by them; whether they
 * do is asked by C-11.
 */
#include <string.h>

#include "controls/kinds/common.h"
#include "controls/meter_form.h"
#include "ledger/alike.h"
#include "ledger/currency.h"
#include "ledger/limits.h"
#include "ledger/money.h"
#include "ledger/tax_shares.h"
#include "ledger/usage.h"

static const char *const direction_words[] = {"down", "up", NULL};
static const char *const field_words[] = {"price", "quantity", "meter", "tax", "duplicate", "terms", NULL};

enum { READS_MAX = 100 };

static const struct field read_fields[] = {
    {.name = "read", .type = FIELD_ID},
    {.name = "replaced", .type = FIELD_OBJECT, .schema = &meter_replaced_schema, .optional = true},
    {.name = "source", .type = FIELD_WORD, .words = meter_source_words},
    {.name = "value", .type = FIELD_INTEGER, .min = 0, .max = USAGE_CLICKS_MAX},
};
static const struct schema read_schema = SCHEMA("corrected read", read_fields, NULL);

static const struct field charge_fields[] = {
    {.name = "billed", .type = FIELD_AMOUNT},
    {.name = "corrected", .type = FIELD_AMOUNT},
    {.name = "device", .type = FIELD_ID, .optional = true},
    {.name = "invoice", .type = FIELD_ID},
    {.name = "line", .type = FIELD_ID, .optional = true},
    {.name = "meter", .type = FIELD_WORD, .words = meter_words},
    {.name = "pool", .type = FIELD_ID, .optional = true},
};
static const struct schema charge_schema = SCHEMA("charge", charge_fields, NULL);

static const struct field fields[] = {
    {.name = "allocations", .type = FIELD_LIST, .schema = &allocation_schema, .min = 1, .max = ALLOCATIONS_MAX},
    {.name = "direction", .type = FIELD_WORD, .words = direction_words},
    {.name = "field", .type = FIELD_WORD, .words = field_words},
    {.name = "charges",
     .type = FIELD_LIST,
     .schema = &charge_schema,
     .min = 1,
     .max = ALLOCATIONS_MAX,
     .optional = true},
    {.name = "customer_ref", .type = FIELD_TEXT, .min = 1, .max = CUSTOMER_REF_BYTES_MAX, .optional = true},
    {.name = "contract", .type = FIELD_ID, .optional = true},
    {.name = "reads", .type = FIELD_LIST, .schema = &read_schema, .min = 1, .max = READS_MAX, .optional = true},
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

static enum status charge_check(const json_t *charge, int digits, struct err *err)
{
    static const char *const names[] = {"billed", "corrected"};
    enum status status = STATUS_OK;
    if ((member_text(charge, "device") != NULL) == (member_text(charge, "pool") != NULL))
        return err_set(err, STATUS_INPUT, "device or pool, one of them");
    for (size_t i = 0; status == STATUS_OK && i < sizeof names / sizeof names[0]; i++) {
        const char *text = member_text(charge, names[i]);
        int64_t minor;
        status = money_parse(text, strlen(text), digits, &minor, err);
    }
    return status;
}

static enum status reads_check(const json_t *reads, struct err *err)
{
    for (size_t i = 1; i < json_array_size(reads); i++)
        if (strcmp(member_text(json_array_get(reads, i - 1), "read"), member_text(json_array_get(reads, i), "read")) >=
            0)
            return err_set(err, STATUS_INPUT, "reads: sorted by read, none twice");
    return STATUS_OK;
}

static enum status check(const json_t *document, struct err *err)
{
    const json_t *reads = json_object_get(document, "reads"), *charges = json_object_get(document, "charges");
    bool all = reads != NULL && charges != NULL && member_text(document, "contract") != NULL;
    bool any = reads != NULL || charges != NULL || member_text(document, "contract") != NULL;
    int digits = currency_digits(member_text(document, "currency"));
    enum status status = money_check(document, err);
    if (status == STATUS_OK && any != all)
        status = err_set(err, STATUS_INPUT, "contract, reads and charges come together");
    if (status == STATUS_OK && any && strcmp(member_text(document, "field"), "meter") != 0)
        status = err_set(err, STATUS_INPUT, "reads: the field of a correction of reads is meter");
    if (status == STATUS_OK)
        status = reads_check(reads, err);
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(charges); i++) {
        status = charge_check(json_array_get(charges, i), digits, err);
        if (status != STATUS_OK)
            err_prefix(err, "charges[%zu]: ", i);
    }
    return status;
}

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
    .check = check,
    .measure = money_measure,
    .lines = lines_make,
};
