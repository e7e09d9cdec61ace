/*
 * Rows of invoices: adjacent rows of one invoice are its tax codes.
 */
#include <string.h>

#include "cli/feed_parts.h"
#include "ledger/currency.h"
#include "ledger/schema.h"

static const struct csv_column columns[] = {
    {"invoice", CSV_REQUIRED},
    {"customer", CSV_REQUIRED},
    {"date", CSV_REQUIRED},
    {"due", CSV_REQUIRED},
    {"currency", CSV_REQUIRED},
    {"tax_code", CSV_REQUIRED},
    {"net", CSV_REQUIRED},
    {"tax", CSV_REQUIRED},
    {"at", 0},
    {NULL, 0},
};

static void add_tax(struct feed_reader *reader, struct feed_group *group)
{
    char net_text[MONEY_TEXT_MAX], tax_text[MONEY_TEXT_MAX], text[TEXT_SHOW_MAX];
    int64_t net = 0, tax = 0;
    struct err err;
    const struct csv_field code = csv_field(&reader->row, "tax_code");
    bool both = feed_read_amount(reader, group, "net", net_text, &net);
    both = feed_read_amount(reader, group, "tax", tax_text, &tax) && both;
    if (!code.present)
        feed_bad(reader, group, "tax_code", "is missing");
    else if (!text_is_code(code.text, code.length))
        feed_bad(reader, group, "tax_code", "\"%s\": a code of A-Z, 0-9, - and _", feed_shown(&code, text));
    else
        for (size_t i = 0; i < json_array_size(group->parts); i++)
            if (strcmp(member_text(json_array_get(group->parts, i), "code"), code.text) == 0)
                feed_bad(reader, group, "tax_code", "%s: stands twice in one invoice", code.text);
    if (group->bad || !both)
        return;
    if (money_add(group->made.amount_minor, net, &group->made.amount_minor, &err) != STATUS_OK ||
        money_add(group->made.amount_minor, tax, &group->made.amount_minor, &err) != STATUS_OK)
        feed_bad(reader, group, "net", "%s", err.text);
    else if (json_array_append_new(
                 group->parts, json_pack("{s:s, s:s, s:s}", "code", code.text, "net", net_text, "tax", tax_text)) != 0)
        feed_bad(reader, group, "net", "cannot be kept");
}

static void begin(struct feed_reader *reader, struct feed_group *group)
{
    feed_take_id(reader, group, "invoice");
    feed_take_id(reader, group, "customer");
    feed_take_date(reader, group, "date");
    feed_take_date(reader, group, "due");
    feed_take_currency(reader, group);
    json_object_set_new(group->made.record, "taxes", json_array());
    group->parts = json_object_get(group->made.record, "taxes");
    add_tax(reader, group);
}

static void extend(struct feed_reader *reader, struct feed_group *group)
{
    feed_check_same(reader, group, "customer", member_text(group->made.record, "customer"));
    feed_check_same(reader, group, "date", member_text(group->made.record, "date"));
    feed_check_same(reader, group, "due", member_text(group->made.record, "due"));
    feed_check_same(reader, group, "currency", group->made.currency[0] != '\0' ? group->made.currency : NULL);
    add_tax(reader, group);
}

static enum status finish(struct feed_group *group, struct err *err)
{
    char gross[MONEY_TEXT_MAX];
    money_format(group->made.amount_minor, currency_digits(group->made.currency), gross);
    return json_object_set_new(group->made.record, "gross", json_string(gross)) == 0
               ? STATUS_OK
               : err_set(err, STATUS_MEMORY, "no memory for a record");
}

const struct feed_format feed_invoices = {
    .name = "invoices",
    .columns = columns,
    .begin = begin,
    .extend = extend,
    .finish = finish,
};
