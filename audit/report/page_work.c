/*
 * What was done in the period: figures, corrections by week and kind, how long approvals took.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "audit/report/page_parts.h"
#include "controls/functions.h"

enum { FIGURE_BYTES = 160 };

static void figure(struct page *page, const char *what, const char *much, const char *more)
{
    emit_raw(&page->emit, "<li><span class=\"what\">");
    html_text(&page->emit, what);
    emit_raw(&page->emit, "</span><span class=\"much\">");
    html_text(&page->emit, much);
    emit_raw(&page->emit, "</span><span class=\"more\">");
    html_text(&page->emit, more);
    emit_raw(&page->emit, "</span></li>\n");
}

/* "12,345.67 USD down, 89.00 up". */
static void sums(const struct page *page, int64_t down, int64_t up, char ret_text[static FIGURE_BYTES])
{
    char fallen[MONEY_TEXT_MAX], risen[MONEY_TEXT_MAX];
    if (up == 0)
        snprintf(ret_text, FIGURE_BYTES, "%s %s", page_money(page, down, fallen), page->base);
    else
        snprintf(ret_text, FIGURE_BYTES, "%s %s down, %s up", page_money(page, down, fallen), page->base,
                 page_money(page, up, risen));
}

static enum status figures_work(struct page *page, struct err *err)
{
    static const char sql[] = PAGE_CORRECTIONS
        "SELECT count(*), sum(posted_seq IS NOT NULL), sum(CASE WHEN posted_seq IS NOT NULL AND direction = 'down' "
        "THEN "
        "base_minor END), sum(CASE WHEN posted_seq IS NOT NULL AND direction = 'up' THEN base_minor END), sum(prefix = "
        "'WO' AND "
        "posted_seq IS NOT NULL), sum(CASE WHEN prefix = 'WO' AND posted_seq IS NOT NULL THEN base_minor END), "
        "sum(state = "
        "'waiting'), sum(CASE WHEN state = 'waiting' THEN base_minor END), min(CASE WHEN state = 'waiting' THEN "
        "substr(submitted_at, 1, 10) END), sum(posted_seq IS NOT NULL AND approvals = 0), sum(CASE WHEN posted_seq IS "
        "NOT NULL AND "
        "approvals = 0 THEN base_minor END) FROM doc";
    char much[FIGURE_BYTES], more[FIGURE_BYTES], money[MONEY_TEXT_MAX], number[CHART_NUMBER_BYTES];
    json_t *row = NULL;
    enum status status = page_ask(page, sql, &row, err);
    if (status != STATUS_OK)
        return status;
    sums(page, page_number(row, 0, 2), page_number(row, 0, 3), more);
    figure(page, "Corrections posted", chart_number(page_number(row, 0, 1), number), more);
    snprintf(more, sizeof more, "%s %s", page_money(page, page_number(row, 0, 5), money), page->base);
    figure(page, "Written off", chart_number(page_number(row, 0, 4), number), more);
    snprintf(more, sizeof more, "%s %s%s%s", page_money(page, page_number(row, 0, 7), money), page->base,
             page_number(row, 0, 6) > 0 ? ", the oldest of " : "", page_text(row, 0, 8));
    figure(page, "Waiting", chart_number(page_number(row, 0, 6), number), more);
    const int64_t posted = page_number(row, 0, 1), alone = page_number(row, 0, 9);
    snprintf(much, sizeof much, "%" PRId64 " %%", posted > 0 ? (alone * 100 + posted / 2) / posted : 0);
    snprintf(more, sizeof more, "%" PRId64 " documents, %s %s", alone, page_money(page, page_number(row, 0, 10), money),
             page->base);
    figure(page, "Within own authority", much, more);
    json_decref(row);
    return STATUS_OK;
}

