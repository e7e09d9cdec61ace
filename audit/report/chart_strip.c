/*
 * Strips of amounts around thresholds, and matrices.
 */
#include <stdio.h>
#include <string.h>

#include "audit/report/chart_parts.h"

enum {
    STRIP_LEFT = 150,
    STRIP_RIGHT = 44,
    STRIP_TOP = 8,
    STRIP_HIGH = 66,
    STRIP_BARS = 34, /* of which the histogram takes so much */
    STRIP_BOTTOM = 26,
    STRIP_WIDE = CHART_WIDTH - STRIP_LEFT - STRIP_RIGHT,
    LABEL_APART = 40, /* labels of thresholds closer than this would lie on each other */
    LOG10_2 = 217706  /* log2(10) in 65536ths */
};

static const char ink[] = "#1b1f24", soft[] = "#57606a", faint[] = "#d0d7de", warn[] = "#a63d0a";

/* The axis: from 10^low to 10^high. */
struct span {
    int64_t low, high; /* logarithms in 65536ths */
};

static struct span span_of(const struct chart_strip *strips, size_t count)
{
    int64_t least = INT64_MAX, most = 1;
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < strips[i].amount_count; k++) {
            least = strips[i].amounts[k] < least ? strips[i].amounts[k] : least;
            most = strips[i].amounts[k] > most ? strips[i].amounts[k] : most;
        }
    }
    least = least < 1 || least == INT64_MAX ? 1 : least;
    const int64_t low = chart_log2(least) / LOG10_2, high = (chart_log2(most) + LOG10_2 - 1) / LOG10_2;
    return (struct span){.low = low * LOG10_2, .high = (high > low ? high : low + 1) * LOG10_2};
}

static int64_t place(const struct span *span, int64_t amount)
{
    const int64_t at = chart_log2(amount < 1 ? 1 : amount) - span->low;
    return at < 0 ? 0 : at * STRIP_WIDE / (span->high - span->low);
}

static void bins(struct emit *emit, const struct chart_strip *strip, const struct span *span, int64_t floor)
{
    int64_t counts[CHART_BINS] = {0}, most = 1;
    const int64_t wide = STRIP_WIDE / CHART_BINS;
    for (size_t i = 0; i < strip->amount_count; i++) {
        int64_t bin = place(span, strip->amounts[i]) * CHART_BINS / STRIP_WIDE;
        bin = bin >= CHART_BINS ? CHART_BINS - 1 : bin;
        counts[bin]++;
        most = counts[bin] > most ? counts[bin] : most;
    }
    for (int64_t i = 0; i < CHART_BINS; i++) {
        const int64_t high = counts[i] == 0 ? 0 : 2 + (STRIP_BARS - 2) * counts[i] / most;
        const int64_t box[] = {STRIP_LEFT + i * STRIP_WIDE / CHART_BINS, floor - high, wide, high};
        if (high > 0)
            chart_rect(emit, box, "#0b5c9e");
    }
}

static void thresholds(struct emit *emit, const struct chart_strip *strip, const struct span *span, int64_t floor)
{
    int64_t last = -LABEL_APART;
    char text[48];
    for (size_t i = 0; i < strip->threshold_count; i++) {
        const struct chart_threshold *threshold = &strip->thresholds[i];
        const int64_t x = place(span, threshold->amount);
        if (x > STRIP_WIDE)
            continue;
        const int64_t line[] = {STRIP_LEFT + x, floor - STRIP_BARS - 8, STRIP_LEFT + x, floor};
        const struct chart_label label = {STRIP_LEFT + x, floor - STRIP_BARS - 12, "middle", 11, ink};
        const struct chart_label below = {STRIP_LEFT + x - 3, floor - STRIP_BARS + 4, "end", 10, warn};
        chart_rule(emit, line, warn, "4 3");
        if (x - last >= LABEL_APART)
            chart_write(emit, &label, threshold->label);
        snprintf(text, sizeof text, "%lld", (long long)threshold->just_below);
        if (threshold->just_below > 0)
            chart_write(emit, &below, text);
        last = x - last >= LABEL_APART ? x : last;
    }
}

static void powers(struct emit *emit, const struct span *span, int64_t floor, int digits)
{
    char text[CHART_NUMBER_BYTES];
    int64_t ten = 1;
    for (int64_t power = 0; power <= span->high / LOG10_2 && power < 18; power++, ten *= 10) {
        int64_t major = ten;
        for (int i = 0; i < digits; i++)
            major /= 10;
        if (power * LOG10_2 < span->low)
            continue;
        const int64_t x = STRIP_LEFT + (power * LOG10_2 - span->low) * STRIP_WIDE / (span->high - span->low);
        const int64_t line[] = {x, STRIP_TOP + 18, x, floor + 4};
        const struct chart_label label = {x, floor + 18, "middle", 12, soft};
        chart_rule(emit, line, faint, "");
        chart_write(emit, &label, major > 0 ? chart_number(major, text) : "< 1");
    }
}

