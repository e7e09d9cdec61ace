/*
 * The buffer before a sink; see the header. Errors stick, so that whoever draws a page need not ask after each tag.
 */
#include "audit/emit.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

void emit_begin(struct emit *emit, const struct export_sink *sink)
{
    emit->sink = sink;
    emit->hash = NULL;
    emit->bytes = 0;
    emit->length = 0;
    emit->status = STATUS_OK;
    emit->err = (struct err){.status = STATUS_OK};
}

static void hand_on(struct emit *emit, struct slice bytes)
{
    if (emit->status != STATUS_OK || bytes.length == 0)
        return;
    if (emit->hash != NULL)
        hash_stream_add(emit->hash, bytes);
    if (emit->sink != NULL)
        emit->status = emit->sink->write(emit->sink->context, bytes, &emit->err);
}

void emit_flush(struct emit *emit)
{
    hand_on(emit, slice_of(emit->buffer, emit->length));
    emit->length = 0;
}

void emit_bytes(struct emit *emit, struct slice bytes)
{
    emit->bytes += bytes.length;
    if (bytes.length > EMIT_BUFFER_BYTES - emit->length)
        emit_flush(emit);
    if (bytes.length > EMIT_BUFFER_BYTES) {
        hand_on(emit, bytes);
        return;
    }
    if (bytes.length > 0)
        memcpy(emit->buffer + emit->length, bytes.bytes, bytes.length);
    emit->length += bytes.length;
}

void emit_raw(struct emit *emit, const char *text)
{
    emit_bytes(emit, slice_of(text, strlen(text)));
}

void emit_format(struct emit *emit, const char *format, ...)
{
    char text[EMIT_FORMAT_BYTES];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    invariant(length >= 0 && length < EMIT_FORMAT_BYTES);
    emit_bytes(emit, slice_of(text, (size_t)length));
}

enum status emit_end(struct emit *emit, struct err *err)
{
    emit_flush(emit);
    if (emit->status != STATUS_OK && err != NULL)
        *err = emit->err;
    return emit->status;
}

static bool is_plain_number(const char *cell)
{
    const char *at = cell + (cell[0] == '-' ? 1 : 0);
    size_t whole = strspn(at, "0123456789");
    if (whole == 0)
        return false;
    at += whole;
    if (*at != '.')
        return *at == '\0';
    size_t digits = strspn(at + 1, "0123456789");
    return digits > 0 && at[1 + digits] == '\0';
}

static bool begins_formula(const char *cell)
{
    static const char *const wide[] = {"\xEF\xBC\x9D", "\xEF\xBC\x8B", "\xEF\xBC\x8D", "\xEF\xBC\xA0"}; /* = + - @ */
    if (cell[0] != '\0' && strchr("=+-@\t\r\n", cell[0]) != NULL)
        return !is_plain_number(cell);
    for (size_t i = 0; i < sizeof wide / sizeof wide[0]; i++)
        if (strncmp(cell, wide[i], 3) == 0)
            return true;
    return false;
}

/* Blanks at an end are quoted too: readers, ours included, drop them elsewhere. */
static bool needs_quotes(const char *cell)
{
    size_t length = strlen(cell);
    return strpbrk(cell, ",\"\r\n") != NULL || (length > 0 && (cell[0] == ' ' || cell[0] == '\t')) ||
           (length > 0 && (cell[length - 1] == ' ' || cell[length - 1] == '\t'));
}

static void csv_cell(struct emit *emit, const char *cell)
{
    bool quotes = needs_quotes(cell);
    if (quotes)
        emit_raw(emit, "\"");
    if (begins_formula(cell))
        emit_raw(emit, "'");
    for (const char *at = cell; *at != '\0';) {
        size_t plain = strcspn(at, "\"");
        emit_bytes(emit, slice_of(at, plain));
        at += plain;
        if (*at == '"') {
            emit_raw(emit, "\"\"");
            at++;
        }
    }
    if (quotes)
        emit_raw(emit, "\"");
}

void emit_csv_row(struct emit *emit, const char *const cells[], size_t count)
{
    /* A row of one empty cell would be a blank line, which readers skip. */
    bool lone = count == 1 && (cells[0] == NULL || cells[0][0] == '\0');
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            emit_raw(emit, ",");
        if (lone)
            emit_raw(emit, "\"\"");
        else if (cells[i] != NULL)
            csv_cell(emit, cells[i]);
    }
    emit_raw(emit, "\r\n");
}

void html_text(struct emit *emit, const char *text)
{
    for (const char *at = text; *at != '\0';) {
        size_t plain = strcspn(at, "&<>\"'");
        emit_bytes(emit, slice_of(at, plain));
        at += plain;
        switch (*at) {
        case '&':
            emit_raw(emit, "&amp;");
            break;
        case '<':
            emit_raw(emit, "&lt;");
            break;
        case '>':
            emit_raw(emit, "&gt;");
            break;
        case '"':
            emit_raw(emit, "&quot;");
            break;
        case '\'':
            emit_raw(emit, "&#39;");
            break;
        default:
            return;
        }
        at++;
    }
}
