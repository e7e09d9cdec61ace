/*
 * countersign key compromise: key revoke with a time since which the key may have been in other hands. What it signed from then
 * on is suspect until somebody else affirms it.
 */
#include "cli/commands.h"
#include "cli/govern.h"
#include "cli/output.h"
#include "cli/session.h"

static enum status make_document(struct session *session, json_t **ret_document, struct err *err)
{
    const struct options *options = session_options(session);
    const char *user = options_argument(options, 0);
    const struct facts *facts = NULL;
    char key[PUBLIC_KEY_TEXT_MAX];
    enum status status = session_begin_facts(session, &facts, err);
    if (status == STATUS_OK)
        status = govern_find_key(facts, user, options_argument(options, 1), key, err);
    session_end_facts(session);
    if (status != STATUS_OK)
        return status;
    *ret_document = json_pack("{s:s, s:s, s:s}", "key", key, "reason", options_text(options, "reason"), "user", user);
    if (*ret_document != NULL) {
        status = govern_set_time(options, "since", *ret_document, "since", err);
        if (status != STATUS_OK)
            return status;
    }
    return *ret_document != NULL ? STATUS_OK : err_set(err, STATUS_MEMORY, "no memory for a document");
}

static int run(struct cli *cli, const struct options *options)
{
    return govern_run(cli, options, "key-revocation", make_document);
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
