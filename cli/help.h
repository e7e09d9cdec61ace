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

/* A completion for bash: commands, second words, options, and values that stand in the table, are files or reason codes. */
void help_print_completion(FILE *out, const struct command_table *table);

/*
 * Manual pages as scdoc reads them, section 1: one of the program, one of a command. A page is named as its file is, which
 * stands in its first line: countersign(1), countersign-audit-verify(1).
 */
void help_print_manual(FILE *out, const struct command_table *table);
void help_print_manual_of(FILE *out, const struct command *command);

/* "countersign-audit-verify". errors LIMIT: cannot be, names are short. */
enum { HELP_PAGE_BYTES = 96 };
void help_page_name(const struct command *command, char ret_name[static HELP_PAGE_BYTES]);

#endif
