/*
 * Public keys as OpenSSH writes them, for the two Ed25519 types (RFC 8709; OpenSSH PROTOCOL.u2f). Guarantees
 * that a key has one text and one wire form: what parses is what sshkey_format would write, byte for byte,
 * and its point is canonical, on the curve and in the main subgroup. Who a key belongs to is the register's
 * business.
 */
#include "ledger/sshkey.h"

#include <assert.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "ledger/sshwire.h"

#define NAME_ED25519    "ssh-ed25519"
#define NAME_SK_ED25519 "sk-ssh-ed25519@openssh.com"
#define APPLICATION     "ssh:"

static_assert(ED25519_PUBLIC_BYTES == crypto_sign_ed25519_PUBLICKEYBYTES, "Ed25519 public key");
static_assert(sizeof NAME_SK_ED25519 +
                      sodium_base64_ENCODED_LEN(SSHKEY_BLOB_BYTES_MAX, sodium_base64_VARIANT_ORIGINAL) <=
                  PUBLIC_KEY_TEXT_MAX,
              "any key's text fits");

const char *sshkey_type_name(enum key_type type)
{
    switch (type) {
    case KEY_ED25519:
        return NAME_ED25519;
    case KEY_SK_ED25519:
        return NAME_SK_ED25519;
    }
    return "?";
}

/* Names the type found, if it can be shown, and those that are accepted. */
static enum status refuse_type(const void *name, size_t length, struct err *err)
{
    const char *text = name;
    bool shown = length > 0 && length <= 64;
    for (size_t i = 0; shown && i < length; i++)
        shown = text[i] > ' ' && text[i] < 0x7F;
    if (!shown)
        return err_set(err, STATUS_INPUT, "key type unreadable; use %s or %s", NAME_ED25519, NAME_SK_ED25519);
    return err_set(err, STATUS_INPUT, "key type '%.*s' is not accepted; use %s or %s", (int)length, text, NAME_ED25519,
                   NAME_SK_ED25519);
}

static bool type_from_name(const struct sshwire_reader *name, enum key_type *ret_type)
{
    const enum key_type types[] = {KEY_ED25519, KEY_SK_ED25519};
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (sshwire_is_text(name, sshkey_type_name(types[i]))) {
            *ret_type = types[i];
            return true;
        }
    }
    return false;
}

enum status sshkey_from_blob(const uint8_t *blob, size_t length, struct public_key *ret_key, struct err *err)
{
    struct sshwire_reader reader = {.at = blob, .left = length};
    struct sshwire_reader inside = {0};
    struct public_key key = {0};
    if (!sshwire_get_string(&reader, &inside))
        return err_set(err, STATUS_INPUT, "public key: truncated");
    if (!type_from_name(&inside, &key.type))
        return refuse_type(inside.at, inside.left, err);
    if (!sshwire_get_string(&reader, &inside))
        return err_set(err, STATUS_INPUT, "public key: truncated");
    if (inside.left != sizeof key.ed25519)
        return err_set(err, STATUS_INPUT, "public key: %zu bytes where Ed25519 has %zu", inside.left,
                       sizeof key.ed25519);
    memcpy(key.ed25519, inside.at, sizeof key.ed25519);
    if (key.type == KEY_SK_ED25519) {
        if (!sshwire_expect_string(&reader, APPLICATION))
            return err_set(err, STATUS_INPUT, "public key: the FIDO application is not \"%s\"", APPLICATION);
        memcpy(key.application, APPLICATION, sizeof APPLICATION);
    }
    if (reader.left != 0)
        return err_set(err, STATUS_INPUT, "public key: %zu bytes too many", reader.left);
    *ret_key = key;
    return STATUS_OK;
}

/* Reads the key text[0..length). */
static enum status parse_text(const char *text, size_t length, struct public_key *ret_key, struct err *err)
{
    uint8_t blob[SSHKEY_BLOB_BYTES_MAX];
    size_t blob_length = 0;
    struct public_key key = {0};
    char again[PUBLIC_KEY_TEXT_MAX];

    const char *space = memchr(text, ' ', length);
    size_t name_length = space == NULL ? length : (size_t)(space - text);
    const struct sshwire_reader name = {.at = (const uint8_t *)text, .left = name_length};
    if (!type_from_name(&name, &key.type))
        return refuse_type(text, name_length, err);
    if (space == NULL)
        return err_set(err, STATUS_INPUT, "public key: only a type, no key after it");

