/*
 * The one place that takes streams, clock, randomness and environment from the system, for the programs' main functions.
 */
#ifndef CLI_SYSTEM_H
#define CLI_SYSTEM_H

#include "cli/cli.h"

/*
 * Starts libsodium and fills *ret_cli.
 *
 * in      words: the command line, closed by NULL; kept, as is commands.
 * out     EXIT_DONE, or the exit status to end with.
 */
int system_start(const struct command_table *commands, char *const words[], struct cli *ret_cli);

/* libsodium's own word for its version. Lends for ever. */
const char *system_sodium_version(void);

#endif
