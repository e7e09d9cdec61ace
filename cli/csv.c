/*
 * CSV in, on libcsv in its strict mode (without it an unterminated quote swallows the rest of a file silently). libcsv
 * answers content only, so places are ours: it is fed runs that hold no comma, quote or line end, and those one byte at
 * a time, so that where a field or row ends is known to the byte. Ours too: byte order mark, NUL, UTF-8 and forbidden
 * code points, sizes, the header. The memory is that of one row.
 */
#include "cli/csv.h"

#include <csv.h>
#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "cli/limits.h"
#include "ledger/text.h"

struct cell {
    size_t offset; /* into text */
    size_t length;
    int64_t line;
};

struct csv {
    char *path;
    FILE *file;
    bool ours; /* file is closed with the reader */
    const struct csv_column *columns;
    size_t column_count;
    int place[CSV_COLUMNS_MAX]; /* of columns[i] in the file, -1: not there */
    size_t header_count;        /* columns of the file; 0 until the header is read */

    struct csv_parser parser;
    bool parser_made;
    unsigned char chunk[CSV_CHUNK_BYTES];
    size_t chunk_used;
    size_t chunk_length;
    bool at_end;
    bool finished; /* csv_fini has run */

    int64_t line;      /* of the next byte, from 1 */
    bool last_was_cr;  /* a LF that follows belongs to it */
    int64_t cell_line; /* where the field being read begins */
    size_t cell_fed;   /* bytes of it so far, quotes included */
    bool cell_quoted;  /* one of them was a quote */
    struct cell cells[CSV_COLUMNS_MAX];
    size_t cell_count;
    bool row_ended;
    char *text; /* the row's fields, each NUL closed */
    size_t text_used;
    size_t text_room;
    int64_t rows; /* given out, the header not counted */

    enum status status; /* of a failure, which every later call answers again */
    struct err err;
};

static enum status fail(struct csv *csv, enum status status, const char *format, ...) PRINTF_LIKE(3, 4);

/* Remembers the first failure, with the place of the field being read. */
static enum status fail(struct csv *csv, enum status status, const char *format, ...)
{
    if (csv->status != STATUS_OK)
        return csv->status;
    char text[ERR_TEXT_BYTES];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    csv->status =
        err_set(&csv->err, status, "%s:%lld:%zu: %s", csv->path, (long long)csv->cell_line, csv->cell_count + 1, text);
    return csv->status;
}

static enum status answer(const struct csv *csv, struct err *err)
{
    if (csv->status != STATUS_OK && err != NULL)
        *err = csv->err;
    return csv->status;
}

static bool text_reserve(struct csv *csv, size_t more)
{
    if (csv->text_used + more <= csv->text_room)
        return true;
    size_t room = csv->text_room == 0 ? 4096 : csv->text_room;
    while (room < csv->text_used + more)
        room *= 2;
    char *text = realloc(csv->text, room);
    if (text == NULL)
        return false;
    csv->text = text;
    csv->text_room = room;
    return true;
}

/* libcsv's callback at the end of a field; bytes is NULL where it is empty and not quoted. */
static void take_cell(void *bytes, size_t length, void *context)
{
    struct csv *csv = context;
    struct err err;
    if (csv->status != STATUS_OK)
        return;
    if (csv->cell_count == CSV_COLUMNS_MAX)
        (void)!fail(csv, STATUS_LIMIT, "more than %d fields in a row", CSV_COLUMNS_MAX);
    else if (csv->header_count > 0 && csv->cell_count == csv->header_count)
        (void)!fail(csv, STATUS_INPUT, "more fields than the header's %zu", csv->header_count);
    else if (length > CSV_FIELD_BYTES_MAX)
        (void)!fail(csv, STATUS_LIMIT, "a field of more than %d bytes", CSV_FIELD_BYTES_MAX);
    else if (csv->text_used + length + 1 > CSV_ROW_BYTES_MAX)
        (void)!fail(csv, STATUS_LIMIT, "a row of more than %d bytes", CSV_ROW_BYTES_MAX);
    else if (text_check(bytes != NULL ? bytes : "", length, &err) != STATUS_OK)
        (void)!fail(csv, err.status, "%s", err.text);
    else if (!text_reserve(csv, length + 1))
        (void)!fail(csv, STATUS_MEMORY, "no memory for the row");
    if (csv->status != STATUS_OK)
        return;
    struct cell *cell = &csv->cells[csv->cell_count++];
    *cell = (struct cell){.offset = csv->text_used, .length = length, .line = csv->cell_line};
    if (bytes != NULL)
        memcpy(csv->text + csv->text_used, bytes, length);
    csv->text[csv->text_used + length] = '\0';
    csv->text_used += length + 1;
    csv->cell_fed = 0;
    csv->cell_quoted = false;
}

