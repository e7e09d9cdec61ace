/*
 * Statements of a session: made, signed with the user's key (session_key.c), let in.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/book.h"
#include "cli/session_parts.h"
#include "cli/statement_file.h"
#include "cli/terminal.h"
#include "ledger/random.h"
#include "ledger/sshsig.h"

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
