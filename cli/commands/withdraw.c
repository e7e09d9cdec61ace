/*
 * countersign withdraw: takes back documents that wait or were returned.
 */
#include "cli/answering.h"
#include "cli/commands.h"

static int run(struct cli *cli, const struct options *options)
{
    return answering_run(cli, options, VERB_WITHDRAW);
}

static const struct option_spec options_of_withdraw[] = {
    ANSWERING_ROWS,
    {0},
};

const struct command command_withdraw = {
    .name = "withdraw",
    .summary = "takes back documents that wait or were returned",
    .arguments = "DOCUMENT...",
    .text = "Only who prepared or amended a document can withdraw it.",
    .example = "countersign withdraw CN-42 --reason \"Entered twice\"",
    .group = GROUP_SPECIALISTS,
    .flags = COMMAND_BOOK | COMMAND_WRITES | COMMAND_LEAVES,
    .arguments_min = 1,
    .arguments_max = ARGUMENTS_ANY,
    .options = options_of_withdraw,
    .run = run,
};