/* libcsv's callback at the end of a row that has fields; end is the line end's byte, -1 at the end of the file. */
static void take_row(int end, void *context)
{
    struct csv *csv = context;
    (void)end;
    csv->row_ended = true;
}

static bool is_plain(unsigned char byte)
{
    return byte != ',' && byte != '"' && byte != '\r' && byte != '\n' && byte != '\0';
}

/* Counts a byte that has been parsed, so that the next one's line is known: LF, CR and CRLF end a line each. */
static void count_line(struct csv *csv, unsigned char byte)
{
    if (byte == '\r' || (byte == '\n' && !csv->last_was_cr))
        csv->line++;
    csv->last_was_cr = byte == '\r';
}

static enum status parser_failed(struct csv *csv)
{
    switch (csv_error(&csv->parser)) {
    case CSV_EPARSE:
        return fail(csv, STATUS_INPUT,
                    "a quote in the wrong place: a field with quotes stands in quotes, each of its own doubled");
    case CSV_ENOMEM:
    case CSV_ETOOBIG:
        return fail(csv, STATUS_MEMORY, "no memory for the field");
    default: /* libcsv's own numbers, no enum of ours */
        return csv->status != STATUS_OK ? csv->status : fail(csv, STATUS_INPUT, "not CSV");
    }
}

/* Feeds one run of plain bytes or one other byte of the chunk. */
static enum status feed(struct csv *csv)
{
    const unsigned char *at = csv->chunk + csv->chunk_used;
    size_t left = csv->chunk_length - csv->chunk_used;
    size_t length = 0;
    while (length < left && is_plain(at[length]))
        length++;
    if (length == 0)
        length = 1;
    if (csv->cell_fed == 0)
        csv->cell_line = csv->line;
    if (*at == '\0')
        return fail(csv, STATUS_INPUT, "a NUL byte: this is no text file, or it is UTF-16");
    csv->cell_fed += length;
    if (csv->cell_fed > 2 * (size_t)CSV_FIELD_BYTES_MAX + 2)
        return fail(csv, STATUS_LIMIT, "a field of more than %d bytes", CSV_FIELD_BYTES_MAX);
    bool plain = is_plain(*at);
    csv->cell_quoted = csv->cell_quoted || *at == '"';
    if (csv_parse(&csv->parser, at, length, take_cell, take_row, csv) != length)
        return parser_failed(csv);
    if (plain)
        csv->last_was_cr = false;
    else
        count_line(csv, *at);
    csv->chunk_used += length;
    /* A blank line is no field: the next one begins after it. */
    if ((*at == '\r' || *at == '\n') && csv->cell_count == 0 && !csv->cell_quoted)
        csv->cell_fed = 0;
    return csv->status;
}

/* A stream of another's may be a pipe whose writer waits for an answer: no more than a line is waited for. */
static size_t read_bytes(struct csv *csv)
{
    size_t length = 0;
    int byte = EOF;
    if (csv->ours)
        return fread(csv->chunk, 1, sizeof csv->chunk, csv->file);
    while (length < sizeof csv->chunk && byte != '\n' && (byte = getc(csv->file)) != EOF)
        csv->chunk[length++] = (unsigned char)byte;
    return length;
}

static enum status read_chunk(struct csv *csv)
{
    errno = 0;
    csv->chunk_used = 0;
    csv->chunk_length = read_bytes(csv);
    if (csv->chunk_length > 0)
        return STATUS_OK;
    csv->at_end = true;
    if (ferror(csv->file))
        csv->status = err_set(&csv->err, errno == EISDIR ? STATUS_INPUT : STATUS_IO, "%s: cannot read: %s", csv->path,
                              strerror(errno));
    return csv->status;
}

