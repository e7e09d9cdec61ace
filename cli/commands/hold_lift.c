/*
 * countersign hold lift: takes a legal hold off; two officers.
 */
#include "cli/commands.h"
#include "cli/govern.h"
#include "cli/output.h"
#include "cli/session.h"

static enum status make_document(struct session *session, json_t **ret_document, struct err *err)
{
    const struct options *options = session_options(session);
    *ret_document = json_pack("{s:o, s:s, s:s}", "customers", govern_arguments(options, 0), "reason",
                              options_text(options, "reason"), "state", "off");
    return *ret_document != NULL ? STATUS_OK : err_set(err, STATUS_MEMORY, "no memory for a document");
}

static int run(struct cli *cli, const struct options *options)
{
    return govern_run(cli, options, "legal-hold", make_document);
}

static const struct option_spec options_of_hold_lift[] = {
    {"reason", 0, "TEXT", "why", OPTION_REQUIRED},
    GOVERN_ROWS,
    {0},
};

const struct command command_hold_lift = {
    .name = "hold lift",
    .summary = "takes customers out of legal hold",
    .arguments = "CUSTOMER...",
    .example = "countersign hold lift 16446 --reason \"Settled\"",
    .group = GROUP_CONTROLLERS,
    .flags = COMMAND_BOOK | COMMAND_WRITES | COMMAND_LEAVES,
    .arguments_min = 1,
    .arguments_max = ARGUMENTS_ANY,
    .options = options_of_hold_lift,
    .run = run,
};
