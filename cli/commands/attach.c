/*
 * countersign attach: adds evidence to a document that waits or was returned, which is an amendment.
 */
#include "cli/amendment.h"
#include "cli/commands.h"

static const struct option_spec options_of_attach[] = {
    {"evidence", 0, "[KIND:]PATH", "a file to add; the kind is what the reason asks for; repeat",
     OPTION_REPEATS | OPTION_REQUIRED},
    {"note", 0, "TEXT", "replaces the document's note", 0},
    {0},
};

const struct command command_attach = {
    .name = "attach",
    .summary = "adds evidence to a document that waits or was returned",
    .arguments = "DOCUMENT",
    .text = "An attachment is an amendment: approvals of the version before are void, and who attaches "
            "counts as a\n"
            "maker.",
    .example = "countersign attach CN-42 --evidence contract:price-list.pdf",
    .group = GROUP_SPECIALISTS,
    .flags = COMMAND_BOOK | COMMAND_WRITES | COMMAND_LEAVES,
    .arguments_min = 1,
    .arguments_max = 1,
    .options = options_of_attach,
    .run = amendment_run,
};
