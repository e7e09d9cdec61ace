/*
 * What an auditor looks at first: amounts just below thresholds, who approves whose work, first digits, and what controls said.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/report/page_parts.h"
#include "controls/control.h"

enum { NOTE_BYTES = 320, NEAR_PERCENT = 5, DIGITS = 9, DIGITS_WANTED = 300 };

/* The authority rows in force at the head; those of the entity before those of all. */
#define PAGE_POLICY                                                                                                    \
    "pol AS (SELECT compiled FROM policy WHERE hash = (SELECT policy FROM entry ORDER BY seq DESC LIMIT 1) LIMIT 1), " \
    "reason AS (SELECT r.value ->> 'reason' AS reason, r.value ->> 'row' AS row FROM pol, json_each(pol.compiled, "    \
    "'$.reasons') r) "

struct strips {
    struct chart_strip list[CHART_STRIPS_MAX];
    char labels[CHART_STRIPS_MAX][CHART_THRESHOLDS_MAX][MONEY_TEXT_MAX];
    size_t count;
    int64_t *amounts; /* of all strips */
};

static struct chart_strip *strip_of(struct strips *strips, const char *row)
{
    for (size_t i = 0; i < strips->count; i++)
        if (strcmp(strips->list[i].name, row) == 0)
            return &strips->list[i];
    return NULL;
}

/* rows: authority row, amount, sorted. */
static void strips_amounts(struct strips *strips, const json_t *rows)
{
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const char *name = page_text(rows, i, 0);
        struct chart_strip *strip = strip_of(strips, name);
        strips->amounts[i] = page_number(rows, i, 1);
        if (strip == NULL && strips->count < CHART_STRIPS_MAX) {
            strip = &strips->list[strips->count++];
            *strip = (struct chart_strip){.name = name, .amounts = &strips->amounts[i]};
        }
        if (strip != NULL)
            strip->amount_count++;
    }
}

/* tiers: authority row, threshold, just below. */
static void strips_thresholds(const struct page *page, struct strips *strips, const json_t *tiers)
{
    for (size_t i = 0; i < json_array_size(tiers); i++) {
        struct chart_strip *strip = strip_of(strips, page_text(tiers, i, 0));
        if (strip == NULL || strip->threshold_count == CHART_THRESHOLDS_MAX)
            continue;
        char *label = strips->labels[strip - strips->list][strip->threshold_count];
        (void)page_money(page, page_number(tiers, i, 1), label);
        if (page->digits > 0) /* thresholds are whole as a rule; the table has the digits */
            label[strlen(label) - (size_t)page->digits - 1] = '\0';
        strip->thresholds[strip->threshold_count++] = (struct chart_threshold){
            .amount = page_number(tiers, i, 1), .label = label, .just_below = page_number(tiers, i, 3)};
    }
}

static enum status strips_draw(struct page *page, const json_t *rows, const json_t *tiers, struct err *err)
{
    struct strips *strips = calloc(1, sizeof *strips);
    int64_t *amounts = calloc(json_array_size(rows) + 1, sizeof *amounts);
    enum status status =
        strips != NULL && amounts != NULL ? STATUS_OK : err_set(err, STATUS_MEMORY, "no memory for a chart");
    if (status == STATUS_OK) {
        char description[NOTE_BYTES];
        int64_t near = 0;
        strips->amounts = amounts;
        strips_amounts(strips, rows);
        strips_thresholds(page, strips, tiers);
        for (size_t i = 0; i < json_array_size(tiers); i++)
            near += page_number(tiers, i, 3);
        snprintf(description, sizeof description,
                 "For each row of the authority table how many corrections are of which amount, on a logarithmic axis, "
                 "and its "
                 "thresholds as dashed lines; %" PRId64 " amounts lie at most %d percent below one.",
                 near, NEAR_PERCENT);
        const struct chart_text text = {
            .id = "thresholds", .title = "Amounts against thresholds", .description = description, .unit = ""};
        chart_strips(&page->emit, &text, strips->list, strips->count, page->digits);
    }
    free(amounts);
    free(strips);
    return status;
}

