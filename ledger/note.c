/*
 * Signed notes and cosignatures. A note comes from outside, so it is taken apart in one bounded walk from its end: the
 * last blank line divides text from signatures. What a verified note says is only as good as the key it was verified
 * with: which keys to trust is the caller's business. Signatures under other names and ids are skipped, as the
 * specification wants it, so that a witness can't make a checkpoint unreadable. Ed25519 as libsodium verifies it:
 * canonical S, no small-order keys. Implements "Checkpoint" of FORMAT.md; C2SP signed-note, tlog-cosignature.
 */
#include "ledger/note.h"

#include "ledger/hash.h"
#include "ledger/signer.h"
#include "ledger/text.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static_assert(NOTE_PUBLIC_KEY_BYTES == crypto_sign_PUBLICKEYBYTES, "Ed25519");
static_assert(NOTE_SECRET_KEY_BYTES == crypto_sign_SECRETKEYBYTES, "Ed25519");

enum {
    ED25519_PAYLOAD_BYTES = NOTE_KEY_ID_BYTES + crypto_sign_BYTES,
    COSIGNATURE_PAYLOAD_BYTES = NOTE_KEY_ID_BYTES + 8 + crypto_sign_BYTES,
    DASH_BYTES = 4,          /* em dash and space */
    COSIGNED_HEAD_BYTES = 64 /* the two lines before a cosigned text */
};

static const char dash[] = "\xE2\x80\x94 ";

/* Unicode's White_Space, by number. */
static bool is_space(uint32_t code_point)
{
    return (code_point >= 0x09 && code_point <= 0x0D) || code_point == 0x20 || code_point == 0x85 ||
           code_point == 0xA0 || code_point == 0x1680 || (code_point >= 0x2000 && code_point <= 0x200A) ||
           code_point == 0x2028 || code_point == 0x2029 || code_point == 0x202F || code_point == 0x205F ||
           code_point == 0x3000;
}

enum status note_name_check(const char *name, size_t length, struct err *err)
{
    if (length == 0)
        return err_set(err, STATUS_INPUT, "the name of a key is empty");
    if (length > NOTE_NAME_BYTES_MAX)
        return err_set(err, STATUS_LIMIT, "names of keys have at most %d bytes", NOTE_NAME_BYTES_MAX);
    for (size_t at = 0; at < length;) {
        uint32_t code_point = 0;
        size_t step = text_step(name + at, length - at, &code_point);
        if (step == 0 || text_forbidden(code_point) || code_point == '+' || is_space(code_point)) {
            char shown[TEXT_SHOW_MAX];
            text_show(name, length, shown);
            return err_set(err, STATUS_INPUT, "key name '%s': no spaces, control characters or '+'", shown);
        }
        at += step;
    }
    return STATUS_OK;
}

/* Text of a note: UTF-8, ends in a newline, no other control character of ASCII. */
static enum status check_text(const char *text, size_t length, struct err *err)
{
    if (length > NOTE_TEXT_BYTES_MAX)
        return err_set(err, STATUS_LIMIT, "the text of a note has at most %d bytes", NOTE_TEXT_BYTES_MAX);
    if (length == 0 || text[length - 1] != '\n')
        return err_set(err, STATUS_INPUT, "the text of a note ends in a newline");
    for (size_t at = 0; at < length;) {
        uint32_t code_point = 0;
        size_t step = text_step(text + at, length - at, &code_point);
        if (step == 0)
            return err_set(err, STATUS_INPUT, "note, byte %zu: not UTF-8", at);
        if (code_point < 0x20 && code_point != '\n')
            return err_set(err, STATUS_INPUT, "note, byte %zu: a control character", at);
        at += step;
    }
    return STATUS_OK;
}

static void key_id(struct note_key *key)
{
    uint8_t input[NOTE_NAME_BYTES_MAX + 2 + NOTE_PUBLIC_KEY_BYTES];
    struct hash hash;
    size_t length = strlen(key->name);
    memcpy(input, key->name, length);
    input[length] = '\n';
    input[length + 1] = (uint8_t)key->type;
    memcpy(input + length + 2, key->public_key, NOTE_PUBLIC_KEY_BYTES);
    hash_of(input, length + 2 + NOTE_PUBLIC_KEY_BYTES, &hash);
    memcpy(key->id, hash.bytes, NOTE_KEY_ID_BYTES);
}

