/*
 * Orders: what the ERP holds back because a customer's credit does not carry it, and what became of it. An order comes held
 * and comes once more, unchanged, as delivered or cancelled; or it comes only then. Delivery uses up the order's release;
 * a held order that was delivered without one is flagged by C-15.
 */
#include <string.h>

#include "controls/facts_limits.h"
#include "controls/feed_sort.h"
#include "controls/feeds/common.h"
#include "ledger/statement.h"

static const char *const state_words[] = {"held", "delivered", "cancelled", NULL};

static const struct field fields[] = {
    {.name = "amount", .type = FIELD_AMOUNT_POSITIVE},
    {.name = "customer", .type = FIELD_ID},
    {.name = "date", .type = FIELD_DATE},
    {.name = "order", .type = FIELD_ID},
    {.name = "state", .type = FIELD_WORD, .words = state_words},
};
static const struct schema schema = SCHEMA("order", fields, NULL);

static enum status check(const json_t *record, int digits, struct err *err)
{
    int64_t amount;
    return feed_amount(record, "amount", digits, &amount, err);
}

static bool same(const json_t *before, const char *was, const json_t *record, const char *is)
{
    return strcmp(member_text(before, was), member_text(record, is)) == 0;
}

static enum status judge_record(const struct feed_part *part, size_t index, struct err *err)
{
    const json_t *record = feed_part_record(part, index);
    const char *order = member_text(record, "order");
    json_t *before = NULL;
    enum status status = facts_order(part->facts, feed_part_entity(part), order, &before, err);
    if (status != STATUS_OK || before == NULL)
        return status;
    const json_t *manifest = json_object_get(part->request->statement->body, "file");
    if (strcmp(member_text(before, "state"), "held") != 0 || strcmp(member_text(record, "state"), "held") == 0)
        status = feed_deny(part->answers, "exists", index, order, err);
    else if (!same(before, "amount_text", record, "amount") || !same(before, "customer", record, "customer") ||
             !same(before, "date", record, "date") || !same(before, "currency", manifest, "currency"))
        status = feed_deny(part->answers, "order-differs", index, order, err);
    json_decref(before);
    return status;
}

const struct feed_sort feed_sort_orders = {
    .name = "orders",
    .schema = &schema,
    .id = "order",
    .total = "amount",
    .table = BOOKS_ORDERS,
    .follows = true,
    .of_customer = true,
    .check = check,
    .judge_record = judge_record,
};
