/*
 * countersign reverse: mirrors a posted document, whole and once.
 */
#include "cli/commands.h"
#include "cli/compose_options.h"

static int run(struct cli *cli, const struct options *options)
{
    const struct compose_about about = {.kind = "reversal", .reverses = options_argument(options, 0)};
    return compose_run(cli, options, &about);
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
