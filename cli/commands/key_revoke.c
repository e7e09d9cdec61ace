/*
 * countersign key revoke: ends a key at once, by its owner or one officer. --since says from when it may have been in
 * other hands, so that what it signed since can be looked at again.
 */
#include "cli/commands.h"
#include "cli/govern.h"

static int run(struct cli *cli, const struct options *options)
{
    return govern_run(cli, options, "key-revocation", govern_key_revocation);
}

static const struct option_spec options_of_key_revoke[] = {
    {"since", 0, "TIME", "from when it may have been in other hands", 0},
    {"reason", 0, "TEXT", "why", OPTION_REQUIRED},
    GOVERN_ROWS,
    {0},
};

const struct command command_key_revoke = {
    .name = "key revoke",
    .summary = "ends a key at once",
    .arguments = "USER FINGERPRINT",
    .text = "On the signature of its owner or of one officer. The start of the fingerprint is enough where "
            "it is the only "
            "one.",
    .example = "countersign key revoke maria.lopez SHA256:m0aYvC --since 2026-07-01 --reason \"Laptop stolen\"",
    .group = GROUP_CONTROLLERS,
    .flags = COMMAND_BOOK | COMMAND_WRITES | COMMAND_LEAVES,
    .arguments_min = 2,
    .arguments_max = 2,
    .options = options_of_key_revoke,
    .run = run,
};