/* Reads until a row has ended; *ret_more is false where the file ends before. */
static enum status read_row(struct csv *csv, bool *ret_more)
{
    csv->cell_count = 0;
    csv->text_used = 0;
    csv->row_ended = false;
    while (csv->status == STATUS_OK && !csv->row_ended && !csv->finished) {
        if (csv->chunk_used < csv->chunk_length) {
            (void)!feed(csv);
        } else if (!csv->at_end) {
            (void)!read_chunk(csv);
        } else {
            csv->finished = true;
            if (csv_fini(&csv->parser, take_cell, take_row, csv) != 0)
                (void)!fail(csv, STATUS_INPUT, "the file ends inside quotes that begin here");
        }
    }
    *ret_more = csv->row_ended;
    return csv->status;
}

static const char *cell_text(const struct csv *csv, size_t index)
{
    return csv->text + csv->cells[index].offset;
}

/* Sets the failure to "path:line:column: text" for a column of the header. */
static enum status header_fail(struct csv *csv, size_t index, const char *what)
{
    char known[ERR_TEXT_BYTES / 2];
    char shown[TEXT_SHOW_MAX];
    size_t used = 0;
    known[0] = '\0';
    for (size_t i = 0; i < csv->column_count; i++) {
        int added = snprintf(known + used, sizeof known - used, "%s%s", i > 0 ? ", " : "", csv->columns[i].name);
        if (added < 0 || (size_t)added >= sizeof known - used)
            break;
        used += (size_t)added;
    }
    text_show(cell_text(csv, index), csv->cells[index].length, shown);
    csv->status = err_set(&csv->err, STATUS_INPUT, "%s:%lld:%zu: %s column '%s'; known are %s", csv->path,
                          (long long)csv->cells[index].line, index + 1, what, shown, known);
    return csv->status;
}

static enum status match_header(struct csv *csv)
{
    for (size_t i = 0; i < csv->column_count; i++)
        csv->place[i] = -1;
    for (size_t c = 0; c < csv->cell_count; c++) {
        size_t found = 0;
        while (found < csv->column_count && strcmp(csv->columns[found].name, cell_text(csv, c)) != 0)
            found++;
        if (found == csv->column_count)
            return header_fail(csv, c, "unknown");
        if (csv->place[found] >= 0)
            return header_fail(csv, c, "a second");
        csv->place[found] = (int)c;
    }
    char missing[ERR_TEXT_BYTES / 2];
    size_t used = 0;
    for (size_t i = 0; i < csv->column_count; i++) {
        if (csv->place[i] >= 0 || (csv->columns[i].flags & CSV_REQUIRED) == 0)
            continue;
        int added = snprintf(missing + used, sizeof missing - used, "%s%s", used > 0 ? ", " : "", csv->columns[i].name);
        if (added < 0 || (size_t)added >= sizeof missing - used)
            break;
        used += (size_t)added;
    }
    if (used > 0)
        csv->status = err_set(&csv->err, STATUS_INPUT, "%s:%lld: the header lacks %s", csv->path,
                              (long long)csv->cells[0].line, missing);
    csv->header_count = csv->cell_count;
    return csv->status;
}

/* The header, after a byte order mark. */
static enum status read_header(struct csv *csv)
{
    bool more = false;
    enum status status = read_chunk(csv);
    if (status != STATUS_OK)
        return status;
    if (csv->chunk_length >= 3 && memcmp(csv->chunk, "\xEF\xBB\xBF", 3) == 0)
        csv->chunk_used = 3;
    status = read_row(csv, &more);
    if (status != STATUS_OK)
        return status;
    if (!more) {
        csv->status = err_set(&csv->err, STATUS_INPUT, "%s: empty, a header of column names comes first", csv->path);
        return csv->status;
    }
    return match_header(csv);
}

static enum status open_file(struct csv *csv, FILE *file, struct err *err)
{
    csv->file = file;
    if (file != NULL)
        return STATUS_OK;
    csv->file = fopen(csv->path, "re");
    csv->ours = csv->file != NULL;
    if (csv->file == NULL)
        return err_set(err, errno == ENOENT ? STATUS_NOT_FOUND : STATUS_IO, "%s: %s", csv->path, strerror(errno));
    return STATUS_OK;
}

