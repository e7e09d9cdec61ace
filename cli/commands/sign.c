/*
 * countersign sign: adds a signature to a statement in a file, after showing what is signed. Needs no book: founding
 * officers sign before there is one.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/block.h"
#include "cli/book.h"
#include "cli/commands.h"
#include "cli/hand.h"
#include "cli/output.h"
#include "cli/present.h"
#include "cli/session.h"
#include "cli/statement_file.h"
#include "ledger/canon.h"
#include "ledger/instant.h"
#include "ledger/schema.h"
#include "ledger/sshsig.h"

enum { DOCUMENTS_SHOWN = 50 };

static void show_fingerprint(const char *text, char ret_text[static SSHKEY_FINGERPRINT_CHARS + 1])
{
    struct public_key key;
    ret_text[0] = '\0';
    if (text != NULL && sshkey_parse(text, &key, NULL) == STATUS_OK)
        sshkey_fingerprint(&key, ret_text);
}

static void show_charter(struct block *block, const json_t *body)
{
    char fingerprint[SSHKEY_FINGERPRINT_CHARS + 1], hex[HASH_HEX_CHARS + 1] = "";
    const json_t *officers = json_object_get(body, "officers");
    const json_t *book_keys = json_object_get(body, "book_keys");
    struct hash hash;
    block_line(block, "book", "%s   %s clock, skew %d s, engine %d", member_text(body, "name"),
               member_text(body, "clock"), (int)member_integer(body, "skew_seconds"),
               (int)member_integer(body, "engine"));
    for (size_t i = 0; i < json_array_size(officers); i++) {
        const json_t *officer = json_array_get(officers, i);
        show_fingerprint(member_text(officer, "key"), fingerprint);
        block_line(block, i == 0 ? "officers" : "", "%s   person %s   %s", member_text(officer, "user"),
                   member_text(officer, "person"), fingerprint);
    }
    for (size_t i = 0; i < json_array_size(book_keys); i++) {
        show_fingerprint(json_string_value(json_array_get(book_keys, i)), fingerprint);
        block_line(block, i == 0 ? "book keys" : "", "%s", fingerprint);
    }
    const json_t *recovery = json_object_get(body, "recovery");
    block_line(block, "recovery", "%d of %zu keys", (int)member_integer(recovery, "threshold"),
               json_array_size(json_object_get(recovery, "keys")));
    const json_t *compiled = json_object_get(json_object_get(body, "policy"), "compiled");
    if (canon_hash(compiled, &hash, NULL) == STATUS_OK)
        hash_to_hex(&hash, hex);
    block_line(block, "policy", "%s   %s", member_text(compiled, "name"), hex);
}

/* What officers and recovery keys sign together: new officers, or a clock. */
static void show_together(struct block *block, const json_t *body)
{
    const json_t *officers = json_object_get(body, "officers");
    const char *true_time = member_text(body, "true_time");
    for (size_t i = 0; i < json_array_size(officers); i++) {
        const json_t *officer = json_array_get(officers, i);
        char fingerprint[SSHKEY_FINGERPRINT_CHARS + 1];
        show_fingerprint(member_text(officer, "key"), fingerprint);
        block_line(block, i == 0 ? "officers" : "", "%s   person %s   %s   all others end",
                   member_text(officer, "user"), member_text(officer, "person"), fingerprint);
    }
    if (true_time != NULL) {
        block_line(block, "true time", "%s, and the last entry is ahead of it", true_time);
        block_line(block, "reason", "%s", member_text(body, "reason"));
    }
}

/* What officers say was lost, and by which checkpoint they know. */
static void show_restore(struct block *block, const json_t *body)
{
    const json_t *lost = json_object_get(body, "lost");
    block_line(block, "lost", "entries %lld to %lld, for ever; a new epoch begins",
               (long long)member_integer(lost, "from"), (long long)member_integer(lost, "to"));
    block_line(block, "reason", "%s", member_text(body, "reason"));
}

static void show_list(struct block *block, const struct statement *statement)
{
    const json_t *list = statement_list(statement);
    for (size_t i = 0; i < json_array_size(list) && i < DOCUMENTS_SHOWN; i++) {
        const json_t *document = statement_document(statement, i);
        const json_t *item = json_array_get(list, i);
        char summary[SUMMARY_BYTES];
        if (document != NULL) {
            present_summary(document, summary);
            block_line(block, "document", "%s", summary);
        } else {
            block_line(block, "document", "%s   content %s", member_text(item, "document"),
                       member_text(item, "content"));
        }
    }
    if (json_array_size(list) > DOCUMENTS_SHOWN)
        block_line(block, "", "and %zu more", json_array_size(list) - DOCUMENTS_SHOWN);
}

