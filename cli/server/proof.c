/*
 * Challenge and answer. Guarantees that a nonce is answered once, and that what is proven is a key that was enrolled for
 * that user at some time; what it may read now is for rights.c, anew for each snapshot.
 */
#include "cli/server/proof.h"

#include <stdio.h>
#include <string.h>

#include "controls/facts.h"
#include "ledger/books.h"
#include "ledger/challenge.h"
#include "ledger/schema.h"

json_t *proof_greeting(const struct service *service, const struct guest *guest)
{
    char nonce[HASH_HEX_CHARS + 1];
    const struct server_limits *limits = &service->options->limits;
    hash_to_hex(&guest->server_nonce, nonce);
    return json_pack("{s:s, s:i, s:i, s:{s:i, s:I, s:i, s:I}, s:s, s:s, s:s, s:b}", "book", open_book_id(service->book),
                     "books", BOOKS_LAYOUT, "countersign", WIRE_VERSION, "limits", "message", WIRE_MESSAGE_MAX,
                     "outstanding", (json_int_t)limits->outstanding, "records", WIRE_RECORDS_MAX, "snapshots",
                     (json_int_t)limits->snapshots, "name", open_book_name(service->book), "nonce", nonce, "release",
                     service->facts->release, "simulated", open_book_is_simulated(service->book));
}

/* The first of the keys that is good now for the user, else the first that ever was. errors NOT_FOUND (err is left alone). */
static enum status find_key(const struct facts *facts, const struct request *request, size_t *ret_key, struct err *err)
{
    bool found = false;
    for (size_t i = 0; i < json_array_size(request->keys); i++) {
        const char *text = json_string_value(json_array_get(request->keys, i));
        json_t *record = NULL;
        bool valid = false;
        enum status status = text[0] != '\0' ? facts_key(facts, text, &record, err) : STATUS_OK;
        const char *user = member_text(record, "user");
        bool theirs = user != NULL && strcmp(user, request->user) == 0;
        json_decref(record);
        if (status == STATUS_OK && theirs)
            status = facts_key_valid(facts, text, request->user, &valid, err);
        if (status != STATUS_OK)
            return status;
        if (theirs && (valid || !found))
            *ret_key = i;
        found = found || theirs;
        if (valid)
            break;
    }
    return found ? STATUS_OK : STATUS_NOT_FOUND;
}

/* How to say that none of the keys is the user's: which one it was, where there was no choice. */
static enum status no_key_of(const struct request *request, struct err *err)
{
    const size_t count = json_array_size(request->keys);
    char fingerprint[SSHKEY_FINGERPRINT_CHARS + 1];
    struct public_key key;
    struct err ignored = {0};
    if (count == 1 && sshkey_parse(json_string_value(json_array_get(request->keys, 0)), &key, &ignored) == STATUS_OK) {
        sshkey_fingerprint(&key, fingerprint);
        return err_set(err, STATUS_PERMISSION,
                       "the key that was offered, %s, is not one of %s; sign with one that is enrolled for %s",
                       fingerprint, request->user, request->user);
    }
    return err_set(err, STATUS_PERMISSION,
                   "none of the %zu keys that were offered is one of %s in this book; give --key FILE, or use ssh-add",
                   count, request->user);
}

static enum status look_up(const struct service *service, const struct request *request, size_t *ret_key,
                           struct err *err)
{
    struct gate *gate = NULL;
    struct snapshot *snapshot = NULL;
    const struct snapshot_owner nobody = {.now_ms = service->cli->now_ms(service->cli->clock_context)};
    enum status status = open_book_enter(service->book, &gate, err);
    if (status != STATUS_OK)
        return status;
    status = snapshot_begin(service->book, false, &nobody, &snapshot, err);
    if (status == STATUS_OK)
        status = find_key(snapshot_facts(snapshot), request, ret_key, err);
    snapshot_free(snapshot);
    open_book_leave(service->book);
    if (status == STATUS_NOT_FOUND)
        return no_key_of(request, err);
    return status;
}

enum status proof_hello(struct job *job, json_t **ret_answer, struct err *err)
{
    struct guest *guest = job->guest;
    const struct request *request = &job->request;
    size_t chosen = 0;
    if (guest->greeted)
        return err_set(err, STATUS_INPUT, "hello is said once");
    guest->greeted = true;
    enum status status = look_up(job->service, request, &chosen, err);
    if (status != STATUS_OK)
        return status;
    const char *text = json_string_value(json_array_get(request->keys, chosen));
    status = sshkey_parse(text, &guest->key, err);
    if (status != STATUS_OK)
        return status;
    snprintf(guest->key_text, sizeof guest->key_text, "%s", text);
    snprintf(guest->user, sizeof guest->user, "%s", request->user);
    guest->client_nonce = request->nonce;
    *ret_answer = json_pack("{s:I}", "key", (json_int_t)chosen);
    return STATUS_OK;
}

/* What the user may read now. */
static enum status tell_rights(const struct job *job, json_t **ret_answer, struct err *err)
{
    const struct service *service = job->service;
    struct gate *gate = NULL;
    struct snapshot *snapshot = NULL;
    const struct snapshot_owner owner = {.user = job->guest->user,
                                         .key = job->guest->key_text,
                                         .now_ms = service->cli->now_ms(service->cli->clock_context)};
    enum status status = open_book_enter(service->book, &gate, err);
    if (status != STATUS_OK)
        return status;
    status = snapshot_begin(service->book, false, &owner, &snapshot, err);
    if (status == STATUS_OK)
        *ret_answer = json_pack("{s:o}", "reads", reader_describe(snapshot_reader(snapshot)));
    snapshot_free(snapshot);
    open_book_leave(service->book);
    return status;
}

enum status proof_prove(struct job *job, json_t **ret_answer, struct err *err)
{
    struct guest *guest = job->guest;
    struct sshsig info;
    if (guest->proven || guest->user[0] == '\0')
        return err_set(err, STATUS_INPUT, "prove follows hello, once");
    struct challenge challenge = {
        .client = guest->client_nonce, .server = guest->server_nonce, .key = guest->key, .user = guest->user};
    enum status status = hash_from_hex(open_book_id(job->service->book), &challenge.book);
    if (status != STATUS_OK)
        return err_set(err, STATUS_CORRUPT, "the book's id is no hash");
    status = challenge_verify(&challenge, job->request.bytes, job->request.length, &info, err);
    guest->server_nonce = (struct hash){{0}};
    if (status == STATUS_OK)
        status = tell_rights(job, ret_answer, err);
    guest->proven = status == STATUS_OK;
    return status;
}
