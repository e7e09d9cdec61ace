/*
 * Text on its way into a sink: pieces gather in a buffer, the first failure sticks, and whoever began it asks once at the end.
 * On top of it: CSV rows as spreadsheets may have them, and text inside HTML, escaped.
 */
#ifndef AUDIT_EMIT_H
#define AUDIT_EMIT_H

#include <stddef.h>
#include <stdint.h>

#include "audit/export/export.h"
#include "ledger/checksum.h"
#include "ledger/slice.h"
#include "ledger/status.h"

enum { EMIT_BUFFER_BYTES = 1 << 14 };

struct emit {
    const struct export_sink *sink; /* borrowed; NULL: nowhere */
    struct hash_stream *hash;       /* borrowed; NULL: none. Takes what the sink takes */
    uint64_t bytes;                 /* written so far */
    size_t length;
    enum status status;
    struct err err;
    char buffer[EMIT_BUFFER_BYTES];
};

void emit_begin(struct emit *emit, const struct export_sink *sink);
void emit_bytes(struct emit *emit, struct slice bytes);
void emit_raw(struct emit *emit, const char *text);
/* A formatted piece of less than EMIT_FORMAT_BYTES; longer is our own mistake: text from outside goes through the others. */
enum { EMIT_FORMAT_BYTES = 512 };
void emit_format(struct emit *emit, const char *format, ...) PRINTF_LIKE(2, 3);
/* Hands on what is in the buffer. */
void emit_flush(struct emit *emit);
/* Flushes; answers the first failure. */
MUST_USE enum status emit_end(struct emit *emit, struct err *err);

/*
 * One CSV row and CRLF. What needs quotes is quoted. A cell that begins with = + - @, their full-width forms, tab, CR or LF gets
 * a ' in front, which spreadsheets show as text, unless it is a plain decimal number. Source: RFC 4180; OWASP, CSV injection.
 *
 * in      cells[0..count), NULL is empty, borrowed.
 */
void emit_csv_row(struct emit *emit, const char *const cells[], size_t count);

/* Text between tags. Everything that HTML or SVG would read is escaped. */
void html_text(struct emit *emit, const char *text);

#endif
