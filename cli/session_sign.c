/*
 * Statements of a session: made, signed with the user's key, let in. The signer is found before the gate is asked, so
 * that nobody waits on the writer's lock while a passphrase is typed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/book.h"
#include "cli/prompt.h"
#include "cli/session_parts.h"
#include "cli/statement_file.h"
#include "cli/terminal.h"
#include "ledger/keyfile.h"
#include "ledger/random.h"
#include "ledger/secret.h"
#include "ledger/sshsig.h"

static enum status open_key_file(struct session *session, const char *path, struct err *err)
{
    char question[ID_BYTES_MAX + 32];
    char *passphrase = secret_new(PASSPHRASE_BYTES_MAX + 1);
    if (passphrase == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for the passphrase");
    snprintf(question, sizeof question, "Passphrase for %s: ", session->user);
    enum status status = prompt_passphrase(session->cli, session->options, question, passphrase, err);
    if (status == STATUS_OK)
        status = keyfile_open(path, passphrase, strlen(passphrase), &session->signer, err);
    secret_free(passphrase);
    return status;
}

/* The first key of the agent that is enrolled for the user and valid. */
static enum status pick_identity(struct session *session, const struct agent_identity *identities, size_t count,
                                 const struct public_key **ret_key, struct err *err)
{
    const struct facts *facts = NULL;
    *ret_key = NULL;
    enum status status = session_begin_facts(session, &facts, err);
    if (status != STATUS_OK)
        return status;
    for (size_t i = 0; status == STATUS_OK && *ret_key == NULL && i < count; i++) {
        char text[PUBLIC_KEY_TEXT_MAX];
        bool valid = false;
        sshkey_format(&identities[i].key, text);
        status = facts_key_valid(facts, text, session->user, &valid, err);
        if (valid)
            *ret_key = &identities[i].key;
    }
    session_end_facts(session);
    return status;
}

static enum status no_identity(const struct session *session, const struct agent_identity *identities, size_t count,
                               struct err *err)
{
    char there[ERR_TEXT_BYTES / 2] = "";
    size_t used = 0;
    for (size_t i = 0; i < count && used + SSHKEY_FINGERPRINT_CHARS + 3 < sizeof there; i++) {
        char fingerprint[SSHKEY_FINGERPRINT_CHARS + 1];
        sshkey_fingerprint(&identities[i].key, fingerprint);
        used += (size_t)snprintf(there + used, sizeof there - used, "%s%s", i > 0 ? ", " : "", fingerprint);
    }
    return err_set(err, STATUS_PERMISSION,
                   "ssh-agent holds no key that is enrolled for %s (it has %s); give --key FILE or use ssh-add",
                   session->user, count > 0 ? there : "none");
}

