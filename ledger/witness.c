/*
 * What a witness decides. He believes the proof and nothing else: the old root is the one that he remembers, never one that
 * the request brings, and the log's signature is asked for before anything is called a fork, so that no stranger can make him
 * say so. He signs no second root of a size, never a smaller size, never an earlier time. Implements "Witness" of FORMAT.md
 * section 4; C2SP tlog-witness. Files and locks are witness_state's.
 */
#include "ledger/witness.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/base64.h"
#include "ledger/canon.h"
#include "ledger/decimal.h"
#include "ledger/schema.h"
#include "ledger/signer.h"

static const char old_word[] = "old ";

enum { HASH_LINE_CHARS = BASE64_CHARS(HASH_BYTES), STATE_VERSION = 1 };

/* Hash lines up to the empty line, which is stepped over. */
static enum status parse_proof(const char **at, const char *end, struct tree_proof *ret_proof, struct err *err)
{
    ret_proof->count = 0;
    while (*at < end && **at != '\n') {
        size_t bytes = 0;
        if (ret_proof->count == WITNESS_PROOF_MAX)
            return err_set(err, STATUS_LIMIT, "a request's proof has at most %d hashes", WITNESS_PROOF_MAX);
        if (end - *at <= HASH_LINE_CHARS || (*at)[HASH_LINE_CHARS] != '\n' ||
            base64_decode(*at, HASH_LINE_CHARS, ret_proof->nodes[ret_proof->count].bytes, HASH_BYTES, &bytes, NULL) !=
                STATUS_OK ||
            bytes != HASH_BYTES)
            return err_set(err, STATUS_INPUT, "line %zu of the request is not the base64 of a SHA-256",
                           ret_proof->count + 2);
        ret_proof->count++;
        *at += HASH_LINE_CHARS + 1;
    }
    if (*at == end)
        return err_set(err, STATUS_INPUT, "the request has no empty line before its checkpoint");
    *at += 1;
    return STATUS_OK;
}

enum status witness_request_parse(const char *text, size_t length, struct witness_request *ret_request, struct err *err)
{
    struct witness_request request;
    const char *end = text + length;
    if (length > WITNESS_REQUEST_BYTES_MAX)
        return err_set(err, STATUS_LIMIT, "a request of %zu bytes, at most %d are allowed", length,
                       WITNESS_REQUEST_BYTES_MAX);
    const char *newline = length == 0 ? NULL : memchr(text, '\n', length);
    if (newline == NULL || newline - text < (ptrdiff_t)sizeof old_word ||
        memcmp(text, old_word, sizeof old_word - 1) != 0)
        return err_set(
            err, STATUS_INPUT,
            "no request to a witness: its first line is not \"old SIZE\" (audit prove --since SIZE makes one)");
    const char *number = text + sizeof old_word - 1;
    enum status status = decimal_parse(number, (size_t)(newline - number), &request.old_size, err);
    const char *at = newline + 1;
    if (status == STATUS_OK)
        status = parse_proof(&at, end, &request.proof, err);
    if (status != STATUS_OK)
        return status;
    request.note = at;
    request.note_length = (size_t)(end - at);
    if (request.note_length > WITNESS_NOTE_BYTES_MAX)
        return err_set(err, STATUS_LIMIT, "a checkpoint of %zu bytes, at most %d are allowed", request.note_length,
                       WITNESS_NOTE_BYTES_MAX);
    *ret_request = request;
    return STATUS_OK;
}