/* Without thresholds far above every amount: where nothing lies above one, those behind it say no more. */
static json_t *reached(const json_t *tiers)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < json_array_size(tiers); i++) {
        const bool same = i > 0 && strcmp(page_text(tiers, i, 0), page_text(tiers, i - 1, 0)) == 0;
        if (!same || page_number(tiers, i - 1, 6) > 0)
            json_array_append(rows, json_array_get(tiers, i));
    }
    return rows;
}

enum status page_thresholds(struct page *page, struct err *err)
{
    static const char amounts[] =
        PAGE_CORRECTIONS ", " PAGE_POLICY "SELECT r.row, d.base_minor FROM doc d JOIN reason r ON r.reason = d.reason "
                         "WHERE d.base_minor > 0 ORDER BY r.row, d.base_minor";
    static const char tiers[] =
        PAGE_CORRECTIONS ", " PAGE_POLICY ", tier AS (SELECT w.value ->> 'row' AS row, CAST(replace(t.value ->> "
                         "'upto', '.', '') AS INTEGER) AS upto, (SELECT max(l.value) "
                         "FROM json_each(t.value, '$.levels') l) AS level FROM pol, json_each(pol.compiled, "
                         "'$.authority') w, json_each(w.value, '$.tiers') "
                         "t WHERE t.value ->> 'upto' IS NOT NULL AND (coalesce(w.value -> 'entities', '[]') = '[]' OR "
                         "EXISTS (SELECT 1 FROM "
                         "json_each(w.value, '$.entities') x WHERE x.value = :entity))) "
                         "SELECT t.row, t.upto, CASE WHEN t.level IS NULL THEN 'own authority' ELSE 'level ' || "
                         "t.level END, (SELECT count(*) FROM doc d "
                         "JOIN reason r ON r.reason = d.reason WHERE r.row = t.row AND d.base_minor <= t.upto AND "
                         "d.base_minor > t.upto - t.upto / 20), "
                         "(SELECT count(*) FROM doc d JOIN reason r ON r.reason = d.reason WHERE r.row = t.row AND "
                         "d.base_minor > t.upto AND d.base_minor "
                         "<= t.upto + t.upto / 20), (SELECT count(*) FROM doc d JOIN reason r ON r.reason = d.reason "
                         "WHERE r.row = t.row AND d.base_minor <= "
                         "t.upto), (SELECT count(*) FROM doc d JOIN reason r ON r.reason = d.reason WHERE r.row = "
                         "t.row AND d.base_minor > t.upto) "
                         "FROM tier t WHERE EXISTS (SELECT 1 FROM doc d JOIN reason r ON r.reason = d.reason WHERE "
                         "r.row = t.row) ORDER BY t.row, t.upto";
    static const struct page_column columns[] = {{"Row", PAGE_TEXT},
                                                 {"Up to", PAGE_MONEY},
                                                 {"Signed by", PAGE_TEXT},
                                                 {"Just below (5 %)", PAGE_COUNT},
                                                 {"Just above (5 %)", PAGE_COUNT},
                                                 {"Not above", PAGE_COUNT},
                                                 {"Above", PAGE_COUNT},
                                                 {NULL, PAGE_TEXT}};
    json_t *rows = NULL, *steps = NULL;
    page_section(page, "Amounts against thresholds", true);
    enum status status = page_ask(page, amounts, &rows, err);
    if (status == STATUS_OK)
        status = page_ask(page, tiers, &steps, err);
    if (status == STATUS_OK)
        status = strips_draw(page, rows, steps, err);
    if (status == STATUS_OK) {
        page_caption(
            page,
            "Amounts in the base currency of all corrections that were admitted, by the authority row of their reason; "
            "thresholds of the policy in force at the head. A number beside a line says how many lie at most 5 % below "
            "it: "
            "amounts that crowd there may have been made to fit. Cumulative sums (C-06 to C-08) are judged besides.");
        json_t *told = reached(steps);
        page_table(page, "Thresholds that amounts reach, and the next", columns, told);
        json_decref(told);
    }
    json_decref(rows);
    json_decref(steps);
    return status;
}

