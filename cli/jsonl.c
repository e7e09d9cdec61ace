/*
 * JSON lines by hand: the objects are flat, so no depth, and what is wrong is told with the byte where it stands. A line's
 * memory is the reader's whole memory; a line that is too long is passed over without being kept.
 */
#include "cli/jsonl.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/text.h"

struct jsonl {
    char *path;
    FILE *file;
    bool ours;
    const struct csv_column *columns;
    size_t column_count;
    int64_t line; /* of the one read last */
    int64_t rows;
    char *bytes; /* of the line, CSV_ROW_BYTES_MAX + 1 */
    size_t length;
    bool too_long, has_nul;
    char *text; /* decoded values, each NUL closed; never longer than the line */
    size_t used;
};

/* A line that is being taken apart. */
struct taking {
    const struct jsonl *jsonl;
    const char *at, *end;
    char *text; /* where the next decoded byte goes */
    struct jsonl_row *row;
};

static bool wrong(struct taking *taking, const char *at, const char *format, ...) PRINTF_LIKE(3, 4);

static bool wrong(struct taking *taking, const char *at, const char *format, ...)
{
    char text[ERR_TEXT_BYTES];
    va_list args;
    if (taking->row->bad)
        return false;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    taking->row->bad = true;
    taking->row->bad_column = at - taking->jsonl->bytes + 1;
    (void)!err_set(&taking->row->err, STATUS_INPUT, "%s", text);
    return false;
}

static void skip_blanks(struct taking *taking)
{
    while (taking->at < taking->end && (*taking->at == ' ' || *taking->at == '\t' || *taking->at == '\r'))
        taking->at++;
}

static bool take_byte(struct taking *taking, char byte, const char *what)
{
    skip_blanks(taking);
    if (taking->at == taking->end)
        return wrong(taking, taking->at, "the line ends where %s belongs", what);
    if (*taking->at != byte)
        return wrong(taking, taking->at, "%s belongs here", what);
    taking->at++;
    return true;
}

static bool next_is(struct taking *taking, char byte)
{
    skip_blanks(taking);
    return taking->at < taking->end && *taking->at == byte;
}

/* Four hex digits after a \u. */
static bool take_hex(struct taking *taking, const char *begin, uint32_t *ret_unit)
{
    uint32_t unit = 0;
    for (int i = 0; i < 4; i++, taking->at++) {
        const char *digits = "0123456789abcdef";
        char byte = taking->at < taking->end ? *taking->at : '\0';
        const char *found = byte != '\0' ? strchr(digits, byte >= 'A' && byte <= 'F' ? byte - 'A' + 'a' : byte) : NULL;
        if (found == NULL)
            return wrong(taking, begin, "\\u takes four hex digits");
        unit = unit << 4 | (uint32_t)(found - digits);
    }
    *ret_unit = unit;
    return true;
}

static void put_utf8(struct taking *taking, uint32_t code_point)
{
    static const unsigned char leads[] = {0, 0x00, 0xC0, 0xE0, 0xF0};
    int count = code_point < 0x80 ? 1 : code_point < 0x800 ? 2 : code_point < 0x10000 ? 3 : 4;
    for (int i = count - 1; i > 0; i--, code_point >>= 6)
        taking->text[i] = (char)(0x80 | (code_point & 0x3F));
    taking->text[0] = (char)(leads[count] | code_point);
    taking->text += count;
}

static bool take_unicode(struct taking *taking, const char *begin)
{
    uint32_t unit = 0, low = 0;
    if (!take_hex(taking, begin, &unit))
        return false;
    if (unit >= 0xD800 && unit < 0xDC00) {
        if (taking->end - taking->at < 2 || taking->at[0] != '\\' || taking->at[1] != 'u')
            return wrong(taking, begin, "half of a surrogate pair");
        taking->at += 2;
        if (!take_hex(taking, begin, &low))
            return false;
        if (low < 0xDC00 || low > 0xDFFF)
            return wrong(taking, begin, "half of a surrogate pair");
        unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
    } else if (unit >= 0xDC00 && unit < 0xE000) {
        return wrong(taking, begin, "half of a surrogate pair");
    }
    if (unit == 0)
        return wrong(taking, begin, "a NUL character");
    put_utf8(taking, unit);
    return true;
}

static bool take_escape(struct taking *taking, const char *begin)
{
    static const char escapes[] = "\"\\/bfnrt", bytes[] = "\"\\/\b\f\n\r\t";
    char byte = taking->at < taking->end ? *taking->at++ : '\0';
    const char *found = byte != '\0' ? strchr(escapes, byte) : NULL;
    if (byte == 'u')
        return take_unicode(taking, begin);
    if (found == NULL)
        return wrong(taking, begin, "no such escape in JSON");
    *taking->text++ = bytes[found - escapes];
    return true;
}