static enum status figures_control(struct page *page, struct err *err)
{
    static const char sql[] = PAGE_ANSWERS "SELECT (SELECT count(*) FROM (SELECT DISTINCT seq, idx FROM ans WHERE "
                                           "answer = 'deny')), (SELECT count(DISTINCT control) FROM "
                                           "ans WHERE answer = 'deny'), (SELECT count(*) FROM (SELECT DISTINCT seq, "
                                           "idx FROM ans WHERE answer = 'flag')), (SELECT "
                                           "count(DISTINCT control) FROM ans WHERE answer = 'flag'), (SELECT "
                                           "count(DISTINCT number) FROM ans WHERE code = 'sum' AND control "
                                           "IN ('C-06', 'C-07', 'C-08')), (SELECT count(*) FROM period_event p WHERE "
                                           "p.user IS NOT NULL AND substr(p.time, 1, 10) BETWEEN "
                                           ":period_from AND :period_to AND (:entity IS NULL OR p.entity = :entity)), "
                                           "(SELECT count(*) FROM case_ c WHERE c.kind = "
                                           "'exception' AND substr(c.opened_at, 1, 10) BETWEEN :period_from AND "
                                           ":period_to AND (:entity IS NULL OR c.entity = :entity))";
    char more[FIGURE_BYTES], number[CHART_NUMBER_BYTES];
    json_t *row = NULL;
    enum status status = page_ask(page, sql, &row, err);
    if (status != STATUS_OK)
        return status;
    snprintf(more, sizeof more, "acts, by %" PRId64 " controls", page_number(row, 0, 1));
    figure(page, "Refused by controls", chart_number(page_number(row, 0, 0), number), more);
    snprintf(more, sizeof more, "acts, by %" PRId64 " controls", page_number(row, 0, 3));
    figure(page, "Flagged", chart_number(page_number(row, 0, 2), number), more);
    figure(page, "Cumulative thresholds met", chart_number(page_number(row, 0, 4), number), "documents, C-06 to C-08");
    snprintf(more, sizeof more, "recorded; and %" PRId64 " for closed months", page_number(row, 0, 5));
    figure(page, "Exceptions", chart_number(page_number(row, 0, 6), number), more);
    json_decref(row);
    return STATUS_OK;
}

#define PAGE_WAITED                                                                                                    \
    PAGE_CORRECTIONS                                                                                                   \
    ", waited AS (SELECT number, kind, CAST(strftime('%s', posted_at) AS INTEGER) - CAST(strftime('%s', "              \
    "submitted_at) AS "                                                                                                \
    "INTEGER) AS seconds FROM doc WHERE posted_seq IS NOT NULL AND approvals > 0) "

static enum status figures_time(struct page *page, struct err *err)
{
    static const char sql[] = PAGE_WAITED
        "SELECT count(*), (SELECT seconds FROM waited ORDER BY seconds LIMIT 1 OFFSET (SELECT (count(*) - 1) / 2 FROM "
        "waited)), (SELECT "
        "seconds FROM waited ORDER BY seconds LIMIT 1 OFFSET (SELECT (count(*) * 9 - 1) / 10 FROM waited)) FROM waited";
    char much[PAGE_CELL_BYTES], long_[PAGE_CELL_BYTES], more[FIGURE_BYTES];
    json_t *row = NULL;
    enum status status = page_ask(page, sql, &row, err);
    if (status != STATUS_OK)
        return status;
    snprintf(more, sizeof more, "median; nine of ten within %s", page_duration(page_number(row, 0, 2), long_));
    if (page_number(row, 0, 0) == 0)
        figure(page, "Approval time", "none", "nothing was approved and posted");
    else
        figure(page, "Approval time", page_duration(page_number(row, 0, 1), much), more);
    json_decref(row);
    return STATUS_OK;
}

enum status page_figures(struct page *page, struct err *err)
{
    emit_raw(&page->emit, "<ul class=\"figures\">\n");
    enum status status = figures_work(page, err);
    if (status == STATUS_OK)
        status = figures_time(page, err);
    if (status == STATUS_OK)
        status = figures_control(page, err);
    emit_raw(&page->emit, "</ul>\n");
    return status;
}

/* Values by bucket and series, of rows (bucket, series, count). */
static void spread(const struct page *page, const json_t *rows, const char *const series[],
                   int64_t values[static CHART_SERIES_MAX][PAGE_BUCKETS_MAX])
{
    for (size_t row = 0; row < json_array_size(rows); row++)
        for (size_t k = 0; k < CHART_SERIES_MAX && series[k] != NULL; k++)
            for (size_t i = 0; strcmp(series[k], page_text(rows, row, 1)) == 0 && i < page->bucket_count; i++)
                if (strcmp(page->buckets[i].first, page_text(rows, row, 0)) == 0)
                    values[k][i] += page_number(rows, row, 2);
}

