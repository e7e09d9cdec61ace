/*
 * countersign key add: a further key for a user that is enrolled, for instance after the only one was lost. Two officers, and the
 * new key signs too.
 */
#include "cli/commands.h"
#include "cli/govern.h"
#include "cli/output.h"
#include "cli/session.h"

static enum status make_document(struct session *session, json_t **ret_document, struct err *err)
{
    const struct options *options = session_options(session);
    char key[PUBLIC_KEY_TEXT_MAX];
    enum status status = govern_new_key(options, key, err);
    if (status != STATUS_OK)
        return status;
    *ret_document = json_pack("{s:s, s:s}", "new", key, "user", options_argument(options, 0));
    if (*ret_document != NULL) {
        status = govern_set_time(options, "until", *ret_document, "until", err);
        if (status != STATUS_OK)
            return status;
    }
    return *ret_document != NULL ? STATUS_OK : err_set(err, STATUS_MEMORY, "no memory for a document");
}

static int run(struct cli *cli, const struct options *options)
{
    return govern_run(cli, options, "key-rotation", make_document);
}

static const struct option_spec options_of_key_add[] = {
    {"public", 0, "FILE.pub", "the new public key; with --to, for its owner to sign the statement too", 0},
    {"new-key", 0, "FILE", "the new key, to sign with it here: its file, or FILE.pub for one in ssh-agent", 0},
    {"until", 0, "TIME", "the new key ends then", 0},
    GOVERN_ROWS,
    {0},
};

const struct command command_key_add = {
    .name = "key add",
    .summary = "gives a user a further key",
    .arguments = "USER",
    .example = "countersign key add maria.lopez --public maria-2.key.pub --to maria-2.json",
    .group = GROUP_CONTROLLERS,
    .flags = COMMAND_BOOK | COMMAND_WRITES | COMMAND_LEAVES,
    .arguments_min = 1,
    .arguments_max = 1,
    .options = options_of_key_add,
    .run = run,
};