/* Places a name, up to CHART_MATRIX_MAX of them; SIZE_MAX beyond. */
static size_t index_of(const char *names[static CHART_MATRIX_MAX], size_t *count, const char *name)
{
    for (size_t i = 0; i < *count; i++)
        if (strcmp(names[i], name) == 0)
            return i;
    if (*count == CHART_MATRIX_MAX)
        return SIZE_MAX;
    names[*count] = name;
    return (*count)++;
}

static void matrix_draw(struct page *page, const json_t *pairs)
{
    const char *preparers[CHART_MATRIX_MAX], *approvers[CHART_MATRIX_MAX];
    int64_t values[CHART_MATRIX_MAX * CHART_MATRIX_MAX] = {0}, square[CHART_MATRIX_MAX * CHART_MATRIX_MAX];
    struct chart_matrix matrix = {.rows = preparers,
                                  .columns = approvers,
                                  .values = square,
                                  .row_title = "prepared by",
                                  .column_title = "approved by"};
    char description[NOTE_BYTES];
    for (size_t i = 0; i < json_array_size(pairs); i++) { /* the most frequent first */
        const size_t row = index_of(preparers, &matrix.row_count, page_text(pairs, i, 0));
        const size_t column = index_of(approvers, &matrix.column_count, page_text(pairs, i, 1));
        if (row != SIZE_MAX && column != SIZE_MAX)
            values[row * CHART_MATRIX_MAX + column] = page_number(pairs, i, 2);
    }
    for (size_t row = 0; row < matrix.row_count; row++)
        for (size_t column = 0; column < matrix.column_count; column++)
            square[row * matrix.column_count + column] = values[row * CHART_MATRIX_MAX + column];
    if (json_array_size(pairs) > 0)
        snprintf(description, sizeof description,
                 "Approvals by who prepared and who approved; most are of %s's by %s: %s.", page_text(pairs, 0, 0),
                 page_text(pairs, 0, 1), page_text(pairs, 0, 2));
    else
        snprintf(description, sizeof description, "No approvals.");
    const struct chart_text text = {
        .id = "matrix", .title = "Who approves whose corrections", .description = description, .unit = ""};
    chart_matrix(&page->emit, &text, &matrix);
}

enum status page_matrix(struct page *page, struct err *err)
{
    static const char sql[] = PAGE_CORRECTIONS ", pair AS (SELECT d.user AS preparer, a.user AS approver, count(*) AS "
                                               "n, sum(d.base_minor) AS amount, sum(EXISTS (SELECT 1 FROM "
                                               "answer w WHERE w.seq = a.seq AND w.idx = a.idx AND w.control = "
                                               "'C-09')) AS seen FROM doc d JOIN act a ON a.number = d.number "
                                               "WHERE a.verb = 'approve' AND a.counts = 1 GROUP BY 1, 2) "
                                               "SELECT p.preparer, p.approver, p.n, printf('%d.%02d', p.n * 10000 / "
                                               "t.n / 100, p.n * 10000 / t.n % 100), p.amount, "
                                               "CASE WHEN p.seen > 0 THEN 'C-09: ' || p.seen END FROM pair p JOIN "
                                               "(SELECT preparer, sum(n) AS n FROM pair GROUP BY preparer) t ON "
                                               "t.preparer = p.preparer ORDER BY p.n DESC, p.preparer, p.approver";
    static const struct page_column columns[] = {
        {"Prepared by", PAGE_TEXT}, {"Approved by", PAGE_TEXT},
        {"Approvals", PAGE_COUNT},  {"Share of the preparer's, %", PAGE_PERCENT},
        {"Amount", PAGE_MONEY},     {"Flagged", PAGE_TEXT},
        {NULL, PAGE_TEXT}};
    json_t *pairs = NULL;
    page_section(page, "Who approves whose corrections", false);
    enum status status = page_ask(page, sql, &pairs, err);
    if (status == STATUS_OK) {
        matrix_draw(page, pairs);
        page_caption(page, "Approvals that count at the head, of corrections of the period. The number in each cell "
                           "says how many; the "
                           "darker the cell, the more.");
        emit_raw(&page->emit, "<details class=\"table\"><summary>The matrix as a table</summary>\n");
        page_table(page, "Pairs", columns, pairs);
        emit_raw(&page->emit, "</details>\n");
    }
    json_decref(pairs);
    return status;
}

