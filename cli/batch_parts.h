/*
 * The parts of a batch, for its own rooms only: rows read (batch_row.c), answers told (batch_report.c), the flow between
 * them (batch.c).
 */
#ifndef CLI_BATCH_PARTS_H
#define CLI_BATCH_PARTS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "cli/csv.h"
#include "cli/session.h"
#include "ledger/limits.h"

extern const struct csv_column batch_columns[];

struct batch_row {
    int64_t number; /* from 1 */
    int64_t line;
    json_t *document; /* NULL: the row is bad */
    bool has_time;
    int64_t time_ms;
};

/* Rows that have the same content, counted, so that their refs differ. */
struct batch_reader {
    struct session *session;
    const char *base_dir; /* where evidence paths begin; NULL: where the program runs */
    const char *channel;
    json_t *seen;  /* hash of a row's content -> how often */
    json_t *known; /* evidence files taken before, compose.h */
};

/* What is wrong with a row, and where. */
struct batch_trouble {
    int64_t column; /* 0: the row as a whole */
    char field[64];
    struct err err;
};

/*
 * Makes a row's document.
 *
 * in      facts: open.
 * out     ret_row->document: gives. *ret_trouble: filled on INPUT, LIMIT and NOT_FOUND, which concern this row alone.
 * errors  also those of the books and of evidence_put, which end the batch.
 */
MUST_USE enum status batch_row_read(struct batch_reader *reader, const struct facts *facts, const struct csv_row *csv,
                                    struct batch_row *ret_row, struct batch_trouble *ret_trouble);

/* Reads the `at` column alone. errors INPUT. */
MUST_USE enum status batch_row_time(const struct batch_reader *reader, const struct csv_row *csv,
                                    struct batch_row *ret_row, struct batch_trouble *ret_trouble);

/* What came of the rows so far. */
struct batch_report {
    struct session *session;
    const char *path;
    int64_t rows, posted, waiting, refused, repeated, bad;
    int64_t statements;
    json_t *entries; /* numbers of the entries made */
    json_t *lines;   /* [line:column, word, text] of what a person has to see */
    bool too_many;   /* lines were left out */
};

enum { BATCH_LINES_MAX = 10000, BATCH_LINES_OF_GOOD = 40 };

MUST_USE enum status batch_report_init(struct batch_report *ret_report, struct session *session, const char *path,
                                       struct err *err);
void batch_report_done(struct batch_report *report);

/* A row that could not be read. */
void batch_report_trouble(struct batch_report *report, int64_t line, const struct batch_trouble *trouble);

/* The answer to a statement: its result i is about rows[i]. */
void batch_report_answer(struct batch_report *report, const struct batch_row *rows, size_t count,
                         const struct gate_answer *answer);

/* Prints the summary and the lines. out: the exit status. */
MUST_USE enum status batch_report_print(struct batch_report *report, int *ret_exit, struct err *err);

#endif
