/*
 * A GL extract that comes back, against the book: rows are found by what they are of, whatever order the file has now.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli/csv.h"
#include "cli/gl_extract.h"
#include "ledger/limits.h"
#include "ledger/schema.h"

static const char *cell_of(const json_t *row, size_t cell)
{
    return json_string_value(json_array_get(row, cell));
}

/* What a row is of: a line of a document, or a currency's total. */
enum { NAME_BYTES = 3 * ID_BYTES_MAX };
static void row_name(const json_t *row, char ret_name[static NAME_BYTES])
{
    if (strcmp(cell_of(row, GL_RECORD), "line") == 0)
        snprintf(ret_name, NAME_BYTES, "%s line %s", cell_of(row, GL_DOCUMENT), cell_of(row, GL_LINE));
    else
        snprintf(ret_name, NAME_BYTES, "%s in %s", cell_of(row, GL_RECORD), cell_of(row, GL_CURRENCY));
}

static enum status row_read(const struct csv_row *row, struct gl_file *file, struct err *err)
{
    json_t *cells = json_array();
    for (size_t cell = 0; cell < GL_CELLS; cell++)
        json_array_append_new(cells, json_string(csv_field(row, gl_columns[cell]).text));
    if (json_array_size(cells) != GL_CELLS || json_array_append(file->rows, cells) != 0 ||
        json_array_append_new(file->lines, json_integer(row->line)) != 0) {
        json_decref(cells);
        return err_set(err, STATUS_MEMORY, "no memory for rows");
    }
    json_decref(cells);
    return STATUS_OK;
}

/* The totals say what was asked for. They have to be of one mind. */
static enum status asked_find(const char *path, struct gl_file *file, struct err *err)
{
    const json_t *first = NULL;
    for (size_t i = 0; i < json_array_size(file->rows); i++) {
        const json_t *row = json_array_get(file->rows, i);
        if (strcmp(cell_of(row, GL_RECORD), "total") != 0)
            continue;
        for (size_t cell = GL_ENTITY; first != NULL && cell <= GL_ENTRY; cell++)
            if (strcmp(cell_of(row, cell), cell_of(first, cell)) != 0)
                return err_set(err, STATUS_INPUT,
                               "%s:%" PRId64 ": the totals are of different extracts: %s is %s, before %s", path,
                               (int64_t)json_integer_value(json_array_get(file->lines, i)), gl_columns[cell],
                               cell_of(row, cell), cell_of(first, cell));
        first = first != NULL ? first : row;
    }
    if (first == NULL)
        return err_set(err, STATUS_INPUT,
                       "%s: has no row 'total', which says what the extract is of: it is cut, or none of ours", path);
    char *end = NULL;
    const char *entry = cell_of(first, GL_ENTRY);
    uint64_t last = strtoull(entry, &end, 10);
    if (entry[0] < '0' || entry[0] > '9' || *end != '\0' || last >= UINT64_C(1) << 53)
        return err_set(err, STATUS_INPUT, "%s: the total's entry '%s' is no number of an entry", path, entry);
    file->asked = (struct gl_asked){
        .entity = cell_of(first, GL_ENTITY), .period = cell_of(first, GL_PERIOD), .entries = last + 1};
    return STATUS_OK;
}

enum status gl_read(const char *path, struct gl_file *ret_file, struct err *err)
{
    struct csv_column columns[GL_CELLS + 1] = {{.name = NULL}};
    struct gl_file file = {.rows = json_array(), .lines = json_array()};
    struct csv *csv = NULL;
    struct csv_row row;
    bool more = true;
    for (size_t i = 0; i < GL_CELLS; i++)
        columns[i] = (struct csv_column){.name = gl_columns[i], .flags = CSV_REQUIRED};
    enum status status = csv_open(path, NULL, columns, &csv, err);
    while (status == STATUS_OK && more) {
        status = csv_next(csv, &row, &more, err);
        if (status == STATUS_OK && more)
            status = row_read(&row, &file, err);
    }
    csv_close(csv);
    if (status == STATUS_OK)
        status = asked_find(path, &file, err);
    if (status == STATUS_OK)
        *ret_file = file;
    else
        gl_file_done(&file);
    return status;
}

void gl_file_done(struct gl_file *file)
{
    json_decref(file->rows);
    json_decref(file->lines);
    *file = (struct gl_file){.rows = NULL};
}

static void find(json_t *findings, int64_t line, const char *name, const char *what)
{
    char text[3 * NAME_BYTES];
    snprintf(text, sizeof text, "%s: %s", name, what);
    json_t *finding = json_pack("{s:s}", "text", text);
    if (line > 0)
        json_object_set_new(finding, "line", json_integer(line));
    json_array_append_new(findings, finding);
}

static void cells_compare(const json_t *mine, const json_t *book, int64_t line, const char *name, json_t *findings)
{
    char what[2 * NAME_BYTES];
    for (size_t cell = 0; cell < GL_CELLS; cell++) {
        const char *a = cell_of(mine, cell), *b = cell_of(book, cell);
        if (strcmp(a, b) == 0)
            continue;
        snprintf(what, sizeof what, "%s is '%.200s', the book has '%.200s'", gl_columns[cell], a, b);
        find(findings, line, name, what);
    }
}

enum status gl_compare(const struct gl_file *file, const json_t *rows, json_t **ret_findings, struct err *err)
{
    json_t *book = json_object(), *seen = json_object(), *findings = json_array();
    char name[NAME_BYTES], what[64];
    for (size_t i = 0; i < json_array_size(rows); i++) {
        row_name(json_array_get(rows, i), name);
        json_object_set(book, name, json_array_get(rows, i));
    }
    for (size_t i = 0; i < json_array_size(file->rows); i++) {
        const json_t *row = json_array_get(file->rows, i), *other;
        int64_t line = json_integer_value(json_array_get(file->lines, i));
        row_name(row, name);
        other = json_object_get(book, name);
        if (json_object_get(seen, name) != NULL) {
            snprintf(what, sizeof what, "stands twice, first at line %" PRId64, member_integer(seen, name));
            find(findings, line, name, what);
        } else if (other == NULL) {
            find(findings, line, name, "the book has no such row");
        } else {
            cells_compare(row, other, line, name, findings);
        }
        if (json_object_get(seen, name) == NULL)
            json_object_set_new(seen, name, json_integer(line));
    }
    for (size_t i = 0; i < json_array_size(rows); i++) {
        row_name(json_array_get(rows, i), name);
        if (json_object_get(seen, name) == NULL)
            find(findings, 0, name, "is missing in the file");
    }
    json_decref(book);
    json_decref(seen);
    if (findings == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for findings");
    *ret_findings = findings;
    return STATUS_OK;
}
