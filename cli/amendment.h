/*
 * Amendments: a document's whole content again, with something changed. What amend and attach have in common.
 */
#ifndef CLI_AMENDMENT_H
#define CLI_AMENDMENT_H

#include "cli/cli.h"
#include "cli/options.h"

/* Runs a command whose first argument is the document and whose options are the changes. out: the exit status. */
int amendment_run(struct cli *cli, const struct options *options);

#endif
