/*
 * A report as a workbook: the header block on a sheet of its own, rows on the second. Excel keeps 15 digits, so each amount
 * stands twice, as a number and as exact text. Text is written as text whatever it begins with. Memory does not grow with rows.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xlsxwriter.h>

#include "audit/report/header.h"
#include "audit/report/write.h"
#include "audit/scratch.h"
#include "ledger/instant.h"

enum {
    SHEET_ROWS_MAX = 1048576, /* the format's own */
    CELL_BYTES_MAX = 32767,   /* and in characters */
    COPY_BYTES = 1 << 16,
    MINOR_DIGITS_MAX = 18
};

struct book {
    lxw_workbook *workbook;
    lxw_worksheet *about, *rows;
    lxw_format *bold, *wrap, *count;
    lxw_format *amounts[5]; /* by decimals */
    const json_t *header;
    size_t columns;
    lxw_row_t next;
};

static enum status written(lxw_error error, struct err *err)
{
    if (error == LXW_NO_ERROR)
        return STATUS_OK;
    if (error == LXW_ERROR_MAX_STRING_LENGTH_EXCEEDED)
        return err_set(err, STATUS_LIMIT, "a cell is longer than the %d characters that a sheet takes: ask for csv",
                       CELL_BYTES_MAX);
    return err_set(err, STATUS_IO, "cannot write the workbook: %s", lxw_strerror(error));
}

static enum status text_put(struct book *book, lxw_worksheet *sheet, lxw_col_t column, const char *text,
                            struct err *err)
{
    lxw_row_t row = book->next;
    if (text[0] == '\0')
        return STATUS_OK;
    return written(worksheet_write_string(sheet, row, column, text, NULL), err);
}

/* Exact below 2^53, the nearest double above: the exact text stands beside it. */
static double number_of(const char *cell)
{
    const size_t sign = cell[0] == '-';
    double value = 0, scale = 1;
    bool behind = false;
    int64_t digits = 0;
    for (const char *at = cell + sign; *at != '\0'; at++) {
        behind = behind || *at == '.';
        if (*at == '.')
            continue;
        digits = digits * 10 + (*at - '0'); /* a cell of ours: within 64 bits */
        scale *= behind ? 10 : 1;
    }
    value = (double)digits / scale;
    return sign == 1 ? -value : value;
}

static lxw_format *amount_format(const struct book *book, const char *cell)
{
    const char *dot = strchr(cell, '.');
    const size_t decimals = dot != NULL ? strlen(dot + 1) : 0;
    return book->amounts[decimals < 4 ? decimals : 4];
}

static enum status row(void *context, const char *const cells[], struct err *err)
{
    struct book *book = context;
    lxw_col_t at = 0;
    enum status status = STATUS_OK;
    if (book->next >= SHEET_ROWS_MAX)
        return err_set(err, STATUS_LIMIT, "a sheet takes %d rows: ask for csv", SHEET_ROWS_MAX);
    for (size_t i = 0; status == STATUS_OK && i < book->columns; i++) {
        const enum report_type type = report_header_type(book->header, i);
        const char *cell = cells[i];
        if (type == REPORT_AMOUNT && cell[0] != '\0')
            status = written(
                worksheet_write_number(book->rows, book->next, at, number_of(cell), amount_format(book, cell)), err);
        at = (lxw_col_t)(at + (type == REPORT_AMOUNT));
        if (status == STATUS_OK && type == REPORT_COUNT && cell[0] != '\0')
            status = written(worksheet_write_number(book->rows, book->next, at, number_of(cell), book->count), err);
        else if (status == STATUS_OK)
            status = text_put(book, book->rows, at, cell, err);
        at++;
    }
    book->next++;
    return status;
}

static double column_width(enum report_type type)
{
    switch (type) {
    case REPORT_COUNT:
    case REPORT_PERCENT:
        return 10;
    case REPORT_AMOUNT:
        return 15;
    case REPORT_DATE:
        return 12;
    case REPORT_INSTANT:
        return 25;
    case REPORT_HASH:
        return 20;
    case REPORT_TEXT:
        break;
    }
    return 18;
}

/* Heads in row 0, frozen. *ret_last: the last column of the sheet. */
static enum status heads(struct book *book, lxw_col_t *ret_last, struct err *err)
{
    char title[REPORT_TITLE_BYTES + 16];
    lxw_col_t at = 0;
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < book->columns; i++) {
        const enum report_type type = report_header_type(book->header, i);
        const char *name = report_header_column(book->header, i);
        worksheet_set_column(book->rows, at, (lxw_col_t)(at + (type == REPORT_AMOUNT)), column_width(type), NULL);
        status = written(worksheet_write_string(book->rows, 0, at++, name, book->bold), err);
        snprintf(title, sizeof title, "%s (exact)", name);
        if (status == STATUS_OK && type == REPORT_AMOUNT)
            status = written(worksheet_write_string(book->rows, 0, at++, title, book->bold), err);
    }
    worksheet_freeze_panes(book->rows, 1, 0);
    worksheet_repeat_rows(book->rows, 0, 0);
    worksheet_set_landscape(book->rows);
    *ret_last = (lxw_col_t)(at - 1);
    return status;
}

