/*
 * countersign reject: ends documents that wait for approval.
 */
#include "cli/answering.h"
#include "cli/commands.h"

static int run(struct cli *cli, const struct options *options)
{
    return answering_run(cli, options, VERB_REJECT);
}

static const struct option_spec options_of_reject[] = {
    ANSWERING_ROWS,
    {0},
};

const struct command command_reject = {
    .name = "reject",
    .summary = "ends documents that wait for approval",
    .arguments = "DOCUMENT...",
    .text = "A rejected document is over; what replaces it is a new one.",
    .example = "countersign reject WO-7 --reason \"Collect first\"",
    .group = GROUP_APPROVERS,
    .flags = COMMAND_BOOK | COMMAND_WRITES | COMMAND_LEAVES,
    .arguments_min = 1,
    .arguments_max = ARGUMENTS_ANY,
    .options = options_of_reject,
    .run = run,
};