enum status witness_request_format(const struct witness_request *request, char **ret_text, size_t *ret_length,
                                   struct err *err)
{
    size_t room = 32 + request->proof.count * (HASH_LINE_CHARS + 1) + 1 + request->note_length + 1;
    char *text = malloc(room);
    if (text == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for a request");
    size_t used = (size_t)snprintf(text, room, "%s%" PRIu64 "\n", old_word, request->old_size);
    for (size_t i = 0; i < request->proof.count; i++) {
        invariant(base64_encode(request->proof.nodes[i].bytes, HASH_BYTES, text + used, room - used, NULL) ==
                  STATUS_OK);
        used += HASH_LINE_CHARS;
        text[used++] = '\n';
    }
    text[used++] = '\n';
    memcpy(text + used, request->note, request->note_length);
    used += request->note_length;
    text[used] = '\0';
    *ret_text = text;
    *ret_length = used;
    return STATUS_OK;
}

void witness_log_done(struct witness_log *log)
{
    free(log->note);
    log->note = NULL;
}

enum status witness_log_trust(struct witness_log *log, const struct note_key *key, bool *ret_new, struct err *err)
{
    if (key->type != NOTE_ED25519)
        return err_set(err, STATUS_INPUT, "%s: that is a witness's key, not one that signs checkpoints", key->name);
    if (log->key_count > 0 && strcmp(log->keys[0].name, key->name) != 0)
        return err_set(err, STATUS_INPUT, "%s: that is a key of another log than %s", key->name, log->keys[0].name);
    for (size_t i = 0; i < log->key_count; i++) {
        if (memcmp(log->keys[i].public_key, key->public_key, NOTE_PUBLIC_KEY_BYTES) == 0) {
            *ret_new = false;
            return STATUS_OK;
        }
    }
    if (log->key_count == WITNESS_LOG_KEYS_MAX)
        return err_set(err, STATUS_LIMIT, "%s: %d keys are known already", key->name, WITNESS_LOG_KEYS_MAX);
    log->keys[log->key_count++] = *key;
    *ret_new = true;
    return STATUS_OK;
}

/* By any key that is the log's. errors SIGNATURE (by none, or one that does not verify), INPUT, LIMIT. */
static enum status open_signed(const struct witness_log *log, const char *bytes, size_t length,
                               struct checkpoint *ret_checkpoint, struct err *err)
{
    struct note note;
    struct checkpoint checkpoint;
    enum status status = note_parse(bytes, length, &note, err);
    if (status == STATUS_OK)
        status = checkpoint_parse(note.text, note.text_length, &checkpoint, err);
    if (status != STATUS_OK)
        return status;
    if (strcmp(checkpoint.origin, log->keys[0].name) != 0)
        return err_set(err, STATUS_INPUT, "the checkpoint is of %s, and this is about %s", checkpoint.origin,
                       log->keys[0].name);
    status = STATUS_NOT_FOUND;
    for (size_t i = 0; i < log->key_count && status == STATUS_NOT_FOUND; i++)
        status = note_verify(&note, &log->keys[i], err);
    if (status == STATUS_NOT_FOUND)
        return err_set(
            err, STATUS_SIGNATURE,
            "the checkpoint is signed by no key that I trust for %s: ask its officers on another way whether "
            "its key changed, and if so learn the new one (countersign witness trust)",
            checkpoint.origin);
    if (status == STATUS_OK)
        *ret_checkpoint = checkpoint;
    return status;
}

static const struct field state_fields[] = {
    {.name = "keys", .type = FIELD_TEXT, .max = WITNESS_LOG_KEYS_MAX * NOTE_VKEY_TEXT_MAX},
    {.name = "note", .type = FIELD_BASE64, .max = WITNESS_NOTE_BYTES_MAX, .optional = true},
    {.name = "seconds", .type = FIELD_INTEGER, .min = 0, .max = CANON_INTEGER_MAX},
    {.name = "v", .type = FIELD_INTEGER, .min = STATE_VERSION, .max = STATE_VERSION},
};
static const struct schema state_schema = SCHEMA("witness state", state_fields, NULL);

/* The vkeys, a blank between two: a key's name has none. */
static enum status read_keys(const char *text, struct witness_log *log, struct err *err)
{
    enum status status = STATUS_OK;
    while (status == STATUS_OK && *text != '\0') {
        struct note_key key;
        bool is_new = false;
        size_t length = strcspn(text, " ");
        status = note_key_parse(text, length, &key, err);
        if (status == STATUS_OK)
            status = witness_log_trust(log, &key, &is_new, err);
        if (status == STATUS_OK && !is_new)
            status = err_set(err, STATUS_INPUT, "a key stands there twice");
        text += length + (text[length] == ' ' ? 1 : 0);
    }
    if (status == STATUS_OK && log->key_count == 0)
        status = err_set(err, STATUS_INPUT, "there is no key");
    return status;
}

static enum status read_note(const char *text, struct witness_log *log, struct err *err)
{
    uint8_t *bytes = NULL;
    struct checkpoint checkpoint;
    enum status status = base64_decode_new(text, strlen(text), WITNESS_NOTE_BYTES_MAX, &bytes, &log->note_length, err);
    log->note = (char *)bytes;
    if (status == STATUS_OK)
        status = open_signed(log, log->note, log->note_length, &checkpoint, err);
    if (status == STATUS_OK)
        log->head = checkpoint.head;
    return status;
}

enum status witness_log_read(const char *text, size_t length, struct witness_log *ret_log, struct err *err)
{
    struct witness_log log = {.key_count = 0};
    json_t *json = NULL;
    enum status status = canon_parse(text, length, WITNESS_LOG_BYTES_MAX, &json, err);
    if (status == STATUS_OK)
        status = schema_check(&state_schema, json, "", err);
    if (status == STATUS_OK)
        status = read_keys(member_text(json, "keys"), &log, err);
    if (status == STATUS_OK && member_text(json, "note") != NULL)
        status = read_note(member_text(json, "note"), &log, err);
    log.seconds = member_integer(json, "seconds");
    json_decref(json);
    if (status == STATUS_OK) {
        *ret_log = log;
        return STATUS_OK;
    }
    witness_log_done(&log);
    if (status != STATUS_MEMORY) {
        if (err != NULL)
            err->status = STATUS_CORRUPT;
        err_prefix(err, "is not as it was written: ");
        status = STATUS_CORRUPT;
    }
    return status;
}

enum status witness_log_write(const struct witness_log *log, char **ret_text, size_t *ret_length, struct err *err)
{
    char keys[WITNESS_LOG_KEYS_MAX * (NOTE_VKEY_TEXT_MAX + 1)] = "";
    char *note = NULL;
    size_t used = 0;
    for (size_t i = 0; i < log->key_count; i++) {
        char vkey[NOTE_VKEY_TEXT_MAX];
        note_key_format(&log->keys[i], vkey);
        used += (size_t)snprintf(keys + used, sizeof keys - used, "%s%s", i > 0 ? " " : "", vkey);
    }
    json_t *json = json_pack("{s:s, s:I, s:i}", "keys", keys, "seconds", (json_int_t)log->seconds, "v", STATE_VERSION);
    enum status status = json != NULL ? STATUS_OK : err_set(err, STATUS_MEMORY, "no memory for a witness's state");
    if (status == STATUS_OK && log->note != NULL) {
        status = base64_encode_new(log->note, log->note_length, &note, err);
        if (status == STATUS_OK && json_object_set_new(json, "note", json_string(note)) != 0)
            status = err_set(err, STATUS_MEMORY, "no memory for a witness's state");
    }
    if (status == STATUS_OK)
        status = canon_encode(json, ret_text, ret_length, err);
    free(note);
    json_decref(json);
    return status;
}

/* What is against it, of a checkpoint that the log has signed. */
static enum status judge_head(const struct witness_log *log, const struct witness_request *request,
                              const struct tree_head *head, enum witness_step *ret_step, struct err *err)
{
    const struct tree_head *last = &log->head;
    struct tree_head from = *last;
    if (last->size > 0 && head->size == last->size) {
        if (!hash_equal(&head->root, &last->root))
            return err_set(err, STATUS_CORRUPT,
                           "fork: the log has signed two different roots of %" PRIu64
                           " entries, and I cosigned the other",
                           last->size);
        *ret_step = WITNESS_AGAIN;
        return STATUS_OK;
    }
    if (head->size < last->size)
        return err_set(err, STATUS_CORRUPT,
                       "the checkpoint is of %" PRIu64 " entries, and I last cosigned %" PRIu64
                       ": it is an old one, or the book was put back",
                       head->size, last->size);
    if (request->old_size != last->size)
        return err_set(err, STATUS_INPUT,
                       "the request says old %" PRIu64 ", but I last cosigned %" PRIu64
                       ": ask for `countersign audit prove --since %" PRIu64 "`",
                       request->old_size, last->size, last->size);
    if (last->size == 0)
        hash_of("", 0, &from.root);
    enum status status = tree_verify_consistency(&from, head, &request->proof, err);
    if (status == STATUS_CORRUPT)
        return err_set(err, STATUS_CORRUPT,
                       "the proof does not lead from my root of %" PRIu64 " entries to this one of %" PRIu64
                       ": a fork, unless the proof was damaged on its way",
                       last->size, head->size);
    *ret_step = last->size == 0 ? WITNESS_FIRST : WITNESS_LATER;
    return status;
}

enum status witness_judge(const struct witness_log *log, const struct witness_request *request, int64_t seconds,
                          struct checkpoint *ret_checkpoint, enum witness_step *ret_step, struct err *err)
{
    struct checkpoint checkpoint;
    enum witness_step step = WITNESS_FIRST;
    invariant(log->key_count > 0);
    enum status status = open_signed(log, request->note, request->note_length, &checkpoint, err);
    if (status == STATUS_OK && checkpoint.head.size == 0)
        status = err_set(err, STATUS_INPUT, "a checkpoint of no entries says nothing");
    if (status == STATUS_OK)
        status = judge_head(log, request, &checkpoint.head, &step, err);
    if (status == STATUS_OK && seconds < log->seconds)
        status = err_set(err, STATUS_CLOCK,
                         "this clock is %" PRId64 " seconds behind my last cosignature: set it right first",
                         log->seconds - seconds);
    if (status != STATUS_OK)
        return status;
    *ret_checkpoint = checkpoint;
    *ret_step = step;
    return STATUS_OK;
}

static bool is_own(const struct note_signature *signature, const struct note_key *key)
{
    return signature->name_length == strlen(key->name) &&
           memcmp(signature->name, key->name, signature->name_length) == 0 &&
           memcmp(signature->id, key->id, NOTE_KEY_ID_BYTES) == 0;
}

/* The note without the witness's own lines, with room for one at its end. */
static enum status strip(const struct witness_request *request, const struct note_key *key, char **ret_note,
                         size_t *ret_length, struct err *err)
{
    struct note note;
    size_t kept = 0;
    enum status status = note_parse(request->note, request->note_length, &note, err);
    if (status != STATUS_OK)
        return status;
    char *text = malloc(request->note_length + NOTE_LINE_TEXT_MAX);
    if (text == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for a checkpoint");
    size_t used = note.text_length + 1;
    memcpy(text, request->note, used);
    const char *line = request->note + used;
    for (size_t i = 0; i < note.signature_count; i++) {
        size_t length = (size_t)(note.signatures[i].base64 + note.signatures[i].base64_length + 1 - line);
        if (!is_own(&note.signatures[i], key)) {
            memcpy(text + used, line, length);
            used += length;
            kept++;
        }
        line += length;
    }
    if (kept == NOTE_SIGNATURES_MAX || used + NOTE_LINE_TEXT_MAX > WITNESS_NOTE_BYTES_MAX) {
        free(text);
        return err_set(err, STATUS_LIMIT, "the checkpoint has too many signatures for one more");
    }
    *ret_note = text;
    *ret_length = used;
    return STATUS_OK;
}

enum status witness_cosign(const struct witness_signing *signing, char **ret_note, struct err *err)
{
    const struct witness_request *request = signing->request;
    struct witness_log *log = signing->log;
    char line[NOTE_LINE_TEXT_MAX];
    char *note = NULL;
    size_t length = 0;
    struct note parsed;
    char *kept = malloc(request->note_length);
    enum status status = kept != NULL ? STATUS_OK : err_set(err, STATUS_MEMORY, "no memory for a checkpoint");
    if (status == STATUS_OK)
        status = note_parse(request->note, request->note_length, &parsed, err);
    if (status == STATUS_OK)
        status = note_cosign(parsed.text, parsed.text_length, signing->cosigner, line, err);
    if (status == STATUS_OK)
        status = strip(request, signing->cosigner->key, &note, &length, err);
    if (status != STATUS_OK) {
        free(kept);
        return status;
    }
    memcpy(note + length, line, strlen(line) + 1);
    memcpy(kept, request->note, request->note_length);
    free(log->note);
    log->note = kept;
    log->note_length = request->note_length;
    log->head = signing->checkpoint->head;
    log->seconds = signing->cosigner->seconds;
    *ret_note = note;
    return STATUS_OK;
}
