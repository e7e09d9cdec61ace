/*
 * countersign audit report --check FILE.
 */
#ifndef CLI_REPORT_CHECKED_H
#define CLI_REPORT_CHECKED_H

#include "cli/cli.h"
#include "cli/options.h"

/* Checks it by itself and, with a book, against one that is run again; tells. Returns the exit status. */
int report_checked(struct cli *cli, const struct options *options);

#endif
