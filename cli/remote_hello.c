/*
 * The beginning of a conversation: the server's greeting, whether it is one that this program can talk to and the book that
 * is meant, and the proof of who asks (PROTOCOL.md 2). The keys are asked for before the line is made, so that nobody types
 * a passphrase while a server counts the seconds.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/remote_parts.h"
#include "ledger/base64.h"
#include "ledger/books.h"
#include "ledger/canon.h"
#include "ledger/challenge.h"
#include "ledger/random.h"
#include "ledger/schema.h"

static const struct field limits_fields[] = {
    {.name = "message", .type = FIELD_INTEGER, .min = 1, .max = CANON_INTEGER_MAX},
    {.name = "outstanding", .type = FIELD_INTEGER, .min = 1, .max = CANON_INTEGER_MAX},
    {.name = "records", .type = FIELD_INTEGER, .min = 1, .max = CANON_INTEGER_MAX},
    {.name = "snapshots", .type = FIELD_INTEGER, .min = 1, .max = CANON_INTEGER_MAX},
};
static const struct schema limits_schema = SCHEMA("limits", limits_fields, NULL);

static const struct field greeting_fields[] = {
    {.name = "book", .type = FIELD_HASH},
    {.name = "books", .type = FIELD_INTEGER, .min = 0, .max = CANON_INTEGER_MAX},
    {.name = "countersign", .type = FIELD_INTEGER, .min = WIRE_VERSION, .max = WIRE_VERSION},
    {.name = "limits", .type = FIELD_OBJECT, .schema = &limits_schema},
    {.name = "name", .type = FIELD_TEXT, .max = NAME_BYTES_MAX},
    {.name = "nonce", .type = FIELD_HASH},
    {.name = "release", .type = FIELD_TEXT, .max = 40},
    {.name = "simulated", .type = FIELD_BOOLEAN},
};
static const struct schema greeting_schema = SCHEMA("greeting", greeting_fields, NULL);

static const struct field key_fields[] = {
    {.name = "key", .type = FIELD_INTEGER, .min = 0, .max = WIRE_KEYS_MAX - 1},
};
static const struct schema key_schema = SCHEMA("answer", key_fields, NULL);

static const struct field reads_fields[] = {
    {.name = "books", .type = FIELD_LIST_ENTITY, .min = 0, .max = 1000},
    {.name = "everything", .type = FIELD_BOOLEAN},
    {.name = "governance", .type = FIELD_BOOLEAN},
    {.name = "operations", .type = FIELD_BOOLEAN},
};
static const struct schema reads_schema = SCHEMA("reads", reads_fields, NULL);
static const struct field proof_fields[] = {{.name = "reads", .type = FIELD_OBJECT, .schema = &reads_schema}};
static const struct schema proof_schema = SCHEMA("answer", proof_fields, NULL);

static enum status check_form(struct remote *remote, const struct schema *schema, const json_t *message,
                              struct err *err)
{
    struct err what = {0};
    if (schema_check(schema, message, "", &what) == STATUS_OK)
        return STATUS_OK;
    return remote_lose(remote, STATUS_IO, err, "what answers is no server of ours: %s", what.text);
}

/* Versions first: the form of another version is not known here. */
static enum status check_versions(struct remote *remote, const json_t *greeting, struct err *err)
{
    const json_t *version = json_object_get(greeting, "countersign"), *layout = json_object_get(greeting, "books");
    const char *release = member_text(greeting, "release");
    if (json_is_integer(version) && json_integer_value(version) != WIRE_VERSION)
        return remote_lose(
            remote, STATUS_INPUT, err,
            "the server (release %.40s) speaks version %lld of the protocol, this program version %d: use "
            "the server's release",
            release != NULL ? release : "?", (long long)json_integer_value(version), WIRE_VERSION);
    enum status status = check_form(remote, &greeting_schema, greeting, err);
    if (status == STATUS_OK && json_integer_value(layout) != BOOKS_LAYOUT)
        status = remote_lose(remote, STATUS_INPUT, err,
                             "the server (release %s) lays its books out as %lld, this program as %d: use the server's "
                             "release",
                             release, (long long)json_integer_value(layout), BOOKS_LAYOUT);
    return status;
}

static enum status take_greeting(struct remote *remote, const json_t *greeting, struct err *err)
{
    const char *book = member_text(greeting, "book");
    enum status status = check_versions(remote, greeting, err);
    if (status != STATUS_OK)
        return status;
    if (remote->book[0] != '\0' && strcmp(remote->book, book) != 0)
        return remote_lose(remote, STATUS_CORRUPT, err, "another book answers: %.16s..., and %.16s... is meant", book,
                           remote->book);
    snprintf(remote->book, sizeof remote->book, "%s", book);
    remote->simulated = json_is_true(json_object_get(greeting, "simulated"));
    remote->greeted = true;
    status = hash_from_hex(book, &remote->book_hash);
    return status == STATUS_OK ? hash_from_hex(member_text(greeting, "nonce"), &remote->nonce) : status;
}

