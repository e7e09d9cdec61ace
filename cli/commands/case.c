/*
 * countersign case: moves a dispute, an inquiry or an exception along: assigns it, waits, resolves it with an outcome,
 * closes or voids it.
 */
#include "cli/commands.h"
#include "cli/compose_options.h"

static int run(struct cli *cli, const struct options *options)
{
    const struct compose_about about = {
        .kind = "case-note", .of_case = options_argument(options, 0), .state = options_argument(options, 1)};
    return compose_run(cli, options, &about);
}

static const struct option_spec options_of_case[] = {
    {"owner", 0, "USER", "assigned: who works it from now on", 0},
    {"outcome", 0, "OUTCOME",
     "resolved: credit-full, credit-partial, rebill, invalid-pay, settled, written-off; of "
     "an inquiry answered; of an exception corrected, accepted",
     0},
    {"settled-by", 0, "DOCUMENT", "the posted credit note, rebill or write-off that settled it", 0},
    {"promised", 0, "DATE", "when the customer was told to hear", 0},
    {"root-cause", 0, "CAUSE", "contract, price, meter, order, tax, delivery, bot or other", 0},
    {"note", 0, "TEXT", "what else there is to say", 0},
    {"ref", 0, "REF", "your own reference: sending it again notes nothing twice", 0},
    {0},
};

const struct command command_case = {
    .name = "case",
    .summary = "moves a dispute, inquiry or exception along",
    .arguments = "DOCUMENT assigned|await-customer|await-internal|resolved|closed|void",
    .text = "Its owner works a case; anybody who may work cases can take it or assign it. Another person than "
            "resolved it closes it, another one than opened it voids it. A credit that settled a dispute names it "
            "(post credit-note --dispute), and is named when the dispute is resolved.",
    .example = "countersign case DS-7 resolved --outcome credit-partial --settled-by CN-42 --root-cause price",
    .group = GROUP_SPECIALISTS,
    .flags = COMMAND_BOOK | COMMAND_WRITES | COMMAND_LEAVES,
    .arguments_min = 2,
    .arguments_max = 2,
    .options = options_of_case,
    .run = run,
};