enum status note_key_init(enum note_type type, const char *name, const uint8_t public_key[static NOTE_PUBLIC_KEY_BYTES],
                          struct note_key *ret_key, struct err *err)
{
    struct note_key key = {.type = type};
    size_t length = strnlen(name, NOTE_NAME_BYTES_MAX + 1);
    enum status status = note_name_check(name, length, err);
    if (status != STATUS_OK)
        return status;
    if (crypto_core_ed25519_is_valid_point(public_key) != 1)
        return err_set(err, STATUS_SIGNATURE, "key '%s': not a sound Ed25519 public key", name);
    memcpy(key.name, name, length);
    memcpy(key.public_key, public_key, NOTE_PUBLIC_KEY_BYTES);
    key_id(&key);
    *ret_key = key;
    return STATUS_OK;
}

static enum status refuse_vkey(const char *text, size_t length, const char *what, struct err *err)
{
    char shown[TEXT_SHOW_MAX];
    text_show(text, length, shown);
    return err_set(err, STATUS_INPUT, "verifier key '%s': %s", shown, what);
}

enum status note_key_parse(const char *text, size_t length, struct note_key *ret_key, struct err *err)
{
    char hex[2 * NOTE_KEY_ID_BYTES + 1];
    uint8_t typed[1 + NOTE_PUBLIC_KEY_BYTES];
    struct note_key key;
    size_t typed_length = 0;
    const size_t tail = 1 + (sizeof hex - 1) + 1 + BASE64_CHARS(sizeof typed);

    /* The base64 may hold a '+', the name and the id can't: cut at lengths that are known, then look for the signs. */
    if (length <= tail || text[length - tail] != '+' || text[length - BASE64_CHARS(sizeof typed) - 1] != '+')
        return refuse_vkey(text, length, "name+8 hex digits+base64 of an Ed25519 key is due", err);
    size_t name_length = length - tail;
    enum status status = note_name_check(text, name_length, err);
    if (status != STATUS_OK)
        return status;
    status = base64_decode(text + length - BASE64_CHARS(sizeof typed), BASE64_CHARS(sizeof typed), typed, sizeof typed,
                           &typed_length, NULL);
    if (status != STATUS_OK || typed_length != sizeof typed)
        return refuse_vkey(text, length, "its key is not base64", err);
    if (typed[0] != NOTE_ED25519 && typed[0] != NOTE_COSIGNATURE)
        return refuse_vkey(text, length, "neither Ed25519 (type 1) nor cosignature/v1 (type 4)", err);
    memcpy(key.name, text, name_length);
    key.name[name_length] = '\0';
    key.type = typed[0] == NOTE_ED25519 ? NOTE_ED25519 : NOTE_COSIGNATURE;
    memcpy(key.public_key, typed + 1, NOTE_PUBLIC_KEY_BYTES);
    key_id(&key);
    sodium_bin2hex(hex, sizeof hex, key.id, NOTE_KEY_ID_BYTES);
    if (memcmp(hex, text + name_length + 1, sizeof hex - 1) != 0)
        return refuse_vkey(text, length, "its id is not that of its name and key", err);
    return note_key_init(key.type, key.name, key.public_key, ret_key, err);
}

void note_key_format(const struct note_key *key, char ret_text[static NOTE_VKEY_TEXT_MAX])
{
    char hex[2 * NOTE_KEY_ID_BYTES + 1];
    uint8_t typed[1 + NOTE_PUBLIC_KEY_BYTES];
    char base64[BASE64_CHARS(sizeof typed) + 1];
    typed[0] = (uint8_t)key->type;
    memcpy(typed + 1, key->public_key, NOTE_PUBLIC_KEY_BYTES);
    sodium_bin2hex(hex, sizeof hex, key->id, NOTE_KEY_ID_BYTES);
    invariant(base64_encode(typed, sizeof typed, base64, sizeof base64, NULL) == STATUS_OK);
    snprintf(ret_text, NOTE_VKEY_TEXT_MAX, "%s+%s+%s", key->name, hex, base64);
}