static enum status greet(struct remote *remote, struct err *err)
{
    json_t *greeting = NULL;
    enum status status = remote->dial->dial(remote->dial->context, &remote->line, err);
    if (status == STATUS_OK)
        status = remote_hear(remote, remote->dial->greeting_ms, &greeting, err);
    if (status == STATUS_OK)
        status = take_greeting(remote, greeting, err);
    json_decref(greeting);
    return status;
}

/* Who signs: the keys offered, the one that the server chose, this side's nonce. */
struct proof {
    const struct public_key *offered;
    size_t count;
    size_t chosen;
    struct hash nonce;
};

static json_t *keys_json(const struct proof *proof)
{
    json_t *keys = json_array();
    for (size_t i = 0; keys != NULL && i < proof->count; i++) {
        char text[PUBLIC_KEY_TEXT_MAX];
        sshkey_format(&proof->offered[i], text);
        if (json_array_append_new(keys, json_string(text)) != 0) {
            json_decref(keys);
            return NULL;
        }
    }
    return keys;
}

static enum status say_hello(struct remote *remote, struct proof *proof, struct err *err)
{
    char nonce[HASH_HEX_CHARS + 1];
    json_t *keys = keys_json(proof), *answer = NULL;
    hash_to_hex(&proof->nonce, nonce);
    if (keys == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for the keys");
    enum status status = remote_ask(
        remote,
        json_pack("{s:s, s:o, s:s, s:s}", "do", "hello", "keys", keys, "nonce", nonce, "user", remote->options->user),
        &answer, err);
    if (status == STATUS_OK)
        status = check_form(remote, &key_schema, answer, err);
    if (status == STATUS_OK)
        proof->chosen = (size_t)member_integer(answer, "key");
    if (status == STATUS_OK && proof->chosen >= proof->count)
        status = remote_lose(remote, STATUS_IO, err, "the server chose a key that was not offered");
    json_decref(answer);
    return status;
}

static enum status send_proof(struct remote *remote, struct slice blob, struct err *err)
{
    json_t *answer = NULL;
    enum status status =
        remote_ask(remote, json_pack("{s:s, s:o}", "do", "prove", "signature", wire_bytes(blob)), &answer, err);
    if (status == STATUS_OK)
        status = check_form(remote, &proof_schema, answer, err);
    if (status == STATUS_OK)
        remote->reads = json_incref(json_object_get(answer, "reads"));
    json_decref(answer);
    return status;
}

static enum status prove(struct remote *remote, const struct proof *proof, struct err *err)
{
    const struct book_options *options = remote->options;
    const struct signer *signer = NULL;
    uint8_t blob[SSHSIG_BYTES_MAX];
    size_t length = 0;
    const struct challenge challenge = {.book = remote->book_hash,
                                        .client = proof->nonce,
                                        .server = remote->nonce,
                                        .key = proof->offered[proof->chosen],
                                        .user = options->user};
    enum status status = options->choose(options->key_context, proof->chosen, &signer, err);
    if (status == STATUS_OK)
        status = challenge_sign(&challenge, signer, blob, &length, err);
    return status == STATUS_OK ? send_proof(remote, slice_of(blob, length), err) : status;
}

enum status remote_begin(struct remote *remote, struct err *err)
{
    const struct book_options *options = remote->options;
    struct proof proof = {.count = 0};
    if (options->user == NULL)
        return err_set(err, STATUS_INPUT, "%s: a server has to know who asks: give --as USER or set COUNTERSIGN_USER",
                       remote->dial->name);
    random_fill(&remote->cli->random, proof.nonce.bytes, sizeof proof.nonce.bytes);
    enum status status = options->offer(options->key_context, &proof.offered, &proof.count, err);
    if (status == STATUS_OK && proof.count > WIRE_KEYS_MAX)
        proof.count = WIRE_KEYS_MAX;
    if (status == STATUS_OK)
        status = greet(remote, err);
    if (status != STATUS_OK)
        return status;
    status = say_hello(remote, &proof, err);
    if (status == STATUS_OK)
        status = prove(remote, &proof, err);
    if (status != STATUS_OK && !remote->lost)
        err_prefix(err, "%s: ", remote->dial->name);
    return status;
}
