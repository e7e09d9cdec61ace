/*
 * JSON lines and errors. One place maps a status to an exit status, so that no command can disagree.
 */
#include "cli/output.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/terminal.h"

int out_json(struct cli *cli, json_t *object)
{
    size_t flags = JSON_COMPACT | JSON_SORT_KEYS | (cli->out_is_terminal ? JSON_ENSURE_ASCII : 0U);
    char *text = object != NULL ? json_dumps(object, flags) : NULL;
    int answer = EXIT_DONE;
    if (text == NULL) {
        terminal_print_text(cli->err, "countersign: no memory for the answer");
        fputc('\n', cli->err);
        answer = EXIT_ENVIRONMENT;
    } else if (fputs(text, cli->out) < 0 || fputc('\n', cli->out) == EOF) {
        answer = EXIT_ENVIRONMENT;
    }
    free(text);
    json_decref(object);
    return answer;
}

/* The text is escaped, since an error may quote a file name that is no UTF-8, which JSON could not carry. */
static void error_json(struct cli *cli, const struct err *err, int answer)
{
    char *text = terminal_escape(err->text);
    (void)out_json(cli, text == NULL ? NULL
                                     : json_pack("{s:{s:i, s:s, s:s}}", "error", "exit", answer, "status",
                                                 status_name(err->status), "text", text));
    free(text);
}

static void error_line(struct cli *cli, const char *command, const struct err *err)
{
    (void)fflush(cli->out);
    bool alone = cli->command != NULL && cli->command->alone;
    terminal_printf(cli->err, "countersign%s%s: %s",
                    alone                ? "-"
                    : command[0] != '\0' ? " "
                                         : "",
                    alone ? cli->command->name : command, err->text[0] != '\0' ? err->text : status_name(err->status));
    fputc('\n', cli->err);
}

int cli_error(struct cli *cli, const struct err *err)
{
    /* Whoever fails says of what; a room that forgot is no reason to end as if all were done. */
    static const struct err unsaid = {
        .status = STATUS_MEMORY, .text = "ended early, and nothing said why: no memory, or a fault of the program"};
    if (err->status == STATUS_OK)
        err = &unsaid;
    error_line(cli, "", err);
    if (cli->json)
        error_json(cli, err, exit_status_of(err->status));
    return exit_status_of(err->status);
}

int cli_usage_error(struct cli *cli, const struct err *err)
{
    const char *command = cli->command != NULL ? cli->command->name : "";
    error_line(cli, command, err);
    if (cli->command != NULL && cli->command->alone)
        fprintf(cli->err, "try 'countersign-%s --help'\n", command);
    else
        fprintf(cli->err, "try 'countersign help%s%s'\n", command[0] != '\0' ? " " : "", command);
    int answer = exit_status_of(err->status);
    answer = answer == EXIT_ENVIRONMENT ? answer : EXIT_USAGE;
    if (cli->json)
        error_json(cli, err, answer);
    return answer;
}

int cli_fail(struct cli *cli, enum status status, const char *format, ...)
{
    struct err err = {.status = status};
    va_list args;
    va_start(args, format);
    (void)vsnprintf(err.text, sizeof err.text, format, args);
    va_end(args);
    return cli_error(cli, &err);
}

int exit_status_of(enum status status)
{
    switch (status) {
    case STATUS_OK:
        return EXIT_DONE;
    case STATUS_REFUSED:
        return EXIT_REFUSED;
    case STATUS_INPUT:
    case STATUS_LIMIT:
    case STATUS_NOT_FOUND:
    case STATUS_EXISTS:
        return EXIT_USAGE;
    case STATUS_SIGNATURE:
    case STATUS_CORRUPT:
        return EXIT_INTEGRITY;
    case STATUS_IO:
    case STATUS_FULL:
    case STATUS_BUSY:
    case STATUS_CLOCK:
    case STATUS_MEMORY:
    case STATUS_UNKNOWN:
        return EXIT_ENVIRONMENT;
    case STATUS_PERMISSION:
        return EXIT_NOT_ALLOWED;
    }
    return EXIT_ENVIRONMENT;
}
