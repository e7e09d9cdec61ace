/*
 * A report as one page that needs nothing else: the style is built in and named by its hash in the page's own policy, there is
 * no script, and everything from the book goes through html_text.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/embed.h"
#include "audit/report/header.h"
#include "audit/report/write.h"
#include "ledger/base64.h"
#include "ledger/hash.h"

enum { PORTRAIT_COLUMNS = 8 }; /* more are printed across the long side, smaller */

static enum status policy(struct emit *emit, struct slice style, struct err *err)
{
    struct hash hash;
    char base64[BASE64_CHARS(HASH_BYTES) + 1];
    hash_of(style.bytes, style.length, &hash);
    enum status status = base64_encode(hash.bytes, HASH_BYTES, base64, sizeof base64, err);
    if (status == STATUS_OK)
        emit_format(emit,
                    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-%s'; "
                    "base-uri 'none'; form-action 'none'\">\n",
                    base64);
    return status;
}

static void labels(struct emit *emit, const json_t *header)
{
    const json_t *list = json_object_get(header, "labels");
    if (json_array_size(list) > 0)
        emit_raw(emit, "<p class=\"labels\">");
    for (size_t i = 0; i < json_array_size(list); i++) {
        emit_raw(emit, i == 0 ? "<strong>" : " <strong>");
        html_text(emit, json_string_value(json_array_get(list, i)));
        emit_raw(emit, "</strong>");
    }
    if (json_array_size(list) > 0)
        emit_raw(emit, "</p>\n");
}

/* Book, entity, days, when: what a reader wants to see before any figure. */
static void subject(struct emit *emit, const json_t *header)
{
    const json_t *period = json_object_get(header, "period");
    const char *entity = report_header_member(json_object_get(header, "parameters"), "entity");
    const char *typed = report_header_member(json_object_get(header, "parameters"), "period");
    emit_raw(emit, "<p class=\"subject\">");
    html_text(emit, report_header_member(json_object_get(header, "book"), "name"));
    emit_raw(emit, " · ");
    html_text(emit, entity[0] != '\0' ? entity : "all entities");
    emit_raw(emit, " · ");
    if (period != NULL) {
        html_text(emit, typed);
        emit_raw(emit, ", ");
        html_text(emit, report_header_member(period, "from"));
        emit_raw(emit, " to ");
        html_text(emit, report_header_member(period, "to"));
    } else {
        emit_raw(emit, "the whole time of the book");
    }
    emit_raw(emit, "</p>\n");
}

