/*
 * countersign user add: an enrolment. Two officers sign it, and the new key itself, which proves that somebody has it.
 */
#include <string.h>

#include "cli/book.h"
#include "cli/commands.h"
#include "cli/govern.h"
#include "cli/session.h"
#include "ledger/beside.h"
#include "ledger/random.h"
#include "ledger/text.h"

/* A name lies beside the journal; the journal learns its salted hash. */
static enum status keep_name(struct session *session, const char *name, json_t *document, struct err *err)
{
    uint8_t salt[PERSONAL_SALT_BYTES];
    char hex[HASH_HEX_CHARS + 1];
    struct hash hash;
    if (name == NULL || session_cli(session)->dry_run)
        return STATUS_OK;
    if (strlen(name) > NOTE_BYTES_MAX)
        return err_set(err, STATUS_LIMIT, "--name: at most %d bytes", NOTE_BYTES_MAX);
    enum status status = text_check(name, strlen(name), err);
    if (status != STATUS_OK) {
        err_prefix(err, "--name: ");
        return status;
    }
    random_fill(&session_cli(session)->random, salt, sizeof salt);
    status = book_personal_put(session_book(session), salt, slice_of(name, strlen(name)), &hash, err);
    if (status != STATUS_OK)
        return status;
    hash_to_hex(&hash, hex);
    return json_object_set_new(document, "personal", json_string(hex)) == 0
               ? STATUS_OK
               : err_set(err, STATUS_MEMORY, "no memory for a document");
}

static enum status make_document(struct session *session, json_t **ret_document, struct err *err)
{
    const struct options *options = session_options(session);
    const char *user = options_argument(options, 0), *person = options_text(options, "person");
    const char *sort = options_text(options, "sort");
    char key[PUBLIC_KEY_TEXT_MAX];
    if (strcmp(sort, "human") != 0 && strcmp(sort, "bot") != 0 && strcmp(sort, "feed") != 0)
        return err_set(err, STATUS_INPUT, "--sort is one of human, bot, feed");
    if (!text_is_id(user, strlen(user)) || !text_is_id(person, strlen(person)))
        return err_set(err, STATUS_INPUT, "users and persons are letters, digits and . _ : / @ -, at most %d",
                       ID_BYTES_MAX);
    enum status status = govern_new_key(options, key, err);
    if (status != STATUS_OK)
        return status;
    json_t *document = json_pack("{s:s, s:s, s:s, s:s}", "key", key, "person", person, "sort", sort, "user", user);
    if (document == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for a document");
    status = govern_set_time(options, "until", document, "until", err);
    if (status == STATUS_OK)
        status = keep_name(session, options_text(options, "name"), document, err);
    if (status == STATUS_OK)
        *ret_document = document;
    else
        json_decref(document);
    return status;
}

static int run(struct cli *cli, const struct options *options)
{
    return govern_run(cli, options, "enrolment", make_document);
}

static const struct option_spec options_of_user_add[] = {
    {"person", 0, "PERSON", "the human being behind the user; rules compare persons", OPTION_REQUIRED},
    {"sort", 0, "human|bot|feed", "what it is", OPTION_REQUIRED},
    {"public", 0, "FILE.pub", "the user's public key; with --to, for its owner to sign the statement too", 0},
    {"new-key", 0, "FILE", "the user's key, to sign with it here: its file, or FILE.pub for one in ssh-agent", 0},
    {"until", 0, "TIME", "the key ends then", 0},
    {"name", 0, "TEXT", "the person's name; it lies beside the journal, which has its salted hash", 0},
    GOVERN_ROWS,
    {0},
};

const struct command command_user_add = {
    .name = "user add",
    .summary = "enrols a user with a key",
    .arguments = "USER",
    .text = "An officer submits it, a second one approves. The new key has to sign it too: give --new-key "
            "where it is at "
            "hand, else --public and --to FILE, let its owner 'sign' the file, then 'submit' it.",
    .example = "countersign user add maria.lopez --person P-1042 --sort human --public maria.key.pub --to "
               "maria.json",
    .group = GROUP_CONTROLLERS,
    .flags = COMMAND_BOOK | COMMAND_WRITES | COMMAND_LEAVES,
    .arguments_min = 1,
    .arguments_max = 1,
    .options = options_of_user_add,
    .run = run,
};
