/*
 * Rows of cash: adjacent rows of one receipt are what it was applied to.
 */
#include <string.h>

#include "cli/feed_file.h"
#include "cli/feed_parts.h"
#include "controls/facts.h"
#include "ledger/limits.h"
#include "ledger/schema.h"

static const struct csv_column columns[] = {
    {"receipt", CSV_REQUIRED},
    {"customer", CSV_REQUIRED},
    {"date", CSV_REQUIRED},
    {"currency", CSV_REQUIRED},
    {"amount", CSV_REQUIRED},
    {"invoice", 0},
    {"applied", 0},
    {"at", 0},
    {NULL, 0},
};

static void add_applied(struct feed_reader *reader, struct feed_group *group)
{
    char amount[MONEY_TEXT_MAX], text[TEXT_SHOW_MAX];
    int64_t minor = 0;
    struct err err;
    const struct csv_field invoice = csv_field(&reader->row, "invoice");
    const struct csv_field applied = csv_field(&reader->row, "applied");
    if (!invoice.present && !applied.present)
        return;
    if (!invoice.present)
        feed_bad(reader, group, "invoice", "is missing: to which invoice was it applied?");
    else if (!text_is_id(invoice.text, invoice.length))
        feed_bad(reader, group, "invoice", "\"%s\": letters, digits and . _ : / @ -, at most %d",
                 feed_shown(&invoice, text), ID_BYTES_MAX);
    if (!feed_read_amount(reader, group, "applied", amount, &minor) || group->bad)
        return;
    if (money_add(group->parts_minor, minor, &group->parts_minor, &err) != STATUS_OK)
        feed_bad(reader, group, "applied", "%s", err.text);
    else if (json_array_append_new(group->parts, json_pack("{s:s, s:s}", "amount", amount, "invoice", invoice.text)) !=
             0)
        feed_bad(reader, group, "applied", "cannot be kept");
    else if (group->parts_minor > group->made.amount_minor)
        feed_bad(reader, group, "applied", "\"%s\": more is applied than the receipt's amount", amount);
}

static void begin(struct feed_reader *reader, struct feed_group *group)
{
    char amount[MONEY_TEXT_MAX];
    feed_take_id(reader, group, "receipt");
    feed_take_id(reader, group, "customer");
    feed_take_date(reader, group, "date");
    feed_take_currency(reader, group);
    json_object_set_new(group->made.record, "applied", json_array());
    group->parts = json_object_get(group->made.record, "applied");
    if (feed_read_amount(reader, group, "amount", amount, &group->made.amount_minor)) {
        if (group->made.amount_minor <= 0)
            feed_bad(reader, group, "amount", "\"%s\": has to be above zero", amount);
        feed_take_text(reader, group, "amount", amount);
    }
    add_applied(reader, group);
}

static void extend(struct feed_reader *reader, struct feed_group *group)
{
    char amount[MONEY_TEXT_MAX];
    int64_t minor = 0;
    feed_check_same(reader, group, "customer", member_text(group->made.record, "customer"));
    feed_check_same(reader, group, "date", member_text(group->made.record, "date"));
    feed_check_same(reader, group, "currency", group->made.currency[0] != '\0' ? group->made.currency : NULL);
    if (feed_read_amount(reader, group, "amount", amount, &minor) && minor != group->made.amount_minor)
        feed_bad(reader, group, "amount", "\"%s\": the row before says another amount for the same receipt", amount);
    add_applied(reader, group);
}

static enum status check(struct feed_reader *reader, const struct facts *facts, const char *entity,
                         const struct feed_record *made, struct err *err)
{
    const json_t *applied = json_object_get(made->record, "applied");
    for (size_t i = 0; i < json_array_size(applied); i++) {
        const char *id = member_text(json_array_get(applied, i), "invoice");
        json_t *invoice = NULL;
        enum status status = facts_invoice(facts, entity, id, &invoice, err);
        if (status != STATUS_OK)
            return status;
        if (invoice == NULL)
            feed_reader_problem(reader, made, "invoice %s is not in the books", id);
        else if (strcmp(member_text(invoice, "customer"), member_text(made->record, "customer")) != 0)
            feed_reader_problem(reader, made, "invoice %s is another customer's", id);
        else if (strcmp(member_text(invoice, "currency"), made->currency) != 0)
            feed_reader_problem(reader, made, "invoice %s is in %s", id, member_text(invoice, "currency"));
        json_decref(invoice);
    }
    return STATUS_OK;
}

const struct feed_format feed_cash = {
    .name = "cash",
    .columns = columns,
    .begin = begin,
    .extend = extend,
    .check = check,
};
