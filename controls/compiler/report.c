/*
 * Findings in a policy file. Positions are byte offsets until they are reported; lines and columns are counted once, at
 * the end. Prints nothing.
 */
#include "controls/compiler/report.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/text.h"

enum {
    EXCERPT_CHARS = 100, /* of a source line, around the place */
    EXCERPT_BEFORE = 70  /* of them before the place at most */
};

struct finding_kept {
    size_t offset;
    size_t order; /* findings at one place stay in the order in which they were made */
    bool warning;
    char text[ERR_TEXT_BYTES];
};

static void finding_keep(struct findings *findings, size_t offset, bool warning, const char *text)
{
    *(warning ? &findings->warnings : &findings->errors) += 1;
    if (findings->count == FINDINGS_MAX || findings->failed)
        return;
    if (findings->kept == NULL)
        findings->kept = calloc(FINDINGS_MAX, sizeof findings->kept[0]);
    if (findings->kept == NULL) {
        findings->failed = true;
        return;
    }
    struct finding_kept *kept = &findings->kept[findings->count];
    kept->offset = offset < findings->length ? offset : findings->length;
    kept->order = findings->count++;
    kept->warning = warning;
    (void)snprintf(kept->text, sizeof kept->text, "%s", text);
}

void findings_error(struct findings *findings, size_t offset, const char *format, ...)
{
    char text[ERR_TEXT_BYTES] = "";
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    finding_keep(findings, offset, false, text);
}

void findings_warning(struct findings *findings, size_t offset, const char *format, ...)
{
    char text[ERR_TEXT_BYTES] = "";
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    finding_keep(findings, offset, true, text);
}

/* One character on: a byte where the text is not UTF-8. */
static size_t step(const char *bytes, size_t left, uint32_t *ret_code_point)
{
    size_t size = text_step(bytes, left, ret_code_point);
    if (size == 0)
        *ret_code_point = 0;
    return size == 0 && left > 0 ? 1 : size;
}

size_t findings_offset(const struct findings *findings, size_t line, size_t column)
{
    size_t offset = 0;
    for (; line > 0 && offset < findings->length; line--) {
        const char *end = memchr(findings->source + offset, '\n', findings->length - offset);
        offset = end == NULL ? findings->length : (size_t)(end - findings->source) + 1;
    }
    for (; column > 0 && offset < findings->length && findings->source[offset] != '\n'; column--) {
        uint32_t ignored = 0;
        offset += step(findings->source + offset, findings->length - offset, &ignored);
    }
    return offset;
}

/* Line, column and the line itself of an offset. */
static void finding_locate(const struct findings *findings, size_t offset, struct compile_finding *ret_finding)
{
    size_t begins = 0;
    ret_finding->line = 1;
    for (size_t i = 0; i < offset; i++) {
        if (findings->source[i] == '\n') {
            ret_finding->line++;
            begins = i + 1;
        }
    }
    ret_finding->column = 1;
    for (size_t i = begins; i < offset; ret_finding->column++) {
        uint32_t ignored = 0;
        i += step(findings->source + i, offset - i, &ignored);
    }
    ret_finding->source = findings->source + begins;
    size_t left = findings->length - begins;
    const char *end = left == 0 ? NULL : memchr(ret_finding->source, '\n', left);
    ret_finding->source_length = end == NULL ? left : (size_t)(end - ret_finding->source);
}

static int compare_kept(const void *a, const void *b)
{
    const struct finding_kept *x = a;
    const struct finding_kept *y = b;
    if (x->offset != y->offset)
        return x->offset < y->offset ? -1 : 1;
    return (x->order > y->order) - (x->order < y->order);
}

void findings_report(struct findings *findings, const char *file, compile_report *report, void *context,
                     struct err *err)
{
    bool first = true;
    if (findings->count > 0)
        qsort(findings->kept, findings->count, sizeof findings->kept[0], compare_kept);
    for (size_t i = 0; i < findings->count; i++) {
        struct compile_finding finding = {
            .file = file, .warning = findings->kept[i].warning, .text = findings->kept[i].text};
        finding_locate(findings, findings->kept[i].offset, &finding);
        if (report != NULL)
            report(context, &finding);
        if (finding.warning || !first || err == NULL)
            continue;
        first = false;
        char more[64] = "";
        if (findings->errors > 1)
            (void)snprintf(more, sizeof more, " (and %zu more)", findings->errors - 1);
        err->status =
            err_set(err, STATUS_INPUT, "%s:%zu:%zu: %s%s", file, finding.line, finding.column, finding.text, more);
    }
}

void findings_done(struct findings *findings)
{
    free(findings->kept);
    findings->kept = NULL;
    findings->count = 0;
}

/* Copies up to EXCERPT_CHARS characters of the line from character number first on. Answers the bytes written. */
static size_t excerpt_write(const struct compile_finding *finding, size_t first, char *to, size_t room)
{
    size_t used = 0;
    size_t at = 0;
    for (size_t i = 0; at < finding->source_length && i < first + EXCERPT_CHARS; i++) {
        uint32_t code_point = 0;
        size_t size = text_step(finding->source + at, finding->source_length - at, &code_point);
        bool shown = size > 0 && !text_forbidden(code_point);
        size_t bytes = shown ? size : 1;
        if (i >= first && used + bytes < room) {
            if (shown)
                memcpy(to + used, finding->source + at, size);
            else
                to[used] = '?';
            used += bytes;
        }
        at += size > 0 ? size : 1;
    }
    to[used] = '\0';
    return used;
}

void compile_finding_format(const struct compile_finding *finding, char ret_text[static FINDING_FORMAT_BYTES])
{
    char excerpt[EXCERPT_CHARS * 4 + 1];
    size_t before = finding->column - 1;
    size_t first = before > EXCERPT_BEFORE ? before - EXCERPT_BEFORE : 0;
    (void)excerpt_write(finding, first, excerpt, sizeof excerpt);
    (void)snprintf(ret_text, FINDING_FORMAT_BYTES, "%.300s:%zu:%zu: %s: %s\n%5zu | %s\n      | %*s^\n", finding->file,
                   finding->line, finding->column, finding->warning ? "warning" : "error", finding->text, finding->line,
                   excerpt, (int)(before - first), "");
}
