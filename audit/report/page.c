/*
 * The period report put together, written and checked; what stands on it is in report_page_*.c.
 */
#include "audit/report/page.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/report/header.h"
#include "audit/report/page_parts.h"
#include "audit/report/read.h"
#include "audit/report/write.h"
#include "ledger/currency.h"

enum { WEEKS_MAX = 27, DAYS_OF_WEEK = 7, NAME_OF_MONTH_BYTES = 4 };

struct report_page {
    json_t *header;
    char *body;
    size_t length, room;
};

static enum status keep(void *context, struct slice bytes, struct err *err)
{
    struct report_page *page = context;
    if (bytes.length > page->room - page->length) {
        const size_t room = 2 * (page->room + bytes.length);
        char *grown = realloc(page->body, room);
        if (grown == NULL)
            return err_set(err, STATUS_MEMORY, "no memory for a page");
        page->body = grown;
        page->room = room;
    }
    memcpy(page->body + page->length, bytes.bytes, bytes.length);
    page->length += bytes.length;
    return STATUS_OK;
}

static const char months[][NAME_OF_MONTH_BYTES] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

static void bucket_add(struct page *page, int32_t day)
{
    struct page_bucket *bucket = &page->buckets[page->bucket_count];
    const struct date_parts parts = date_split(day);
    date_format(day, bucket->first);
    if (page->weeks)
        snprintf(bucket->label, sizeof bucket->label, "%d %s", parts.day, months[parts.month - 1]);
    else
        snprintf(bucket->label, sizeof bucket->label, "%s %02d", months[parts.month - 1], parts.year % 100);
    page->bucket_count++;
}

/* Weeks where they are few enough to be told apart, else months. Up to the last entry where the period goes on. */
static enum status buckets(struct page *page, const json_t *header, const char *last, struct err *err)
{
    const json_t *period = json_object_get(header, "period");
    const char *from_text = report_header_member(period, "from"), *to_text = report_header_member(period, "to");
    int32_t from = 0, to = 0, end = 0;
    enum status status = date_parse(from_text, strlen(from_text), &from, err);
    if (status == STATUS_OK)
        status = date_parse(to_text, strlen(to_text), &to, err);
    if (status == STATUS_OK && strlen(last) >= DATE_TEXT_BYTES - 1 &&
        date_parse(last, DATE_TEXT_BYTES - 1, &end, NULL) == STATUS_OK && end < to && end >= from)
        to = end;
    if (status != STATUS_OK)
        return status;
    page->weeks = to - from < WEEKS_MAX * DAYS_OF_WEEK;
    int32_t day = page->weeks ? from - (date_weekday(from) - 1) : from - (date_split(from).day - 1);
    while (day <= to && page->bucket_count < PAGE_BUCKETS_MAX) {
        const struct date_parts parts = date_split(day);
        bucket_add(page, day);
        day += page->weeks ? DAYS_OF_WEEK : date_month_days(parts.year, parts.month);
    }
    return STATUS_OK;
}

/* The parameters of the register, the kind of bucket. */
static void bind(struct page *page, const struct report_binding *bindings)
{
    size_t count = 0;
    for (; bindings[count].name != NULL && count + 1 < PAGE_BINDINGS_MAX; count++)
        page->bindings[count] = bindings[count];
    page->bindings[count] = (struct report_binding){.name = "bucket", .value = page->weeks ? "week" : "month"};
}

static enum status sections(struct page *page, struct err *err)
{
    enum status (*const all[])(struct page *, struct err *) = {page_figures,    page_corrections, page_ageing,
                                                               page_thresholds, page_matrix,      page_digits,
                                                               page_controls,   page_lists};
    enum status status = STATUS_OK;
    emit_raw(&page->emit, "\n");
    for (size_t i = 0; status == STATUS_OK && i < sizeof all / sizeof all[0]; i++)
        status = all[i](page, err);
    return status == STATUS_OK ? emit_end(&page->emit, err) : status;
}

/* The register's header, as that of a page. */
static enum status header_make(const json_t *register_header, const struct report_page *made, json_t **ret_header,
                               struct err *err)
{
    char hex[HASH_HEX_CHARS + 1];
    struct hash body;
    json_t *header = json_deep_copy(register_header);
    hash_of(made->body, made->length, &body);
    hash_to_hex(&body, hex);
    if (header == NULL || json_object_set_new(header, "body_sha256", json_string(hex)) != 0 ||
        json_object_set_new(header, "report", json_string(REPORT_PAGE_ID)) != 0 ||
        json_object_set_new(header, "title", json_string("Corrections in the period")) != 0 ||
        json_object_set_new(
            header, "question",
            json_string("What was corrected, who approved it how fast, what controls stopped, and what an "
                        "auditor would look at first?")) != 0) {
        json_decref(header);
        return err_set(err, STATUS_MEMORY, "no memory for a report's header");
    }
    *ret_header = header;
    return report_header_seal(header, err);
}

