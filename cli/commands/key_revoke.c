/*
 * countersign key revoke: ends a key at once, by its owner or one officer. --since says from when it may have been in
 * other hands, so that what it signed since can be looked at again.
 */
#include "cli/commands.h"
#include "cli/govern.h"
#include "cli/session.h"

static enum status make_document(struct session *session, json_t **ret_document, struct err *err)
{
    const struct options *options = session_options(session);
    const struct facts *facts = NULL;
    const char *user = options_argument(options, 0);
    char key[PUBLIC_KEY_TEXT_MAX];
    enum status status = session_begin_facts(session, &facts, err);
    if (status == STATUS_OK)
        status = govern_find_key(facts, user, options_argument(options, 1), key, err);
    session_end_facts(session);
    if (status != STATUS_OK)
        return status;
    json_t *document =
        json_pack("{s:s, s:s, s:s}", "key", key, "reason", options_text(options, "reason"), "user", user);
    if (document == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for a document");
    status = govern_set_time(options, "since", document, "since", err);
    if (status == STATUS_OK)
        *ret_document = document;
    else
        json_decref(document);
    return status;
}

static int run(struct cli *cli, const struct options *options)
{
    return govern_run(cli, options, "key-revocation", make_document);
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
