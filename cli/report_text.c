/*
 * Reports as text. Amounts and counts are grouped; hashes are cut to fit a terminal and stand whole elsewhere.
 */
#include "cli/report_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/report/header.h"
#include "cli/table.h"
#include "cli/terminal.h"

enum { LABEL_WIDTH = 15 };

static enum status field(void *context, const char *label, const char *text, struct err *err)
{
    struct cli *cli = context;
    (void)err;
    terminal_printf(cli->out, "%-*s %s", LABEL_WIDTH, label, text);
    fputc('\n', cli->out);
    return STATUS_OK;
}

struct printing {
    const json_t *header;
    struct table *table;
    size_t columns, rows;
};

static enum status row(void *context, const char *const cells[], struct err *err)
{
    struct printing *printing = context;
    const char *shown[REPORT_COLUMNS_MAX];
    char numbers[REPORT_COLUMNS_MAX][GROUPED_BYTES];
    (void)err;
    for (size_t i = 0; i < printing->columns; i++) {
        const enum report_type type = report_header_type(printing->header, i);
        shown[i] =
            type == REPORT_COUNT || type == REPORT_AMOUNT ? terminal_group_decimal(cells[i], numbers[i]) : cells[i];
    }
    table_row(printing->table, shown);
    printing->rows++;
    return STATUS_OK;
}

static unsigned flags_of(enum report_type type)
{
    switch (type) {
    case REPORT_COUNT:
    case REPORT_AMOUNT:
    case REPORT_PERCENT:
        return COLUMN_RIGHT;
    case REPORT_HASH:
        return COLUMN_CUT;
    case REPORT_TEXT:
    case REPORT_DATE:
    case REPORT_INSTANT:
        break;
    }
    return 0;
}

enum status report_text_print(struct cli *cli, const json_t *header, const struct report_rows *rows, struct err *err)
{
    struct printing printing = {.header = header, .columns = report_header_columns(header)};
    char names[REPORT_COLUMNS_MAX][REPORT_TITLE_BYTES];
    struct column columns[REPORT_COLUMNS_MAX + 1] = {{.name = NULL}};
    for (size_t i = 0; i < printing.columns; i++) {
        report_column_title(report_header_column(header, i), names[i]);
        for (char *at = names[i]; *at != '\0'; at++)
            *at = *at >= 'a' && *at <= 'z' ? (char)(*at - 'a' + 'A') : *at;
        columns[i] = (struct column){.name = names[i], .flags = flags_of(report_header_type(header, i))};
    }
    printing.table = table_new(cli, columns);
    enum status status = report_header_walk(header, field, cli, err);
    fputc('\n', cli->out);
    if (status == STATUS_OK)
        status = rows->walk(rows->context, row, &printing, err);
    if (status == STATUS_OK)
        status = table_print(printing.table, err);
    if (status == STATUS_OK && printing.rows == 0)
        fputs("no rows\n", cli->out);
    table_free(printing.table);
    return status;
}

bool report_text_is(struct slice bytes)
{
    char first[LABEL_WIDTH + 2];
    const int length = snprintf(first, sizeof first, "%-*s ", LABEL_WIDTH, "Report");
    return bytes.length >= (size_t)length && memcmp(bytes.bytes, first, (size_t)length) == 0;
}
