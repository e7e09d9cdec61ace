/*
 * What the charts share: the frame, colours, axes. For chart*.c only.
 */
#ifndef AUDIT_CHART_PARTS_H
#define AUDIT_CHART_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "audit/report/chart.h"

enum { CHART_WIDTH = 760 };

/* Opens the picture with title and description, height in pixels. */
void chart_open(struct emit *emit, const struct chart_text *text, int64_t height);
void chart_close(struct emit *emit);
/* Where there is nothing to draw. */
void chart_nothing(struct emit *emit, const struct chart_text *text);

struct chart_label {
    int64_t x, y;
    const char *anchor; /* start, middle, end */
    int size;
    const char *fill;
};
void chart_write(struct emit *emit, const struct chart_label *label, const char *text);
void chart_rect(struct emit *emit, const int64_t box[static 4], const char *fill);
void chart_rule(struct emit *emit, const int64_t line[static 4], const char *stroke, const char *dashes);

/* Colours that stay apart for who cannot tell some, and the ink that is read upon each. Source: Okabe and Ito. */
const char *chart_colour(size_t series);
const char *chart_ink(size_t series);

/* The smallest of 1, 2, 5, 10, 20, ... of which `most` takes at most five steps; 1 at least. */
int64_t chart_step(int64_t most);

#endif
