/*
 * Checkpoint texts, and checkpoints as signed notes. Our own carry no extension lines; those of others may. The origin
 * is the name of the key that signs, so that a key of one journal can't speak for another. Never to sign two that
 * disagree is the journal's part. Implements "Checkpoint" of FORMAT.md; C2SP tlog-checkpoint.
 */
#include "ledger/checkpoint.h"

#include "ledger/base64.h"
#include "ledger/decimal.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { EPOCH_DIGITS_MAX = 15 }; /* within what canonical JSON counts */

/* The rest of a text that is read line by line. */
struct lines {
    const char *at;
    size_t left;
};

/* Takes the next line without its newline. False when no whole line is left. */
static bool take_line(struct lines *lines, const char **ret_line, size_t *ret_length)
{
    const char *newline = lines->left == 0 ? NULL : memchr(lines->at, '\n', lines->left);
    if (newline == NULL)
        return false;
    *ret_line = lines->at;
    *ret_length = (size_t)(newline - lines->at);
    lines->at += *ret_length + 1;
    lines->left -= *ret_length + 1;
    return true;
}

void checkpoint_origin(const char *name, const char *book, uint64_t epoch,
                       char ret_origin[static NOTE_NAME_BYTES_MAX + 1])
{
    snprintf(ret_origin, NOTE_NAME_BYTES_MAX + 1, "%s/%.*s/%" PRIu64, name, CHECKPOINT_BOOK_CHARS, book, epoch);
}

enum status checkpoint_epoch(const char *origin, const char *name, const char *book, uint64_t *ret_epoch,
                             struct err *err)
{
    char own[NOTE_NAME_BYTES_MAX + 1];
    const char *slash = strrchr(origin, '/');
    uint64_t epoch = 0;
    size_t digits = slash == NULL ? 0 : strspn(slash + 1, "0123456789");
    for (size_t i = 1; i <= digits && digits <= EPOCH_DIGITS_MAX; i++)
        epoch = epoch * 10 + (uint64_t)(slash[i] - '0');
    checkpoint_origin(name, book, epoch, own); /* leading zeros, and whatever else differs, show here */
    if (digits > EPOCH_DIGITS_MAX || strcmp(own, origin) != 0)
        return err_set(err, STATUS_INPUT, "the checkpoint is of %.100s, which is no origin of this book", origin);
    *ret_epoch = epoch;
    return STATUS_OK;
}

enum status checkpoint_format(const struct checkpoint *checkpoint, char ret_text[static CHECKPOINT_TEXT_MAX],
                              struct err *err)
{
    char base64[BASE64_CHARS(HASH_BYTES) + 1];
    enum status status =
        note_name_check(checkpoint->origin, strnlen(checkpoint->origin, sizeof checkpoint->origin), err);
    if (status != STATUS_OK)
        return status;
    if (checkpoint->head.size > TREE_SIZE_MAX)
        return err_set(err, STATUS_LIMIT, "a checkpoint of %" PRIu64 " entries is too large", checkpoint->head.size);
    invariant(base64_encode(checkpoint->head.root.bytes, HASH_BYTES, base64, sizeof base64, NULL) == STATUS_OK);
    snprintf(ret_text, CHECKPOINT_TEXT_MAX, "%s\n%" PRIu64 "\n%s\n", checkpoint->origin, checkpoint->head.size, base64);
    return STATUS_OK;
}

static enum status parse_root(const char *line, size_t length, struct hash *ret_root, struct err *err)
{
    size_t bytes = 0;
    if (length != BASE64_CHARS(HASH_BYTES) ||
        base64_decode(line, length, ret_root->bytes, HASH_BYTES, &bytes, NULL) != STATUS_OK || bytes != HASH_BYTES)
        return err_set(err, STATUS_INPUT, "the checkpoint's third line is not the base64 of a SHA-256");
    return STATUS_OK;
}

