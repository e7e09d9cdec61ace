/*
 * The one table of commands. A new command is a file in cli/commands/, a line here and a line in commands.c.
 */
#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

#include "cli/command.h"

extern const struct command_table commands;

/* One line a command, in the order of the alphabet. */
extern const struct command command_help;
extern const struct command command_key_new;
extern const struct command command_aging;
extern const struct command command_balance;
extern const struct command command_load;
extern const struct command command_log;
extern const struct command command_statement;

#endif
