/*
 * Fields of a row into members of a record: each function looks at one field, reports what is wrong with it, and keeps it
 * in its canonical form otherwise.
 */
#include "cli/feed_parts.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cli/compose.h"
#include "ledger/decimal.h"
#include "ledger/instant.h"
#include "ledger/money.h"
#include "ledger/schema.h"
#include "ledger/text.h"

void feed_tell(struct feed_reader *reader, const struct err *err)
{
    reader->problems++;
    reader->report(reader->context, err);
}

void feed_bad(struct feed_reader *reader, struct feed_group *group, const char *name, const char *format, ...)
{
    struct err err;
    char text[ERR_TEXT_BYTES];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    (void)!csv_field_error(&reader->row, name, &err, "%s", text);
    feed_tell(reader, &err);
    group->bad = true;
}

const char *feed_shown(const struct csv_field *field, char ret_text[static TEXT_SHOW_MAX])
{
    text_show(field->text, field->length, ret_text);
    return ret_text;
}

void feed_take_text(struct feed_reader *reader, struct feed_group *group, const char *name, const char *text)
{
    if (json_object_set_new(group->made.record, name, json_string(text)) != 0)
        feed_bad(reader, group, name, "cannot be kept");
}

void feed_take_id(struct feed_reader *reader, struct feed_group *group, const char *name)
{
    char text[TEXT_SHOW_MAX];
    const struct csv_field field = csv_field(&reader->row, name);
    if (!field.present)
        feed_bad(reader, group, name, "is missing");
    else if (!text_is_id(field.text, field.length))
        feed_bad(reader, group, name, "\"%s\": letters, digits and . _ : / @ -, at most %d", feed_shown(&field, text),
                 ID_BYTES_MAX);
    else
        feed_take_text(reader, group, name, field.text);
}

void feed_take_date(struct feed_reader *reader, struct feed_group *group, const char *name)
{
    char text[TEXT_SHOW_MAX];
    int32_t days;
    struct err err;
    const struct csv_field field = csv_field(&reader->row, name);
    if (!field.present)
        feed_bad(reader, group, name, "is missing");
    else if (date_parse(field.text, field.length, &days, &err) != STATUS_OK)
        feed_bad(reader, group, name, "\"%s\": a date is written YYYY-MM-DD", feed_shown(&field, text));
    else
        feed_take_text(reader, group, name, field.text);
}

void feed_take_currency(struct feed_reader *reader, struct feed_group *group)
{
    char text[TEXT_SHOW_MAX];
    const struct csv_field field = csv_field(&reader->row, "currency");
    if (!field.present)
        feed_bad(reader, group, "currency", "is missing");
    else if (field.length != 3 || currency_digits(field.text) < 0)
        feed_bad(reader, group, "currency", "\"%s\": three capital letters of ISO 4217", feed_shown(&field, text));
    else
        snprintf(group->made.currency, sizeof group->made.currency, "%s", field.text);
}

bool feed_read_amount(struct feed_reader *reader, struct feed_group *group, const char *name,
                      char ret_text[static MONEY_TEXT_MAX], int64_t *ret_minor)
{
    struct err err;
    const struct csv_field field = csv_field(&reader->row, name);
    const char *currency = group->made.currency;
    if (!field.present) {
        feed_bad(reader, group, name, "is missing");
        return false;
    }
    if (currency[0] == '\0')
        return false;
    if (compose_amount(field.text, currency, ret_text, &err) != STATUS_OK ||
        money_parse(ret_text, strlen(ret_text), currency_digits(currency), ret_minor, &err) != STATUS_OK) {
        feed_bad(reader, group, name, "%s", err.text);
        return false;
    }
    return true;
}

void feed_check_same(struct feed_reader *reader, struct feed_group *group, const char *name, const char *first)
{
    const struct csv_field field = csv_field(&reader->row, name);
    char text[TEXT_SHOW_MAX];
    if (first != NULL && strcmp(field.text, first) != 0)
        feed_bad(reader, group, name, "\"%s\": the row before says %s for the same %s", feed_shown(&field, text), first,
                 reader->sort->id);
}

void feed_take_days(struct feed_reader *reader, struct feed_group *group, const char *name, int max)
{
    uint64_t days;
    struct err err;
    char text[TEXT_SHOW_MAX];
    const struct csv_field field = csv_field(&reader->row, name);
    if (!field.present)
        feed_bad(reader, group, name, "is missing");
    else if (decimal_parse(field.text, field.length, &days, &err) != STATUS_OK || days > (uint64_t)max)
        feed_bad(reader, group, name, "\"%s\": a number of days, 0 to %d", feed_shown(&field, text), max);
    else if (json_object_set_new(group->made.record, name, json_integer((json_int_t)days)) != 0)
        feed_bad(reader, group, name, "cannot be kept");
}

void feed_take_yes(struct feed_reader *reader, struct feed_group *group, const char *name)
{
    char text[TEXT_SHOW_MAX];
    const struct csv_field field = csv_field(&reader->row, name);
    if (!field.present || strcmp(field.text, "no") == 0)
        return;
    if (strcmp(field.text, "yes") != 0)
        feed_bad(reader, group, name, "\"%s\": yes or no", feed_shown(&field, text));
    else if (json_object_set_new(group->made.record, name, json_true()) != 0)
        feed_bad(reader, group, name, "cannot be kept");
}
