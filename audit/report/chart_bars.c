/*
 * Charts with categories along the bottom: stacked bars, columns beside what was expected, lines.
 */
#include "audit/report/chart_parts.h"

#include <stdio.h>
#include <string.h>

enum {
    LEFT = 58,
    RIGHT = 14,
    TOP = 30,
    PLOT = 230,
    BOTTOM = 28,
    HEIGHT = TOP + PLOT + BOTTOM,
    WIDE = CHART_WIDTH - LEFT - RIGHT,
    LABEL_PIXELS = 52, /* a label of the bottom axis with room */
    MARK_PIXELS_HIGH = 13,
    MARK_PIXELS_WIDE = 20
};

static const char ink[] = "#1b1f24", soft[] = "#57606a", faint[] = "#d0d7de";

/* How high the axis goes, and in which steps. */
struct scale {
    int64_t most, step;
};

static int64_t height_of(const struct scale *scale, int64_t value)
{
    return scale->most == 0 ? 0 : value * PLOT / scale->most;
}

static struct scale scale_of(const struct chart_bars *bars, bool stacked)
{
    int64_t most = 0;
    for (size_t i = 0; i < bars->category_count; i++) {
        int64_t sum = 0;
        for (size_t k = 0; k < bars->series_count; k++) {
            const int64_t value = bars->series[k].values[i];
            sum = stacked ? sum + value : value > sum ? value : sum;
        }
        if (bars->expected != NULL && bars->expected[i] > sum)
            sum = bars->expected[i];
        most = sum > most ? sum : most;
    }
    const int64_t step = chart_step(most);
    return (struct scale){.most = (most + step - 1) / step * step, .step = step};
}

static void axis(struct emit *emit, const struct chart_text *text, const struct chart_bars *bars,
                 const struct scale *scale)
{
    char number[CHART_NUMBER_BYTES];
    const size_t slot = (size_t)WIDE / bars->category_count;
    const size_t each = slot >= LABEL_PIXELS ? 1 : (LABEL_PIXELS + slot - 1) / (slot > 0 ? slot : 1);
    for (int64_t value = 0; value <= scale->most; value += scale->step) {
        const int64_t y = TOP + PLOT - height_of(scale, value);
        const int64_t line[] = {LEFT, y, CHART_WIDTH - RIGHT, y};
        const struct chart_label label = {LEFT - 6, y + 4, "end", 12, soft};
        chart_rule(emit, line, value == 0 ? soft : faint, "");
        chart_write(emit, &label, chart_number(value, number));
    }
    for (size_t i = 0; i < bars->category_count; i += each) {
        const struct chart_label label = {LEFT + (int64_t)((2 * i + 1) * (size_t)WIDE / (2 * bars->category_count)),
                                          TOP + PLOT + 17, "middle", 12, soft};
        chart_write(emit, &label, bars->categories[i]);
    }
    const struct chart_label unit = {LEFT - 50, 13, "start", 12, soft};
    chart_write(emit, &unit, text->unit);
}

static void legend(struct emit *emit, const struct chart_bars *bars, bool lines)
{
    static const char *const shapes[] = {"<circle cx=\"6\" cy=\"6\" r=\"5\"",
                                         "<rect x=\"1\" y=\"1\" width=\"10\" height=\"10\"",
                                         "<path d=\"M6 0 12 11 0 11Z\"", "<path d=\"M6 0 12 6 6 12 0 6Z\""};
    if (bars->series_count < 2 && bars->expected == NULL)
        return;
    emit_raw(emit, "<ul class=\"legend\">");
    for (size_t i = 0; i < bars->series_count; i++) {
        emit_raw(emit, "<li><svg viewBox=\"0 0 12 12\" aria-hidden=\"true\">");
        emit_raw(emit, lines ? shapes[i % 4] : shapes[1]);
        emit_format(emit, " fill=\"%s\"/></svg>", chart_colour(i));
        html_text(emit, bars->series[i].name);
        if (!lines && bars->series[i].mark[0] != '\0') {
            emit_raw(emit, " (");
            html_text(emit, bars->series[i].mark);
            emit_raw(emit, ")");
        }
        emit_raw(emit, "</li>");
    }
    if (bars->expected != NULL)
        emit_raw(emit, "<li><svg viewBox=\"0 0 12 12\" aria-hidden=\"true\"><path d=\"M0 6H12\" stroke=\"#c8501a\" "
                       "stroke-width=\"3\"/></svg>expected</li>");
    emit_raw(emit, "</ul>\n");
}

static bool nothing(const struct chart_bars *bars, const struct scale *scale)
{
    return bars->category_count == 0 || bars->series_count == 0 || scale->most == 0;
}

struct bar {
    int64_t x, wide, centre;
};