/* One signature line without its newline: em dash, space, name, space, base64 of id and signature. */
static enum status parse_line(const char *line, size_t length, struct note_signature *ret_signature, struct err *err)
{
    uint8_t payload[NOTE_SIGNATURE_BYTES_MAX];
    size_t payload_length = 0;
    if (length < DASH_BYTES || memcmp(line, dash, DASH_BYTES) != 0)
        return err_set(err, STATUS_INPUT, "a signature line starts with an em dash and a space");
    const char *name = line + DASH_BYTES;
    const char *end = line + length;
    const char *space = memchr(name, ' ', (size_t)(end - name));
    if (space == NULL)
        return err_set(err, STATUS_INPUT, "a signature line is name, space, base64");
    enum status status = note_name_check(name, (size_t)(space - name), err);
    if (status != STATUS_OK)
        return status;
    const char *base64 = space + 1;
    status = base64_decode(base64, (size_t)(end - base64), payload, sizeof payload, &payload_length, err);
    if (status != STATUS_OK)
        return status;
    if (payload_length <= NOTE_KEY_ID_BYTES)
        return err_set(err, STATUS_INPUT, "there is no signature after the key id");
    *ret_signature = (struct note_signature){
        .name = name, .name_length = (size_t)(space - name), .base64 = base64, .base64_length = (size_t)(end - base64)};
    memcpy(ret_signature->id, payload, NOTE_KEY_ID_BYTES);
    return STATUS_OK;
}

/* Where the last blank line's newline stands: the text is all before it. 0 when there is none. */
static size_t find_blank_line(const char *bytes, size_t length)
{
    for (size_t at = length; at >= 2; at--)
        if (bytes[at - 1] == '\n' && bytes[at - 2] == '\n')
            return at - 1;
    return 0;
}

enum status note_parse(const char *bytes, size_t length, struct note *ret_note, struct err *err)
{
    struct note note;
    if (length > NOTE_SIGNED_BYTES_MAX)
        return err_set(err, STATUS_LIMIT, "a note of %zu bytes, at most %d are allowed", length, NOTE_SIGNED_BYTES_MAX);
    size_t text_length = find_blank_line(bytes, length);
    if (text_length == 0)
        return err_set(err, STATUS_INPUT, "no blank line between the note's text and its signatures");
    enum status status = check_text(bytes, text_length, err);
    if (status != STATUS_OK)
        return status;
    size_t at = text_length + 1;
    if (at == length || bytes[length - 1] != '\n')
        return err_set(err, STATUS_INPUT, "a note ends in signature lines, each with its newline");
    size_t count = 0;
    while (at < length) {
        if (count == NOTE_SIGNATURES_MAX)
            return err_set(err, STATUS_LIMIT, "a note has at most %d signatures", NOTE_SIGNATURES_MAX);
        const char *newline = memchr(bytes + at, '\n', length - at);
        size_t line_length = (size_t)(newline - (bytes + at));
        status = parse_line(bytes + at, line_length, &note.signatures[count], err);
        if (status != STATUS_OK) {
            err_prefix(err, "signature %zu of the note: ", count + 1);
            return status;
        }
        count++;
        at += line_length + 1;
    }
    note.text = bytes;
    note.text_length = text_length;
    note.signature_count = count;
    *ret_note = note;
    return STATUS_OK;
}

/* The cosigned bytes: two lines, and the text under them. Returns their number. */
static size_t cosigned_message(const char *text, size_t length, int64_t seconds,
                               char ret_message[static COSIGNED_HEAD_BYTES + NOTE_TEXT_BYTES_MAX])
{
    int head = snprintf(ret_message, COSIGNED_HEAD_BYTES, "cosignature/v1\ntime %" PRId64 "\n", seconds);
    memcpy(ret_message + head, text, length);
    return (size_t)head + length;
}

