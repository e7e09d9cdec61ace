/*
 * countersign period open: opens a month again that was closed softly; a second person has to sign.
 */
#include "cli/commands.h"
#include "cli/govern.h"
#include "cli/period.h"

static enum status make_document(struct session *session, json_t **ret_document, struct err *err)
{
    return period_document(session_options(session), "open", ret_document, err);
}

static int run(struct cli *cli, const struct options *options)
{
    return govern_run(cli, options, "period", make_document);
}

static const struct option_spec options_of_period_open[] = {
    {"reason", 0, "TEXT", "why", OPTION_REQUIRED},
    GOVERN_ROWS,
    {0},
};

const struct command command_period_open = {
    .name = "period open",
    .summary = "opens a closed month again",
    .arguments = "ENTITY YYYY-MM",
    .text =
        "Another closer of the entity, or a governance officer, has to approve. A month that was closed for good is "
        "never opened again.",
    .example = "countersign period open US01 2026-06 --reason \"Late cost allocation\"",
    .group = GROUP_CONTROLLERS,
    .flags = COMMAND_BOOK | COMMAND_WRITES | COMMAND_LEAVES,
    .arguments_min = 2,
    .arguments_max = 2,
    .options = options_of_period_open,
    .run = run,
};
