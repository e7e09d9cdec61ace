/*
 * Statements about documents that are there: withdraw, reject and return, which take the same form.
 */
#ifndef CLI_ANSWERING_H
#define CLI_ANSWERING_H

#include "cli/cli.h"
#include "cli/options.h"
#include "ledger/statement.h"

/* Rows of their option table. */
#define ANSWERING_ROWS                                                                                                 \
    {                                                                                                                  \
        "reason", 0, "TEXT", "why, in your own words", OPTION_REQUIRED                                                 \
    }

/* Runs one of them: the arguments are documents, --reason says why. out: the exit status. */
int answering_run(struct cli *cli, const struct options *options, enum verb verb);

#endif
