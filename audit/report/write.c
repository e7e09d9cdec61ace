/*
 * CSV and JSON, and the choice between formats. A CSV is the body and nothing else, so that any reader of CSV takes it; its header
 * block stands in a file beside it.
 */
#include "audit/report/write.h"

#include <stdlib.h>
#include <string.h>

#include "audit/report/header.h"

const char *report_format_name(enum report_format format)
{
    switch (format) {
    case REPORT_CSV:
        return "csv";
    case REPORT_JSON:
        return "json";
    case REPORT_XLSX:
        return "xlsx";
    case REPORT_HTML:
        return "html";
    case REPORT_FORMAT_COUNT:
        break;
    }
    return "";
}

struct writing {
    struct emit emit;
    const json_t *header;
    size_t columns;
    uint64_t rows;
};

static enum status csv_row(void *context, const char *const cells[], struct err *err)
{
    struct writing *writing = context;
    (void)err;
    emit_csv_row(&writing->emit, cells, writing->columns);
    return STATUS_OK;
}

static enum status csv_write(struct writing *writing, const struct report_rows *rows, struct err *err)
{
    const char *names[REPORT_COLUMNS_MAX];
    for (size_t i = 0; i < writing->columns; i++)
        names[i] = report_header_column(writing->header, i);
    emit_csv_row(&writing->emit, names, writing->columns);
    return rows->walk(rows->context, csv_row, writing, err);
}

static enum status emit_json(struct emit *emit, json_t *value, struct err *err)
{
    char *text = value != NULL ? json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
    json_decref(value);
    if (text == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for a report");
    emit_raw(emit, text);
    free(text);
    return STATUS_OK;
}

/* Counts are numbers, nothing is null, all else text: amounts stay exact. */
static json_t *cell_json(enum report_type type, const char *cell)
{
    if (cell[0] == '\0')
        return json_null();
    return type == REPORT_COUNT ? json_integer(strtoll(cell, NULL, 10)) : json_string(cell);
}

static enum status json_row(void *context, const char *const cells[], struct err *err)
{
    struct writing *writing = context;
    json_t *row = json_object();
    for (size_t i = 0; row != NULL && i < writing->columns; i++)
        json_object_set_new(row, report_header_column(writing->header, i),
                            cell_json(report_header_type(writing->header, i), cells[i]));
    emit_raw(&writing->emit, writing->rows++ == 0 ? "\n" : ",\n");
    return emit_json(&writing->emit, row, err);
}

static enum status json_write(struct writing *writing, const struct report_rows *rows, struct err *err)
{
    char *text = report_header_text(writing->header);
    if (text == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for a report");
    emit_raw(&writing->emit, "{\"header\":");
    emit_raw(&writing->emit, text);
    free(text);
    emit_raw(&writing->emit, ",\n\"rows\":[");
    enum status status = rows->walk(rows->context, json_row, writing, err);
    emit_raw(&writing->emit, "\n]}\n");
    return status;
}

enum status report_write(enum report_format format, const json_t *header, const struct report_rows *rows,
                         const struct export_sink *sink, struct err *err)
{
    struct writing writing = {.header = header, .columns = report_header_columns(header)};
    invariant(writing.columns <= REPORT_COLUMNS_MAX);
    if (format == REPORT_HTML)
        return report_html_write(header, rows, sink, err);
    if (format == REPORT_XLSX)
        return report_xlsx_write(header, rows, sink, err);
    emit_begin(&writing.emit, sink);
    enum status status = format == REPORT_CSV ? csv_write(&writing, rows, err) : json_write(&writing, rows, err);
    return status == STATUS_OK ? emit_end(&writing.emit, err) : status;
}

enum status report_write_sidecar(const json_t *header, const struct export_sink *sink, struct err *err)
{
    struct emit emit;
    char *text = report_header_text(header);
    if (text == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for a report's header");
    emit_begin(&emit, sink);
    emit_raw(&emit, text);
    emit_raw(&emit, "\n");
    free(text);
    return emit_end(&emit, err);
}
