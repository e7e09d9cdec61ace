/*
 * countersign return: sends documents back to who prepared them.
 */
#include "cli/answering.h"
#include "cli/commands.h"

static int run(struct cli *cli, const struct options *options)
{
    return answering_run(cli, options, VERB_RETURN);
}

static const struct option_spec options_of_return[] = {
    ANSWERING_ROWS,
    {0},
};

const struct command command_return = {
    .name = "return",
    .summary = "sends documents back to who prepared them",
    .arguments = "DOCUMENT...",
    .text = "A returned document can be amended and then waits again, or be withdrawn.",
    .example = "countersign return CN-42 --reason \"Which contract is this?\"",
    .group = GROUP_APPROVERS,
    .flags = COMMAND_BOOK | COMMAND_WRITES | COMMAND_LEAVES,
    .arguments_min = 1,
    .arguments_max = ARGUMENTS_ANY,
    .options = options_of_return,
    .run = run,
};