static struct bar bar_at(const struct chart_bars *bars, size_t i)
{
    const int64_t from = LEFT + (int64_t)(i * (size_t)WIDE / bars->category_count);
    const int64_t to = LEFT + (int64_t)((i + 1) * (size_t)WIDE / bars->category_count);
    const int64_t gap = (to - from) / 6 > 0 ? (to - from) / 6 : (to - from > 2 ? 1 : 0);
    return (struct bar){.x = from + gap, .wide = to - from - 2 * gap, .centre = (from + to) / 2};
}

/* One bar of all series, and its sum above it where there is room. */
static void pile(struct emit *emit, const struct chart_bars *bars, const struct scale *scale, size_t i)
{
    const struct bar bar = bar_at(bars, i);
    char number[CHART_NUMBER_BYTES];
    int64_t sum = 0;
    for (size_t k = 0; k < bars->series_count; k++) {
        const int64_t value = bars->series[k].values[i];
        const int64_t bottom = TOP + PLOT - height_of(scale, sum), top = TOP + PLOT - height_of(scale, sum + value);
        const int64_t high = bottom - top - (bottom - top > 3 && sum > 0); /* a hair between segments */
        const int64_t box[] = {bar.x, top, bar.wide, high};
        sum += value;
        if (value <= 0)
            continue;
        chart_rect(emit, box, chart_colour(k));
        const struct chart_label mark = {bar.centre, top + high / 2 + 4, "middle", 11, chart_ink(k)};
        if (high >= MARK_PIXELS_HIGH && bar.wide >= MARK_PIXELS_WIDE)
            chart_write(emit, &mark, bars->series[k].mark);
    }
    /* The number stands above the bar, and above the line where that would cross it. */
    const int64_t top = TOP + PLOT - height_of(scale, sum);
    const int64_t line = bars->expected != NULL ? TOP + PLOT - height_of(scale, bars->expected[i]) : top;
    const bool crossed = line < top + 2 && line > top - 20;
    const struct chart_label label = {bar.centre, (crossed && line < top ? line - 2 : top) - 4, "middle", 12, ink};
    if (sum > 0 && bar.wide >= MARK_PIXELS_WIDE)
        chart_write(emit, &label, chart_number(sum, number));
    if (bars->expected != NULL)
        emit_format(emit, "<path d=\"M%lld %lldh%lld\" stroke=\"#c8501a\" stroke-width=\"3\"/>\n",
                    (long long)(bar.x - 4), (long long)line, (long long)(bar.wide + 8));
}

void chart_stack(struct emit *emit, const struct chart_text *text, const struct chart_bars *bars)
{
    const struct scale scale = scale_of(bars, true);
    if (nothing(bars, &scale)) {
        chart_nothing(emit, text);
        return;
    }
    legend(emit, bars, false);
    chart_open(emit, text, HEIGHT);
    axis(emit, text, bars, &scale);
    for (size_t i = 0; i < bars->category_count; i++)
        pile(emit, bars, &scale, i);
    chart_close(emit);
}

/* A mark of the series' own shape. */
static void shape(struct emit *emit, size_t series, int64_t x, int64_t y)
{
    static const char *const paths[] = {"", "m-4 -4h8v8h-8z", "m0 -5 5 9h-10z", "m0 -5 5 5 -5 5 -5 -5z"};
    if (series % 4 == 0)
        emit_format(emit, "<circle cx=\"%lld\" cy=\"%lld\" r=\"4\" fill=\"%s\"/>\n", (long long)x, (long long)y,
                    chart_colour(series));
    else
        emit_format(emit, "<path d=\"M%lld %lld%s\" fill=\"%s\"/>\n", (long long)x, (long long)y, paths[series % 4],
                    chart_colour(series));
}

static void line(struct emit *emit, const struct chart_bars *bars, const struct scale *scale, size_t series)
{
    const int64_t *values = bars->series[series].values;
    emit_raw(emit, "<polyline fill=\"none\" stroke-width=\"2\" stroke=\"");
    emit_raw(emit, chart_colour(series));
    emit_raw(emit, "\" points=\"");
    for (size_t i = 0; i < bars->category_count; i++)
        emit_format(emit, "%s%lld,%lld", i == 0 ? "" : " ", (long long)bar_at(bars, i).centre,
                    (long long)(TOP + PLOT - height_of(scale, values[i])));
    emit_raw(emit, "\"/>\n");
    for (size_t i = 0; i < bars->category_count; i++)
        shape(emit, series, bar_at(bars, i).centre, TOP + PLOT - height_of(scale, values[i]));
}

void chart_lines(struct emit *emit, const struct chart_text *text, const struct chart_bars *bars)
{
    const struct scale scale = scale_of(bars, false);
    if (nothing(bars, &scale)) {
        chart_nothing(emit, text);
        return;
    }
    legend(emit, bars, true);
    chart_open(emit, text, HEIGHT);
    axis(emit, text, bars, &scale);
    for (size_t k = 0; k < bars->series_count; k++)
        line(emit, bars, &scale, k);
    chart_close(emit);
}
