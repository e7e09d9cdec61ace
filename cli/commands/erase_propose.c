/*
 * countersign erase propose: names records of personal data by their hashes; two officers, never under legal hold. When it is in
 * force, `erase run` removes the files.
 */
#include "cli/commands.h"
#include "cli/govern.h"
#include "cli/output.h"
#include "cli/session.h"

static enum status make_document(struct session *session, json_t **ret_document, struct err *err)
{
    const struct options *options = session_options(session);
    *ret_document =
        json_pack("{s:o, s:s}", "personal", govern_arguments(options, 0), "reason", options_text(options, "reason"));
    return *ret_document != NULL ? STATUS_OK : err_set(err, STATUS_MEMORY, "no memory for a document");
}

static int run(struct cli *cli, const struct options *options)
{
    return govern_run(cli, options, "erasure", make_document);
}

static const struct option_spec options_of_erase_propose[] = {
    {"reason", 0, "TEXT", "who asked, and why", OPTION_REQUIRED},
    GOVERN_ROWS,
    {0},
};

const struct command command_erase_propose = {
    .name = "erase propose",
    .summary = "proposes to erase personal data",
    .arguments = "HASH...",
    .example = "countersign erase propose 9f2c... --reason \"Request 4711 of the data subject\"",
    .group = GROUP_CONTROLLERS,
    .flags = COMMAND_BOOK | COMMAND_WRITES | COMMAND_LEAVES,
    .arguments_min = 1,
    .arguments_max = ARGUMENTS_ANY,
    .options = options_of_erase_propose,
    .run = run,
};
