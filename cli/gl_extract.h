/*
 * GL extracts: the ledger lines of a month as a CSV file, for the general ledger and for whoever reconciles it. The same book
 * gives the same bytes again, so that a file which went through other hands can be compared with the book line by line.
 */
#ifndef CLI_GL_EXTRACT_H
#define CLI_GL_EXTRACT_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "controls/facts.h"
#include "ledger/status.h"

/* What a row has, in the order of its cells. */
enum gl_cell {
    GL_RECORD, /* "line", or "total" at the end: one for each currency, with number of lines and sums */
    GL_ENTITY,
    GL_PERIOD,
    GL_ENTRY, /* that posted the document; of a total: the book's last one when the extract was made */
    GL_TIME,  /* of that entry */
    GL_DOCUMENT,
    GL_NUMBER, /* its legal number */
    GL_KIND,
    GL_DATE, /* the effective date */
    GL_REASON,
    GL_LINE, /* of the document, from 1; of a total: how many */
    GL_ACCOUNT,
    GL_CUSTOMER,
    GL_INVOICE,
    GL_DR,
    GL_CR,
    GL_CURRENCY,
    GL_FUNCTIONAL_DR, /* in the entity's own currency, where the line has an amount in it */
    GL_FUNCTIONAL_CR,
    GL_CELLS
};
extern const char *const gl_columns[GL_CELLS];

struct gl_asked {
    const char *entity;
    const char *period; /* YYYY-MM, of the effective date */
    uint64_t entries;   /* only what was posted by one of the first so many entries of the book */
};

/*
 * Lists the rows of an extract: lines in the order in which they were posted, then the totals.
 *
 * out     *ret_rows: gives, a list of lists of GL_CELLS texts.
 * errors  CORRUPT, LIMIT (sums), IO, MEMORY, NOT_FOUND (no such entity).
 * cost    O(documents of the book).
 */
MUST_USE enum status gl_rows(const struct facts *facts, const struct gl_asked *asked, json_t **ret_rows,
                             struct err *err);

/* Writes header and rows. errors IO. */
MUST_USE enum status gl_write(const json_t *rows, FILE *out, struct err *err);

/* A file that was read back: its rows, with the line where each stands, and what it was asked for. */
struct gl_file {
    json_t *rows;          /* as gl_rows */
    json_t *lines;         /* of the file, for each row */
    struct gl_asked asked; /* texts are the rows' */
};

/*
 * Reads a file. errors those of csv_open and csv_next; INPUT: no total, or of several entities, months or entries.
 *
 * out     *ret_file: gives, gl_file_done.
 */
MUST_USE enum status gl_read(const char *path, struct gl_file *ret_file, struct err *err);
void gl_file_done(struct gl_file *file);

/*
 * What of the file is not as the book has it: changed cells, rows that the book has not, or the file not, or twice. The order
 * of the file's rows does not matter.
 *
 * in      rows: of the book.
 * out     *ret_findings: gives, a list of {line?, text}.
 * errors  MEMORY.
 */
MUST_USE enum status gl_compare(const struct gl_file *file, const json_t *rows, json_t **ret_findings, struct err *err);

#endif