enum status checkpoint_parse(const char *text, size_t length, struct checkpoint *ret_checkpoint, struct err *err)
{
    struct checkpoint checkpoint;
    struct lines lines = {text, length};
    const char *line = NULL;
    size_t line_length = 0;
    if (!take_line(&lines, &line, &line_length))
        return err_set(err, STATUS_INPUT, "the checkpoint has no origin line");
    enum status status = note_name_check(line, line_length, err);
    if (status != STATUS_OK)
        return status;
    memcpy(checkpoint.origin, line, line_length);
    checkpoint.origin[line_length] = '\0';
    if (!take_line(&lines, &line, &line_length))
        return err_set(err, STATUS_INPUT, "the checkpoint has no size line");
    status = decimal_parse(line, line_length, &checkpoint.head.size, err);
    if (status != STATUS_OK)
        return status;
    if (!take_line(&lines, &line, &line_length))
        return err_set(err, STATUS_INPUT, "the checkpoint has no root line");
    status = parse_root(line, line_length, &checkpoint.head.root, err);
    if (status != STATUS_OK)
        return status;
    while (take_line(&lines, &line, &line_length))
        if (line_length == 0)
            return err_set(err, STATUS_INPUT, "an empty extension line in the checkpoint");
    if (lines.left != 0)
        return err_set(err, STATUS_INPUT, "the checkpoint does not end in a newline");
    *ret_checkpoint = checkpoint;
    return STATUS_OK;
}

enum status checkpoint_sign(const struct checkpoint *checkpoint, const struct note_key *key,
                            const uint8_t secret_key[static NOTE_SECRET_KEY_BYTES],
                            char ret_note[static CHECKPOINT_NOTE_MAX], struct err *err)
{
    char text[CHECKPOINT_TEXT_MAX];
    char line[NOTE_LINE_TEXT_MAX];
    enum status status = checkpoint_format(checkpoint, text, err);
    if (status != STATUS_OK)
        return status;
    if (strcmp(key->name, checkpoint->origin) != 0)
        return err_set(err, STATUS_INPUT, "the key of %s can't sign a checkpoint of %s", key->name, checkpoint->origin);
    status = note_sign(text, strlen(text), key, secret_key, line, err);
    if (status != STATUS_OK)
        return status;
    snprintf(ret_note, CHECKPOINT_NOTE_MAX, "%s\n%s", text, line);
    return STATUS_OK;
}

enum status checkpoint_sign_by(const struct checkpoint *checkpoint, const struct note_key *key,
                               const struct signer *signer, char ret_note[static CHECKPOINT_NOTE_MAX], struct err *err)
{
    char text[CHECKPOINT_TEXT_MAX];
    char note[CHECKPOINT_NOTE_MAX];
    uint8_t payload[NOTE_KEY_ID_BYTES + ED25519_SIGNATURE_BYTES];
    char base64[BASE64_CHARS(sizeof payload) + 1];
    struct raw_signature signature;
    struct checkpoint again;
    if (signer->key.type != KEY_ED25519)
        return err_set(err, STATUS_INPUT, "a checkpoint is signed by a plain Ed25519 key");
    enum status status = checkpoint_format(checkpoint, text, err);
    if (status == STATUS_OK)
        status = signer->sign(signer->context, text, strlen(text), &signature, err);
    if (status != STATUS_OK)
        return status;
    memcpy(payload, key->id, NOTE_KEY_ID_BYTES);
    memcpy(payload + NOTE_KEY_ID_BYTES, signature.bytes, ED25519_SIGNATURE_BYTES);
    status = base64_encode(payload, sizeof payload, base64, sizeof base64, err);
    if (status != STATUS_OK)
        return status;
    int length = snprintf(note, sizeof note, "%s\n\xE2\x80\x94 %s %s\n", text, key->name, base64);
    invariant(length > 0 && (size_t)length < sizeof note);
    status = checkpoint_open(note, (size_t)length, key, &again, NULL, err);
    if (status != STATUS_OK)
        return status;
    memcpy(ret_note, note, (size_t)length + 1);
    return STATUS_OK;
}

enum status checkpoint_open(const char *bytes, size_t length, const struct note_key *key,
                            struct checkpoint *ret_checkpoint, struct note *ret_note, struct err *err)
{
    struct note note;
    struct checkpoint checkpoint;
    enum status status = note_parse(bytes, length, &note, err);
    if (status == STATUS_OK)
        status = note_verify(&note, key, err);
    if (status == STATUS_OK)
        status = checkpoint_parse(note.text, note.text_length, &checkpoint, err);
    if (status != STATUS_OK)
        return status;
    if (strcmp(key->name, checkpoint.origin) != 0)
        return err_set(err, STATUS_INPUT, "a checkpoint of another journal under the key of %s", key->name);
    *ret_checkpoint = checkpoint;
    if (ret_note != NULL)
        *ret_note = note;
    return STATUS_OK;
}