/* The bars as a table: a row for each bucket, a column for each series, and their sum. */
static void pivot(struct page *page, const struct chart_bars *bars)
{
    struct page_column columns[CHART_SERIES_MAX + 3] = {{page->weeks ? "Week of" : "Month of", PAGE_DAY}};
    char text[CHART_NUMBER_BYTES];
    json_t *rows = json_array();
    for (size_t k = 0; k < bars->series_count; k++)
        columns[k + 1] = (struct page_column){bars->series[k].name, PAGE_COUNT};
    columns[bars->series_count + 1] = (struct page_column){"All", PAGE_COUNT};
    for (size_t i = 0; i < page->bucket_count; i++) {
        json_t *row = json_pack("[s]", page->buckets[i].first);
        int64_t sum = 0;
        for (size_t k = 0; k <= bars->series_count; k++) {
            const int64_t value = k < bars->series_count ? bars->series[k].values[i] : sum;
            snprintf(text, sizeof text, "%" PRId64, value);
            json_array_append_new(row, json_string(text));
            sum += value;
        }
        json_array_append_new(rows, row);
    }
    page_table(page, page->weeks ? "By week and kind" : "By month and kind", columns, rows);
    json_decref(rows);
}

static void by_bucket(struct page *page, const json_t *rows)
{
    static const char *const kinds[CHART_SERIES_MAX + 1] = {"credit-note", "correction", "rebill",  "adjustment",
                                                            "write-off",   "recovery",   "reversal"};
    int64_t values[CHART_SERIES_MAX][PAGE_BUCKETS_MAX] = {{0}};
    struct chart_series series[CHART_SERIES_MAX];
    const char *labels[PAGE_BUCKETS_MAX];
    char description[FIGURE_BYTES];
    struct chart_bars bars = {.categories = labels, .category_count = page->bucket_count, .series = series};
    spread(page, rows, kinds, values);
    for (size_t i = 0; i < page->bucket_count; i++)
        labels[i] = page->buckets[i].label;
    for (size_t k = 0; kinds[k] != NULL; k++) {
        int64_t sum = 0;
        for (size_t i = 0; i < page->bucket_count; i++)
            sum += values[k][i];
        if (sum > 0)
            series[bars.series_count++] = (struct chart_series){
                .name = kinds[k], .mark = kind_prefix(kind_from_name(kinds[k])), .values = values[k]};
    }
    snprintf(description, sizeof description,
             "Posted corrections, a bar for each %s of %zu, parted by kind of document.",
             page->weeks ? "week" : "month", page->bucket_count);
    const struct chart_text text = {.id = "by-week",
                                    .title =
                                        page->weeks ? "Corrections by week and kind" : "Corrections by month and kind",
                                    .description = description,
                                    .unit = "documents"};
    chart_stack(&page->emit, &text, &bars);
    page_caption(page, "By effective date, in the entity's calendar.");
    pivot(page, &bars);
}

enum status page_corrections(struct page *page, struct err *err)
{
    static const char by_time[] =
        PAGE_CORRECTIONS "SELECT CASE :bucket WHEN 'week' THEN date(day, '-6 days', 'weekday 1') ELSE substr(day, 1, "
                         "7) || '-01' END AS bucket, kind, "
                         "count(*) FROM doc WHERE posted_seq IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2";
    static const char by_kind[] = PAGE_CORRECTIONS "SELECT kind, count(*), sum(posted_seq IS NOT NULL), sum(CASE WHEN "
                                                   "posted_seq IS NOT NULL AND direction = 'down' THEN base_minor "
                                                   "END), sum(CASE WHEN posted_seq IS NOT NULL AND direction = 'up' "
                                                   "THEN base_minor END), sum(state = 'waiting'), sum(state IN "
                                                   "('withdrawn', 'rejected', 'lapsed', 'returned')), sum(state = "
                                                   "'reversed') FROM doc GROUP BY kind ORDER BY kind";
    static const struct page_column kind_columns[] = {{"Kind", PAGE_TEXT},
                                                      {"Admitted", PAGE_COUNT},
                                                      {"Posted", PAGE_COUNT},
                                                      {"Down", PAGE_MONEY},
                                                      {"Up", PAGE_MONEY},
                                                      {"Waiting", PAGE_COUNT},
                                                      {"Ended without effect or returned", PAGE_COUNT},
                                                      {"Reversed since", PAGE_COUNT},
                                                      {NULL, PAGE_TEXT}};
    json_t *times = NULL, *kinds = NULL;
    page_section(page, "Corrections", false);
    enum status status = page_ask(page, by_time, &times, err);
    if (status == STATUS_OK)
        status = page_ask(page, by_kind, &kinds, err);
    if (status == STATUS_OK) {
        by_bucket(page, times);
        page_table(page, "By kind", kind_columns, kinds);
        page_caption(page, "Amounts are in the base currency by the rate of the day; down takes from what customers "
                           "owe, up adds to it.");
    }
    json_decref(times);
    json_decref(kinds);
    return status;
}

