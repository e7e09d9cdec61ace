/*
 * countersign key compromise: key revoke with a time since which the key may have been in other hands. What it signed from then
 * on is suspect until somebody else affirms it.
 */
#include "cli/commands.h"
#include "cli/govern.h"

static int run(struct cli *cli, const struct options *options)
{
    return govern_run(cli, options, "key-revocation", govern_key_revocation);
}

static const struct option_spec options_of_key_compromise[] = {
    {"since", 0, "TIME", "from when it may have been in other hands", OPTION_REQUIRED},
    {"reason", 0, "TEXT", "why", OPTION_REQUIRED},
    GOVERN_ROWS,
    {0},
};

const struct command command_key_compromise = {
    .name = "key compromise",
    .summary = "ends a key that was in other hands",
    .arguments = "USER FINGERPRINT",
    .text = "'countersign key suspects' then lists what is to be affirmed or reversed.",
    .example = "countersign key compromise maria.lopez SHA256:m0aYvC --since 2026-07-01 --reason \"Laptop stolen\"",
    .group = GROUP_CONTROLLERS,
    .flags = COMMAND_BOOK | COMMAND_WRITES | COMMAND_LEAVES,
    .arguments_min = 2,
    .arguments_max = 2,
    .options = options_of_key_compromise,
    .run = run,
};
