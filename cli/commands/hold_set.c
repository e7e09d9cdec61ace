/*
 * countersign hold set: nothing personal of these customers is erased from now on. One officer is enough, at once.
 */
#include "cli/commands.h"
#include "cli/govern.h"
#include "cli/output.h"
#include "cli/session.h"

static enum status make_document(struct session *session, json_t **ret_document, struct err *err)
{
    const struct options *options = session_options(session);
    *ret_document = json_pack("{s:o, s:s, s:s}", "customers", govern_arguments(options, 0), "reason",
                              options_text(options, "reason"), "state", "on");
    return *ret_document != NULL ? STATUS_OK : err_set(err, STATUS_MEMORY, "no memory for a document");
}

static int run(struct cli *cli, const struct options *options)
{
    return govern_run(cli, options, "legal-hold", make_document);
}

static const struct option_spec options_of_hold_set[] = {
    {"reason", 0, "TEXT", "the case", OPTION_REQUIRED},
    GOVERN_ROWS,
    {0},
};

const struct command command_hold_set = {
    .name = "hold set",
    .summary = "puts customers under legal hold",
    .arguments = "CUSTOMER...",
    .example = "countersign hold set 16446 --reason \"Smith v. Example Inc.\"",
    .group = GROUP_CONTROLLERS,
    .flags = COMMAND_BOOK | COMMAND_WRITES | COMMAND_LEAVES,
    .arguments_min = 1,
    .arguments_max = ARGUMENTS_ANY,
    .options = options_of_hold_set,
    .run = run,
};
