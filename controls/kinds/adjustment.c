/*
 * Adjustments (DOMAIN 1.5, 1.7): finance charges, small balances, freight, discounts and exchange differences on invoices,
 * down or up, against the reason's account; and a customer's credit balance given up, by default to a liability for
 * unclaimed property. No tax is split: what moves tax is a credit note or a correction.
 */
#include <string.h>

#include "controls/kinds/common.h"
#include "ledger/alike.h"
#include "ledger/limits.h"

static const char *const direction_words[] = {"down", "up", NULL};
static const char *const charge_words[] = {"finance", "small-balance",  "freight", "discount",
                                           "fx",      "credit-balance", NULL};

static const struct field fields[] = {
    {.name = "allocations", .type = FIELD_LIST, .schema = &allocation_schema, .max = ALLOCATIONS_MAX},
    {.name = "charge", .type = FIELD_WORD, .words = charge_words},
    {.name = "customer_ref", .type = FIELD_TEXT, .min = 1, .max = CUSTOMER_REF_BYTES_MAX, .optional = true},
    {.name = "direction", .type = FIELD_WORD, .words = direction_words, .optional = true},
};
static const struct schema schema = SCHEMA("adjustment", fields, &money_schema);

static bool gives_up_balance(const json_t *document)
{
    return strcmp(member_text(document, "charge"), "credit-balance") == 0;
}

static bool goes_up(const json_t *document)
{
    const char *direction = member_text(document, "direction");
    return direction != NULL && strcmp(direction, "up") == 0;
}

static enum status check(const json_t *document, struct err *err)
{
    bool balance = gives_up_balance(document);
    if (balance && member_text(document, "direction") != NULL)
        return err_set(err, STATUS_INPUT, "direction: a credit balance has none, it is given up");
    if (!balance && member_text(document, "direction") == NULL)
        return err_set(err, STATUS_INPUT, "direction: is missing, down or up");
    if (balance != (json_array_size(json_object_get(document, "allocations")) == 0))
        return err_set(err, STATUS_INPUT,
                       balance ? "allocations: a credit balance stands on no invoice" : "allocations: is empty");
    return money_check(document, err);
}

static enum status measure(const json_t *document, const struct facts *facts, struct measure *ret_measure,
                           struct err *err)
{
    enum status status = money_measure(document, facts, ret_measure, err);
    if (status == STATUS_OK && gives_up_balance(document))
        ret_measure->reduces = false; /* it takes from the account, and from no invoice */
    return status;
}

static enum status lines_make(const json_t *document, const struct facts *facts, json_t **ret_lines, struct err *err)
{
    const struct money_lines_options options = {.debit = !goes_up(document) && !gives_up_balance(document),
                                                .account = gives_up_balance(document)};
    return money_lines(document, facts, &options, ret_lines, err);
}

const struct kind kind_adjustment = {
    .id = KIND_ADJUSTMENT,
    .title = "adjustment",
    .schema = &schema,
    .numbered = true,
    .posts = true,
    .check = check,
    .measure = measure,
    .lines = lines_make,
};
