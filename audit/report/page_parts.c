/*
 * Questions and pieces of the period report. Cells are classed so that the built-in style lays them out; all text is escaped.
 */
#include "audit/report/page_parts.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum status keep_row(void *context, const struct report_row *row, struct err *err)
{
    json_t *rows = context, *cells = json_array();
    for (size_t i = 0; i < row->count; i++)
        json_array_append_new(cells, row->values[i] != NULL ? json_string(row->values[i]) : json_null());
    if (json_array_size(cells) != row->count || json_array_append_new(rows, cells) != 0)
        return err_set(err, STATUS_MEMORY, "no memory for a page");
    return STATUS_OK;
}

enum status page_ask(struct page *page, const char *sql, json_t **ret_rows, struct err *err)
{
    json_t *rows = json_array();
    if (rows == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for a page");
    enum status status = page->source->query(page->source->context, sql, page->bindings, keep_row, rows, err);
    if (status == STATUS_OK)
        *ret_rows = rows;
    else
        json_decref(rows);
    return status;
}

const char *page_text(const json_t *rows, size_t row, size_t column)
{
    const char *text = json_string_value(json_array_get(json_array_get(rows, row), column));
    return text != NULL ? text : "";
}

int64_t page_number(const json_t *rows, size_t row, size_t column)
{
    return strtoll(page_text(rows, row, column), NULL, 10);
}

const char *page_money(const struct page *page, int64_t minor, char ret_text[static MONEY_TEXT_MAX])
{
    money_format_grouped(minor, page->digits, ret_text);
    return ret_text;
}

const char *page_duration(int64_t seconds, char ret_text[static PAGE_CELL_BYTES])
{
    const int64_t minutes = seconds / 60, hours = minutes / 60, days = hours / 24;
    if (days > 0)
        snprintf(ret_text, PAGE_CELL_BYTES, "%" PRId64 " d %" PRId64 " h", days, hours % 24);
    else if (hours > 0)
        snprintf(ret_text, PAGE_CELL_BYTES, "%" PRId64 " h %" PRId64 " min", hours, minutes % 60);
    else if (minutes > 0)
        snprintf(ret_text, PAGE_CELL_BYTES, "%" PRId64 " min", minutes);
    else
        snprintf(ret_text, PAGE_CELL_BYTES, "%" PRId64 " s", seconds);
    return ret_text;
}

static const char *class_of(enum page_type type)
{
    switch (type) {
    case PAGE_COUNT:
    case PAGE_MONEY:
    case PAGE_PERCENT:
        return "n";
    case PAGE_DAY:
        return "d";
    case PAGE_TEXT:
        break;
    }
    return "t";
}

static void cell(struct page *page, enum page_type type, const json_t *value)
{
    char money[MONEY_TEXT_MAX], number[CHART_NUMBER_BYTES];
    const char *text = json_string_value(value);
    emit_format(&page->emit, "<td class=\"%s\">", class_of(type));
    if (text != NULL && type == PAGE_MONEY)
        text = page_money(page, strtoll(text, NULL, 10), money);
    else if (text != NULL && type == PAGE_COUNT)
        text = chart_number(strtoll(text, NULL, 10), number);
    html_text(&page->emit, text != NULL ? text : "");
    emit_raw(&page->emit, "</td>");
}

void page_table(struct page *page, const char *caption, const struct page_column *columns, const json_t *rows)
{
    emit_raw(&page->emit, "<h3>");
    html_text(&page->emit, caption);
    emit_raw(&page->emit, "</h3>\n");
    if (json_array_size(rows) == 0) {
        emit_raw(&page->emit, "<p class=\"none\">None.</p>\n");
        return;
    }
    emit_raw(&page->emit, "<div class=\"scroll\" tabindex=\"0\"><table>\n<thead><tr>");
    for (size_t i = 0; columns[i].title != NULL; i++) {
        emit_format(&page->emit, "<th scope=\"col\" class=\"%s\">", class_of(columns[i].type));
        html_text(&page->emit, columns[i].title);
        if (columns[i].type == PAGE_MONEY) {
            emit_raw(&page->emit, " ");
            html_text(&page->emit, page->base);
        }
        emit_raw(&page->emit, "</th>");
    }
    emit_raw(&page->emit, "</tr></thead>\n<tbody>\n");
    for (size_t row = 0; row < json_array_size(rows); row++) {
        emit_raw(&page->emit, "<tr>");
        for (size_t i = 0; columns[i].title != NULL; i++)
            cell(page, columns[i].type, json_array_get(json_array_get(rows, row), i));
        emit_raw(&page->emit, "</tr>\n");
    }
    emit_raw(&page->emit, "</tbody>\n</table></div>\n");
}

void page_section(struct page *page, const char *title, bool new_page)
{
    emit_raw(&page->emit, new_page ? "<h2 class=\"page\">" : "<h2>");
    html_text(&page->emit, title);
    emit_raw(&page->emit, "</h2>\n");
}

static void paragraph(struct page *page, const char *begin, const char *text, const char *end)
{
    emit_raw(&page->emit, begin);
    html_text(&page->emit, text);
    emit_raw(&page->emit, end);
}

void page_note(struct page *page, const char *text)
{
    paragraph(page, "<p class=\"note\">", text, "</p>\n");
}

void page_caption(struct page *page, const char *text)
{
    paragraph(page, "<p class=\"caption\">", text, "</p>\n");
}
