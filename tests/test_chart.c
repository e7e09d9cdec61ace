/*
 * Charts: whole-number arithmetic, text escaped, nothing drawn outside the picture, and something said where there is nothing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/report/chart.h"
#include "audit/report/chart_parts.h"

struct drawn {
    char text[200000];
    size_t length;
};

static enum status keep(void *context, struct slice more, struct err *err)
{
    struct drawn *drawn = context;
    (void)err;
    assert_true(drawn->length + more.length < sizeof drawn->text);
    memcpy(drawn->text + drawn->length, more.bytes, more.length);
    drawn->length += more.length;
    drawn->text[drawn->length] = '\0';
    return STATUS_OK;
}

static struct drawn drawn;
static struct emit emit;
static const struct export_sink sink = {.write = keep, .context = &drawn};
static const struct chart_text text = {
    .id = "a", .title = "A <b> & 'c'", .description = "\"said\"", .unit = "documents"};

static void begin(void)
{
    drawn.length = 0;
    emit_begin(&emit, &sink);
}

static const char *end(void)
{
    assert_int_equal(emit_end(&emit, NULL), STATUS_OK);
    return drawn.text;
}

static size_t count_of(const char *in, const char *what)
{
    size_t count = 0;
    for (const char *at = strstr(in, what); at != NULL; at = strstr(at + 1, what))
        count++;
    return count;
}

/* Every x and width within the picture. */
static void inside(const char *svg)
{
    for (const char *at = strstr(svg, " x=\""); at != NULL; at = strstr(at + 1, " x=\"")) {
        const long x = strtol(at + 4, NULL, 10);
        assert_in_range(x, 0, CHART_WIDTH);
        const char *wide = strstr(at, "width=\"");
        if (strncmp(at - 5, "<rect", 5) == 0 && wide != NULL)
            assert_in_range(x + strtol(wide + 7, NULL, 10), 0, CHART_WIDTH);
    }
}

static void logarithms_are_whole_numbers(void **state)
{
    (void)state;
    for (int power = 0; power < 62; power++)
        assert_int_equal(chart_log2(INT64_C(1) << power), (int64_t)power * 65536);
    int64_t last = -1;
    for (int64_t amount = 1; amount < 100000; amount++) {
        const int64_t now = chart_log2(amount);
        assert_true(now >= last);
        last = now;
    }
    assert_in_range(chart_log2(10), 217704, 217706); /* 3.3219280949 */
    assert_in_range(chart_log2(1000000), 1306224, 1306236);
    assert_in_range(chart_log2(INT64_MAX), 63 * 65536 - 4, 63 * 65536);
}

static void steps_are_one_two_or_five(void **state)
{
    static const int64_t cases[][2] = {
        {0, 1},  {4, 1},   {5, 1},   {6, 2},    {10, 2},           {11, 5},
        {20, 5}, {26, 10}, {99, 20}, {100, 20}, {1234567, 500000}, {INT64_MAX, INT64_C(2000000000000000000)}};
    char number[CHART_NUMBER_BYTES];
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_int_equal(chart_step(cases[i][0]), cases[i][1]);
    assert_string_equal(chart_number(0, number), "0");
    assert_string_equal(chart_number(999, number), "999");
    assert_string_equal(chart_number(1250000, number), "1,250,000");
    assert_string_equal(chart_number(-1250, number), "-1,250");
    assert_string_equal(chart_number(-125, number), "-125");
}

static void bars_say_what_colours_say(void **state)
{
    static const char *const weeks[] = {"1 Jan", "8 Jan", "<15>"};
    static const int64_t notes[] = {10, 0, 5}, offs[] = {5, 0, 1};
    const struct chart_series series[] = {{"credit-note", "CN", notes}, {"write-off", "WO", offs}};
    const struct chart_bars bars = {.categories = weeks, .category_count = 3, .series_count = 2, .series = series};
    (void)state;
    begin();
    chart_stack(&emit, &text, &bars);
    const char *svg = end();
    inside(svg);
    assert_non_null(strstr(svg, "role=\"img\" aria-labelledby=\"a-t a-d\""));
    assert_non_null(
        strstr(svg, "<title id=\"a-t\">A &lt;b&gt; &amp; &#39;c&#39;</title><desc id=\"a-d\">&quot;said&quot;</desc>"));
    assert_non_null(strstr(svg, ">&lt;15&gt;</text>"));
    assert_non_null(strstr(svg, "credit-note (CN)"));
    assert_int_equal(count_of(svg, ">CN</text>"), 2);
    assert_non_null(strstr(svg, ">15</text>")); /* the sum above the first */
    assert_int_equal(count_of(svg, "<rect x=\"1\""), 2);
    assert_null(strstr(svg, "style="));
    /* The first bar's lower segment: 10 of an axis that goes to 15, of 230 pixels. */
    assert_non_null(strstr(svg, "height=\"153\" fill=\"#0b5c9e\""));
    begin();
    chart_lines(&emit, &text, &bars);
    svg = end();
    assert_int_equal(count_of(svg, "<polyline"), 2);
    assert_int_equal(count_of(svg, "<circle"), 4); /* three points and the legend */
}