/* A string's decoded bytes go to text, without a closing NUL. */
static bool take_string(struct taking *taking, const char *what)
{
    struct err err;
    skip_blanks(taking);
    const char *open = taking->at;
    char *begin = taking->text;
    if (!take_byte(taking, '"', what))
        return false;
    while (taking->at < taking->end && *taking->at != '"') {
        const char *at = taking->at++;
        if (*at == '\\') {
            if (!take_escape(taking, at))
                return false;
        } else if ((unsigned char)*at < 0x20) {
            return wrong(taking, at, "a control character in a string");
        } else {
            *taking->text++ = *at;
        }
    }
    if (taking->at == taking->end)
        return wrong(taking, open, "a string that does not end in this line");
    taking->at++;
    size_t length = (size_t)(taking->text - begin);
    if (length > CSV_FIELD_BYTES_MAX)
        return wrong(taking, open, "a string of more than %d bytes", CSV_FIELD_BYTES_MAX);
    return text_check(begin, length, &err) == STATUS_OK ? true : wrong(taking, open, "%s", err.text);
}

/* Strings of a list, with a blank between. */
static bool take_list(struct taking *taking)
{
    char *first = taking->text;
    taking->at++;
    if (next_is(taking, ']')) {
        taking->at++;
        return true;
    }
    do {
        if (taking->text != first)
            *taking->text++ = ' ';
        skip_blanks(taking);
        const char *at = taking->at;
        char *begin = taking->text;
        if (!take_string(taking, "a string"))
            return false;
        if (begin == taking->text || memchr(begin, ' ', (size_t)(taking->text - begin)) != NULL)
            return wrong(taking, at, "a word of a list is not empty and holds no blank");
        skip_blanks(taking);
    } while (taking->at < taking->end && *taking->at == ',' && taking->at++);
    return take_byte(taking, ']', "',' or ']'");
}

static bool take_value(struct taking *taking, size_t column)
{
    struct csv_field *field = &taking->row->fields[column];
    skip_blanks(taking);
    const char *at = taking->at;
    char *begin = taking->text;
    bool list = at < taking->end && *at == '[', taken;
    if (at < taking->end && *at == '{')
        return wrong(taking, at, "an object inside a row: a value is a string");
    if (at < taking->end && *at != '"' && !list)
        return wrong(taking, at, "a value is a string, amounts too: \"12.50\"; what is not given is left out");
    if (list && (taking->jsonl->columns[column].flags & CSV_LIST) == 0)
        return wrong(taking, at, "one string, no list");
    taken = list ? take_list(taking) : take_string(taking, "a string");
    if (!taken)
        return false;
    size_t length = (size_t)(taking->text - begin);
    *taking->text++ = '\0';
    *field = (struct csv_field){.text = begin,
                                .length = length,
                                .line = taking->jsonl->line,
                                .column = at - taking->jsonl->bytes + 1,
                                .present = length > 0};
    return true;
}

static bool take_member(struct taking *taking)
{
    char shown[TEXT_SHOW_MAX];
    size_t column = 0;
    skip_blanks(taking);
    const char *at = taking->at;
    char *name = taking->text;
    if (!take_string(taking, "a member's name in quotes"))
        return false;
    *taking->text++ = '\0';
    while (column < taking->jsonl->column_count && strcmp(taking->jsonl->columns[column].name, name) != 0)
        column++;
    text_show(name, strlen(name), shown);
    if (column == taking->jsonl->column_count)
        return wrong(taking, at, "unknown member '%s'; members are named as the columns of a CSV file", shown);
    if (taking->row->fields[column].column != 0)
        return wrong(taking, at, "a second '%s'", shown);
    return take_byte(taking, ':', "':'") && take_value(taking, column);
}

static bool take_object(struct taking *taking)
{
    const struct jsonl *jsonl = taking->jsonl;
    if (!take_byte(taking, '{', "an object, which begins with '{',"))
        return false;
    if (next_is(taking, '}')) {
        taking->at++;
    } else {
        do {
            if (!take_member(taking))
                return false;
            skip_blanks(taking);
        } while (taking->at < taking->end && *taking->at == ',' && taking->at++);
        if (!take_byte(taking, '}', "',' or '}'"))
            return false;
    }
    skip_blanks(taking);
    if (taking->at < taking->end)
        return wrong(taking, taking->at, "more after the object: each object has a line of its own");
    for (size_t i = 0; i < jsonl->column_count; i++)
        if ((jsonl->columns[i].flags & CSV_REQUIRED) != 0 && taking->row->fields[i].column == 0)
            return wrong(taking, jsonl->bytes, "lacks %s", jsonl->columns[i].name);
    return true;
}

