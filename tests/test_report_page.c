/*
 * Sections of the period report with rows made up here: more people and thresholds than a chart has room for, corrections that add
 * to what is owed, and documents that waited for days.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/report/page_parts.h"

enum { PAGE_BYTES = 1 << 18, CELLS = 11 };

/* Rows for the question in which a text stands; none for others. */
struct answers {
    const char *asked[2];
    size_t counts[2];
    const char *const (*rows[2])[CELLS];
};

static enum status answer(void *context, const char *sql, const struct report_binding *bindings, report_row_step *step,
                          void *step_context, struct err *err)
{
    static const char *const names[CELLS];
    const struct answers *answers = context;
    enum status status = STATUS_OK;
    (void)bindings;
    for (size_t i = 0; i < 2; i++)
        for (size_t k = 0;
             answers->asked[i] != NULL && strstr(sql, answers->asked[i]) != NULL && k < answers->counts[i]; k++) {
            const struct report_row row = {.count = CELLS, .names = names, .values = answers->rows[i][k]};
            status = status == STATUS_OK ? step(step_context, &row, err) : status;
        }
    return status;
}

struct text {
    char bytes[PAGE_BYTES];
    size_t length;
};

static enum status keep(void *context, struct slice more, struct err *err)
{
    struct text *text = context;
    (void)err;
    assert_in_range(text->length + more.length, 0, PAGE_BYTES - 1);
    memcpy(text->bytes + text->length, more.bytes, more.length);
    text->length += more.length;
    text->bytes[text->length] = '\0';
    return STATUS_OK;
}

/* What a section writes; lends until the next. */
static const char *written(enum status (*section)(struct page *, struct err *), struct answers *answers)
{
    static struct text text;
    static struct page page;
    const struct export_sink sink = {.write = keep, .context = &text};
    const struct report_source source = {.query = answer, .context = answers};
    struct err err = {.status = STATUS_OK};
    text.length = 0;
    page = (struct page){.source = &source, .base = "USD", .digits = 2};
    emit_begin(&page.emit, &sink);
    if (section(&page, &err) != STATUS_OK || emit_end(&page.emit, &err) != STATUS_OK)
        fail_msg("%s", err.text);
    return text.bytes;
}

static size_t occurrences(const char *text, const char *words)
{
    size_t count = 0;
    for (const char *at = strstr(text, words); at != NULL; at = strstr(at + 1, words))
        count++;
    return count;
}

static void durations_have_two_units(void **state)
{
    static const struct {
        int64_t seconds;
        const char *text;
    } cases[] = {{0, "0 s"},          {59, "59 s"},           {60, "1 min"},      {3599, "59 min"},
                 {3600, "1 h 0 min"}, {86399, "23 h 59 min"}, {86400, "1 d 0 h"}, {90061, "1 d 1 h"}};
    char text[PAGE_CELL_BYTES];
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_string_equal(page_duration(cases[i].seconds, text), cases[i].text);
}

static void what_adds_is_told_beside_what_takes_back(void **state)
{
    static const char *const row[1][CELLS] = {{"4", "3", "1234567", "8900", "0", NULL, "0"}};
    struct answers answers = {.asked = {"sum(prefix = "}, .counts = {1}, .rows = {row}};
    (void)state;
    assert_non_null(strstr(written(page_figures, &answers), "12,345.67 USD down, 89.00 up"));
}

/* Each class of waiting begins with its first second. */
static void documents_are_classed_by_how_long_they_waited(void **state)
{
    static const char *const rows[][CELLS] = {{"3599", "1"},   {"3600", "2"},   {"14400", "1"},
                                              {"86400", "1"},  {"172800", "1"}, {"259200", "1"},
                                              {"431999", "4"}, {"432000", "1"}, {"864000", "1"}};
    struct answers answers = {.asked = {"GROUP BY seconds"}, .counts = {sizeof rows / sizeof rows[0]}, .rows = {rows}};
    (void)state;
    const char *text = written(page_ageing, &answers);
    assert_non_null(strstr(text, "most took 3-5 d."));
}

/* A matrix has room for fourteen of a side, the most frequent; the table has all. */
static void more_people_than_a_matrix_holds(void **state)
{
    enum { PEOPLE = CHART_MATRIX_MAX + 1 };
    static char names[PEOPLE][16];
    static const char *rows[PEOPLE][CELLS];
    struct answers answers = {
        .asked = {"AS preparer"}, .counts = {PEOPLE}, .rows = {(const char *const(*)[CELLS])rows}};
    (void)state;
    for (size_t i = 0; i < PEOPLE; i++) {
        snprintf(names[i], sizeof names[i], "person-%02zu", i + 1);
        rows[i][0] = names[i];
        rows[i][1] = "oscar";
        rows[i][2] = "7";
    }
    const char *text = written(page_matrix, &answers);
    const char *table = strstr(text, "<table");
    assert_non_null(table);
    assert_non_null(strstr(text, "most are of person-01&#39;s by oscar: 7."));
    assert_in_range(occurrences(text, "person-14") - occurrences(table, "person-14"), 1, 9);
    assert_int_equal(occurrences(text, "person-15"), occurrences(table, "person-15"));
    assert_int_equal(occurrences(table, "person-15"), 1);
}

/* A strip has room for twelve thresholds; the table has those that amounts reach, and those of rows without amounts draw nothing. */
static void more_thresholds_than_a_strip_holds(void **state)
{
    enum { TIERS = CHART_THRESHOLDS_MAX + 2 };
    static const char *const amounts[][CELLS] = {{"credit", "5000"}};
    static char upto[TIERS][16];
    static const char *tiers[TIERS][CELLS];
    struct answers answers = {.asked = {"SELECT r.row, d.base_minor", "AS upto"},
                              .counts = {1, TIERS},
                              .rows = {amounts, (const char *const(*)[CELLS])tiers}};
    (void)state;
    for (size_t i = 0; i < TIERS; i++) {
        const char *const row[CELLS] = {i == 0 ? "none" : "credit", upto[i], "level 1", "0", "0", "0", "1"};
        snprintf(upto[i], sizeof upto[i], "%zu00", 71 + i);
        memcpy(tiers[i], row, sizeof row);
    }
    const char *text = written(page_thresholds, &answers);
    const char *table = strstr(text, "<table");
    assert_non_null(table);
    assert_int_equal(occurrences(text, "stroke-dasharray"), CHART_THRESHOLDS_MAX);
    assert_int_equal(occurrences(table, ">71.00<"), 1);
    assert_int_equal(occurrences(table, ">84.00<"), 1);
    assert_int_equal(occurrences(text, ">84<"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(durations_have_two_units),
        cmocka_unit_test(what_adds_is_told_beside_what_takes_back),
        cmocka_unit_test(documents_are_classed_by_how_long_they_waited),
        cmocka_unit_test(more_people_than_a_matrix_holds),
        cmocka_unit_test(more_thresholds_than_a_strip_holds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
