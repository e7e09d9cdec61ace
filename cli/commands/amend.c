/*
 * countersign amend: changes a document that waits or was returned, as a whole new version.
 */
#include "cli/amendment.h"
#include "cli/commands.h"
#include "cli/compose_options.h"

static const struct option_spec options_of_amend[] = {
    {"reason", 0, "CODE", "why: a reason code of the policy", 0},
    COMPOSE_OPTION_ROWS,
    COMPOSE_COMMON_ROWS,
    {0},
};

const struct command command_amend = {
    .name = "amend",
    .summary = "changes a document that waits or was returned",
    .arguments = "DOCUMENT",
    .text = "What is not given stays as it is; invoices that are given replace all of them, evidence is added. "
            "The\n"
            "document begins anew: approvals of the version before are void, and who amends counts as a maker.",
    .example = "countersign amend CN-42 --amount 1100.00",
    .group = GROUP_SPECIALISTS,
    .flags = COMMAND_BOOK | COMMAND_WRITES | COMMAND_LEAVES,
    .arguments_min = 1,
    .arguments_max = 1,
    .options = options_of_amend,
    .run = amendment_run,
};