/* log10(1 + 1/d) in 100,000ths. Source: Newcomb 1881, Benford 1938. */
static const int64_t benford[DIGITS] = {30103, 17609, 12494, 9691, 7918, 6695, 5799, 5115, 4576};

/* The rows of the table, and the values of the chart. *ret_deviation: mean absolute deviation in 100,000ths. */
static json_t *digit_rows(const json_t *counts, int64_t observed[static DIGITS], int64_t expected[static DIGITS],
                          int64_t *ret_deviation)
{
    json_t *rows = json_array();
    int64_t total = 0, deviation = 0;
    char share[3][32];
    for (size_t i = 0; i < json_array_size(counts); i++) {
        const int64_t digit = page_number(counts, i, 0);
        if (digit >= 1 && digit <= DIGITS)
            observed[digit - 1] = page_number(counts, i, 1);
    }
    for (size_t i = 0; i < DIGITS; i++)
        total += observed[i];
    for (size_t i = 0; i < DIGITS; i++) {
        const int64_t seen = total > 0 ? observed[i] * 100000 / total : 0, apart = seen - benford[i];
        expected[i] = (total * benford[i] + 50000) / 100000;
        deviation += apart < 0 ? -apart : apart;
        snprintf(share[0], sizeof share[0], "%zu", i + 1);
        snprintf(share[1], sizeof share[1], "%" PRId64 ".%02" PRId64, (seen + 5) / 1000, (seen + 5) % 1000 / 10);
        snprintf(share[2], sizeof share[2], "%" PRId64 ".%02" PRId64, (benford[i] + 5) / 1000,
                 (benford[i] + 5) % 1000 / 10);
        char count[32], wanted[32];
        snprintf(count, sizeof count, "%" PRId64, observed[i]);
        snprintf(wanted, sizeof wanted, "%" PRId64, expected[i]);
        json_array_append_new(rows, json_pack("[s, s, s, s, s]", share[0], count, wanted, share[1], share[2]));
    }
    *ret_deviation = total > 0 ? deviation / DIGITS : 0;
    return rows;
}

enum status page_digits(struct page *page, struct err *err)
{
    static const char sql[] =
        PAGE_CORRECTIONS "SELECT substr(abs(amount_minor), 1, 1), count(*) FROM doc WHERE posted_seq IS NOT NULL "
                         "AND amount_minor <> 0 GROUP BY 1 ORDER BY 1";
    static const char *const labels[DIGITS] = {"1", "2", "3", "4", "5", "6", "7", "8", "9"};
    static const struct page_column columns[] = {{"First digit", PAGE_COUNT},   {"Observed", PAGE_COUNT},
                                                 {"Expected", PAGE_COUNT},      {"Observed, %", PAGE_PERCENT},
                                                 {"Expected, %", PAGE_PERCENT}, {NULL, PAGE_TEXT}};
    int64_t observed[DIGITS] = {0}, expected[DIGITS] = {0}, deviation = 0, total = 0;
    char note[NOTE_BYTES];
    json_t *counts = NULL;
    page_section(page, "First digits of amounts", false);
    enum status status = page_ask(page, sql, &counts, err);
    if (status != STATUS_OK)
        return status;
    json_t *rows = digit_rows(counts, observed, expected, &deviation);
    for (size_t i = 0; i < DIGITS; i++)
        total += observed[i];
    snprintf(note, sizeof note,
             "Posted amounts by their first digit, in document currency, beside what Benford's law expects. Mean "
             "absolute deviation "
             "0.%05" PRId64 ": below 0.006 is close, above 0.015 does not conform (Nigrini).%s",
             deviation, total < DIGITS_WANTED ? " There are too few amounts here for this to say much." : "");
    const struct chart_series series = {.name = "observed", .mark = "", .values = observed};
    const struct chart_bars bars = {
        .categories = labels, .category_count = DIGITS, .series_count = 1, .series = &series, .expected = expected};
    const struct chart_text text = {
        .id = "digits", .title = "First digits, observed and expected", .description = note, .unit = "documents"};
    chart_stack(&page->emit, &text, &bars);
    page_caption(page, note);
    page_table(page, "First digits", columns, rows);
    json_decref(rows);
    json_decref(counts);
    return STATUS_OK;
}