static enum status show(struct cli *cli, const struct statement *statement, const struct signature_list *signatures,
                        struct err *err)
{
    char hex[HASH_HEX_CHARS + 1], at[INSTANT_TEXT_BYTES];
    struct block *block = block_new(cli);
    hash_to_hex(&statement->hash, hex);
    instant_format(statement->at_ms, at);
    block_head(block, STYLE_STRONG, "You sign this statement:", "%s", hex);
    block_line(block, "what", "%s%s%s   %s", verb_name(statement->verb), statement->actor[0] != '\0' ? " by " : "",
               statement->actor, at);
    if (statement->verb == VERB_CHARTER)
        show_charter(block, statement->body);
    else if (statement->verb == VERB_RECOVER || statement->verb == VERB_CLOCK)
        show_together(block, statement->body);
    else if (statement->verb == VERB_RESTORE)
        show_restore(block, statement->body);
    else
        show_list(block, statement);
    block_line(block, "signatures", "%zu so far", signatures->count);
    enum status status = block_print(block, err);
    block_free(block);
    return status;
}

/* A charter takes its officers' signatures and nobody else's. */
static enum status check_signer(const struct statement *statement, const struct public_key *key, struct err *err)
{
    char text[PUBLIC_KEY_TEXT_MAX], fingerprint[SSHKEY_FINGERPRINT_CHARS + 1];
    const json_t *officers = json_object_get(statement->body, "officers");
    if (statement->verb != VERB_CHARTER)
        return STATUS_OK;
    sshkey_format(key, text);
    for (size_t i = 0; i < json_array_size(officers); i++)
        if (strcmp(member_text(json_array_get(officers, i), "key"), text) == 0)
            return STATUS_OK;
    sshkey_fingerprint(key, fingerprint);
    return err_set(err, STATUS_INPUT, "%s is the key of none of the founding officers", fingerprint);
}

/* Where the signer comes from, and what has to be closed after it. */
struct pen {
    const struct signer *signer;
    struct hand *hand;
    struct session
        *session; /* lends the signer when the book told the key; else it knows when the key ends, or is NULL */
};

static void pen_close(struct pen *pen)
{
    hand_close(pen->hand);
    session_close(pen->session);
}

/* Whether the statement itself says that the key is the user's: an officer's, or one that is enrolled here. */
static bool names_key(const struct statement *statement, const char *user, const char *key)
{
    static const char *const members[] = {"key", "new", "old"};
    const json_t *officers = json_object_get(statement->body, "officers");
    const json_t *list = officers != NULL ? officers : statement_list(statement);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *one = officers != NULL ? json_array_get(list, i) : statement_document(statement, i);
        const char *whose = member_text(one, "user");
        for (size_t m = 0; whose != NULL && strcmp(whose, user) == 0 && m < sizeof members / sizeof members[0]; m++) {
            const char *text = member_text(one, members[m]);
            if (text != NULL && strcmp(text, key) == 0)
                return true;
        }
    }
    return false;
}

/* The key of ssh-agent that the statement gives to this user. NOT_FOUND: it gives none that is there. */
static enum status agent_key_named(const struct statement *statement, const char *user, struct pen *pen,
                                   struct err *err)
{
    size_t count = 0;
    const struct public_key *keys = hand_keys(pen->hand, &count);
    for (size_t i = 0; i < count; i++) {
        char text[PUBLIC_KEY_TEXT_MAX];
        sshkey_format(&keys[i], text);
        if (names_key(statement, user, text))
            return hand_signer(pen->hand, i, user, &pen->signer, err);
    }
    return err_set(
        err, STATUS_NOT_FOUND,
        "ssh-agent holds no key that this statement names as %s's; give --key FILE, --key FILE.pub or --book", user);
}

static enum status agent_key_of_user(struct cli *cli, const struct options *options, const struct statement *statement,
                                     struct pen *pen, struct err *err)
{
    const char *user = cli_user(cli, options);
    enum status status = agent_key_named(statement, user, pen, err);
    if (status != STATUS_NOT_FOUND || cli_book(cli, options) == NULL)
        return status;
    status = session_open(cli, options, SESSION_READ, &pen->session, err);
    return status == STATUS_OK ? session_signer(pen->session, &pen->signer, err) : status;
}

static enum status pen_take(struct cli *cli, const struct options *options, const struct statement *statement,
                            struct pen *pen, struct err *err)
{
    const char *path = cli_key(cli, options), *user = cli_user(cli, options);
    if (path == NULL && user == NULL)
        return err_set(err, STATUS_INPUT,
                       "with which key? --key FILE, or for one that ssh-agent holds --key FILE.pub or --as USER");
    enum status status = hand_open(cli, options, path, &pen->hand, err);
    if (status != STATUS_OK)
        return status;
    return hand_is_open_choice(pen->hand) ? agent_key_of_user(cli, options, statement, pen, err)
                                          : hand_signer(pen->hand, 0, user != NULL ? user : path, &pen->signer, err);
}

