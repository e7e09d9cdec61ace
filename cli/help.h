/*
 * Everything that describes the commands, printed from their table: help, manual page, completion.
 */
#ifndef CLI_HELP_H
#define CLI_HELP_H

#include <stdio.h>

#include "cli/release.h"

struct command;
struct command_table;

#define COUNTERSIGN_VERSION COUNTERSIGN_RELEASE

/* All commands, grouped by the person they are for. */
void help_print_all(FILE *out, const struct command_table *table);

/* One command: synopsis, what it does, its options and the common ones it takes, an example. */
void help_print_command(FILE *out, const struct command *command);

/* A completion for bash: commands, second words, options. */
void help_print_completion(FILE *out, const struct command_table *table);

/* A manual page, section 1, in man(7) macros. */
void help_print_manual(FILE *out, const struct command_table *table);

#endif
