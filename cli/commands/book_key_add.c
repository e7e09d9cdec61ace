/*
 * countersign book-key add: a further key for checkpoints, or one in place of another. Two officers, and the new key signs too.
 */
#include "cli/commands.h"
#include "cli/govern.h"
#include "cli/keys.h"
#include "cli/output.h"
#include "cli/session.h"

static enum status make_document(struct session *session, json_t **ret_document, struct err *err)
{
    const struct options *options = session_options(session);
    const char *old = options_text(options, "retires");
    char key[PUBLIC_KEY_TEXT_MAX], retires[PUBLIC_KEY_TEXT_MAX];
    enum status status = govern_new_key(options, key, err);
    if (status == STATUS_OK && old != NULL)
        status = keys_read_public(old, retires, err);
    if (status != STATUS_OK)
        return status;
    *ret_document =
        old != NULL ? json_pack("{s:s, s:s}", "key", key, "retires", retires) : json_pack("{s:s}", "key", key);
    return *ret_document != NULL ? STATUS_OK : err_set(err, STATUS_MEMORY, "no memory for a document");
}

static int run(struct cli *cli, const struct options *options)
{
    return govern_run(cli, options, "book-key", make_document);
}

static const struct option_spec options_of_book_key_add[] = {
    {"public", 0, "FILE.pub", "the new public key; with --to, for its custodian to sign the statement too", 0},
    {"new-key", 0, "FILE", "the new key, to sign with it here: its file, or FILE.pub for one in ssh-agent", 0},
    {"retires", 0, "FILE.pub", "the key that signs no more checkpoints from then on", 0},
    GOVERN_ROWS,
    {0},
};

const struct command command_book_key_add = {
    .name = "book-key add",
    .summary = "gives the book a key that signs checkpoints",
    .arguments = "",
    .text = "Checkpoints that were signed before still verify, under the key that was in force at their size.",
    .example = "countersign book-key add --new-key book-2027.key --retires book.key.pub",
    .group = GROUP_CONTROLLERS,
    .flags = COMMAND_BOOK | COMMAND_WRITES | COMMAND_LEAVES,
    .options = options_of_book_key_add,
    .run = run,
};
