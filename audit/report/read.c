/*
 * Reports read back from JSON and HTML. Only what report_write writes is understood; whatever else is in a file makes it differ
 * from what is written anew (report_check).
 */
#include "audit/report/read.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/report/header.h"

enum { HEADER_BYTES_MAX = 1 << 20, CELL_TEXT_BYTES = 32 };

enum report_format report_sniff(struct slice bytes)
{
    static const char page[] = "<!DOCTYPE html>";
    if (bytes.length >= 4 && memcmp(bytes.bytes, "PK\x03\x04", 4) == 0)
        return REPORT_XLSX;
    if (bytes.length >= sizeof page - 1 && memcmp(bytes.bytes, page, sizeof page - 1) == 0)
        return REPORT_HTML;
    return bytes.length > 0 && bytes.bytes[0] == '{' ? REPORT_JSON : REPORT_CSV;
}

enum status report_header_form(const json_t *header, struct err *err)
{
    static const char *const texts[] = {"body_sha256", "head", "header_sha256", "report", "root", "run_at", "run_by"};
    static const char *const objects[] = {"book", "entries", "parameters", "tool"};
    const json_t *columns = json_object_get(header, "columns");
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (!json_is_string(json_object_get(header, texts[i])))
            return err_set(err, STATUS_INPUT, "no report: its header block has no text '%s'", texts[i]);
    for (size_t i = 0; i < sizeof objects / sizeof objects[0]; i++)
        if (!json_is_object(json_object_get(header, objects[i])))
            return err_set(err, STATUS_INPUT, "no report: its header block has no object '%s'", objects[i]);
    if (json_array_size(columns) == 0 || json_array_size(columns) > REPORT_COLUMNS_MAX)
        return err_set(err, STATUS_INPUT, "no report: its header block lists no columns, or too many");
    for (size_t i = 0; i < json_array_size(columns); i++)
        if (report_header_column(header, i)[0] == '\0')
            return err_set(err, STATUS_INPUT, "no report: its header block has a column without a name");
    return STATUS_OK;
}

static enum status header_parse(const char *text, size_t length, json_t **ret_header, struct err *err)
{
    json_error_t trouble;
    json_t *header = length <= HEADER_BYTES_MAX ? json_loadb(text, length, JSON_REJECT_DUPLICATES, &trouble) : NULL;
    enum status status = header != NULL
                             ? report_header_form(header, err)
                             : err_set(err, STATUS_INPUT, "no report: its header block cannot be read as JSON");
    if (status == STATUS_OK)
        *ret_header = header;
    else
        json_decref(header);
    return status;
}

enum status report_read_sidecar(struct slice bytes, json_t **ret_header, struct err *err)
{
    return header_parse((const char *)bytes.bytes, bytes.length, ret_header, err);
}

static json_t *cell_text(const json_t *value)
{
    char text[CELL_TEXT_BYTES];
    if (json_is_string(value))
        return json_incref((json_t *)(uintptr_t)value);
    if (!json_is_integer(value))
        return json_is_null(value) ? json_string("") : NULL;
    snprintf(text, sizeof text, "%lld", (long long)json_integer_value(value));
    return json_string(text);
}

static enum status json_row(const json_t *header, const json_t *object, json_t *ret_rows, struct err *err)
{
    const size_t columns = report_header_columns(header);
    json_t *row = json_array();
    for (size_t i = 0; i < columns; i++) {
        json_t *cell = cell_text(json_object_get(object, report_header_column(header, i)));
        if (cell == NULL || json_array_append_new(row, cell) != 0) {
            json_decref(row);
            return err_set(err, STATUS_INPUT, "row %zu: column %s is missing or no cell", json_array_size(ret_rows) + 1,
                           report_header_column(header, i));
        }
    }
    return json_array_append_new(ret_rows, row) == 0 ? STATUS_OK : err_set(err, STATUS_MEMORY, "no memory for rows");
}

