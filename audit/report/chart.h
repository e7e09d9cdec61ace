/*
 * Charts as SVG inside a page: stacked bars, columns beside what was expected, lines, strips of amounts around thresholds, and
 * matrices. Each has a title and a description for who cannot see it, says in words or marks what colour says, and is drawn in whole
 * numbers, so that the same figures give the same bytes anywhere.
 *
 * Names and values are borrowed; text is escaped. A chart without values draws nothing but says so.
 */
#ifndef AUDIT_CHART_H
#define AUDIT_CHART_H

#include <stddef.h>
#include <stdint.h>

#include "audit/emit.h"

enum {
    CHART_SERIES_MAX = 8,
    CHART_CATEGORIES_MAX = 120, /* two years of weeks */
    CHART_MATRIX_MAX = 14,      /* of a side: more is a table's work */
    CHART_STRIPS_MAX = 24,
    CHART_THRESHOLDS_MAX = 12,
    CHART_BINS = 140 /* along a strip */
};

struct chart_text {
    const char *id; /* unique in the page, [a-z-]+ */
    const char *title;
    const char *description; /* what it shows, and what stands out, in words */
    const char *unit;        /* of the vertical axis: "documents" */
};

struct chart_series {
    const char *name;      /* "credit-note" */
    const char *mark;      /* short, written where there is room: "CN" */
    const int64_t *values; /* values[0..category_count) */
};

struct chart_bars {
    const char *const *categories;
    size_t category_count, series_count; /* at most CHART_CATEGORIES_MAX, CHART_SERIES_MAX */
    const struct chart_series *series;
    const int64_t *expected; /* NULL, or for each category a line where it was expected */
};

/* Bars, the series one upon the other; with a legend. */
void chart_stack(struct emit *emit, const struct chart_text *text, const struct chart_bars *bars);
/* The series as lines with marks of their own shape; with a legend. */
void chart_lines(struct emit *emit, const struct chart_text *text, const struct chart_bars *bars);

struct chart_threshold {
    int64_t amount;
    const char *label;  /* "2,500" */
    int64_t just_below; /* how many amounts lie there; 0: nothing is said */
};

struct chart_strip {
    const char *name;
    const int64_t *amounts; /* above zero */
    size_t amount_count;
    struct chart_threshold thresholds[CHART_THRESHOLDS_MAX];
    size_t threshold_count;
};

/*
 * Amounts on a logarithmic axis, a strip each, with thresholds as lines.
 *
 * in      digits: decimals of the amounts, for the labels of the axis.
 */
void chart_strips(struct emit *emit, const struct chart_text *text, const struct chart_strip *strips, size_t count,
                  int digits);

struct chart_matrix {
    const char *const *rows, *const *columns;
    size_t row_count, column_count; /* at most CHART_MATRIX_MAX */
    const int64_t *values;          /* values[row * column_count + column] */
    const char *row_title, *column_title;
};

/* Cells that are the darker the more, each with its number. */
void chart_matrix(struct emit *emit, const struct chart_text *text, const struct chart_matrix *matrix);

/* 1250000 -> "1,250,000". */
enum { CHART_NUMBER_BYTES = 32 };
const char *chart_number(int64_t number, char ret_text[static CHART_NUMBER_BYTES]);

/* Logarithm to base 2 in 65536ths, of amount >= 1. Whole numbers only; exact to a unit or two. */
int64_t chart_log2(int64_t amount);

#endif