static enum status ask_check(const struct report_ask *ask, struct err *err)
{
    for (size_t i = 0; report_parameters[i] != NULL; i++) {
        const char *name = report_parameters[i];
        const bool mine = strcmp(name, "period") == 0 || strcmp(name, "entity") == 0;
        if (!mine && ask->values[i] != NULL)
            return err_set(err, STATUS_INPUT,
                           "--%s: the period report is about all corrections; it takes --period and --entity", name);
        if (strcmp(name, "period") == 0 && ask->values[i] == NULL)
            return err_set(err, STATUS_INPUT, "--period: the period report wants one, such as 2026-Q3");
    }
    return STATUS_OK;
}

static enum status last_day(const struct page *from, char ret_day[static DATE_TEXT_BYTES], struct err *err)
{
    struct page page = {.source = from->source};
    json_t *rows = NULL;
    enum status status = page_ask(&page, "SELECT substr(last_time, 1, 10) FROM book", &rows, err);
    if (status == STATUS_OK)
        snprintf(ret_day, DATE_TEXT_BYTES, "%s", page_text(rows, 0, 0));
    json_decref(rows);
    return status;
}

static enum status fill(struct report_page *made, struct report_made *population, const struct report_source *source,
                        const struct report_facts *facts, struct err *err)
{
    const struct export_sink sink = {.write = keep, .context = made};
    char last[DATE_TEXT_BYTES] = "";
    const int digits = currency_digits(facts->base);
    struct page *page = calloc(1, sizeof *page);
    if (page == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for a page");
    page->source = source;
    page->digits = digits < 0 ? 0 : digits;
    snprintf(page->base, sizeof page->base, "%s", facts->base);
    emit_begin(&page->emit, &sink);
    enum status status = last_day(page, last, err);
    if (status == STATUS_OK)
        status = buckets(page, report_made_header(population), last, err);
    bind(page, report_made_bindings(population));
    if (status == STATUS_OK)
        status = sections(page, err);
    free(page);
    return status == STATUS_OK ? header_make(report_made_header(population), made, &made->header, err) : status;
}

enum status report_page_make(const struct report_ask *ask, const struct report_source *source,
                             const struct report_facts *facts, struct report_page **ret_page, struct err *err)
{
    struct report_ask asked = *ask;
    struct report_made *population = NULL;
    enum status status = ask_check(ask, err);
    struct report_page *page = status == STATUS_OK ? calloc(1, sizeof *page) : NULL;
    if (page == NULL)
        return status == STATUS_OK ? err_set(err, STATUS_MEMORY, "no memory for a page") : status;
    asked.report = report_find("R-02");
    status = report_make(&asked, source, facts, &population, err);
    if (status == STATUS_OK)
        status = fill(page, population, source, facts, err);
    report_made_free(population);
    if (status == STATUS_OK)
        *ret_page = page;
    else
        report_page_free(page);
    return status;
}

const json_t *report_page_header(const struct report_page *page)
{
    return page->header;
}

static enum status write_around(const json_t *header, struct slice body, const struct export_sink *sink,
                                struct err *err)
{
    struct emit emit;
    emit_begin(&emit, sink);
    enum status status = report_html_begin(&emit, header, true, err);
    emit_bytes(&emit, body);
    if (status == STATUS_OK)
        status = report_html_end(&emit, header, err);
    return status == STATUS_OK ? emit_end(&emit, err) : status;
}

enum status report_page_write(const struct report_page *page, const struct export_sink *sink, struct err *err)
{
    return write_around(page->header, slice_of(page->body, page->length), sink, err);
}

void report_page_free(struct report_page *page)
{
    if (page == NULL)
        return;
    json_decref(page->header);
    free(page->body);
    free(page);
}

static bool find_after(struct slice file, const char *text, size_t *at)
{
    const uint8_t *found = memmem(file.bytes + *at, file.length - *at, text, strlen(text));
    if (found == NULL)
        return false;
    *at = (size_t)(found - file.bytes) + strlen(text);
    return true;
}

bool report_page_is(struct slice file)
{
    size_t at = 0;
    return find_after(file, "<body class=\"wide\">", &at);
}

enum status report_page_check(const struct report_checking *checking, json_t **ret_header, struct err *err)
{
    const struct slice file = checking->file;
    struct report_compare compared = {.file = file};
    const struct export_sink comparing = report_compare_sink(&compared);
    json_t *header = NULL;
    size_t from = 0;
    enum status status = report_html_header(file, &header, err);
    if (status == STATUS_OK && !find_after(file, "<main>", &from))
        status = err_set(err, STATUS_INPUT, "no report: the page has no <main>");
    size_t to = from;
    if (status == STATUS_OK && !find_after(file, "</main>", &to))
        status = err_set(err, STATUS_INPUT, "no report: its <main> has no end");
    if (status == STATUS_OK) {
        const struct slice body = slice_of(file.bytes + from, to - strlen("</main>") - from);
        struct hash hash;
        hash_of(body.bytes, body.length, &hash);
        status = report_check_hashes(checking, header, &hash, err);
        if (status == STATUS_OK)
            status = write_around(header, body, &comparing, err);
    }
    if (status == STATUS_OK)
        report_compare_end(&compared, "its own header block gives", checking);
    if (status == STATUS_OK)
        *ret_header = header;
    else
        json_decref(header);
    return status;
}
