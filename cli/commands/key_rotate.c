/*
 * countersign key rotate: a user's new key in place of an old one. The user or an officer prepares it, an officer
 * approves, and the new key signs too.
 */
#include "cli/commands.h"
#include "cli/govern.h"
#include "cli/session.h"

static enum status make_document(struct session *session, json_t **ret_document, struct err *err)
{
    const struct options *options = session_options(session);
    const struct facts *facts = NULL;
    const char *user = options_text(options, "user");
    char old[PUBLIC_KEY_TEXT_MAX], new[PUBLIC_KEY_TEXT_MAX];
    if (user == NULL)
        user = session_user(session);
    enum status status = govern_new_key(options, new, err);
    if (status == STATUS_OK)
        status = session_begin_facts(session, &facts, err);
    if (status == STATUS_OK)
        status = govern_find_key(facts, user, options_text(options, "old"), old, err);
    session_end_facts(session);
    if (status != STATUS_OK)
        return status;
    json_t *document = json_pack("{s:s, s:s, s:s}", "new", new, "old", old, "user", user);
    if (document == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for a document");
    status = govern_set_time(options, "until", document, "until", err);
    if (status == STATUS_OK)
        *ret_document = document;
    else
        json_decref(document);
    return status;
}

static int run(struct cli *cli, const struct options *options)
{
    return govern_run(cli, options, "key-rotation", make_document);
}

static const struct option_spec options_of_key_rotate[] = {
    {"user", 0, "USER", "whose key; your own where not given", 0},
    {"old", 0, "FINGERPRINT", "the key that ends; the only valid one where not given", 0},
    {"public", 0, "FILE.pub", "the new public key; with --to, for its owner to sign the statement too", 0},
    {"new-key", 0, "FILE", "the new key, to sign with it here: its file, or FILE.pub for one in ssh-agent", 0},
    {"until", 0, "TIME", "the new key ends then", 0},
    GOVERN_ROWS,
    {0},
};

const struct command command_key_rotate = {
    .name = "key rotate",
    .summary = "puts a new key in place of an old one",
    .arguments = "",
    .text = "The old key counts until the last signature is there, and not afterwards.",
    .example = "countersign key rotate --new-key maria-2027.key",
    .group = GROUP_EVERYONE,
    .flags = COMMAND_BOOK | COMMAND_WRITES | COMMAND_LEAVES,
    .options = options_of_key_rotate,
    .run = run,
};