/*
 * Tells that the key ends soon, where a directory is named and has the statement's book. A server would ask for the key once
 * more; where it told which key to take it has told this too. Nothing here is a reason not to sign, only that there was no
 * memory to look is told.
 */
static enum status warn(struct cli *cli, const struct options *options, const struct statement *statement,
                        struct pen *pen, struct err *err)
{
    const char *address = cli_book(cli, options);
    struct err why = {0};
    if (pen->session != NULL || address == NULL || book_is_remote(address) || statement->verb == VERB_CHARTER)
        return STATUS_OK;
    enum status status = session_open(cli, options, SESSION_READ | SESSION_RESTORED, &pen->session, &why);
    if (status != STATUS_OK)
        return status == STATUS_MEMORY ? err_set(err, status, "%s", why.text) : STATUS_OK;
    if (strcmp(book_id(session_book(pen->session)), statement->book) != 0)
        return STATUS_OK;
    if (book_is_simulated(session_book(pen->session)))
        (void)!session_set_time(pen->session, statement->at_ms, NULL);
    return session_warn_of_key(pen->session, &pen->signer->key, err);
}

static enum status add_signature(const struct signer *signer, const struct statement *statement,
                                 struct signature_list *signatures, struct err *err)
{
    uint8_t blob[SSHSIG_BYTES_MAX];
    size_t length = 0;
    enum status status = check_signer(statement, &signer->key, err);
    if (status == STATUS_OK)
        status = sshsig_sign(signer, statement->bytes, statement->length, blob, &length, err);
    return status == STATUS_OK ? signature_list_add(signatures, slice_of(blob, length), err) : status;
}

static int say(struct cli *cli, const char *path, const struct statement *statement,
               const struct signature_list *signatures, const struct pen *pen)
{
    char hex[HASH_HEX_CHARS + 1];
    struct err err = {0};
    hash_to_hex(&statement->hash, hex);
    if (cli->json)
        return out_json(cli, json_pack("{s:s, s:I, s:s, s:o*}", "file", path, "signatures",
                                       (json_int_t)signatures->count, "statement", hex, "warnings",
                                       pen->session != NULL ? session_warnings(pen->session) : NULL));
    struct block *block = block_new(cli);
    block_head(block, STYLE_GOOD, "signed", "%s   %zu signature%s", path, signatures->count,
               signatures->count == 1 ? "" : "s");
    enum status status = block_print(block, &err);
    block_free(block);
    return status == STATUS_OK ? EXIT_DONE : cli_error(cli, &err);
}

static int run(struct cli *cli, const struct options *options)
{
    const char *path = options_argument(options, 0);
    struct statement statement = {.bytes = NULL};
    struct pen pen = {.signer = NULL};
    struct err err = {0};
    int answered = EXIT_DONE;
    struct signature_list *signatures = calloc(1, sizeof *signatures);
    enum status status = signatures == NULL ? err_set(&err, STATUS_MEMORY, "no memory")
                                            : statement_file_read(path, &statement, signatures, &err);
    if (status == STATUS_OK && !cli->json)
        status = show(cli, &statement, signatures, &err);
    if (status == STATUS_OK)
        status = pen_take(cli, options, &statement, &pen, &err);
    if (status == STATUS_OK)
        status = add_signature(pen.signer, &statement, signatures, &err);
    if (status == STATUS_OK)
        status = statement_file_write(path, &statement, signatures, true, &err);
    if (status == STATUS_OK)
        status = warn(cli, options, &statement, &pen, &err);
    answered = status == STATUS_OK ? say(cli, path, &statement, signatures, &pen) : cli_error(cli, &err);
    pen_close(&pen);
    statement_done(&statement);
    free(signatures);
    return answered;
}

static const struct option_spec options_of_sign[] = {
    {"book", 0, "BOOK",
     "where to look up which of ssh-agent's keys is the user's, and when a key ends (COUNTERSIGN_BOOK)", 0},
    {0},
};

const struct command command_sign = {
    .name = "sign",
    .summary = "adds a signature to a statement in a file",
    .arguments = "FILE",
    .text = "Shows what the statement says before it asks for the passphrase. The file is replaced. With "
            "ssh-agent the key\n"
            "is the one that the statement names as the user's, else the one that is enrolled in the book.",
    .example = "countersign sign charter.json --key ana.key",
    .group = GROUP_SETUP,
    .flags = COMMAND_SIGNS,
    .arguments_min = 1,
    .arguments_max = 1,
    .options = options_of_sign,
    .run = run,
};
