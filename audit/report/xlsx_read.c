/*
 * The sheets of a workbook as report_xlsx writes them, read back: text stands in the cells, amounts are taken from the column with
 * the exact text. The numbers beside it are seen when the workbook is written anew and compared.
 */
#include <stdlib.h>
#include <string.h>

#include "audit/report/header.h"
#include "audit/report/read.h"

enum { SHEET_COLUMNS_MAX = 2 * REPORT_COLUMNS_MAX };

/* Cells of one row: text still escaped, NULL where there is none. */
struct sheet_row {
    const char *text[SHEET_COLUMNS_MAX];
    size_t length[SHEET_COLUMNS_MAX];
};

static const char *find(const char *from, const char *end, const char *text)
{
    return from < end ? memmem(from, (size_t)(end - from), text, strlen(text)) : NULL;
}

/* "AB12" -> 27, at most SHEET_COLUMNS_MAX. */
static size_t column_of(const char *reference, const char *end)
{
    size_t column = 0;
    for (; reference < end && *reference >= 'A' && *reference <= 'Z' && column <= SHEET_COLUMNS_MAX; reference++)
        column = column * 26 + (size_t)(*reference - 'A') + 1;
    return column == 0 ? SHEET_COLUMNS_MAX : column - 1;
}

/* The text of a cell between at and end: in <t> or in <v>. */
static void cell_take(const char *at, const char *end, size_t column, struct sheet_row *row)
{
    const char *from = find(at, end, "<t"), *to = find(at, end, "</t>");
    if (from == NULL) {
        from = find(at, end, "<v");
        to = find(at, end, "</v>");
    }
    from = from != NULL ? find(from, end, ">") : NULL;
    if (from == NULL || to == NULL || from + 1 > to)
        return;
    row->text[column] = from + 1;
    row->length[column] = (size_t)(to - from - 1);
}

/* The next row of a sheet from *at on; false after the last. */
static bool row_next(const char **at, const char *end, struct sheet_row *ret_row)
{
    const char *from = find(*at, end, "<row "), *to = find(*at, end, "</row>");
    *ret_row = (struct sheet_row){.length = {0}};
    if (from == NULL || to == NULL)
        return false;
    for (const char *cell = find(from, to, "<c r=\""); cell != NULL;) {
        const char *next = find(cell + 1, to, "<c r=\"");
        const size_t column = column_of(cell + strlen("<c r=\""), to);
        if (column < SHEET_COLUMNS_MAX)
            cell_take(cell, next != NULL ? next : to, column, ret_row);
        cell = next;
    }
    *at = to + strlen("</row>");
    return true;
}

/* The last row of the first sheet has the header as data. */
static enum status header_read(struct slice bytes, json_t **ret_header, struct err *err)
{
    char *sheet = NULL;
    size_t length = 0;
    struct sheet_row row, last = {.length = {0}};
    enum status status = report_unzip(bytes, "xl/worksheets/sheet1.xml", &sheet, &length, err);
    const char *at = sheet;
    while (status == STATUS_OK && row_next(&at, sheet + length, &row))
        last = row;
    json_t *text = status == STATUS_OK && last.text[1] != NULL ? report_unescape(last.text[1], last.length[1]) : NULL;
    if (status == STATUS_OK && text == NULL)
        status = err_set(err, STATUS_INPUT, "no report: its first sheet has no header block as data");
    if (status == STATUS_OK)
        status = report_read_sidecar(slice_of(json_string_value(text), json_string_length(text)), ret_header, err);
    json_decref(text);
    free(sheet);
    return status;
}

static enum status row_take(const struct sheet_row *from, struct report_copy *copy, struct err *err)
{
    const size_t columns = report_header_columns(copy->header);
    json_t *row = json_array();
    size_t at = 0;
    for (size_t i = 0; i < columns; i++, at++) {
        at += report_header_type(copy->header, i) == REPORT_AMOUNT;
        json_t *cell = from->text[at] != NULL ? report_unescape(from->text[at], from->length[at]) : json_string("");
        if (cell == NULL || json_array_append_new(row, cell) != 0) {
            json_decref(row);
            return err_set(err, STATUS_INPUT, "row %zu has a cell that is no text", json_array_size(copy->rows) + 1);
        }
    }
    return json_array_append_new(copy->rows, row) == 0 ? STATUS_OK : err_set(err, STATUS_MEMORY, "no memory for rows");
}

enum status report_xlsx_read(struct slice bytes, struct report_copy *ret_copy, struct err *err)
{
    char *sheet = NULL;
    size_t length = 0;
    struct sheet_row row;
    enum status status = header_read(bytes, &ret_copy->header, err);
    if (status == STATUS_OK)
        status = report_unzip(bytes, "xl/worksheets/sheet2.xml", &sheet, &length, err);
    const char *at = sheet;
    if (status == STATUS_OK && !row_next(&at, sheet + length, &row))
        status = err_set(err, STATUS_INPUT, "no report: its second sheet has no heads");
    while (status == STATUS_OK && row_next(&at, sheet + length, &row))
        status = row_take(&row, ret_copy, err);
    free(sheet);
    return status;
}
