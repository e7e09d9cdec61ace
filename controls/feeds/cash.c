/*
 * Cash: receipts and the invoices they were applied to. No invoice takes more than it has open, over the whole file.
 */
#include <stdint.h>
#include <string.h>

#include "controls/feed_sort.h"
#include "controls/feeds/common.h"
#include "ledger/currency.h"
#include "ledger/limits.h"
#include "ledger/money.h"
#include "ledger/statement.h"

static const struct field applied_fields[] = {
    {.name = "amount", .type = FIELD_AMOUNT_POSITIVE},
    {.name = "invoice", .type = FIELD_ID},
};
static const struct schema applied_schema = SCHEMA("application", applied_fields, NULL);

static const struct field fields[] = {
    {.name = "amount", .type = FIELD_AMOUNT_POSITIVE},
    {.name = "applied", .type = FIELD_LIST, .schema = &applied_schema, .max = ALLOCATIONS_MAX},
    {.name = "customer", .type = FIELD_ID},
    {.name = "date", .type = FIELD_DATE},
    {.name = "receipt", .type = FIELD_ID},
};
static const struct schema schema = SCHEMA("receipt", fields, NULL);

static enum status check(const json_t *record, int digits, struct err *err)
{
    const json_t *applied = json_object_get(record, "applied");
    int64_t left, part;
    enum status status = feed_amount(record, "amount", digits, &left, err);
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(applied); i++) {
        status = feed_amount(json_array_get(applied, i), "amount", digits, &part, err);
        if (status == STATUS_OK)
            status = money_sub(left, part, &left, err);
    }
    if (status == STATUS_OK && left < 0)
        status = err_set(err, STATUS_INPUT, "applied: adds up to more than the amount");
    return status;
}

/* What receipts apply to each invoice, added up: over the part, and over the whole file when it is to be closed. */
struct applying {
    const struct feed_part *part;
    json_t *sums; /* invoice -> minor units */
};

static enum status application_judge(struct applying *applying, const json_t *record, const json_t *one, size_t index,
                                     struct err *err)
{
    const json_t *body = applying->part->request->statement->body;
    const char *currency = member_text(json_object_get(body, "file"), "currency"), *id = member_text(one, "invoice");
    json_t *invoice = NULL;
    int64_t amount, sum;
    enum status status = facts_invoice(applying->part->facts, member_text(body, "entity"), id, &invoice, err);
    if (status == STATUS_OK)
        status = feed_amount(one, "amount", currency_digits(currency), &amount, err);
    if (status == STATUS_OK)
        status = money_add(member_integer(applying->sums, id), amount, &sum, err);
    if (status == STATUS_OK && json_object_set_new(applying->sums, id, json_integer(sum)) != 0)
        status = err_set(err, STATUS_MEMORY, "no memory");
    if (status == STATUS_LIMIT)
        status = feed_deny(applying->part->answers, "over-applied", index, id, err);
    else if (status != STATUS_OK)
        ;
    else if (invoice == NULL || strcmp(member_text(invoice, "currency"), currency) != 0)
        status = feed_deny(applying->part->answers, "unknown-invoice", index, id, err);
    else if (strcmp(member_text(invoice, "customer"), member_text(record, "customer")) != 0)
        status = feed_deny(applying->part->answers, "other-customer", index, id, err);
    else if (sum > member_integer(invoice, "open"))
        status = feed_deny(applying->part->answers, "over-applied", index, id, err);
    json_decref(invoice);
    return status;
}

static enum status applied_judge(struct applying *applying, const json_t *record, size_t index, struct err *err)
{
    const json_t *applied = json_object_get(record, "applied");
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && !applying->part->answers->denied && i < json_array_size(applied); i++)
        status = application_judge(applying, record, json_array_get(applied, i), index, err);
    return status;
}

static enum status staged_step(void *context, struct slice key, const json_t *record, bool *ret_more, struct err *err)
{
    struct applying *applying = context;
    (void)key;
    enum status status = applied_judge(applying, record, SIZE_MAX, err);
    *ret_more = !applying->part->answers->denied;
    return status;
}

/* Cash that is applied twice over, within a part or between parts, or to what was credited since it was staged. */
static enum status judge_part(const struct feed_part *part, struct err *err)
{
    const json_t *body = part->request->statement->body, *records = json_object_get(body, "records");
    struct applying applying = {.part = part, .sums = json_object()};
    enum status status = applying.sums != NULL ? STATUS_OK : err_set(err, STATUS_MEMORY, "no memory");
    if (status == STATUS_OK && member_integer(body, "part") > 1 && json_is_true(json_object_get(body, "last")))
        status = facts_staged_each(part->facts, member_text(body, "entity"), "cash", staged_step, &applying, err);
    for (size_t i = 0; status == STATUS_OK && !part->answers->denied && i < json_array_size(records); i++)
        status = applied_judge(&applying, json_array_get(records, i), i, err);
    json_decref(applying.sums);
    return status;
}

const struct feed_sort feed_sort_cash = {
    .name = "cash",
    .schema = &schema,
    .id = "receipt",
    .total = "amount",
    .table = BOOKS_RECEIPTS,
    .of_customer = true,
    .check = check,
    .judge_part = judge_part,
};
