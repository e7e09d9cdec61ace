/*
 * countersign help: what the table of commands says, as help, manual pages or completion.
 */
#include "cli/help.h"

#include <stdio.h>

#include "cli/commands.h"
#include "cli/output.h"

static enum status find(struct cli *cli, const struct options *options, const struct command **ret_command,
                        struct err *err)
{
    const char *first = options_argument(options, 0);
    const char *second = options_argument(options, 1);
    char *const words[] = {(char *)(uintptr_t)first, (char *)(uintptr_t)second};
    const struct command *command = NULL;
    int used = 0, count = second != NULL ? 2 : 1;
    enum status status = command_find(cli->commands, count, words, &command, &used, err);
    if (status == STATUS_OK && used < count)
        status = err_set(err, STATUS_NOT_FOUND, "'%s' is one word", first);
    if (status == STATUS_OK)
        *ret_command = command;
    return status;
}

static void print_pages(struct cli *cli)
{
    char page[HELP_PAGE_BYTES];
    fputs("countersign\n", cli->out);
    for (size_t i = 0; i < cli->commands->count; i++) {
        help_page_name(cli->commands->rows[i], page);
        fprintf(cli->out, "%s\t%s\n", page, cli->commands->rows[i]->name);
    }
}

static int run(struct cli *cli, const struct options *options)
{
    const struct command *command = NULL;
    struct err err = {0};
    bool manual = options_flag(options, "scdoc");
    if (options_argument(options, 0) != NULL && find(cli, options, &command, &err) != STATUS_OK)
        return cli_error(cli, &err);
    if (options_flag(options, "completion"))
        help_print_completion(cli->out, cli->commands);
    else if (options_flag(options, "pages"))
        print_pages(cli);
    else if (manual && command != NULL)
        help_print_manual_of(cli->out, command);
    else if (manual)
        help_print_manual(cli->out, cli->commands);
    else if (command != NULL)
        help_print_command(cli->out, command);
    else
        help_print_all(cli->out, cli->commands);
    return EXIT_DONE;
}

static const struct option_spec options_of_help[] = {
    {"completion", 0, NULL, "print a completion for bash", 0},
    {"scdoc", 0, NULL, "print the manual page of the program, or of the command, as scdoc reads it", 0},
    {"pages", 0, NULL, "list the manual pages, each with the command that it is about", 0},
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
