/*
 * countersign grant revoke: takes a grant back, at once; one officer is enough to reduce access.
 */
#include "cli/commands.h"
#include "cli/govern.h"
#include "cli/session.h"

static enum status make_document(struct session *session, json_t **ret_document, struct err *err)
{
    const struct options *options = session_options(session);
    *ret_document =
        json_pack("{s:s, s:s}", "grant", options_argument(options, 0), "reason", options_text(options, "reason"));
    return *ret_document != NULL ? STATUS_OK : err_set(err, STATUS_MEMORY, "no memory for a document");
}

static int run(struct cli *cli, const struct options *options)
{
    return govern_run(cli, options, "revocation", make_document);
}

static const struct option_spec options_of_grant_revoke[] = {
    {"reason", 0, "TEXT", "why", OPTION_REQUIRED},
    GOVERN_ROWS,
    {0},
};

const struct command command_grant_revoke = {
    .name = "grant revoke",
    .summary = "takes a grant back",
    .arguments = "GRANT",
    .text = "Acts at once, on one officer's signature.",
    .example = "countersign grant revoke GR-3 --reason \"Moved to collections\"",
    .group = GROUP_CONTROLLERS,
    .flags = COMMAND_BOOK | COMMAND_WRITES | COMMAND_LEAVES,
    .arguments_min = 1,
    .arguments_max = 1,
    .options = options_of_grant_revoke,
    .run = run,
};