enum status jsonl_open(const char *path, FILE *file, const struct csv_column *columns, struct jsonl **ret_jsonl,
                       struct err *err)
{
    enum status status = STATUS_OK;
    struct jsonl *jsonl = calloc(1, sizeof *jsonl);
    if (jsonl == NULL)
        return err_set(err, STATUS_MEMORY, "no memory to read %s", path);
    jsonl->path = strdup(path);
    jsonl->bytes = malloc(CSV_ROW_BYTES_MAX + 1);
    /* Decoding never lengthens, and each string's two quotes leave room for its NUL. */
    jsonl->text = malloc(CSV_ROW_BYTES_MAX + 1);
    jsonl->columns = columns;
    while (columns[jsonl->column_count].name != NULL)
        jsonl->column_count++;
    invariant(jsonl->column_count <= CSV_COLUMNS_MAX);
    jsonl->ours = file == NULL;
    jsonl->file = file;
    if (jsonl->path == NULL || jsonl->bytes == NULL || jsonl->text == NULL)
        status = err_set(err, STATUS_MEMORY, "no memory to read %s", path);
    if (status == STATUS_OK && jsonl->ours) {
        jsonl->file = fopen(path, "re");
        if (jsonl->file == NULL)
            status = err_set(err, errno == ENOENT ? STATUS_NOT_FOUND : STATUS_IO, "%s: %s", path, strerror(errno));
    }
    if (status == STATUS_OK)
        *ret_jsonl = jsonl;
    else
        jsonl_close(jsonl);
    return status;
}

/* A line without its end; *ret_more false where the file is at its end. */
static enum status read_line(struct jsonl *jsonl, bool *ret_more, struct err *err)
{
    int byte = EOF;
    bool any = false;
    jsonl->length = 0;
    jsonl->too_long = jsonl->has_nul = false;
    errno = 0;
    while ((byte = getc(jsonl->file)) != EOF && byte != '\n') {
        any = true;
        jsonl->has_nul = jsonl->has_nul || byte == '\0';
        if (jsonl->length < CSV_ROW_BYTES_MAX)
            jsonl->bytes[jsonl->length++] = (char)byte;
        else
            jsonl->too_long = true;
    }
    if (byte == EOF && ferror(jsonl->file))
        return err_set(err, errno == EISDIR ? STATUS_INPUT : STATUS_IO, "%s: cannot read: %s", jsonl->path,
                       strerror(errno));
    *ret_more = byte != EOF || any;
    jsonl->line++;
    jsonl->bytes[jsonl->length] = '\0';
    return STATUS_OK;
}

enum status jsonl_next(struct jsonl *jsonl, struct jsonl_row *ret_row, bool *ret_more, struct err *err)
{
    struct taking taking = {.jsonl = jsonl, .row = ret_row};
    for (bool more = true;;) {
        enum status status = read_line(jsonl, &more, err);
        *ret_more = more;
        if (status != STATUS_OK || !more)
            return status;
        taking.at = jsonl->bytes;
        taking.end = jsonl->bytes + jsonl->length;
        if (jsonl->line == 1 && jsonl->length >= 3 && memcmp(jsonl->bytes, "\xEF\xBB\xBF", 3) == 0)
            taking.at += 3;
        skip_blanks(&taking);
        if (taking.at < taking.end || jsonl->too_long)
            break;
    }
    if (jsonl->rows == CSV_ROWS_MAX)
        return err_set(err, STATUS_LIMIT, "%s: more than %d rows", jsonl->path, CSV_ROWS_MAX);
    *ret_row = (struct jsonl_row){.number = ++jsonl->rows, .line = jsonl->line};
    for (size_t i = 0; i < jsonl->column_count; i++)
        ret_row->fields[i] = (struct csv_field){.text = "", .line = jsonl->line};
    taking.text = jsonl->text;
    if (jsonl->too_long)
        (void)wrong(&taking, jsonl->bytes, "a line of more than %d bytes", CSV_ROW_BYTES_MAX);
    else if (jsonl->has_nul)
        (void)wrong(&taking, memchr(jsonl->bytes, '\0', jsonl->length),
                    "a NUL byte: this is no text file, or it is UTF-16");
    else
        (void)take_object(&taking);
    return STATUS_OK;
}

void jsonl_close(struct jsonl *jsonl)
{
    if (jsonl == NULL)
        return;
    if (jsonl->ours && jsonl->file != NULL)
        (void)fclose(jsonl->file);
    free(jsonl->text);
    free(jsonl->bytes);
    free(jsonl->path);
    free(jsonl);
}
