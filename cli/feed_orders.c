/*
 * Rows of orders: each row is an order with its state. A held order comes again when it is delivered or cancelled.
 */
#include <string.h>

#include "cli/feed_file.h"
#include "cli/feed_parts.h"
#include "controls/facts_limits.h"
#include "ledger/schema.h"

static const struct csv_column columns[] = {
    {"order", CSV_REQUIRED},
    {"customer", CSV_REQUIRED},
    {"date", CSV_REQUIRED},
    {"currency", CSV_REQUIRED},
    {"amount", CSV_REQUIRED},
    {"state", CSV_REQUIRED},
    {"at", 0},
    {NULL, 0},
};

static void begin(struct feed_reader *reader, struct feed_group *group)
{
    char amount[MONEY_TEXT_MAX], text[TEXT_SHOW_MAX];
    const struct csv_field state = csv_field(&reader->row, "state");
    feed_take_id(reader, group, "order");
    feed_take_id(reader, group, "customer");
    feed_take_date(reader, group, "date");
    feed_take_currency(reader, group);
    if (feed_read_amount(reader, group, "amount", amount, &group->made.amount_minor)) {
        if (group->made.amount_minor <= 0)
            feed_bad(reader, group, "amount", "\"%s\": has to be above zero", amount);
        feed_take_text(reader, group, "amount", amount);
    }
    if (!state.present || (strcmp(state.text, "held") != 0 && strcmp(state.text, "delivered") != 0 &&
                           strcmp(state.text, "cancelled") != 0))
        feed_bad(reader, group, "state", "\"%s\": held, delivered or cancelled", feed_shown(&state, text));
    else
        feed_take_text(reader, group, "state", state.text);
}

static enum status check(struct feed_reader *reader, const struct facts *facts, const char *entity,
                         const struct feed_record *made, struct err *err)
{
    json_t *before = NULL;
    const char *state = member_text(made->record, "state");
    enum status status = facts_order(facts, entity, made->id, &before, err);
    if (status != STATUS_OK || before == NULL)
        return status;
    if (strcmp(member_text(before, "state"), "held") != 0 || strcmp(state, "held") == 0)
        feed_reader_problem(reader, made, "is in the books already, %s", member_text(before, "state"));
    else if (strcmp(member_text(before, "amount_text"), member_text(made->record, "amount")) != 0 ||
             strcmp(member_text(before, "customer"), member_text(made->record, "customer")) != 0 ||
             strcmp(member_text(before, "date"), member_text(made->record, "date")) != 0 ||
             strcmp(member_text(before, "currency"), made->currency) != 0)
        feed_reader_problem(reader, made, "was held with another customer, date, amount or currency");
    json_decref(before);
    return STATUS_OK;
}

const struct feed_format feed_orders = {
    .name = "orders",
    .columns = columns,
    .begin = begin,
    .check = check,
};
