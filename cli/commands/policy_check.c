/*
 * countersign policy check: compiles a policy file and says what is wrong with it, place by place. Needs no book.
 */
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/policy_text.h"
#include "cli/terminal.h"
#include "ledger/canon.h"

static int show_good(struct cli *cli, const char *path, const struct policy_text *text)
{
    char hex[HASH_HEX_CHARS + 1];
    struct hash hash;
    struct err err = {0};
    if (canon_hash(text->compiled, &hash, &err) != STATUS_OK)
        return cli_error(cli, &err);
    hash_to_hex(&hash, hex);
    if (cli->json)
        return out_json(cli, json_pack("{s:i, s:s, s:s, s:I}", "errors", 0, "file", path, "hash", hex, "warnings",
                                       (json_int_t)text->warnings));
    terminal_printf(cli->out, "%s: no error, %zu %s", path, text->warnings,
                    text->warnings == 1 ? "warning" : "warnings");
    fprintf(cli->out, "\n  compiles to  %s\n", hex);
    return EXIT_DONE;
}

static int run(struct cli *cli, const struct options *options)
{
    const char *path = options_argument(options, 0);
    struct policy_text text = {.yaml = NULL};
    struct err err = {0};
    int answer;
    if (policy_text_read(cli, path, &text, &err) == STATUS_OK)
        answer = show_good(cli, path, &text);
    else if (text.errors > 0)
        answer =
            cli_fail(cli, STATUS_INPUT, "%s: %zu %s, %zu %s", path, text.errors, text.errors == 1 ? "error" : "errors",
                     text.warnings, text.warnings == 1 ? "warning" : "warnings");
    else
        answer = cli_error(cli, &err);
    policy_text_done(&text);
    return answer;
}

const struct command command_policy_check = {
    .name = "policy check",
    .summary = "says what is wrong with a policy file",
    .arguments = "FILE.yaml",
    .text = "Each finding has file, line and column; errors end with status 2, warnings do not.",
    .example = "countersign policy check draft.yaml",
    .group = GROUP_CONTROLLERS,
    .arguments_min = 1,
    .arguments_max = 1,
    .run = run,
};
