/*
 * Rows of customers, invoices and cash into records (FORMAT.md 5.4). Adjacent rows of one invoice are its tax codes, of
 * one receipt what it was applied to. Every field of a row is looked at, so that one run tells all there is to mend.
 * Bodies of statements are cut by feed_cutter.c.
 */
#include "cli/feed_file.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/compose.h"
#include "cli/csv.h"
#include "cli/session.h"
#include "ledger/decimal.h"
#include "ledger/instant.h"
#include "ledger/money.h"
#include "ledger/schema.h"
#include "ledger/text.h"

enum {
    TERMS_DAYS_MAX = 3650,          /* ten years to pay: more is a slip */
    ROW_ID_BYTES = ID_BYTES_MAX + 2 /* an id that is too long stays too long when cut */
};

static const struct csv_column customer_columns[] = {
    {"customer", CSV_REQUIRED},
    {"group", 0},
    {"currency", CSV_REQUIRED},
    {"limit", CSV_REQUIRED},
    {"terms_days", CSV_REQUIRED},
    {"related", 0},
    {"name", 0},
    {"tax_id", 0},
    {"bank_account", 0},
    {"address", 0},
    {"email", 0},
    {"at", 0},
    {NULL, 0},
};
static const struct csv_column invoice_columns[] = {
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
static const struct csv_column cash_columns[] = {
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

static const struct {
    const char *name;
    const char *id;
    const struct csv_column *columns;
} kinds[FEED_KIND_COUNT] = {
    [FEED_CUSTOMERS] = {"customers", "customer", customer_columns},
    [FEED_INVOICES] = {"invoices", "invoice", invoice_columns},
    [FEED_CASH] = {"cash", "receipt", cash_columns},
};

struct feed_reader {
    enum feed_kind kind;
    struct csv *csv;
    feed_report *report;
    void *context;
    int64_t problems;
    struct csv_row row; /* read, and not yet in a record */
    bool has_row;
    bool ended;
};

/* A record while its rows come in. */
struct group {
    struct feed_record made;
    json_t *parts; /* taxes or applied; lends from made.record */
    int64_t parts_minor;
    bool bad;
};

const char *feed_kind_name(enum feed_kind kind)
{
    return kind < FEED_KIND_COUNT ? kinds[kind].name : NULL;
}

const char *feed_kind_id(enum feed_kind kind)
{
    return kinds[kind].id;
}

enum status feed_kind_from_name(const char *name, enum feed_kind *ret_kind, struct err *err)
{
    for (int i = 0; i < FEED_KIND_COUNT; i++) {
        if (strcmp(kinds[i].name, name) == 0) {
            *ret_kind = (enum feed_kind)i;
            return STATUS_OK;
        }
    }
    return err_set(err, STATUS_INPUT, "a feed is customers, invoices or cash");
}

void feed_record_done(struct feed_record *record)
{
    if (record == NULL)
        return;
    json_decref(record->record);
    free(record->name);
    for (int i = 0; i < ATTRIBUTE_COUNT; i++)
        free(record->attributes[i]);
    *record = (struct feed_record){.record = NULL};
}

enum status feed_reader_open(const char *path, enum feed_kind kind, feed_report *report, void *context,
                             struct feed_reader **ret_reader, struct err *err)
{
    struct feed_reader *reader = calloc(1, sizeof *reader);
    if (reader == NULL)
        return err_set(err, STATUS_MEMORY, "no memory to read %s", path);
    *reader = (struct feed_reader){.kind = kind, .report = report, .context = context};
    enum status status = csv_open(path, NULL, kinds[kind].columns, &reader->csv, err);
    if (status != STATUS_OK) {
        free(reader);
        return status;
    }
    *ret_reader = reader;
    return STATUS_OK;
}

void feed_reader_close(struct feed_reader *reader)
{
    if (reader == NULL)
        return;
    csv_close(reader->csv);
    free(reader);
}

int64_t feed_reader_problems(const struct feed_reader *reader)
{
    return reader->problems;
}

static void tell(struct feed_reader *reader, const struct err *err)
{
    reader->problems++;
    reader->report(reader->context, err);
}

void feed_reader_problem(struct feed_reader *reader, const struct feed_record *record, const char *format, ...)
{
    struct err err;
    char text[ERR_TEXT_BYTES];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    (void)!err_set(&err, STATUS_INPUT, "%s:%lld: %s %s: %s", csv_path(reader->csv), (long long)record->line,
                   kinds[reader->kind].id, record->id, text);
    tell(reader, &err);
}

/* A problem with a field of the row at hand. */
static void field_bad(struct feed_reader *reader, struct group *group, const char *name, const char *format, ...)
    PRINTF_LIKE(4, 5);
static void field_bad(struct feed_reader *reader, struct group *group, const char *name, const char *format, ...)
{
    struct err err;
    char text[ERR_TEXT_BYTES];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    (void)!csv_field_error(&reader->row, name, &err, "%s", text);
    tell(reader, &err);
    group->bad = true;
}

/* The text of a field, shown harmlessly and short. */
static const char *shown(const struct csv_field *field, char ret_text[static TEXT_SHOW_MAX])
{
    text_show(field->text, field->length, ret_text);
    return ret_text;
}

static void take_text(struct feed_reader *reader, struct group *group, const char *name, const char *text)
{
    if (json_object_set_new(group->made.record, name, json_string(text)) != 0)
        field_bad(reader, group, name, "cannot be kept");
}

static void take_id(struct feed_reader *reader, struct group *group, const char *name)
{
    char text[TEXT_SHOW_MAX];
    const struct csv_field field = csv_field(&reader->row, name);
    if (!field.present)
        field_bad(reader, group, name, "is missing");
    else if (!text_is_id(field.text, field.length))
        field_bad(reader, group, name, "\"%s\": letters, digits and . _ : / @ -, at most %d", shown(&field, text),
                  ID_BYTES_MAX);
    else
        take_text(reader, group, name, field.text);
}

static void take_date(struct feed_reader *reader, struct group *group, const char *name)
{
    char text[TEXT_SHOW_MAX];
    int32_t days;
    struct err err;
    const struct csv_field field = csv_field(&reader->row, name);
    if (!field.present)
        field_bad(reader, group, name, "is missing");
    else if (date_parse(field.text, field.length, &days, &err) != STATUS_OK)
        field_bad(reader, group, name, "\"%s\": a date is written YYYY-MM-DD", shown(&field, text));
    else
        take_text(reader, group, name, field.text);
}

static void take_currency(struct feed_reader *reader, struct group *group)
{
    char text[TEXT_SHOW_MAX];
    const struct csv_field field = csv_field(&reader->row, "currency");
    if (!field.present)
        field_bad(reader, group, "currency", "is missing");
    else if (field.length != 3 || currency_digits(field.text) < 0)
        field_bad(reader, group, "currency", "\"%s\": three capital letters of ISO 4217", shown(&field, text));
    else
        snprintf(group->made.currency, sizeof group->made.currency, "%s", field.text);
}

/* An amount in the record's currency; canonical text and minor units. Where the currency is bad, nothing more is told. */
static bool read_amount(struct feed_reader *reader, struct group *group, const char *name,
                        char ret_text[static MONEY_TEXT_MAX], int64_t *ret_minor)
{
    struct err err;
    const struct csv_field field = csv_field(&reader->row, name);
    const char *currency = group->made.currency;
    if (!field.present) {
        field_bad(reader, group, name, "is missing");
        return false;
    }
    if (currency[0] == '\0')
        return false;
    if (compose_amount(field.text, currency, ret_text, &err) != STATUS_OK ||
        money_parse(ret_text, strlen(ret_text), currency_digits(currency), ret_minor, &err) != STATUS_OK) {
        field_bad(reader, group, name, "%s", err.text);
        return false;
    }
    return true;
}

static void take_at(struct feed_reader *reader, struct group *group)
{
    struct err err;
    const struct csv_field field = csv_field(&reader->row, "at");
    if (!field.present)
        return;
    if (session_read_time(field.text, &group->made.at_ms, &err) != STATUS_OK)
        field_bad(reader, group, "at", "%s", err.text);
    else
        group->made.has_at = true;
}

/* What a later row of the same record says again has to be what the first one said. */
static void check_same(struct feed_reader *reader, struct group *group, const char *name, const char *first)
{
    const struct csv_field field = csv_field(&reader->row, name);
    char text[TEXT_SHOW_MAX];
    if (first != NULL && strcmp(field.text, first) != 0)
        field_bad(reader, group, name, "\"%s\": the row before says %s for the same %s", shown(&field, text), first,
                  kinds[reader->kind].id);
}

/* customers */

static void take_terms(struct feed_reader *reader, struct group *group)
{
    uint64_t days;
    struct err err;
    char text[TEXT_SHOW_MAX];
    const struct csv_field field = csv_field(&reader->row, "terms_days");
    if (!field.present)
        field_bad(reader, group, "terms_days", "is missing");
    else if (decimal_parse(field.text, field.length, &days, &err) != STATUS_OK || days > TERMS_DAYS_MAX)
        field_bad(reader, group, "terms_days", "\"%s\": a number of days, 0 to %d", shown(&field, text),
                  TERMS_DAYS_MAX);
    else if (json_object_set_new(group->made.record, "terms_days", json_integer((json_int_t)days)) != 0)
        field_bad(reader, group, "terms_days", "cannot be kept");
}

static void take_related(struct feed_reader *reader, struct group *group)
{
    char text[TEXT_SHOW_MAX];
    const struct csv_field field = csv_field(&reader->row, "related");
    if (!field.present || strcmp(field.text, "no") == 0)
        return;
    if (strcmp(field.text, "yes") != 0)
        field_bad(reader, group, "related", "\"%s\": yes or no", shown(&field, text));
    else if (json_object_set_new(group->made.record, "related", json_true()) != 0)
        field_bad(reader, group, "related", "cannot be kept");
}

static void take_name(struct feed_reader *reader, struct group *group)
{
    const struct csv_field field = csv_field(&reader->row, "name");
    if (!field.present)
        return;
    if (field.length > NOTE_BYTES_MAX)
        field_bad(reader, group, "name", "is longer than %d bytes", NOTE_BYTES_MAX);
    else if ((group->made.name = strdup(field.text)) == NULL)
        field_bad(reader, group, "name", "cannot be kept");
}

static void take_attribute(struct feed_reader *reader, struct group *group, enum attribute attribute)
{
    const char *column = attribute_column(attribute);
    const struct csv_field field = csv_field(&reader->row, column);
    if (!field.present)
        return;
    if (field.length > ATTRIBUTE_BYTES_MAX)
        field_bad(reader, group, column, "is longer than %d bytes", ATTRIBUTE_BYTES_MAX);
    else if ((group->made.attributes[attribute] = strdup(field.text)) == NULL)
        field_bad(reader, group, column, "cannot be kept");
}

static void begin_customer(struct feed_reader *reader, struct group *group)
{
    char limit[MONEY_TEXT_MAX];
    int64_t minor;
    take_id(reader, group, "customer");
    if (csv_field(&reader->row, "group").present)
        take_id(reader, group, "group");
    else if (member_text(group->made.record, "customer") != NULL)
        take_text(reader, group, "group", member_text(group->made.record, "customer"));
    take_currency(reader, group);
    take_text(reader, group, "currency", group->made.currency);
    if (read_amount(reader, group, "limit", limit, &minor)) {
        if (minor < 0)
            field_bad(reader, group, "limit", "\"%s\": zero or more", limit);
        take_text(reader, group, "limit", limit);
    }
    take_terms(reader, group);
    take_related(reader, group);
    take_name(reader, group);
    for (int i = 0; i < ATTRIBUTE_COUNT; i++)
        take_attribute(reader, group, (enum attribute)i);
}

/* invoices */

static void add_tax(struct feed_reader *reader, struct group *group)
{
    char net_text[MONEY_TEXT_MAX], tax_text[MONEY_TEXT_MAX], text[TEXT_SHOW_MAX];
    int64_t net = 0, tax = 0;
    struct err err;
    const struct csv_field code = csv_field(&reader->row, "tax_code");
    bool both = read_amount(reader, group, "net", net_text, &net);
    both = read_amount(reader, group, "tax", tax_text, &tax) && both;
    if (!code.present)
        field_bad(reader, group, "tax_code", "is missing");
    else if (!text_is_code(code.text, code.length))
        field_bad(reader, group, "tax_code", "\"%s\": a code of A-Z, 0-9, - and _", shown(&code, text));
    else
        for (size_t i = 0; i < json_array_size(group->parts); i++)
            if (strcmp(member_text(json_array_get(group->parts, i), "code"), code.text) == 0)
                field_bad(reader, group, "tax_code", "%s: stands twice in one invoice", code.text);
    if (group->bad || !both)
        return;
    if (money_add(group->made.amount_minor, net, &group->made.amount_minor, &err) != STATUS_OK ||
        money_add(group->made.amount_minor, tax, &group->made.amount_minor, &err) != STATUS_OK)
        field_bad(reader, group, "net", "%s", err.text);
    else if (json_array_append_new(
                 group->parts, json_pack("{s:s, s:s, s:s}", "code", code.text, "net", net_text, "tax", tax_text)) != 0)
        field_bad(reader, group, "net", "cannot be kept");
}

static void begin_invoice(struct feed_reader *reader, struct group *group)
{
    take_id(reader, group, "invoice");
    take_id(reader, group, "customer");
    take_date(reader, group, "date");
    take_date(reader, group, "due");
    take_currency(reader, group);
    json_object_set_new(group->made.record, "taxes", json_array());
    group->parts = json_object_get(group->made.record, "taxes");
    add_tax(reader, group);
}

static void extend_invoice(struct feed_reader *reader, struct group *group)
{
    check_same(reader, group, "customer", member_text(group->made.record, "customer"));
    check_same(reader, group, "date", member_text(group->made.record, "date"));
    check_same(reader, group, "due", member_text(group->made.record, "due"));
    check_same(reader, group, "currency", group->made.currency[0] != '\0' ? group->made.currency : NULL);
    add_tax(reader, group);
}

/* cash */

static void add_applied(struct feed_reader *reader, struct group *group)
{
    char amount[MONEY_TEXT_MAX], text[TEXT_SHOW_MAX];
    int64_t minor = 0;
    struct err err;
    const struct csv_field invoice = csv_field(&reader->row, "invoice");
    const struct csv_field applied = csv_field(&reader->row, "applied");
    if (!invoice.present && !applied.present)
        return;
    if (!invoice.present)
        field_bad(reader, group, "invoice", "is missing: to which invoice was it applied?");
    else if (!text_is_id(invoice.text, invoice.length))
        field_bad(reader, group, "invoice", "\"%s\": letters, digits and . _ : / @ -, at most %d",
                  shown(&invoice, text), ID_BYTES_MAX);
    if (!read_amount(reader, group, "applied", amount, &minor) || group->bad)
        return;
    if (money_add(group->parts_minor, minor, &group->parts_minor, &err) != STATUS_OK)
        field_bad(reader, group, "applied", "%s", err.text);
    else if (json_array_append_new(group->parts, json_pack("{s:s, s:s}", "amount", amount, "invoice", invoice.text)) !=
             0)
        field_bad(reader, group, "applied", "cannot be kept");
    else if (group->parts_minor > group->made.amount_minor)
        field_bad(reader, group, "applied", "\"%s\": more is applied than the receipt's amount", amount);
}

static void begin_cash(struct feed_reader *reader, struct group *group)
{
    char amount[MONEY_TEXT_MAX];
    take_id(reader, group, "receipt");
    take_id(reader, group, "customer");
    take_date(reader, group, "date");
    take_currency(reader, group);
    json_object_set_new(group->made.record, "applied", json_array());
    group->parts = json_object_get(group->made.record, "applied");
    if (read_amount(reader, group, "amount", amount, &group->made.amount_minor)) {
        if (group->made.amount_minor <= 0)
            field_bad(reader, group, "amount", "\"%s\": has to be above zero", amount);
        take_text(reader, group, "amount", amount);
    }
    add_applied(reader, group);
}

static void extend_cash(struct feed_reader *reader, struct group *group)
{
    char amount[MONEY_TEXT_MAX];
    int64_t minor = 0;
    check_same(reader, group, "customer", member_text(group->made.record, "customer"));
    check_same(reader, group, "date", member_text(group->made.record, "date"));
    check_same(reader, group, "currency", group->made.currency[0] != '\0' ? group->made.currency : NULL);
    if (read_amount(reader, group, "amount", amount, &minor) && minor != group->made.amount_minor)
        field_bad(reader, group, "amount", "\"%s\": the row before says another amount for the same receipt", amount);
    add_applied(reader, group);
}

/* All kinds */

static void begin_group(struct feed_reader *reader, struct group *group)
{
    group->made.line = reader->row.line;
    take_at(reader, group);
    switch (reader->kind) {
    case FEED_CUSTOMERS:
        begin_customer(reader, group);
        break;
    case FEED_INVOICES:
        begin_invoice(reader, group);
        break;
    case FEED_CASH:
        begin_cash(reader, group);
        break;
    case FEED_KIND_COUNT:
        break;
    }
}

static void extend_group(struct feed_reader *reader, struct group *group)
{
    struct group again = {.made = {.at_ms = group->made.at_ms}};
    take_at(reader, &again);
    if (again.made.has_at != group->made.has_at || again.made.at_ms != group->made.at_ms)
        field_bad(reader, group, "at", "another time than in the row before, for the same %s", kinds[reader->kind].id);
    if (reader->kind == FEED_INVOICES)
        extend_invoice(reader, group);
    else
        extend_cash(reader, group);
}

static bool row_belongs(const struct feed_reader *reader, const char *id)
{
    return reader->kind != FEED_CUSTOMERS && id[0] != '\0' &&
           strcmp(csv_field(&reader->row, kinds[reader->kind].id).text, id) == 0;
}

static enum status read_row(struct feed_reader *reader, struct err *err)
{
    bool more = false;
    enum status status = csv_next(reader->csv, &reader->row, &more, err);
    reader->has_row = status == STATUS_OK && more;
    reader->ended = status == STATUS_OK && !more;
    return status;
}

/* The rows of one record, from the one at hand. */
static enum status read_group(struct feed_reader *reader, struct group *group, struct err *err)
{
    char id[ROW_ID_BYTES];
    snprintf(id, sizeof id, "%s", csv_field(&reader->row, kinds[reader->kind].id).text);
    begin_group(reader, group);
    enum status status = read_row(reader, err);
    while (status == STATUS_OK && reader->has_row && row_belongs(reader, id)) {
        extend_group(reader, group);
        status = read_row(reader, err);
    }
    return status;
}

static enum status finish_group(struct feed_reader *reader, struct group *group, struct err *err)
{
    char gross[MONEY_TEXT_MAX];
    group->made.id = member_text(group->made.record, kinds[reader->kind].id);
    if (reader->kind != FEED_INVOICES)
        return STATUS_OK;
    money_format(group->made.amount_minor, currency_digits(group->made.currency), gross);
    return json_object_set_new(group->made.record, "gross", json_string(gross)) == 0
               ? STATUS_OK
               : err_set(err, STATUS_MEMORY, "no memory for a record");
}

enum status feed_reader_next(struct feed_reader *reader, struct feed_record *ret_record, bool *ret_more,
                             struct err *err)
{
    enum status status = STATUS_OK;
    if (!reader->has_row && !reader->ended)
        status = read_row(reader, err);
    while (status == STATUS_OK && reader->has_row) {
        struct group group = {.made = {.record = json_object()}};
        if (group.made.record == NULL)
            return err_set(err, STATUS_MEMORY, "no memory for a record");
        status = read_group(reader, &group, err);
        if (status == STATUS_OK && !group.bad)
            status = finish_group(reader, &group, err);
        if (status == STATUS_OK && !group.bad) {
            *ret_record = group.made;
            *ret_more = true;
            return STATUS_OK;
        }
        feed_record_done(&group.made);
    }
    if (status == STATUS_OK)
        *ret_more = false;
    return status;
}