static void what_was_expected_is_a_line(void **state)
{
    static const char *const digits[] = {"1", "2"};
    static const int64_t seen[] = {7, 2}, wanted[] = {30, 4};
    const struct chart_series series = {"observed", "", seen};
    const struct chart_bars bars = {
        .categories = digits, .category_count = 2, .series_count = 1, .series = &series, .expected = wanted};
    (void)state;
    begin();
    chart_stack(&emit, &text, &bars);
    const char *svg = end();
    assert_int_equal(count_of(svg, "stroke-width=\"3\""), 3);
    assert_non_null(strstr(svg, "</svg>expected</li>"));
    assert_non_null(strstr(svg, ">30</text>")); /* the axis reaches what was expected */
}

static void strips_show_amounts_below_thresholds(void **state)
{
    static const int64_t amounts[] = {100, 199, 200, 201, 1000000};
    const struct chart_strip strips[] = {{.name = "BILLING <row>",
                                          .amounts = amounts,
                                          .amount_count = 5,
                                          .thresholds = {{200, "2", 3}, {50000, "500", 0}},
                                          .threshold_count = 2}};
    (void)state;
    begin();
    chart_strips(&emit, &text, strips, 1, 2);
    const char *svg = end();
    inside(svg);
    assert_non_null(strstr(svg, "BILLING &lt;row&gt;"));
    assert_int_equal(count_of(svg, "stroke-dasharray"), 2);
    assert_non_null(strstr(svg, "fill=\"#a63d0a\">3</text>"));
    assert_null(strstr(svg, "fill=\"#a63d0a\">0</text>"));
    assert_non_null(strstr(svg, ">10,000</text>"));
}

static void matrices_name_each_cell(void **state)
{
    static const char *const rows[] = {"maria", "joe"}, *const columns[] = {"ana", "tom", "priya"};
    static const int64_t values[] = {49, 1, 0, 0, 0, 7};
    const struct chart_matrix matrix = {.rows = rows,
                                        .columns = columns,
                                        .row_count = 2,
                                        .column_count = 3,
                                        .values = values,
                                        .row_title = "prepared by",
                                        .column_title = "approved by"};
    (void)state;
    begin();
    chart_matrix(&emit, &text, &matrix);
    const char *svg = end();
    inside(svg);
    assert_int_equal(count_of(svg, "<rect"), 6);
    assert_int_equal(count_of(svg, "fill=\"#0b3f73\""), 1); /* the most */
    assert_int_equal(count_of(svg, "fill=\"#ffffff\" stroke"), 3);
    assert_non_null(strstr(svg, ">49</text>"));
    assert_null(strstr(svg, ">0</text>"));
}

static void nothing_is_said_to_be_nothing(void **state)
{
    static const char *const weeks[] = {"1 Jan"};
    static const int64_t none[] = {0};
    const struct chart_series series = {"credit-note", "CN", none};
    const struct chart_bars bars = {.categories = weeks, .category_count = 1, .series_count = 1, .series = &series};
    const struct chart_matrix matrix = {.row_count = 0};
    (void)state;
    begin();
    chart_stack(&emit, &text, &bars);
    chart_lines(&emit, &text, &bars);
    chart_strips(&emit, &text, NULL, 0, 2);
    chart_matrix(&emit, &text, &matrix);
    const char *svg = end();
    assert_int_equal(count_of(svg, "nothing in this period"), 4);
    assert_null(strstr(svg, "<svg"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(logarithms_are_whole_numbers),
        cmocka_unit_test(steps_are_one_two_or_five),
        cmocka_unit_test(bars_say_what_colours_say),
        cmocka_unit_test(what_was_expected_is_a_line),
        cmocka_unit_test(strips_show_amounts_below_thresholds),
        cmocka_unit_test(matrices_name_each_cell),
        cmocka_unit_test(nothing_is_said_to_be_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