/* How long a document waited, in classes that people think in. */
static const struct {
    const char *label;
    int64_t below_seconds;
} ages[] = {{"< 1 h", 3600},   {"1-4 h", 14400},  {"4-24 h", 86400},  {"1-2 d", 172800},
            {"2-3 d", 259200}, {"3-5 d", 432000}, {"5-10 d", 864000}, {"10 d +", INT64_MAX}};

enum { AGES = sizeof ages / sizeof ages[0] };

static void age_chart(struct page *page, const json_t *rows)
{
    int64_t values[AGES] = {0}, most = 0;
    const char *labels[AGES];
    char description[FIGURE_BYTES];
    const struct chart_series series = {.name = "documents", .mark = "", .values = values};
    const struct chart_bars bars = {.categories = labels, .category_count = AGES, .series_count = 1, .series = &series};
    for (size_t row = 0; row < json_array_size(rows); row++) {
        size_t age = 0;
        while (page_number(rows, row, 0) >= ages[age].below_seconds)
            age++;
        values[age] += page_number(rows, row, 1);
    }
    for (size_t i = 0; i < AGES; i++) {
        labels[i] = ages[i].label;
        most = values[i] > values[most] ? (int64_t)i : most;
    }
    snprintf(description, sizeof description,
             "Documents that needed approval, by the time from first submission to posting; most took %s.",
             ages[most].label);
    const struct chart_text text = {
        .id = "ageing", .title = "From submission to posting", .description = description, .unit = "documents"};
    chart_stack(&page->emit, &text, &bars);
}

enum status page_ageing(struct page *page, struct err *err)
{
    static const char counts[] = PAGE_WAITED "SELECT seconds, count(*) FROM waited GROUP BY seconds ORDER BY seconds";
    static const char longest[] =
        PAGE_WAITED "SELECT w.number, w.kind, d.customer, d.base_minor, d.user, (SELECT group_concat(user, ' ') FROM "
                    "(SELECT a.user FROM act a WHERE "
                    "a.number = w.number AND a.counts = 1 ORDER BY a.seq, a.idx)), substr(d.submitted_at, 1, 16), "
                    "substr(d.posted_at, 1, 16) FROM "
                    "waited w JOIN doc d ON d.number = w.number ORDER BY w.seconds DESC, w.number LIMIT 10";
    static const struct page_column columns[] = {
        {"Document", PAGE_TEXT},      {"Kind", PAGE_TEXT},        {"Customer", PAGE_TEXT},
        {"Amount", PAGE_MONEY},       {"Prepared by", PAGE_TEXT}, {"Approved by", PAGE_TEXT},
        {"Submitted, UTC", PAGE_DAY}, {"Posted, UTC", PAGE_DAY},  {NULL, PAGE_TEXT}};
    json_t *rows = NULL, *slow = NULL;
    page_section(page, "How long approvals took", false);
    enum status status = page_ask(page, counts, &rows, err);
    if (status == STATUS_OK)
        status = page_ask(page, longest, &slow, err);
    if (status == STATUS_OK) {
        age_chart(page, rows);
        page_caption(page,
                     "Corrections of the period that were approved and posted; what still waits is in a table below.");
        page_table(page, "The longest", columns, slow);
    }
    json_decref(rows);
    json_decref(slow);
    return status;
}
