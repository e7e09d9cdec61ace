/*
 * Commands that list what the books have: a table with a row for each record, or with --json an object for each. What they
 * have in common; a command has its columns and what becomes of a record.
 */
#ifndef CLI_LISTING_H
#define CLI_LISTING_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "cli/cli.h"
#include "cli/options.h"
#include "cli/session.h"
#include "cli/table.h"
#include "controls/facts.h"
#include "ledger/books.h"
#include "ledger/status.h"

/* A listing as it runs. */
struct listing {
    struct cli *cli;
    struct session *session;
    const struct options *options;
    const struct facts *facts;
    struct table *table;
    const void *own; /* what the command has found before, for its rows */
    size_t hidden;   /* counted by listing_hides */
};

/* Shows one record of the books: a row of listing->table, or with --json an object on its own. */
typedef enum status listing_row(struct listing *listing, struct slice key, const json_t *record, struct err *err);

struct listing_form {
    const struct column *columns;
    enum books_table table;
    listing_row *row; /* for each record of the table */

    /* Where the whole table is not enough: calls listing_each, or shows rows of its own. NULL: table and row say it all. */
    enum status (*collect)(struct listing *listing, struct err *err);
};

/*
 * A whole command that lists: opens the book for reading, collects, prints the table and, where rows were hidden, how many.
 *
 * out     the exit status; errors are printed.
 */
int listing_run(struct cli *cli, const struct options *options, const struct listing_form *form);

/* Calls row for each record of a table. prefix: of the keys; NULL: all. errors of the row, CORRUPT, IO. */
MUST_USE enum status listing_each(struct listing *listing, enum books_table table, const struct books_key *prefix,
                                  listing_row *row, struct err *err);

/* Whether an option names something else than the text; not where it was not given. */
bool listing_asks_other(const struct listing *listing, const char *option, const char *text);

/* Whether a state (govern_grant_state) is over and --all was not given; counts it as hidden where it is. */
bool listing_hides(struct listing *listing, const char *state);

#endif
