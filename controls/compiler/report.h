/*
 * Findings in a policy file: collected while it is compiled, reported by place, formatted for people.
 */
#ifndef CONTROLS_COMPILER_REPORT_H
#define CONTROLS_COMPILER_REPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "ledger/status.h"

enum {
    FINDINGS_MAX = 100,         /* a person mends the first few and runs it again */
    FINDING_FORMAT_BYTES = 2048 /* a formatted finding, closing NUL included */
};

struct compile_finding {
    const char *file;
    size_t line;   /* from 1 */
    size_t column; /* from 1, in characters */
    bool warning;  /* else an error */
    const char *text;
    const char *source; /* the line, source[0..source_length), without its end; may hold anything that the file holds */
    size_t source_length;
};

typedef void compile_report(void *context, const struct compile_finding *finding);

/*
 * Writes three lines: "file:line:col: error: text", the source line with its number, and a caret under the place. A long
 * line is cut around the place; what must not reach a terminal is shown as "?".
 */
void compile_finding_format(const struct compile_finding *finding, char ret_text[static FINDING_FORMAT_BYTES]);

/* The source and what was found in it so far. */
struct findings {
    const char *source;
    size_t length;
    struct finding_kept *kept;
    size_t count;
    size_t errors;
    size_t warnings;
    bool failed; /* no memory to keep one */
};

/* Keeps one finding at the byte offset. PRINTF_LIKE text. Those beyond FINDINGS_MAX are only counted. */
void findings_error(struct findings *findings, size_t offset, const char *format, ...) PRINTF_LIKE(3, 4);
void findings_warning(struct findings *findings, size_t offset, const char *format, ...) PRINTF_LIKE(3, 4);

/* The byte offset of a line and column, both from 0, the column in characters; held to the end of the line. */
size_t findings_offset(const struct findings *findings, size_t line, size_t column);

/* Reports what was kept, by position, and fills err with the first error (err untouched when there is none). */
void findings_report(struct findings *findings, const char *file, compile_report *report, void *context,
                     struct err *err);
void findings_done(struct findings *findings);

#endif
