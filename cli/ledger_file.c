/*
 * Lines of a ledger file become exact minor units on one side; whether they are those of the book is asked in audit/completeness.c.
 */
#include "cli/ledger_file.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>

#include "audit/completeness.h"
#include "cli/csv.h"
#include "ledger/currency.h"
#include "ledger/money.h"

static const struct csv_column columns[] = {{"number", CSV_REQUIRED},   {"account", CSV_REQUIRED},
                                            {"debit", CSV_REQUIRED},    {"credit", CSV_REQUIRED},
                                            {"currency", CSV_REQUIRED}, {NULL, 0}};

/* The amount of a side; 0 where there is none. */
static enum status side_read(const struct csv_row *row, const char *side, int digits, int64_t *ret_minor,
                             struct err *err)
{
    const struct csv_field field = csv_field(row, side);
    struct err why = {.status = STATUS_OK};
    *ret_minor = 0;
    if (!field.present)
        return STATUS_OK;
    if (money_parse(field.text, field.length, digits, ret_minor, &why) != STATUS_OK)
        return csv_field_error(row, side, err, "%s", why.text);
    return *ret_minor < 0 ? csv_field_error(row, side, err, "below zero: write it on the other side") : STATUS_OK;
}

static enum status line_read(const struct csv_row *row, json_t *list, struct err *err)
{
    const char *const named[] = {"number", "account", "currency"};
    int64_t debit = 0, credit = 0;
    for (size_t i = 0; i < sizeof named / sizeof named[0]; i++)
        if (!csv_field(row, named[i]).present)
            return csv_field_error(row, named[i], err, "is empty");
    const char *currency = csv_field(row, "currency").text;
    const int digits = currency_digits(currency);
    if (digits < 0)
        return csv_field_error(row, "currency", err, "'%s' is no currency, as in USD", currency);
    enum status status = side_read(row, "debit", digits, &debit, err);
    if (status == STATUS_OK)
        status = side_read(row, "credit", digits, &credit, err);
    if (status == STATUS_OK && (debit == 0) == (credit == 0))
        status = csv_field_error(row, "debit", err, "one of debit and credit has to have an amount");
    if (status != STATUS_OK)
        return status;
    json_t *line = json_pack("[I, s, s, s, I, s]", (json_int_t)row->line, csv_field(row, "number").text,
                             csv_field(row, "account").text, debit != 0 ? "dr" : "cr",
                             (json_int_t)(debit != 0 ? debit : credit), currency);
    return json_array_append_new(list, line) == 0 ? STATUS_OK
                                                  : err_set(err, STATUS_MEMORY, "no memory for a ledger file");
}

enum status ledger_file_read(const char *path, char **ret_list, struct err *err)
{
    struct csv *csv = NULL;
    struct csv_row row;
    bool more = true;
    json_t *list = json_array();
    enum status status = csv_open(path, NULL, columns, &csv, err);
    while (status == STATUS_OK && more) {
        status = csv_next(csv, &row, &more, err);
        if (status != STATUS_OK || !more)
            break;
        status = json_array_size(list) < COMPLETENESS_LEDGER_LINES_MAX
                     ? line_read(&row, list, err)
                     : err_set(err, STATUS_LIMIT, "%s: more than %d lines: give it month by month, with --period", path,
                               COMPLETENESS_LEDGER_LINES_MAX);
    }
    csv_close(csv);
    if (status == STATUS_OK) {
        *ret_list = json_dumps(list, JSON_COMPACT);
        status = *ret_list != NULL ? STATUS_OK : err_set(err, STATUS_MEMORY, "no memory for a ledger file");
    }
    json_decref(list);
    return status;
}
