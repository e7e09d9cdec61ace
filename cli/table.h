/*
 * Aligned tables of data from anywhere; cells are made harmless (cli/terminal.h) and measured as the terminal
 * shows them, wide and combining characters included.
 */
#ifndef CLI_TABLE_H
#define CLI_TABLE_H

#include <stddef.h>

#include "cli/cli.h"
#include "cli/terminal.h"
#include "ledger/status.h"

enum column_flags {
    COLUMN_RIGHT = 1, /* numbers */
    COLUMN_CUT = 2,   /* may be cut to fit the terminal; elsewhere nothing is cut */
    COLUMN_WRAP = 4   /* may be wrapped to fit the terminal; elsewhere nothing is */
};

/* A table of columns ends with a row whose name is NULL. Where all names are "", no heading is printed. */
struct column {
    const char *name; /* upper case */
    unsigned flags;   /* enum column_flags */
};

struct table;

/* gives; NULL only where memory is short, which every other call here accepts and table_print reports. */
struct table *table_new(const struct cli *cli, const struct column *columns);

/* Adds a row; cells[0..columns), NULL is empty, borrowed. */
void table_row(struct table *table, const char *const cells[]);

/* Sets a cell of the last row, with a printf format. */
void table_cell(struct table *table, size_t column, const char *format, ...) PRINTF_LIKE(3, 4);

/* Styles a cell of the last row. */
void table_style(struct table *table, size_t column, enum style style);

/* Prints on cli->out; a table without rows prints nothing. errors MEMORY, IO. */
MUST_USE enum status table_print(struct table *table, struct err *err);
void table_free(struct table *table);

#endif