enum status csv_open(const char *path, FILE *file, const struct csv_column *columns, struct csv **ret_csv,
                     struct err *err)
{
    enum status status = STATUS_OK;
    struct csv *csv = calloc(1, sizeof *csv);
    if (csv == NULL)
        return err_set(err, STATUS_MEMORY, "no memory to read %s", path);
    csv->path = strdup(path);
    csv->parser_made = csv_init(&csv->parser, CSV_STRICT | CSV_STRICT_FINI | CSV_EMPTY_IS_NULL) == 0;
    csv->columns = columns;
    csv->line = 1;
    csv->cell_line = 1;
    while (columns[csv->column_count].name != NULL)
        csv->column_count++;
    invariant(csv->column_count <= CSV_COLUMNS_MAX);
    if (csv->path == NULL || !csv->parser_made)
        status = err_set(err, STATUS_MEMORY, "no memory to read %s", path);
    if (status == STATUS_OK)
        status = open_file(csv, file, err);
    if (status != STATUS_OK)
        goto done;
    status = read_header(csv);
    if (status != STATUS_OK) {
        status = answer(csv, err);
        goto done;
    }
    *ret_csv = csv;
    csv = NULL;
done:
    csv_close(csv);
    return status;
}

enum status csv_next(struct csv *csv, struct csv_row *ret_row, bool *ret_more, struct err *err)
{
    bool more = false;
    if (csv->status == STATUS_OK)
        (void)!read_row(csv, &more);
    if (csv->status == STATUS_OK && more && csv->cell_count < csv->header_count) {
        csv->status = err_set(&csv->err, STATUS_INPUT, "%s:%lld: %zu fields, the header has %zu", csv->path,
                              (long long)csv->cells[0].line, csv->cell_count, csv->header_count);
    }
    if (csv->status == STATUS_OK && more && csv->rows == CSV_ROWS_MAX)
        csv->status = err_set(&csv->err, STATUS_LIMIT, "%s: more than %d rows", csv->path, CSV_ROWS_MAX);
    if (csv->status != STATUS_OK)
        return answer(csv, err);
    *ret_more = more;
    if (more)
        *ret_row = (struct csv_row){.csv = csv, .number = ++csv->rows, .line = csv->cells[0].line};
    return STATUS_OK;
}

struct csv_field csv_field(const struct csv_row *row, const char *name)
{
    const struct csv *csv = row->csv;
    size_t index = 0;
    while (index < csv->column_count && strcmp(csv->columns[index].name, name) != 0)
        index++;
    return csv_field_at(row, index);
}

struct csv_field csv_field_at(const struct csv_row *row, size_t index)
{
    const struct csv *csv = row->csv;
    invariant(index < csv->column_count);
    if (csv->place[index] < 0)
        return (struct csv_field){.text = "", .line = row->line};
    size_t place = (size_t)csv->place[index];
    const struct cell *cell = &csv->cells[place];
    return (struct csv_field){.text = csv->text + cell->offset,
                              .length = cell->length,
                              .line = cell->line,
                              .column = (int64_t)place + 1,
                              .present = cell->length > 0};
}

enum status csv_field_error(const struct csv_row *row, const char *name, struct err *err, const char *format, ...)
{
    struct csv_field field = csv_field(row, name);
    char text[ERR_TEXT_BYTES];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (field.column == 0)
        return err_set(err, STATUS_INPUT, "%s:%lld: %s %s", row->csv->path, (long long)field.line, name, text);
    return err_set(err, STATUS_INPUT, "%s:%lld:%lld: %s %s", row->csv->path, (long long)field.line,
                   (long long)field.column, name, text);
}

const char *csv_path(const struct csv *csv)
{
    return csv->path;
}

void csv_close(struct csv *csv)
{
    if (csv == NULL)
        return;
    if (csv->parser_made)
        csv_free(&csv->parser);
    if (csv->ours)
        (void)fclose(csv->file);
    free(csv->text);
    free(csv->path);
    free(csv);
}
