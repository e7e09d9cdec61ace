/*
 * Adjustments (DOMAIN 1.5, 1.7): finance charges, small balances, freight, discounts and exchange differences on invoices,
 * down or up, against the reason's account; a customer's credit balance given up, by default to a liability for
 * unclaimed property; and transfers, of debt or of credit, from one customer or invoice to another. No tax is split: what
 * moves tax is a credit note or a correction.
 */
#include <string.h>

#include "controls/kinds/common.h"
#include "ledger/alike.h"
#include "ledger/limits.h"
#include "ledger/transfer.h"

static const char *const direction_words[] = {"down", "up", NULL};
static const char *const charge_words[] = {"finance", "small-balance",  "freight",  "discount",
                                           "fx",      "credit-balance", "transfer", NULL};

static const struct field to_fields[] = {
    {.name = "allocations", .type = FIELD_LIST, .schema = &allocation_schema, .max = ALLOCATIONS_MAX},
    {.name = "customer", .type = FIELD_ID},
};
static const struct schema to_schema = SCHEMA("receiving side", to_fields, NULL);

static const struct field fields[] = {
    {.name = "allocations", .type = FIELD_LIST, .schema = &allocation_schema, .max = ALLOCATIONS_MAX},
    {.name = "charge", .type = FIELD_WORD, .words = charge_words},
    {.name = "customer_ref", .type = FIELD_TEXT, .min = 1, .max = CUSTOMER_REF_BYTES_MAX, .optional = true},
    {.name = "direction", .type = FIELD_WORD, .words = direction_words, .optional = true},
    {.name = "to", .type = FIELD_OBJECT, .schema = &to_schema, .optional = true},
};
static const struct schema schema = SCHEMA("adjustment", fields, &money_schema);

static bool gives_up_balance(const json_t *document)
{
    return strcmp(member_text(document, "charge"), "credit-balance") == 0;
}

static bool transfers(const json_t *document)
{
    return strcmp(member_text(document, "charge"), "transfer") == 0;
}

static bool goes_up(const json_t *document)
{
    const char *direction = member_text(document, "direction");
    return direction != NULL && strcmp(direction, "up") == 0;
}

static enum status whole_invoices_check(const json_t *allocations, const json_t *others, const char *where,
                                        struct err *err)
{
    for (size_t i = 0; i < json_array_size(allocations); i++) {
        const json_t *one = json_array_get(allocations, i);
        if (member_text(one, "line") != NULL)
            return err_set(err, STATUS_INPUT, "%s[%zu].line: a transfer moves what an invoice has open, not its lines",
                           where, i);
        for (size_t k = 0; k < json_array_size(others); k++)
            if (strcmp(member_text(json_array_get(others, k), "invoice"), member_text(one, "invoice")) == 0)
                return err_set(err, STATUS_INPUT, "to.allocations: invoice %s stands on both sides",
                               member_text(one, "invoice"));
    }
    return STATUS_OK;
}

/* Both sides whole, and not the same: within one customer it goes from invoices to other invoices. */
static enum status transfer_check(const json_t *document, struct err *err)
{
    const json_t *to = json_object_get(document, "to"), *given = json_object_get(document, "allocations");
    const json_t *put = json_object_get(to, "allocations");
    json_t *receiving = NULL;
    if (to == NULL)
        return err_set(err, STATUS_INPUT, "to: is missing, the customer and invoices that receive");
    if (member_text(document, "direction") != NULL)
        return err_set(err, STATUS_INPUT, "direction: a transfer has none, it goes from one side to the other");
    if (strcmp(member_text(document, "customer"), member_text(to, "customer")) == 0 &&
        (json_array_size(given) == 0 || json_array_size(put) == 0))
        return err_set(err, STATUS_INPUT, "to.customer: the same one; between its invoices both sides name them");
    enum status status = whole_invoices_check(given, put, "allocations", err);
    if (status == STATUS_OK)
        status = whole_invoices_check(put, NULL, "to.allocations", err);
    if (status == STATUS_OK)
        status = transfer_receiving(document, &receiving, err);
    if (status == STATUS_OK && (status = money_check(receiving, err)) != STATUS_OK)
        err_prefix(err, "to.");
    json_decref(receiving);
    return status == STATUS_OK ? money_check(document, err) : status;
}

static enum status check(const json_t *document, struct err *err)
{
    if (transfers(document))
        return transfer_check(document, err);
    if (json_object_get(document, "to") != NULL)
        return err_set(err, STATUS_INPUT, "to: only a transfer has it");
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
    if (status == STATUS_OK && (gives_up_balance(document) || transfer_of_credit(document)))
        ret_measure->reduces = false; /* it takes from the account, and from no invoice */
    return status;
}

static enum status lines_make(const json_t *document, const struct facts *facts, json_t **ret_lines, struct err *err)
{
    if (transfers(document))
        return money_lines_transfer(document, facts, ret_lines, err);
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