/* Text under the cosigner's two lines: what a cosignature signs. Bounded by the note's size. */
static enum status verify_cosigned(const struct note *note, const struct note_key *key, const uint8_t *payload,
                                   int64_t *ret_seconds)
{
    char message[COSIGNED_HEAD_BYTES + NOTE_TEXT_BYTES_MAX];
    uint64_t seconds = 0;
    for (size_t i = 0; i < 8; i++)
        seconds = seconds << 8 | payload[NOTE_KEY_ID_BYTES + i];
    if (seconds > INT64_MAX)
        return STATUS_SIGNATURE;
    size_t length = cosigned_message(note->text, note->text_length, (int64_t)seconds, message);
    if (crypto_sign_verify_detached(payload + NOTE_KEY_ID_BYTES + 8, (const unsigned char *)message, length,
                                    key->public_key) != 0)
        return STATUS_SIGNATURE;
    *ret_seconds = (int64_t)seconds;
    return STATUS_OK;
}

static enum status verify_one(const struct note *note, const struct note_signature *signature,
                              const struct note_key *key, int64_t *ret_seconds)
{
    uint8_t payload[COSIGNATURE_PAYLOAD_BYTES];
    size_t length = 0;
    if (base64_decode(signature->base64, signature->base64_length, payload, sizeof payload, &length, NULL) != STATUS_OK)
        return STATUS_SIGNATURE;
    if (key->type == NOTE_COSIGNATURE)
        return length == COSIGNATURE_PAYLOAD_BYTES ? verify_cosigned(note, key, payload, ret_seconds)
                                                   : STATUS_SIGNATURE;
    if (length != ED25519_PAYLOAD_BYTES ||
        crypto_sign_verify_detached(payload + NOTE_KEY_ID_BYTES, (const unsigned char *)note->text, note->text_length,
                                    key->public_key) != 0)
        return STATUS_SIGNATURE;
    return STATUS_OK;
}

static bool is_by(const struct note_signature *signature, const struct note_key *key)
{
    return signature->name_length == strlen(key->name) &&
           memcmp(signature->name, key->name, signature->name_length) == 0 &&
           memcmp(signature->id, key->id, NOTE_KEY_ID_BYTES) == 0;
}

static enum status verify(const struct note *note, const struct note_key *key, int64_t *ret_earliest, struct err *err)
{
    bool is_found = false;
    for (size_t i = 0; i < note->signature_count; i++) {
        int64_t seconds = 0;
        if (!is_by(&note->signatures[i], key))
            continue;
        if (verify_one(note, &note->signatures[i], key, &seconds) != STATUS_OK)
            return err_set(err, STATUS_SIGNATURE, "signature %zu of the note, by %s, does not verify", i + 1,
                           key->name);
        if (!is_found || seconds < *ret_earliest)
            *ret_earliest = seconds;
        is_found = true;
    }
    if (!is_found)
        return err_set(err, STATUS_NOT_FOUND, "the note is not signed by %s with this key", key->name);
    return STATUS_OK;
}

enum status note_verify(const struct note *note, const struct note_key *key, struct err *err)
{
    int64_t unused = 0;
    if (key->type != NOTE_ED25519)
        return err_set(err, STATUS_INPUT, "key %s is a witness's, not one that signs notes", key->name);
    return verify(note, key, &unused, err);
}

enum status note_verify_cosignature(const struct note *note, const struct note_key *key, int64_t *ret_seconds,
                                    struct err *err)
{
    int64_t earliest = 0;
    if (key->type != NOTE_COSIGNATURE)
        return err_set(err, STATUS_INPUT, "key %s is not a witness's", key->name);
    enum status status = verify(note, key, &earliest, err);
    if (status == STATUS_OK)
        *ret_seconds = earliest;
    return status;
}

/* Checks what is to be signed and with what, before a signature of it exists. */
static enum status check_signing(const char *text, size_t length, const struct note_key *key, const uint8_t *secret_key,
                                 struct err *err)
{
    if (memcmp(secret_key + NOTE_SECRET_KEY_BYTES - NOTE_PUBLIC_KEY_BYTES, key->public_key, NOTE_PUBLIC_KEY_BYTES) != 0)
        return err_set(err, STATUS_INPUT, "the secret key is not that of %s", key->name);
    return check_text(text, length, err);
}