enum status report_html_begin(struct emit *emit, const json_t *header, bool charts, struct err *err)
{
    const struct slice style = embed_report_css();
    emit_raw(emit, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    enum status status = policy(emit, style, err);
    if (status != STATUS_OK)
        return status;
    emit_raw(emit, "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>");
    html_text(emit, report_header_member(header, "report"));
    emit_raw(emit, " ");
    html_text(emit, report_header_member(header, "title"));
    emit_raw(emit, "</title>\n<style>");
    emit_bytes(emit, style);
    emit_format(emit, "</style>\n</head>\n<body class=\"%s\">\n<header>\n<h1>",
                charts                                             ? "wide"
                : report_header_columns(header) > PORTRAIT_COLUMNS ? "many"
                                                                   : "few");
    if (!charts) {
        emit_raw(emit, "<span class=\"id\">");
        html_text(emit, report_header_member(header, "report"));
        emit_raw(emit, "</span> ");
    }
    html_text(emit, report_header_member(header, "title"));
    emit_raw(emit, "</h1>\n");
    subject(emit, header);
    emit_raw(emit, "<p class=\"question\">");
    html_text(emit, report_header_member(header, "question"));
    emit_raw(emit, "</p>\n");
    labels(emit, header);
    emit_raw(emit, "</header>\n<main>");
    return status;
}

struct block {
    struct emit *emit;
    bool open; /* a dd that further lines go on in */
};

static enum status field(void *context, const char *label, const char *text, struct err *err)
{
    struct block *block = context;
    (void)err;
    if (label[0] != '\0') {
        emit_raw(block->emit, block->open ? "</dd></div>\n<div><dt>" : "<div><dt>");
        html_text(block->emit, label);
        emit_raw(block->emit, "</dt><dd>");
    } else {
        emit_raw(block->emit, "<br>");
    }
    html_text(block->emit, text);
    block->open = true;
    return STATUS_OK;
}

enum status report_html_end(struct emit *emit, const json_t *header, struct err *err)
{
    struct block block = {.emit = emit};
    char *text = report_header_text(header);
    if (text == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for a report's header");
    emit_raw(emit, "</main>\n<footer>\n<h2>About this report</h2>\n<dl>\n");
    enum status status = report_header_walk(header, field, &block, err);
    emit_raw(emit, "</dd></div>\n</dl>\n<details><summary>The same as data</summary>\n<pre id=\"header\">");
    html_text(emit, text);
    emit_raw(emit, "</pre></details>\n<p class=\"note\">Check this file: countersign audit report --check FILE</p>\n"
                   "</footer>\n</body>\n</html>\n");
    free(text);
    return status;
}

/* "1234567.89" -> "1,234,567.89". */
static void grouped(const char *cell, char ret_text[static REPORT_SHOWN_BYTES])
{
    const size_t sign = cell[0] == '-', whole = strspn(cell + sign, "0123456789");
    size_t at = 0;
    if (whole == 0 || strlen(cell) > REPORT_SHOWN_BYTES / 2) { /* no number of ours */
        snprintf(ret_text, REPORT_SHOWN_BYTES, "%s", cell);
        return;
    }
    if (sign == 1)
        ret_text[at++] = '-';
    for (size_t i = 0; i < whole; i++) {
        if (i > 0 && (whole - i) % 3 == 0)
            ret_text[at++] = ',';
        ret_text[at++] = cell[sign + i];
    }
    snprintf(ret_text + at, REPORT_SHOWN_BYTES - at, "%s", cell + sign + whole);
}

const char *report_html_shown(enum report_type type, const char *cell, char ret_text[static REPORT_SHOWN_BYTES])
{
    if (type != REPORT_COUNT && type != REPORT_AMOUNT)
        return cell;
    grouped(cell, ret_text);
    return ret_text;
}

/* The class of a column, by which the style lays it out. */
static const char *column_class(enum report_type type)
{
    switch (type) {
    case REPORT_COUNT:
    case REPORT_AMOUNT:
    case REPORT_PERCENT:
        return "n";
    case REPORT_DATE:
    case REPORT_INSTANT:
        return "d";
    case REPORT_HASH:
        return "h";
    case REPORT_TEXT:
        break;
    }
    return "t";
}

struct page {
    struct emit emit;
    const json_t *header;
    size_t columns;
    uint64_t rows;
};

static enum status row(void *context, const char *const cells[], struct err *err)
{
    struct page *page = context;
    char shown[REPORT_SHOWN_BYTES];
    (void)err;
    page->rows++;
    emit_raw(&page->emit, "<tr>");
    for (size_t i = 0; i < page->columns; i++) {
        const enum report_type type = report_header_type(page->header, i);
        emit_raw(&page->emit, "<td class=\"");
        emit_raw(&page->emit, column_class(type));
        emit_raw(&page->emit, "\">");
        html_text(&page->emit, report_html_shown(type, cells[i], shown));
        emit_raw(&page->emit, "</td>");
    }
    emit_raw(&page->emit, "</tr>\n");
    return STATUS_OK;
}

static void heads(struct page *page)
{
    char title[REPORT_TITLE_BYTES];
    for (size_t i = 0; i < page->columns; i++) {
        emit_raw(&page->emit, "<th scope=\"col\" class=\"");
        emit_raw(&page->emit, column_class(report_header_type(page->header, i)));
        emit_raw(&page->emit, "\">");
        html_text(&page->emit, report_column_title(report_header_column(page->header, i), title));
        emit_raw(&page->emit, "</th>");
    }
}

enum status report_html_write(const json_t *header, const struct report_rows *rows, const struct export_sink *sink,
                              struct err *err)
{
    struct page page = {.header = header, .columns = report_header_columns(header)};
    emit_begin(&page.emit, sink);
    enum status status = report_html_begin(&page.emit, header, false, err);
    emit_raw(&page.emit, "<div class=\"scroll\" tabindex=\"0\"><table>\n<thead><tr>");
    heads(&page);
    emit_raw(&page.emit, "</tr></thead>\n<tbody>\n");
    if (status == STATUS_OK)
        status = rows->walk(rows->context, row, &page, err);
    emit_raw(&page.emit, "</tbody>\n</table></div>\n");
    if (page.rows == 0)
        emit_raw(&page.emit, "<p class=\"none\">No rows.</p>\n");
    if (status == STATUS_OK)
        status = report_html_end(&page.emit, header, err);
    return status == STATUS_OK ? emit_end(&page.emit, err) : status;
}