static enum status json_read(struct slice bytes, struct report_copy *copy, struct err *err)
{
    json_error_t trouble;
    json_t *whole = json_loadb((const char *)bytes.bytes, bytes.length, JSON_REJECT_DUPLICATES, &trouble);
    const json_t *rows = json_object_get(whole, "rows");
    enum status status = STATUS_OK;
    if (whole == NULL)
        status =
            err_set(err, STATUS_INPUT, "no JSON: line %d, column %d: %s", trouble.line, trouble.column, trouble.text);
    else
        status = report_header_form(json_object_get(whole, "header"), err);
    if (status == STATUS_OK && !json_is_array(rows))
        status = err_set(err, STATUS_INPUT, "no report: it has no list 'rows'");
    if (status == STATUS_OK)
        copy->header = json_incref(json_object_get(whole, "header"));
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(rows); i++)
        status = json_row(copy->header, json_array_get(rows, i), copy->rows, err);
    json_decref(whole);
    return status;
}

static const struct entity {
    const char *name;
    char text;
} entities[] = {{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&#39;", '\''}, {"&apos;", '\''}};

static size_t unescape_at(const char *text, size_t left, char *ret_text)
{
    for (size_t i = 0; i < sizeof entities / sizeof entities[0]; i++) {
        const size_t length = strlen(entities[i].name);
        if (left >= length && memcmp(text, entities[i].name, length) == 0) {
            *ret_text = entities[i].text;
            return length;
        }
    }
    *ret_text = *text;
    return 1;
}

json_t *report_unescape(const char *text, size_t length)
{
    char *plain = malloc(length + 1);
    size_t used = 0;
    if (plain == NULL)
        return NULL;
    for (size_t at = 0; at < length;)
        at += unescape_at(text + at, length - at, &plain[used++]);
    json_t *string = json_stringn(plain, used);
    free(plain);
    return string;
}

/* Commas of a page's numbers. */
static json_t *ungrouped(json_t *cell)
{
    char text[REPORT_SHOWN_BYTES];
    size_t used = 0;
    const char *from = json_string_value(cell);
    if (from == NULL || strlen(from) >= sizeof text)
        return cell;
    for (; *from != '\0'; from++)
        if (*from != ',')
            text[used++] = *from;
    json_decref(cell);
    return json_stringn(text, used);
}

/* A run of text with an end that is not moved. */
struct cursor {
    const char *at, *end;
};

/* Moves behind the next occurrence; false where there is none. */
static bool behind(struct cursor *cursor, const char *text)
{
    const size_t length = strlen(text);
    const char *found = memmem(cursor->at, (size_t)(cursor->end - cursor->at), text, length);
    if (found == NULL)
        return false;
    cursor->at = found + length;
    return true;
}

static bool begins(const struct cursor *cursor, const char *text)
{
    const size_t length = strlen(text);
    return (size_t)(cursor->end - cursor->at) >= length && memcmp(cursor->at, text, length) == 0;
}

static enum status html_row(struct cursor *cursor, const json_t *header, json_t *rows, struct err *err)
{
    const size_t number = json_array_size(rows) + 1;
    json_t *row = json_array();
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < report_header_columns(header); i++) {
        const enum report_type type = report_header_type(header, i);
        if (!begins(cursor, "<td") || !behind(cursor, ">"))
            status = err_set(err, STATUS_INPUT, "row %zu has too few cells", number);
        const char *from = cursor->at;
        if (status == STATUS_OK && !behind(cursor, "</td>"))
            status = err_set(err, STATUS_INPUT, "row %zu has a cell without an end", number);
        json_t *cell =
            status == STATUS_OK ? report_unescape(from, (size_t)(cursor->at - from) - strlen("</td>")) : NULL;
        if (cell != NULL && (type == REPORT_COUNT || type == REPORT_AMOUNT))
            cell = ungrouped(cell);
        if (status == STATUS_OK && json_array_append_new(row, cell) != 0)
            status = err_set(err, STATUS_INPUT, "row %zu has a cell that is no text", number);
    }
    if (status == STATUS_OK && !begins(cursor, "</tr>\n"))
        status = err_set(err, STATUS_INPUT, "row %zu has too many cells", number);
    if (status == STATUS_OK && (!behind(cursor, "\n") || json_array_append(rows, row) != 0))
        status = err_set(err, STATUS_MEMORY, "no memory for rows");
    json_decref(row);
    return status;
}

static enum status html_header(struct cursor page, json_t **ret_header, struct err *err)
{
    if (!behind(&page, "<pre id=\"header\">"))
        return err_set(err, STATUS_INPUT, "no report: the page has no header block as data");
    const char *from = page.at;
    if (!behind(&page, "</pre>"))
        return err_set(err, STATUS_INPUT, "no report: the header block as data has no end");
    json_t *text = report_unescape(from, (size_t)(page.at - from) - strlen("</pre>"));
    enum status status = text != NULL ? header_parse(json_string_value(text), json_string_length(text), ret_header, err)
                                      : err_set(err, STATUS_INPUT, "no report: the header block is no text");
    json_decref(text);
    return status;
}

enum status report_html_header(struct slice bytes, json_t **ret_header, struct err *err)
{
    const char *from = (const char *)bytes.bytes;
    return html_header((struct cursor){.at = from, .end = from + bytes.length}, ret_header, err);
}

static enum status html_read(struct slice bytes, struct report_copy *copy, struct err *err)
{
    struct cursor cursor = {.at = (const char *)bytes.bytes, .end = (const char *)bytes.bytes + bytes.length};
    enum status status = html_header(cursor, &copy->header, err);
    if (status == STATUS_OK && !behind(&cursor, "<tbody>\n"))
        status = err_set(err, STATUS_INPUT, "no report: the page has no table");
    while (status == STATUS_OK && begins(&cursor, "<tr>") && behind(&cursor, "<tr>"))
        status = html_row(&cursor, copy->header, copy->rows, err);
    if (status == STATUS_OK && !begins(&cursor, "</tbody>"))
        status =
            err_set(err, STATUS_INPUT, "the table ends after row %zu in something else", json_array_size(copy->rows));
    return status;
}

enum status report_read(enum report_format format, struct slice bytes, struct report_copy *ret_copy, struct err *err)
{
    struct report_copy copy = {.rows = json_array()};
    enum status status = copy.rows != NULL ? STATUS_OK : err_set(err, STATUS_MEMORY, "no memory for a report");
    invariant(format != REPORT_CSV);
    if (status == STATUS_OK && bytes.length > REPORT_FILE_BYTES_MAX)
        status = err_set(err, STATUS_LIMIT, "more than %d bytes", REPORT_FILE_BYTES_MAX);
    if (status == STATUS_OK && format == REPORT_JSON)
        status = json_read(bytes, &copy, err);
    else if (status == STATUS_OK && format == REPORT_HTML)
        status = html_read(bytes, &copy, err);
    else if (status == STATUS_OK)
        status = report_xlsx_read(bytes, &copy, err);
    if (status == STATUS_OK)
        *ret_copy = copy;
    else
        report_copy_done(&copy);
    return status;
}

void report_copy_done(struct report_copy *copy)
{
    json_decref(copy->header);
    json_decref(copy->rows);
    *copy = (struct report_copy){.header = NULL};
}

static enum status walk(void *context, report_cells_step *step, void *step_context, struct err *err)
{
    const struct report_copy *copy = context;
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(copy->rows); i++) {
        const json_t *row = json_array_get(copy->rows, i);
        const char *cells[REPORT_COLUMNS_MAX];
        for (size_t k = 0; k < json_array_size(row) && k < REPORT_COLUMNS_MAX; k++)
            cells[k] = json_string_value(json_array_get(row, k));
        status = step(step_context, cells, err);
    }
    return status;
}

struct report_rows report_copy_rows(struct report_copy *copy)
{
    return (struct report_rows){.walk = walk, .context = copy};
}