static void format_line(const struct note_key *key, const uint8_t *payload, size_t length,
                        char ret_line[static NOTE_LINE_TEXT_MAX])
{
    char base64[BASE64_CHARS(COSIGNATURE_PAYLOAD_BYTES) + 1];
    invariant(base64_encode(payload, length, base64, sizeof base64, NULL) == STATUS_OK);
    snprintf(ret_line, NOTE_LINE_TEXT_MAX, "%s%s %s\n", dash, key->name, base64);
}

enum status note_sign(const char *text, size_t length, const struct note_key *key,
                      const uint8_t secret_key[static NOTE_SECRET_KEY_BYTES], char ret_line[static NOTE_LINE_TEXT_MAX],
                      struct err *err)
{
    uint8_t payload[ED25519_PAYLOAD_BYTES];
    if (key->type != NOTE_ED25519)
        return err_set(err, STATUS_INPUT, "key %s is a witness's, not one that signs notes", key->name);
    enum status status = check_signing(text, length, key, secret_key, err);
    if (status != STATUS_OK)
        return status;
    memcpy(payload, key->id, NOTE_KEY_ID_BYTES);
    crypto_sign_detached(payload + NOTE_KEY_ID_BYTES, NULL, (const unsigned char *)text, length, secret_key);
    format_line(key, payload, sizeof payload, ret_line);
    return STATUS_OK;
}

static enum status cosign_by(const struct note_cosigner *cosigner, const char *message, size_t length,
                             uint8_t ret_signature[static ED25519_SIGNATURE_BYTES], struct err *err)
{
    struct raw_signature raw;
    const struct signer *signer = cosigner->signer;
    enum status status = signer->sign(signer->context, message, length, &raw, err);
    if (status != STATUS_OK)
        return status;
    if (crypto_sign_verify_detached(raw.bytes, (const unsigned char *)message, length, cosigner->key->public_key) != 0)
        return err_set(err, STATUS_SIGNATURE, "what the key of %s signed does not verify", cosigner->key->name);
    memcpy(ret_signature, raw.bytes, ED25519_SIGNATURE_BYTES);
    return STATUS_OK;
}

/* Checks who cosigns what, before a signature of it exists. */
static enum status check_cosigning(const char *text, size_t length, const struct note_cosigner *cosigner,
                                   struct err *err)
{
    const struct note_key *key = cosigner->key;
    if (key->type != NOTE_COSIGNATURE || cosigner->seconds < 0)
        return err_set(err, STATUS_INPUT, "%s",
                       cosigner->seconds < 0 ? "a cosignature's time is before 1970" : "the key is not a witness's");
    if (cosigner->signer == NULL)
        return check_signing(text, length, key, cosigner->secret_key, err);
    const struct public_key *public = &cosigner->signer->key;
    if (public->type != KEY_ED25519 || memcmp(public->ed25519, key->public_key, NOTE_PUBLIC_KEY_BYTES) != 0)
        return err_set(err, STATUS_INPUT, "the secret key is not that of %s", key->name);
    return check_text(text, length, err);
}

enum status note_cosign(const char *text, size_t length, const struct note_cosigner *cosigner,
                        char ret_line[static NOTE_LINE_TEXT_MAX], struct err *err)
{
    char message[COSIGNED_HEAD_BYTES + NOTE_TEXT_BYTES_MAX];
    uint8_t payload[COSIGNATURE_PAYLOAD_BYTES];
    uint8_t *signature = payload + NOTE_KEY_ID_BYTES + 8;
    enum status status = check_cosigning(text, length, cosigner, err);
    if (status != STATUS_OK)
        return status;
    size_t message_length = cosigned_message(text, length, cosigner->seconds, message);
    if (cosigner->signer != NULL)
        status = cosign_by(cosigner, message, message_length, signature, err);
    else
        crypto_sign_detached(signature, NULL, (const unsigned char *)message, message_length, cosigner->secret_key);
    if (status != STATUS_OK)
        return status;
    memcpy(payload, cosigner->key->id, NOTE_KEY_ID_BYTES);
    for (size_t i = 0; i < 8; i++)
        payload[NOTE_KEY_ID_BYTES + i] = (uint8_t)((uint64_t)cosigner->seconds >> (56 - 8 * i));
    format_line(cosigner->key, payload, sizeof payload, ret_line);
    return STATUS_OK;
}