static enum status field(void *context, const char *label, const char *text, struct err *err)
{
    struct book *book = context;
    enum status status = STATUS_OK;
    if (label[0] != '\0')
        status = written(worksheet_write_string(book->about, book->next, 0, label, book->bold), err);
    if (status == STATUS_OK)
        status = written(worksheet_write_string(book->about, book->next, 1, text, book->wrap), err);
    book->next++;
    return status;
}

static enum status about(struct book *book, struct err *err)
{
    char *text = report_header_text(book->header);
    worksheet_set_column(book->about, 0, 0, 18, NULL);
    worksheet_set_column(book->about, 1, 1, 100, NULL);
    enum status status = text != NULL ? report_header_walk(book->header, field, book, err)
                                      : err_set(err, STATUS_MEMORY, "no memory for a report's header");
    if (status == STATUS_OK)
        status = field(book, "As data", text, err);
    free(text);
    return status;
}

static void formats(struct book *book)
{
    static const char *const patterns[] = {"#,##0", "#,##0.0", "#,##0.00", "#,##0.000", "#,##0.0000"};
    book->bold = workbook_add_format(book->workbook);
    format_set_bold(book->bold);
    book->wrap = workbook_add_format(book->workbook);
    format_set_text_wrap(book->wrap);
    format_set_align(book->wrap, LXW_ALIGN_LEFT);
    book->count = workbook_add_format(book->workbook);
    format_set_num_format(book->count, "#,##0");
    for (size_t i = 0; i < sizeof patterns / sizeof patterns[0]; i++) {
        book->amounts[i] = workbook_add_format(book->workbook);
        format_set_num_format(book->amounts[i], patterns[i]);
    }
}

/* What else would be the clock's: the moment the workbook says it was made. */
static void properties(struct book *book, const char *title)
{
    const char *at = report_header_member(book->header, "run_at");
    int64_t ms = 0;
    if (instant_parse(at, strlen(at), &ms, NULL) != STATUS_OK)
        ms = 0;
    lxw_doc_properties all = {.title = (char *)(uintptr_t)title, .created = (time_t)(ms / 1000)};
    workbook_set_properties(book->workbook, &all);
}

static enum status fill(struct book *book, const struct report_rows *rows, struct err *err)
{
    char title[128];
    lxw_col_t last = 0;
    snprintf(title, sizeof title, "%s %s", report_header_member(book->header, "report"),
             report_header_member(book->header, "title"));
    formats(book);
    book->about = workbook_add_worksheet(book->workbook, "About");
    book->rows = workbook_add_worksheet(book->workbook, "Report");
    if (book->about == NULL || book->rows == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for a workbook");
    properties(book, title);
    enum status status = about(book, err);
    book->next = 1;
    if (status == STATUS_OK)
        status = heads(book, &last, err);
    if (status == STATUS_OK)
        status = rows->walk(rows->context, row, book, err);
    if (status == STATUS_OK)
        status = written(worksheet_autofilter(book->rows, 0, 0, book->next - 1, last), err);
    return status;
}

static enum status hand_on(const struct path *dir, const struct path *path, const struct export_sink *sink,
                           struct err *err)
{
    char bytes[COPY_BYTES];
    FILE *file = fopen(path->text, "rb");
    enum status status = file != NULL ? STATUS_OK : durable_fail(errno, path->text, "read", err);
    scratch_remove(dir); /* it is open: whoever takes it may go away, and end the process with that */
    while (status == STATUS_OK) {
        size_t length = fread(bytes, 1, sizeof bytes, file);
        if (length == 0 && ferror(file))
            status = durable_fail(errno, path->text, "read", err);
        if (length == 0)
            break;
        status = sink->write(sink->context, slice_of(bytes, length), err);
    }
    if (file != NULL)
        fclose(file);
    return status;
}

enum status report_xlsx_write(const json_t *header, const struct report_rows *rows, const struct export_sink *sink,
                              struct err *err)
{
    struct path dir, file;
    struct book book = {.header = header, .columns = report_header_columns(header)};
    enum status status = scratch_make(NULL, &dir, err);
    if (status != STATUS_OK)
        return status;
    lxw_workbook_options options = {.constant_memory = LXW_TRUE, .tmpdir = dir.text};
    status = path_set(&file, err, "%s/report.xlsx", dir.text);
    if (status == STATUS_OK) {
        book.workbook = workbook_new_opt(file.text, &options);
        status =
            book.workbook != NULL ? fill(&book, rows, err) : err_set(err, STATUS_MEMORY, "no memory for a workbook");
    }
    if (book.workbook != NULL) {
        lxw_error closed = workbook_close(book.workbook);
        if (status == STATUS_OK)
            status = written(closed, err);
    }
    if (status == STATUS_OK)
        status = hand_on(&dir, &file, sink, err);
    else
        scratch_remove(&dir);
    return status;
}
