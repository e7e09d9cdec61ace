/*
 * CSV in and out. Reading: RFC 4180 with strict quotes, a header that names the columns, strict UTF-8 without
 * the forbidden code points, and the physical line and column of every field, so that an error can be found
 * in an editor. Writing: cells that a spreadsheet would run as a formula are defused.
 */
#ifndef CLI_CSV_H
#define CLI_CSV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "ledger/status.h"

struct csv;

enum csv_column_flags {
    CSV_REQUIRED = 1, /* a header without it is an error */
    CSV_LIST = 2      /* the cell holds words; in JSON lines a list of strings may stand there */
};

/* The columns a file may have, in any order; ends with a row whose name is NULL. */
struct csv_column {
    const char *name; /* lower case; the header has to have exactly it */
    unsigned flags;   /* enum csv_column_flags */
};

struct csv_field {
    const char *text; /* NUL closed, no NUL inside; "" where empty or where the file has no such column */
    size_t length;
    int64_t line;   /* from 1: where the field begins, its opening quote included */
    int64_t column; /* from 1: the number of the field in its row, as a spreadsheet counts; 0: the file has no
                       such column */
    bool present;   /* the file has the column and the cell is not empty */
};

struct csv_row {
    const struct csv *csv;
    int64_t number; /* of the row, from 1, the header not counted */
    int64_t line;   /* where it begins */
};

/*
 * Opens a file, or with file not NULL a stream (kept, not closed; read a line at a time, so that a row can be answered
 * before the next is written) that path names in errors, and reads its header.
 *
 * in      path: "-" with file NULL is refused; columns: kept.
 * out     *ret_csv: gives, close with csv_close.
 * errors  NOT_FOUND, IO, INPUT (header missing; a column unknown, missing or twice),
 * MEMORY.
 */
MUST_USE enum status csv_open(const char *path, FILE *file, const struct csv_column *columns, struct csv **ret_csv,
                              struct err *err);

/*
 * The next row; blank lines are skipped.
 *
 * out     *ret_row, and *ret_more false after the last row. The row lends until the next call or close.
 * errors  INPUT with "file:line:column: " (quotes, NUL, UTF-8, a forbidden character, too few or many
 * fields), LIMIT, IO, MEMORY. After an error every call answers the same error.
 */
MUST_USE enum status csv_next(struct csv *csv, struct csv_row *ret_row, bool *ret_more, struct err *err);

/* The field of a column that csv_open was told of (another is our own mistake). Lends as the row does. */
struct csv_field csv_field(const struct csv_row *row, const char *name);

/* Sets err to "corrections.csv:17:5: amount ..." and returns STATUS_INPUT: format goes on after the column's
 * name. */
MUST_USE enum status csv_field_error(const struct csv_row *row, const char *name, struct err *err, const char *format,
                                     ...) PRINTF_LIKE(4, 5);

/* The field of columns[index] of those that csv_open was told of, without a look at names. Lends as the row does. */
struct csv_field csv_field_at(const struct csv_row *row, size_t index);

/* Name of the file as errors have it. Lends until close. */
const char *csv_path(const struct csv *csv);

void csv_close(struct csv *csv);

#endif
