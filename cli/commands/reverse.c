/*
 * countersign reverse: mirrors a posted document, whole and once.
 */
#include "cli/commands.h"
#include "cli/compose_options.h"
#include "cli/output.h"
#include "cli/present.h"
#include "cli/session.h"

static int reverse(struct session *session, const char *number)
{
    const struct compose_about about = {.kind = "reversal", .reverses = number};
    json_t *document = NULL;
    struct err err = {0};
    if (compose_from_options(session, &about, &document, &err) != STATUS_OK)
        return cli_error(session_cli(session), &err);
    json_t *body = json_pack("{s:b, s:[o]}", "atomic", false, "documents", document);
    int answered = present_submit(session, VERB_SUBMIT, body, false);
    json_decref(body);
    return answered;
}

static int run(struct cli *cli, const struct options *options)
{
    struct session *session = NULL;
    struct err err = {0};
    if (session_open(cli, options, SESSION_WRITE, &session, &err) != STATUS_OK)
        return cli_error(cli, &err);
    int answered = reverse(session, options_argument(options, 0));
    session_close(session);
    return answered;
}

static const struct option_spec options_of_reverse[] = {
    {"reason", 0, "CODE", "why: a reason code of the policy", OPTION_REQUIRED},
    COMPOSE_COMMON_ROWS,
    {0},
};

const struct command command_reverse = {
    .name = "reverse",
    .summary = "mirrors a posted document, whole and once",
    .arguments = "DOCUMENT",
    .text = "Takes at least the levels that the original took.",
    .example = "countersign reverse CN-42 --reason ENTRY_ERR --note \"Wrong customer\"",
    .group = GROUP_SPECIALISTS,
    .flags = COMMAND_BOOK | COMMAND_WRITES | COMMAND_LEAVES,
    .arguments_min = 1,
    .arguments_max = 1,
    .options = options_of_reverse,
    .run = run,
};