    size_t base64_length = length - name_length - 1;
    if (sodium_base642bin(blob, sizeof blob, space + 1, base64_length, NULL, &blob_length, NULL,
                          sodium_base64_VARIANT_ORIGINAL) != 0)
        return err_set(err, STATUS_INPUT, "public key: '%s' is not followed by one key in base64 and nothing more",
                       sshkey_type_name(key.type));
    enum status status = sshkey_from_blob(blob, blob_length, &key, err);
    if (status != STATUS_OK)
        return status;
    sshkey_format(&key, again);
    if (strlen(again) != length || memcmp(again, text, length) != 0)
        return err_set(err, STATUS_INPUT, "public key: the type before the key and the one inside it differ");
    status = sshkey_check(&key, err);
    if (status == STATUS_OK)
        *ret_key = key;
    return status;
}

enum status sshkey_parse(const char *text, struct public_key *ret_key, struct err *err)
{
    size_t length = strnlen(text, PUBLIC_KEY_TEXT_MAX);
    if (length >= PUBLIC_KEY_TEXT_MAX)
        return err_set(err, STATUS_LIMIT, "public key: over %d bytes", PUBLIC_KEY_TEXT_MAX - 1);
    return parse_text(text, length, ret_key, err);
}

enum status sshkey_parse_line(const char *line, struct public_key *ret_key, struct err *err)
{
    enum { LINE_MAX_BYTES = 4096 };
    size_t length = strnlen(line, LINE_MAX_BYTES);
    if (length >= LINE_MAX_BYTES)
        return err_set(err, STATUS_LIMIT, "public key: line over %d bytes", LINE_MAX_BYTES - 1);
    const char *newline = memchr(line, '\n', length);
    if (newline != NULL && newline + 1 != line + length)
        return err_set(err, STATUS_INPUT, "public key: more than one line");
    if (newline != NULL)
        length--;
    const char *first = memchr(line, ' ', length);
    const char *second = first == NULL ? NULL : memchr(first + 1, ' ', length - (size_t)(first + 1 - line));
    return parse_text(line, second == NULL ? length : (size_t)(second - line), ret_key, err);
}

enum status sshkey_check(const struct public_key *key, struct err *err)
{
    if (crypto_core_ed25519_is_valid_point(key->ed25519) != 1)
        return err_set(err, STATUS_SIGNATURE,
                       "public key: not a usable point (small order, not canonical or not on the curve)");
    return STATUS_OK;
}

void sshkey_put_blob(struct sshwire_writer *writer, const struct public_key *key)
{
    sshwire_put_text(writer, sshkey_type_name(key->type));
    sshwire_put_string(writer, key->ed25519, sizeof key->ed25519);
    if (key->type == KEY_SK_ED25519)
        sshwire_put_text(writer, key->application);
}

size_t sshkey_blob(const struct public_key *key, uint8_t ret_blob[static SSHKEY_BLOB_BYTES_MAX])
{
    struct sshwire_writer writer = {.bytes = ret_blob, .size = SSHKEY_BLOB_BYTES_MAX};
    sshkey_put_blob(&writer, key);
    invariant(!writer.full);
    return writer.used;
}

void sshkey_format(const struct public_key *key, char ret_text[static PUBLIC_KEY_TEXT_MAX])
{
    uint8_t blob[SSHKEY_BLOB_BYTES_MAX];
    size_t length = sshkey_blob(key, blob);
    const char *name = sshkey_type_name(key->type);
    size_t name_length = strlen(name);
    memcpy(ret_text, name, name_length);
    ret_text[name_length] = ' ';
    sodium_bin2base64(ret_text + name_length + 1, PUBLIC_KEY_TEXT_MAX - name_length - 1, blob, length,
                      sodium_base64_VARIANT_ORIGINAL);
}

void sshkey_fingerprint(const struct public_key *key, char ret_text[static SSHKEY_FINGERPRINT_CHARS + 1])
{
    static const char prefix[] = "SHA256:";
    uint8_t blob[SSHKEY_BLOB_BYTES_MAX];
    uint8_t hash[crypto_hash_sha256_BYTES];
    crypto_hash_sha256(hash, blob, sshkey_blob(key, blob));
    memcpy(ret_text, prefix, sizeof prefix - 1);
    sodium_bin2base64(ret_text + sizeof prefix - 1, SSHKEY_FINGERPRINT_CHARS + 1 - (sizeof prefix - 1), hash,
                      sizeof hash, sodium_base64_VARIANT_ORIGINAL_NO_PADDING);
}

