/*
 * The parts of a batch, for its own rooms only: rows taken from a file or stream (batch_source.c), made documents
 * (batch_row.c), answers told (batch_report.c), the flow between them (batch.c).
 */
#ifndef CLI_BATCH_PARTS_H
#define CLI_BATCH_PARTS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "cli/csv.h"
#include "cli/limits.h"
#include "cli/session.h"
#include "ledger/limits.h"

/* Columns of a CSV file, members of a JSON line. */
extern const struct csv_column batch_columns[];

/* A row as it stands in the file. Lends until the next. */
struct batch_cells {
    int64_t number; /* from 1 */
    int64_t line;
    struct csv_field fields[CSV_COLUMNS_MAX]; /* of batch_columns, in their order */
    bool bad;                                 /* a line of JSON that is none: the fields say nothing */
    int64_t bad_column;
    struct err err;
};

struct batch_source;

/* Whether it can be read only once: "-", a pipe. */
bool batch_source_is_stream(const char *path);

/*
 * Opens a file of rows, or with path "-" the cli's input; a stream is read a line at a time. It is JSON lines where its first
 * character is '{', else CSV.
 *
 * out     *ret_source: gives, batch_source_close.
 * errors  those of csv_open and jsonl_open.
 */
MUST_USE enum status batch_source_open(struct cli *cli, const char *path, struct batch_source **ret_source,
                                       struct err *err);
/* The next row. errors those of csv_next and jsonl_next. */
MUST_USE enum status batch_source_next(struct batch_source *source, struct batch_cells *ret_cells, bool *ret_more,
                                       struct err *err);
void batch_source_close(struct batch_source *source);

/* The field of a column; another is our own mistake. */
struct csv_field batch_field(const struct batch_cells *cells, const char *name);

/* What is wrong with a row, and where. */
struct batch_trouble {
    int64_t column; /* 0: the row as a whole */
    char field[64];
    struct err err;
};

struct batch_row {
    int64_t number; /* from 1 */
    int64_t line;
    json_t *document;              /* NULL: the row is bad */
    struct batch_trouble *trouble; /* of a bad row; owned */
    bool has_time;
    int64_t time_ms;
};

/* How often a row of the same content came, so that refs differ: 16 bytes a row that has no ref of its own. */
struct batch_seen {
    struct batch_seen_slot *slots;
    size_t room, used;
};

/* Counts one more row of this content. out: *ret_before, how many came before. errors MEMORY. */
MUST_USE enum status batch_seen_add(struct batch_seen *seen, const struct hash *content, int64_t *ret_before,
                                    struct err *err);
void batch_seen_done(struct batch_seen *seen);

struct batch_reader {
    struct session *session;
    const char *base_dir; /* where evidence paths begin; NULL: where the program runs */
    const char *channel;
    const char *run; /* of a bot; NULL: none */
    struct batch_seen seen;
    json_t *known; /* evidence files taken before, compose.h */
};

/*
 * Makes a row's document.
 *
 * in      facts: open.
 * out     ret_row->document: gives. *ret_trouble: filled on INPUT, LIMIT and NOT_FOUND, which concern this row alone.
 * errors  also those of the books and of evidence_put, which end the batch.
 */
MUST_USE enum status batch_row_read(struct batch_reader *reader, const struct facts *facts,
                                    const struct batch_cells *cells, struct batch_row *ret_row,
                                    struct batch_trouble *ret_trouble);

/* Reads the `at` column alone. errors INPUT. */
MUST_USE enum status batch_row_time(const struct batch_reader *reader, const struct batch_cells *cells,
                                    struct batch_row *ret_row, struct batch_trouble *ret_trouble);

/* What came of the rows so far. */
struct batch_report {
    struct session *session;
    const char *path;
    int64_t total;   /* rows of the file; 0: of a stream, whose end is not known */
    int64_t rows;    /* read so far */
    int64_t settled; /* told so far: answered or bad, without a gap from the first row on */
    int64_t posted, waiting, refused, repeated, bad;
    int64_t statements;
    bool stopped;    /* before all rows were settled */
    json_t *entries; /* numbers of the entries made */
    json_t *lines;   /* [line:column, word, text] of what a person has to see, of the statement at hand */
};

enum { BATCH_LINES_OF_GOOD = 40 };

MUST_USE enum status batch_report_init(struct batch_report *ret_report, struct session *session, const char *path,
                                       struct err *err);
void batch_report_done(struct batch_report *report);

/*
 * Tells what came of rows in their order, and sends it out of the program: bad ones, and of the others what the answer says,
 * whose result i is about the i-th row that is not bad.
 *
 * in      answer: NULL: nothing was sent.
 * errors  IO, MEMORY.
 */
MUST_USE enum status batch_report_rows(struct batch_report *report, const struct batch_row *rows, size_t count,
                                       const struct gate_answer *answer, struct err *err);

/* Prints the summary. out: the exit status. */
int batch_report_print(struct batch_report *report);

#endif
