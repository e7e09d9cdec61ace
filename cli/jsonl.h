/*
 * JSON lines in: one object a line with the members that a CSV file would have as columns, each a string, or a list of
 * strings where a cell holds several words. Stricter than JSON: numbers, true, false, null and objects inside are refused,
 * for an amount that went through a float is not the amount. A line that is wrong concerns itself alone.
 */
#ifndef CLI_JSONL_H
#define CLI_JSONL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "cli/csv.h"
#include "cli/limits.h"
#include "ledger/status.h"

struct jsonl;

/* One line. Lends until the next call or close. */
struct jsonl_row {
    int64_t number; /* from 1, blank lines not counted */
    int64_t line;
    struct csv_field
        fields[CSV_COLUMNS_MAX]; /* of the columns, in their order; column: the byte, from 1, where the value
                                                 begins; a list's words stand in text with a blank between */
    bool bad;                    /* the line cannot be read; the fields say nothing */
    int64_t bad_column;          /* the byte, from 1 */
    struct err err;              /* without the place */
};

/*
 * Opens a file, or with file not NULL a stream (kept, not closed) that path names in errors. The stream is read a line at
 * a time.
 *
 * in      columns: kept; CSV_LIST: a list of strings may stand there.
 * out     *ret_jsonl: gives, jsonl_close.
 * errors  NOT_FOUND, IO, MEMORY.
 */
MUST_USE enum status jsonl_open(const char *path, FILE *file, const struct csv_column *columns,
                                struct jsonl **ret_jsonl, struct err *err);

/*
 * The next line that is not blank.
 *
 * out     ret_row: fills; *ret_more false at the end.
 * errors  IO, MEMORY, LIMIT (CSV_ROWS_MAX).
 */
MUST_USE enum status jsonl_next(struct jsonl *jsonl, struct jsonl_row *ret_row, bool *ret_more, struct err *err);

void jsonl_close(struct jsonl *jsonl);

#endif