bool sshkey_equal(const struct public_key *a, const struct public_key *b)
{
    return a->type == b->type && memcmp(a->ed25519, b->ed25519, sizeof a->ed25519) == 0 &&
           strncmp(a->application, b->application, sizeof a->application) == 0;
}

int sshkey_order(const struct public_key *a, const struct public_key *b)
{
    uint8_t a_blob[SSHKEY_BLOB_BYTES_MAX], b_blob[SSHKEY_BLOB_BYTES_MAX];
    size_t a_length = sshkey_blob(a, a_blob);
    size_t b_length = sshkey_blob(b, b_blob);
    size_t shorter = a_length < b_length ? a_length : b_length;
    int order = memcmp(a_blob, b_blob, shorter);
    return order != 0 ? order : (a_length > b_length) - (a_length < b_length);
}

/* Turns 2026-11-21T09:30:00.000Z into OpenSSH's 20261121093000Z; an empty text when there is no time. */
static enum status time_for_ssh(const char *time, char ret_text[static 16], struct err *err)
{
    static const char form[] = "dddd-dd-ddTdd:dd:dd.dddZ";
    size_t used = 0;
    ret_text[0] = '\0';
    if (time == NULL)
        return STATUS_OK;
    bool right = strnlen(time, sizeof form) == sizeof form - 1;
    for (size_t i = 0; right && i < sizeof form - 1; i++) {
        bool digit = time[i] >= '0' && time[i] <= '9';
        right = form[i] == 'd' ? digit : time[i] == form[i];
        if (digit && i < sizeof "dddd-dd-ddTdd:dd:dd" - 1)
            ret_text[used++] = time[i];
    }
    if (!right)
        return err_set(err, STATUS_INPUT, "allowed_signers: a time has the form 2026-11-21T09:30:00.000Z");
    ret_text[used++] = 'Z';
    ret_text[used] = '\0';
    return STATUS_OK;
}

static enum status principal_check(const char *principal, struct err *err)
{
    static const char accepted[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._@+-:/=";
    size_t length = strnlen(principal, NAME_BYTES_MAX + 1);
    if (length == 0 || length > NAME_BYTES_MAX || strspn(principal, accepted) != length)
        return err_set(err, STATUS_INPUT,
                       "allowed_signers: a principal has 1 to %d letters, digits and . _ @ + - : / =", NAME_BYTES_MAX);
    return STATUS_OK;
}

enum status sshkey_allowed_line(const struct public_key *key, const char *principal, const struct key_window *window,
                                char ret_line[static SSHKEY_ALLOWED_LINE_MAX], struct err *err)
{
    const struct key_window always = {0};
    char after[16], before[16], text[PUBLIC_KEY_TEXT_MAX];
    enum status status = principal_check(principal, err);
    if (window == NULL)
        window = &always;
    if (status == STATUS_OK)
        status = time_for_ssh(window->after, after, err);
    if (status == STATUS_OK)
        status = time_for_ssh(window->before, before, err);
    if (status != STATUS_OK)
        return status;
    sshkey_format(key, text);
    int used =
        snprintf(ret_line, SSHKEY_ALLOWED_LINE_MAX, "%s namespaces=\"%s\"%s%s%s%s%s%s %s", principal, SSHKEY_NAMESPACE,
                 after[0] != '\0' ? ",valid-after=\"" : "", after, after[0] != '\0' ? "\"" : "",
                 before[0] != '\0' ? ",valid-before=\"" : "", before, before[0] != '\0' ? "\"" : "", text);
    invariant(used > 0 && used < SSHKEY_ALLOWED_LINE_MAX);
    return STATUS_OK;
}

enum status sshkey_allowed_under(const struct public_key *key, const char *principal, const char *name,
                                 char ret_line[static SSHKEY_ALLOWED_LINE_MAX], struct err *err)
{
    char text[PUBLIC_KEY_TEXT_MAX];
    enum status status = principal_check(principal, err);
    if (status != STATUS_OK)
        return status;
    sshkey_format(key, text);
    int used = snprintf(ret_line, SSHKEY_ALLOWED_LINE_MAX, "%s namespaces=\"%s\" %s", principal, name, text);
    invariant(used > 0 && used < SSHKEY_ALLOWED_LINE_MAX);
    return STATUS_OK;
}