/* Values by bucket of the rows whose second column is the answer. */
static void answers_draw(struct page *page, const json_t *rows)
{
    static const char *const answers[] = {"deny", "need", "flag"}, *const names[] = {"refused", "asked for more",
                                                                                     "flagged"};
    int64_t values[3][PAGE_BUCKETS_MAX] = {{0}};
    struct chart_series series[3];
    const char *labels[PAGE_BUCKETS_MAX];
    const struct chart_bars bars = {
        .categories = labels, .category_count = page->bucket_count, .series_count = 3, .series = series};
    for (size_t i = 0; i < page->bucket_count; i++)
        labels[i] = page->buckets[i].label;
    for (size_t k = 0; k < 3; k++) {
        series[k] = (struct chart_series){.name = names[k], .mark = "", .values = values[k]};
        for (size_t row = 0; row < json_array_size(rows); row++)
            for (size_t i = 0; strcmp(answers[k], page_text(rows, row, 1)) == 0 && i < page->bucket_count; i++)
                if (strcmp(page->buckets[i].first, page_text(rows, row, 0)) == 0)
                    values[k][i] = page_number(rows, row, 2);
    }
    const struct chart_text text = {
        .id = "controls",
        .title = page->weeks ? "What controls answered, by week" : "What controls answered, by month",
        .description = "Acts that controls refused, asked more levels for, or flagged, over the period.",
        .unit = "acts"};
    chart_lines(&page->emit, &text, &bars);
}

enum status page_controls(struct page *page, struct err *err)
{
    static const char by_time[] =
        PAGE_ANSWERS "SELECT CASE :bucket WHEN 'week' THEN date(substr(time, 1, 10), '-6 days', 'weekday 1') ELSE "
                     "substr(time, 1, 7) || '-01' END AS "
                     "bucket, answer, count(DISTINCT seq * 100000 + idx) FROM ans GROUP BY 1, 2 ORDER BY 1, 2";
    static const char by_control[] =
        PAGE_ANSWERS "SELECT control, sum(answer = 'deny'), sum(answer = 'need'), sum(answer = 'flag'), count(DISTINCT "
                     "number) FROM ans GROUP BY control "
                     "ORDER BY control";
    static const struct page_column columns[] = {
        {"Control", PAGE_TEXT},  {"Title", PAGE_TEXT},      {"Refused", PAGE_COUNT}, {"Asked for more", PAGE_COUNT},
        {"Flagged", PAGE_COUNT}, {"Documents", PAGE_COUNT}, {NULL, PAGE_TEXT}};
    json_t *times = NULL, *rows = NULL;
    page_section(page, "What controls said", true);
    enum status status = page_ask(page, by_time, &times, err);
    if (status == STATUS_OK)
        status = page_ask(page, by_control, &rows, err);
    if (status == STATUS_OK) {
        for (size_t i = 0; i < json_array_size(rows); i++) {
            const struct control *control = control_find(page_text(rows, i, 0));
            json_array_insert_new(json_array_get(rows, i), 1, json_string(control != NULL ? control->title : ""));
        }
        answers_draw(page, times);
        page_caption(page, "By the time of the decision, UTC. Where an entity was asked for, answers about no document "
                           "of an entity are "
                           "left out. A control that simply allows answers nothing.");
        page_table(page, "By control", columns, rows);
    }
    json_decref(times);
    json_decref(rows);
    return status;
}
