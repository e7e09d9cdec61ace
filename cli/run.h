/*
 * From a command line to an exit status.
 */
#ifndef CLI_RUN_H
#define CLI_RUN_H

#include "cli/cli.h"

/*
 * Runs one command line: finds the command, reads its options, runs it, flushes the output.
 *
 * in      cli: filled but for json, dry_run, yes and command; argv[0..argc) as main gets it, borrowed.
 * out     an enum exit_status. A usage error is one line and a pointer to help on err, and with --json also an object
 *         on out. Output that could not be written is EXIT_ENVIRONMENT whatever the command answered.
 */
int cli_run(struct cli *cli, int argc, char *const argv[]);

#endif
