/*
 * countersign user reactivate: asks that an account which slept may act again. Its owner or an officer asks, the manager or
 * another officer signs.
 */
#include "cli/commands.h"
#include "cli/govern.h"
#include "cli/session.h"

static enum status make_document(struct session *session, json_t **ret_document, struct err *err)
{
    const struct options *options = session_options(session);
    *ret_document =
        json_pack("{s:s, s:s}", "reason", options_text(options, "reason"), "user", options_argument(options, 0));
    return *ret_document != NULL ? STATUS_OK : err_set(err, STATUS_MEMORY, "no memory for a document");
}

static int run(struct cli *cli, const struct options *options)
{
    return govern_run(cli, options, "reactivation", make_document);
}

static const struct option_spec options_of_user_reactivate[] = {
    {"reason", 0, "TEXT", "why", OPTION_REQUIRED},
    GOVERN_ROWS,
    {0},
};

const struct command command_user_reactivate = {
    .name = "user reactivate",
    .summary = "wakes an account that was suspended for signing nothing",
    .arguments = "USER",
    .text = "Whose account it is may ask, or an officer; the manager by HR or another officer has to sign.",
    .example = "countersign user reactivate joe.park --reason \"Back from parental leave\"",
    .group = GROUP_CONTROLLERS,
    .flags = COMMAND_BOOK | COMMAND_WRITES | COMMAND_LEAVES,
    .arguments_min = 1,
    .arguments_max = 1,
    .options = options_of_user_reactivate,
    .run = run,
};
