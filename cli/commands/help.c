/*
 * countersign help: what the table of commands says, as help, manual page or completion.
 */
#include "cli/help.h"
#include "cli/commands.h"
#include "cli/output.h"

static int run(struct cli *cli, const struct options *options)
{
    const char *first = options_argument(options, 0);
    const char *second = options_argument(options, 1);
    char *const words[] = {(char *)(uintptr_t)first, (char *)(uintptr_t)second};
    const struct command *command = NULL;
    int used = 0;
    struct err err = {0};
    if (options_flag(options, "completion")) {
        help_print_completion(cli->out, cli->commands);
        return EXIT_DONE;
    }
    if (options_flag(options, "man")) {
        help_print_manual(cli->out, cli->commands);
        return EXIT_DONE;
    }
    if (first == NULL) {
        help_print_all(cli->out, cli->commands);
        return EXIT_DONE;
    }
    int count = second != NULL ? 2 : 1;
    enum status status = command_find(cli->commands, count, words, &command, &used, &err);
    if (status == STATUS_OK && used < count)
        status = err_set(&err, STATUS_NOT_FOUND, "'%s' is one word", first);
    if (status != STATUS_OK)
        return cli_error(cli, &err);
    help_print_command(cli->out, command);
    return EXIT_DONE;
}

static const struct option_spec options_of_help[] = {
    {"completion", 0, NULL, "print a completion for bash", 0},
    {"man", 0, NULL, "print a manual page", 0},
    {0},
};

const struct command command_help = {
    .name = "help",
    .summary = "explains a command, or lists them all",
    .arguments = "[COMMAND]",
    .example = "countersign help key new",
    .group = GROUP_EVERYONE,
    .arguments_max = 2,
    .options = options_of_help,
    .run = run,
};
