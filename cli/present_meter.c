/*
 * Meter reads and bills for people. Amounts of bills are net, as they were recomputed; what the documents move has the tax.
 */
#include "cli/present_meter.h"

#include <stdio.h>
#include <string.h>

#include "cli/output.h"
#include "cli/present.h"
#include "cli/table.h"
#include "controls/meter.h"
#include "ledger/currency.h"
#include "ledger/money.h"
#include "ledger/schema.h"

static const struct column read_columns[] = {
    {"READ", 0},
    {"DEVICE", 0},
    {"METER", 0},
    {"VALUE", COLUMN_RIGHT},
    {"CORRECTED", COLUMN_RIGHT},
    {"USAGE", COLUMN_RIGHT},
    {"NEW USAGE", COLUMN_RIGHT},
    {"INVOICE", 0},
    {0},
};

static const struct column bill_columns[] = {
    {"INVOICE", 0},
    {"LINE", 0},
    {"DEVICE OR POOL", 0},
    {"METER", 0},
    {"BILLED", COLUMN_RIGHT},
    {"CORRECTED", COLUMN_RIGHT},
    {"DIFFERENCE", COLUMN_RIGHT},
    {0},
};

static enum status show_reads(struct cli *cli, const json_t *rows, struct err *err)
{
    struct table *table = table_new(cli, read_columns);
    for (size_t i = 0; i < json_array_size(rows); i++) {
        static const char *const numbers[] = {"value", "corrected", "usage", "usage_corrected"};
        const json_t *row = json_array_get(rows, i);
        char text[4][GROUPED_BYTES];
        for (size_t n = 0; n < 4; n++)
            terminal_group_integer(member_integer(row, numbers[n]), text[n]);
        const char *cells[] = {member_text(row, "read"),
                               member_text(row, "device"),
                               member_text(row, "meter"),
                               text[0],
                               text[1],
                               text[2],
                               text[3],
                               member_text(row, "invoice")};
        table_row(table, cells);
        if (member_integer(row, "value") != member_integer(row, "corrected"))
            table_style(table, 4, STYLE_STRONG);
    }
    enum status status = table_print(table, err);
    table_free(table);
    return status;
}

static enum status difference_of(const json_t *charge, const char *currency, char ret_text[static MONEY_TEXT_MAX],
                                 struct err *err)
{
    const char *billed_text = member_text(charge, "billed"), *right_text = member_text(charge, "corrected");
    int64_t billed, right, difference;
    int digits = currency_digits(currency);
    enum status status = money_parse(billed_text, strlen(billed_text), digits, &billed, err);
    if (status == STATUS_OK)
        status = money_parse(right_text, strlen(right_text), digits, &right, err);
    if (status == STATUS_OK)
        status = money_sub(right, billed, &difference, err);
    if (status == STATUS_OK)
        money_format_grouped(difference, digits, ret_text);
    return status;
}

static const char *term_of(const json_t *charge)
{
    const char *device = member_text(charge, "device");
    return device != NULL ? device : member_text(charge, "pool");
}

static enum status add_bills(struct table *table, const json_t *charges, const char *currency, struct err *err)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(charges); i++) {
        const json_t *charge = json_array_get(charges, i);
        char difference[MONEY_TEXT_MAX];
        status = difference_of(charge, currency, difference, err);
        if (status != STATUS_OK)
            break;
        const char *cells[] = {member_text(charge, "invoice"),
                               member_text(charge, "line"),
                               term_of(charge),
                               member_text(charge, "meter"),
                               member_text(charge, "billed"),
                               member_text(charge, "corrected"),
                               difference};
        table_row(table, cells);
    }
    return status;
}

enum status present_meter_outcome(struct cli *cli, const char *currency, const struct meter_outcome *outcome,
                                  struct err *err)
{
    if (cli->json) {
        json_t *bills = json_deep_copy(outcome->down.charges);
        json_array_extend(bills, outcome->up.charges);
        (void)out_json(cli,
                       json_pack("{s:o, s:s, s:O}", "charges", bills, "currency", currency, "reads", outcome->rows));
        return STATUS_OK;
    }
    enum status status = show_reads(cli, outcome->rows, err);
    if (status != STATUS_OK)
        return status;
    struct table *table = table_new(cli, bill_columns);
    status = add_bills(table, outcome->down.charges, currency, err);
    if (status == STATUS_OK)
        status = add_bills(table, outcome->up.charges, currency, err);
    if (status == STATUS_OK)
        status = table_print(table, err);
    table_free(table);
    return status;
}

void present_meter_lines(struct block *block, const json_t *document)
{
    const json_t *reads = json_object_get(document, "reads"), *charges = json_object_get(document, "charges");
    if (member_text(document, "contract") != NULL)
        block_line(block, "contract", "%s", member_text(document, "contract"));
    for (size_t i = 0; i < json_array_size(reads); i++) {
        const json_t *read = json_array_get(reads, i), *replaced = json_object_get(read, "replaced");
        char value[GROUPED_BYTES], final[GROUPED_BYTES], start[GROUPED_BYTES];
        block_line(block, i == 0 ? "reads" : "", "%s should be %s   %s%s%s%s%s", member_text(read, "read"),
                   terminal_group_integer(member_integer(read, "value"), value), member_text(read, "source"),
                   replaced != NULL ? "   counter exchanged at " : "",
                   replaced != NULL ? terminal_group_integer(member_integer(replaced, "final"), final) : "",
                   replaced != NULL ? ", begins at " : "",
                   replaced != NULL ? terminal_group_integer(member_integer(replaced, "start"), start) : "");
    }
    for (size_t i = 0; i < json_array_size(charges); i++) {
        const json_t *charge = json_array_get(charges, i);
        const char *line = member_text(charge, "line");
        block_line(block, i == 0 ? "bills" : "", "%s%s%s   %s of %s   billed %s   comes to %s",
                   member_text(charge, "invoice"), line != NULL ? " line " : "", line != NULL ? line : "",
                   member_text(charge, "meter"), term_of(charge), member_text(charge, "billed"),
                   member_text(charge, "corrected"));
    }
}
