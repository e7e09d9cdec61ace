/*
 * Dispatch. Whatever goes wrong before a command runs is a usage error, told in two lines; whatever it printed has
 * reached its stream when this returns, or the exit status says that it has not.
 */
#include "cli/run.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

#include "cli/command.h"
#include "cli/help.h"
#include "cli/output.h"

/* --json has to shape the errors of a command line that can't be parsed, so it is looked for before. */
static bool asks_for_json(int argc, char *const argv[])
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "--json") == 0)
            return true;
    return false;
}

static enum status check_arguments(const struct command *command, const struct options *options, struct err *err)
{
    size_t count = options_argument_count(options);
    if (count < (size_t)command->arguments_min)
        return err_set(err, STATUS_INPUT, "an argument is missing: countersign%s%s %s", command_joint(command),
                       command->name, command_arguments(command));
    if (count > (size_t)command->arguments_max)
        return err_set(err, STATUS_INPUT, "unexpected argument '%.64s'",
                       options_argument(options, (size_t)command->arguments_max));
    return STATUS_OK;
}

static enum status check_book(const struct cli *cli, const struct options *options, struct err *err)
{
    const char *book = cli_book(cli, options);
    if ((cli->command->flags & COMMAND_BOOK) != 0 && (book == NULL || book[0] == '\0'))
        return err_set(err, STATUS_INPUT, "which book? give --book BOOK or set COUNTERSIGN_BOOK");
    return STATUS_OK;
}

static int run_found(struct cli *cli, int argc, char *const argv[])
{
    const struct option_spec *tables[OPTION_TABLES_MAX];
    struct options *options = NULL;
    struct err err = {0};
    int answer = EXIT_DONE;
    command_option_tables(cli->command, tables);
    enum status status = options_parse(tables, argc, argv, &options, &err);
    if (status == STATUS_OK && options_flag(options, "help")) {
        help_print_command(cli->out, cli->command);
        goto done;
    }
    if (status == STATUS_OK)
        status = check_arguments(cli->command, options, &err);
    if (status == STATUS_OK)
        status = check_book(cli, options, &err);
    if (status != STATUS_OK) {
        answer = cli_usage_error(cli, &err);
        goto done;
    }
    cli->json = options_flag(options, "json");
    cli->dry_run = options_has(options, "dry-run") && options_flag(options, "dry-run");
    cli->yes = options_has(options, "yes") && options_flag(options, "yes");
    /* A writer whose reader has gone away finishes its work: what is committed must not depend on a pager. */
    if ((cli->command->flags & COMMAND_WRITES) != 0)
        (void)signal(SIGPIPE, SIG_IGN);
    answer = cli->command->run(cli, options);
done:
    options_close(options);
    return answer;
}

static int run_line(struct cli *cli, int argc, char *const argv[])
{
    struct err err = {0};
    int words = 0;
    const struct command *first = cli->commands->rows[0];
    if (argc == 2 && strcmp(argv[1], "--version") == 0) {
        fprintf(cli->out, "countersign %s\n", COUNTERSIGN_VERSION);
        return EXIT_DONE;
    }
    if (first->alone) {
        cli->command = first;
        return run_found(cli, argc - 1, argv + 1);
    }
    if (argc == 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
        help_print_all(cli->out, cli->commands);
        return EXIT_DONE;
    }
    if (argc > 1 && argv[1][0] == '-') {
        (void)!err_set(&err, STATUS_INPUT, "options come after the command");
        return cli_usage_error(cli, &err);
    }
    if (command_find(cli->commands, argc - 1, argv + 1, &cli->command, &words, &err) != STATUS_OK)
        return cli_usage_error(cli, &err);
    return run_found(cli, argc - 1 - words, argv + 1 + words);
}

int cli_run(struct cli *cli, int argc, char *const argv[])
{
    cli->command = NULL;
    cli->json = asks_for_json(argc, argv);
    cli->dry_run = false;
    cli->yes = false;
    int answer = run_line(cli, argc, argv);
    errno = 0;
    bool lost = fflush(cli->out) != 0 || ferror(cli->out);
    if (lost) {
        if (errno != EPIPE)
            fprintf(cli->err, "countersign: cannot write the output: %s\n", strerror(errno != 0 ? errno : EIO));
        answer = EXIT_ENVIRONMENT;
    }
    return answer;
}
