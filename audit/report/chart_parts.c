/*
 * The frame of every chart; see the header. Colours are attributes and not styles, because a page's policy permits no style but
 * the built-in one.
 */
#include "audit/report/chart_parts.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *fill, *ink;
} palette[CHART_SERIES_MAX] = {
    {"#0b5c9e", "#ffffff"}, {"#e69f00", "#1b1f24"}, {"#00795a", "#ffffff"}, {"#c8501a", "#ffffff"},
    {"#7cc4f0", "#1b1f24"}, {"#b05f92", "#ffffff"}, {"#6e7781", "#ffffff"}, {"#f0e442", "#1b1f24"},
};

const char *chart_colour(size_t series)
{
    return palette[series % CHART_SERIES_MAX].fill;
}

const char *chart_ink(size_t series)
{
    return palette[series % CHART_SERIES_MAX].ink;
}

void chart_open(struct emit *emit, const struct chart_text *text, int64_t height)
{
    emit_format(
        emit,
        "<div class=\"draw\" tabindex=\"0\"><svg viewBox=\"0 0 %d %lld\" role=\"img\" aria-labelledby=\"%s-t %s-d\">\n",
        CHART_WIDTH, (long long)height, text->id, text->id);
    emit_format(emit, "<title id=\"%s-t\">", text->id);
    html_text(emit, text->title);
    emit_format(emit, "</title><desc id=\"%s-d\">", text->id);
    html_text(emit, text->description);
    emit_raw(emit, "</desc>\n");
}

void chart_close(struct emit *emit)
{
    emit_raw(emit, "</svg></div>\n");
}

void chart_nothing(struct emit *emit, const struct chart_text *text)
{
    emit_raw(emit, "<p class=\"none\">");
    html_text(emit, text->title);
    emit_raw(emit, ": nothing in this period.</p>\n");
}

void chart_write(struct emit *emit, const struct chart_label *label, const char *text)
{
    emit_format(emit, "<text x=\"%lld\" y=\"%lld\" font-size=\"%d\" text-anchor=\"%s\" fill=\"%s\">",
                (long long)label->x, (long long)label->y, label->size, label->anchor, label->fill);
    html_text(emit, text);
    emit_raw(emit, "</text>\n");
}

void chart_rect(struct emit *emit, const int64_t box[static 4], const char *fill)
{
    emit_format(emit, "<rect x=\"%lld\" y=\"%lld\" width=\"%lld\" height=\"%lld\" fill=\"%s\"/>\n", (long long)box[0],
                (long long)box[1], (long long)box[2], (long long)box[3], fill);
}

void chart_rule(struct emit *emit, const int64_t line[static 4], const char *stroke, const char *dashes)
{
    emit_format(emit, "<line x1=\"%lld\" y1=\"%lld\" x2=\"%lld\" y2=\"%lld\" stroke=\"%s\"%s%s%s/>\n",
                (long long)line[0], (long long)line[1], (long long)line[2], (long long)line[3], stroke,
                dashes[0] != '\0' ? " stroke-dasharray=\"" : "", dashes, dashes[0] != '\0' ? "\"" : "");
}

const char *chart_number(int64_t number, char ret_text[static CHART_NUMBER_BYTES])
{
    char plain[CHART_NUMBER_BYTES];
    size_t at = 0;
    const int length = snprintf(plain, sizeof plain, "%lld", (long long)number);
    for (int i = 0; i < length; i++) {
        if (i > 0 && plain[i - 1] != '-' && (length - i) % 3 == 0)
            ret_text[at++] = ',';
        ret_text[at++] = plain[i];
    }
    ret_text[at] = '\0';
    return ret_text;
}

int64_t chart_step(int64_t most)
{
    static const int64_t times[] = {1, 2, 5};
    for (int64_t ten = 1;; ten *= 10) /* ends: steps of 2 * 10^18 are enough for any number */
        for (size_t i = 0; i < 3; i++)
            if (most / times[i] / ten < 5 || most == 5 * times[i] * ten)
                return times[i] * ten;
}

int64_t chart_log2(int64_t amount)
{
    int whole = 0;
    invariant(amount >= 1);
    while (amount >> whole > 1)
        whole++;
    /* amount / 2^whole lies in [1, 2), as 31 bits behind the point; each squaring gives one more bit of the logarithm. */
    uint64_t rest = whole <= 31 ? (uint64_t)amount << (31 - whole) : (uint64_t)amount >> (whole - 31);
    int64_t fraction = 0;
    for (int bit = 15; bit >= 0; bit--) {
        rest = rest * rest >> 31;
        if (rest >> 32 != 0) {
            fraction |= INT64_C(1) << bit;
            rest >>= 1;
        }
    }
    return (int64_t)whole * 65536 + fraction;
}