/* out *ret_identities: gives (free). */
static enum status list_agent(struct session *session, struct agent_identity **ret_identities, size_t *ret_count,
                              struct err *err)
{
    if (session->cli->environment.ssh_auth_sock == NULL)
        return err_set(err, STATUS_INPUT,
                       "no key to sign with: give --key FILE, set COUNTERSIGN_KEY, or start ssh-agent");
    struct agent_identity *identities = calloc(AGENT_IDENTITIES_MAX, sizeof *identities);
    if (identities == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for the agent's keys");
    enum status status = STATUS_OK;
    if (session->agent == NULL)
        status = agent_open(session->cli->environment.ssh_auth_sock, AGENT_TIMEOUT_MS, &session->agent, err);
    if (status == STATUS_OK)
        status = agent_list(session->agent, identities, AGENT_IDENTITIES_MAX, ret_count, err);
    if (status == STATUS_OK)
        *ret_identities = identities;
    else
        free(identities);
    return status;
}

static enum status open_agent_key(struct session *session, struct err *err)
{
    struct agent_identity *identities = NULL;
    const struct public_key *key = NULL;
    size_t count = 0;
    enum status status = list_agent(session, &identities, &count, err);
    if (status == STATUS_OK)
        status = pick_identity(session, identities, count, &key, err);
    if (status == STATUS_OK && key == NULL)
        status = no_identity(session, identities, count, err);
    if (status == STATUS_OK)
        status = agent_signer(session->agent, key, &session->signer, err);
    free(identities);
    return status;
}

enum status session_signer(struct session *session, const struct signer **ret_signer, struct err *err)
{
    const char *path = cli_key(session->cli, session->options);
    if (!session->has_signer) {
        enum status status = path != NULL ? open_key_file(session, path, err) : open_agent_key(session, err);
        if (status != STATUS_OK)
            return status;
        session->has_signer = true;
    }
    *ret_signer = &session->signer;
    return STATUS_OK;
}

/* A key file is opened before it is offered, since it is locked; an agent lists what it has. */
enum status session_offer_keys(void *context, const struct public_key **ret_offered, size_t *ret_count, struct err *err)
{
    struct session *session = context;
    struct agent_identity *identities = NULL;
    size_t count = 0;
    if (cli_key(session->cli, session->options) != NULL) {
        const struct signer *signer = NULL;
        enum status status = session_signer(session, &signer, err);
        *ret_offered = &session->signer.key;
        *ret_count = 1;
        return status;
    }
    enum status status = list_agent(session, &identities, &count, err);
    free(session->offered);
    session->offered = status == STATUS_OK ? calloc(count + 1, sizeof *session->offered) : NULL;
    for (size_t i = 0; session->offered != NULL && i < count; i++)
        session->offered[i] = identities[i].key;
    free(identities);
    if (status == STATUS_OK && session->offered == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for the agent's keys");
    *ret_offered = session->offered;
    *ret_count = count;
    return status;
}

enum status session_choose_key(void *context, size_t chosen, const struct signer **ret_signer, struct err *err)
{
    struct session *session = context;
    enum status status = STATUS_OK;
    if (!session->has_signer) {
        status = agent_signer(session->agent, &session->offered[chosen], &session->signer, err);
        session->has_signer = status == STATUS_OK;
    }
    *ret_signer = &session->signer;
    return status;
}

void session_new_id(struct session *session, const char *prefix, char ret_id[static SESSION_ID_BYTES])
{
    uint8_t bytes[12];
    random_fill(&session->cli->random, bytes, sizeof bytes);
    size_t used = (size_t)snprintf(ret_id, SESSION_ID_BYTES, "%.8s-", prefix);
    for (size_t i = 0; i < sizeof bytes; i++)
        used += (size_t)snprintf(ret_id + used, SESSION_ID_BYTES - used, "%02x", bytes[i]);
}

static enum status make_statement(struct session *session, enum verb verb, const json_t *body, bool see,
                                  struct err *err)
{
    char id[SESSION_ID_BYTES];
    struct journal_head head = session->seen;
    enum status status = STATUS_OK;
    session_new_id(session, "S", id);
    if (see && !session->has_seen)
        status = session_head(session, &head, err);
    if (status != STATUS_OK)
        return status;
    const struct statement_head about = {.verb = verb,
                                         .actor = session->user,
                                         .book = session->book_id,
                                         .id = id,
                                         .at_ms = session_time(session),
                                         .seen_hash = see ? &head.leaf : NULL,
                                         .seen_seq = see ? head.size - 1 : 0};
    if (session->has_statement)
        statement_done(&session->statement);
    session->has_statement = false;
    status = statement_make(&about, body, &session->statement, err);
    session->has_statement = status == STATUS_OK;
    return status;
}

void session_set_cosigner(struct session *session, const struct signer *cosigner)
{
    session->cosigner = cosigner;
}

static enum status add_signature(const struct session *session, const struct signer *signer,
                                 struct signature_list *list, struct err *err)
{
    uint8_t blob[SSHSIG_BYTES_MAX];
    size_t length = 0;
    enum status status = sshsig_sign(signer, session->statement.bytes, session->statement.length, blob, &length, err);
    return status == STATUS_OK ? signature_list_add(list, slice_of(blob, length), err) : status;
}

static enum status sign_statement(struct session *session, struct signature_list *ret_signatures, struct err *err)
{
    const struct signer *signer = NULL;
    ret_signatures->count = 0;
    enum status status = session_signer(session, &signer, err);
    if (status == STATUS_OK)
        status = add_signature(session, signer, ret_signatures, err);
    if (status == STATUS_OK && session->cosigner != NULL)
        status = add_signature(session, session->cosigner, ret_signatures, err);
    return status;
}

const struct statement *session_statement(const struct session *session)
{
    return session->has_statement ? &session->statement : NULL;
}

static enum status ask_only(struct session *session, struct slice bytes, struct gate_answer *ret_answer,
                            struct err *err)
{
    json_t *decision = NULL;
    enum status status = book_try(session->book, bytes, &decision, err);
    if (status == STATUS_OK)
        *ret_answer = (struct gate_answer){.seq = UINT64_MAX, .time_ms = session_time(session), .decision = decision};
    return status;
}

enum status session_let_in(struct session *session, const struct statement *statement,
                           const struct signature_list *signatures, struct gate_answer *ret_answer, struct err *err)
{
    const struct slice bytes = slice_of(statement->bytes, statement->length);
    invariant(!session->facts_begun);
    if (session->cli->dry_run)
        return ask_only(session, bytes, ret_answer, err);
    enum status status = book_submit(session->book, bytes, signatures, ret_answer, err);
    if (status != STATUS_OK)
        return status;
    struct err lost = {0};
    const struct receipt_owner owner = session_receipt_owner(session);
    if (session->keeps && receipts_keep(session->cli, &owner, ret_answer->seq, &ret_answer->leaf, &lost) != STATUS_OK) {
        terminal_printf(session->cli->err, "countersign: no receipt kept: %s", lost.text);
        fputc('\n', session->cli->err);
    }
    return STATUS_OK;
}

enum status session_submit(struct session *session, enum verb verb, const json_t *body, bool see,
                           struct gate_answer *ret_answer, bool *ret_left, struct err *err)
{
    struct signature_list *signatures = NULL;
    const char *to = options_has(session->options, "to") ? options_text(session->options, "to") : NULL;
    bool left = false;
    invariant(!session->facts_begun);
    enum status status = make_statement(session, verb, body, see, err);
    if (status != STATUS_OK)
        return status;
    signatures = calloc(1, sizeof *signatures);
    if (signatures == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for a signature");
    if (!session->cli->dry_run)
        status = sign_statement(session, signatures, err);
    if (status == STATUS_OK && to != NULL && !session->cli->dry_run) {
        status = statement_file_write(to, &session->statement, signatures, false, err);
        left = status == STATUS_OK;
    } else if (status == STATUS_OK) {
        status = session_let_in(session, &session->statement, signatures, ret_answer, err);
    }
    if (status == STATUS_OK && ret_left != NULL)
        *ret_left = left;
    free(signatures);
    return status;
}