void chart_strips(struct emit *emit, const struct chart_text *text, const struct chart_strip *strips, size_t count,
                  int digits)
{
    const struct span span = span_of(strips, count);
    const int64_t high = STRIP_TOP + STRIP_HIGH * (int64_t)count;
    char number[CHART_NUMBER_BYTES];
    if (count == 0) {
        chart_nothing(emit, text);
        return;
    }
    chart_open(emit, text, high + STRIP_BOTTOM);
    powers(emit, &span, high, digits);
    for (size_t i = 0; i < count; i++) {
        const int64_t floor = STRIP_TOP + STRIP_HIGH * (int64_t)(i + 1);
        const int64_t base[] = {STRIP_LEFT, floor, CHART_WIDTH - STRIP_RIGHT, floor};
        const struct chart_label name = {STRIP_LEFT - 10, floor - 18, "end", 12, ink};
        const struct chart_label amount = {STRIP_LEFT - 10, floor - 3, "end", 11, soft};
        chart_rule(emit, base, soft, "");
        chart_write(emit, &name, strips[i].name);
        chart_write(emit, &amount, chart_number((int64_t)strips[i].amount_count, number));
        bins(emit, &strips[i], &span, floor);
        thresholds(emit, &strips[i], &span, floor);
    }
    chart_close(emit);
}

enum { CELL_LEFT = 120, CELL_TOP = 78, CELL_HIGH = 26, CELL_WIDE_MAX = 64, SHADES = 6 };

static const struct {
    const char *fill, *ink;
} shades[SHADES] = {{"#ffffff", "#8c959f"}, {"#e3eff9", "#1b1f24"}, {"#b5d5ee", "#1b1f24"},
                    {"#74aedb", "#1b1f24"}, {"#2b76b5", "#ffffff"}, {"#0b3f73", "#ffffff"}};

/* 0 for nothing, then in equal steps up to the most. */
static size_t shade_of(int64_t value, int64_t most)
{
    return value <= 0 ? 0 : (size_t)(1 + (value - 1) * (SHADES - 1) / most);
}

static void matrix_titles(struct emit *emit, const struct chart_matrix *matrix, int64_t wide)
{
    for (size_t i = 0; i < matrix->row_count; i++) {
        const struct chart_label label = {CELL_LEFT - 8, CELL_TOP + CELL_HIGH * (int64_t)i + 18, "end", 12, ink};
        chart_write(emit, &label, matrix->rows[i]);
    }
    for (size_t i = 0; i < matrix->column_count; i++) {
        const int64_t x = CELL_LEFT + wide * (int64_t)i + wide / 2;
        emit_format(emit, "<text transform=\"translate(%lld %d) rotate(-40)\" font-size=\"12\" fill=\"%s\">",
                    (long long)x, CELL_TOP - 6, ink);
        html_text(emit, matrix->columns[i]);
        emit_raw(emit, "</text>\n");
    }
    const struct chart_label rows = {CELL_LEFT - 8, CELL_TOP - 8, "end", 11, soft};
    const struct chart_label columns = {CELL_LEFT, 12, "start", 11, soft};
    chart_write(emit, &rows, matrix->row_title);
    chart_write(emit, &columns, matrix->column_title);
}

void chart_matrix(struct emit *emit, const struct chart_text *text, const struct chart_matrix *matrix)
{
    int64_t most = 1;
    char number[CHART_NUMBER_BYTES];
    if (matrix->row_count == 0 || matrix->column_count == 0) {
        chart_nothing(emit, text);
        return;
    }
    const int64_t room = (CHART_WIDTH - CELL_LEFT - 40) / (int64_t)matrix->column_count;
    const int64_t wide = room < CELL_WIDE_MAX ? room : CELL_WIDE_MAX;
    for (size_t i = 0; i < matrix->row_count * matrix->column_count; i++)
        most = matrix->values[i] > most ? matrix->values[i] : most;
    chart_open(emit, text, CELL_TOP + CELL_HIGH * (int64_t)matrix->row_count + 8);
    matrix_titles(emit, matrix, wide);
    for (size_t row = 0; row < matrix->row_count; row++)
        for (size_t column = 0; column < matrix->column_count; column++) {
            const int64_t value = matrix->values[row * matrix->column_count + column];
            const size_t shade = shade_of(value, most);
            const int64_t x = CELL_LEFT + wide * (int64_t)column, y = CELL_TOP + CELL_HIGH * (int64_t)row;
            const struct chart_label label = {x + wide / 2, y + 18, "middle", 12, shades[shade].ink};
            emit_format(emit,
                        "<rect x=\"%lld\" y=\"%lld\" width=\"%lld\" height=\"%d\" fill=\"%s\" stroke=\"#d0d7de\"/>\n",
                        (long long)x, (long long)y, (long long)wide, CELL_HIGH, shades[shade].fill);
            if (value > 0)
                chart_write(emit, &label, chart_number(value, number));
        }
    chart_close(emit);
}
