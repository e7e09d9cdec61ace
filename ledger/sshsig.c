/*
 * SSHSIG, in the one form that a book and its server accept (OpenSSH PROTOCOL.sshsig; PROTOCOL.u2f for FIDO keys; DESIGN
 * 4). Guarantees that a blob which verifies is, byte for byte, the only encoding of its key, flags, counter
 * and signature, and that what this room signs verifies. Leaves to the register whose key it is and when it
 * was valid, and to policy whether a FIDO key must have verified its user.
 */
#include "ledger/sshsig.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

#include "ledger/sshwire.h"

#define MAGIC     "SSHSIG"
#define HASH_NAME "sha512"
#define BEGIN     "-----BEGIN SSH SIGNATURE-----\n"
#define END       "-----END SSH SIGNATURE-----\n"

enum {
    VERSION = 1,
    COLUMNS = 70,
    SIGNED_BYTES_MAX = 128, /* magic, namespace, reserved, hash name, SHA-512: 111 at most */
    FIDO_BYTES = 2 * crypto_hash_sha256_BYTES + 1 + 4,
    BASE64_CHARS_MAX = sodium_base64_ENCODED_LEN(SSHSIG_BYTES_MAX, sodium_base64_VARIANT_ORIGINAL) - 1
};

static_assert(ED25519_SIGNATURE_BYTES == crypto_sign_ed25519_BYTES, "Ed25519 signature");
static_assert(sizeof BEGIN + sizeof END + BASE64_CHARS_MAX + BASE64_CHARS_MAX / COLUMNS + 1 <= SSHSIG_ARMOUR_BYTES_MAX,
              "the largest blob can be armoured");

const char *sshsig_namespace(enum sshsig_purpose purpose)
{
    switch (purpose) {
    case SSHSIG_STATEMENT:
        return SSHKEY_NAMESPACE;
    case SSHSIG_CONNECT:
        return SSHKEY_NAMESPACE "-connect";
    case SSHSIG_BUNDLE:
        return SSHKEY_NAMESPACE "-bundle";
    case SSHSIG_EXPORT:
        return SSHKEY_NAMESPACE "-export";
    }
    invariant(false);
    return NULL;
}

/* The bytes that a key signs in the name of message. Returns their number. */
static size_t signed_bytes(const struct sshsig_message *message, uint8_t ret_bytes[static SIGNED_BYTES_MAX])
{
    uint8_t hash[crypto_hash_sha512_BYTES];
    struct sshwire_writer writer = {.bytes = ret_bytes, .size = SIGNED_BYTES_MAX};
    crypto_hash_sha512(hash, message->bytes, message->length);
    sshwire_put_bytes(&writer, MAGIC, sizeof MAGIC - 1);
    sshwire_put_text(&writer, sshsig_namespace(message->purpose));
    sshwire_put_text(&writer, "");
    sshwire_put_text(&writer, HASH_NAME);
    sshwire_put_string(&writer, hash, sizeof hash);
    invariant(!writer.full);
    return writer.used;
}

/* What an authenticator makes of those bytes before it signs. */
static void fido_bytes(const struct sshsig *sshsig, const uint8_t *bytes, size_t length,
                       uint8_t ret_bytes[static FIDO_BYTES])
{
    uint8_t hash[crypto_hash_sha256_BYTES];
    struct sshwire_writer writer = {.bytes = ret_bytes, .size = FIDO_BYTES};
    const char *application = sshsig->key.application;
    crypto_hash_sha256(hash, (const uint8_t *)application, strlen(application));
    sshwire_put_bytes(&writer, hash, sizeof hash);
    sshwire_put_u8(&writer, sshsig->signature.flags);
    sshwire_put_u32(&writer, sshsig->signature.counter);
    crypto_hash_sha256(hash, bytes, length);
    sshwire_put_bytes(&writer, hash, sizeof hash);
    invariant(!writer.full && writer.used == FIDO_BYTES);
}

static size_t encode(const struct sshsig *sshsig, enum sshsig_purpose purpose,
                     uint8_t ret_blob[static SSHSIG_BYTES_MAX])
{
    uint8_t part[SSHKEY_BLOB_BYTES_MAX];
    struct sshwire_writer inside = {.bytes = part, .size = sizeof part};
    struct sshwire_writer writer = {.bytes = ret_blob, .size = SSHSIG_BYTES_MAX};
    sshwire_put_bytes(&writer, MAGIC, sizeof MAGIC - 1);
    sshwire_put_u32(&writer, VERSION);
    sshwire_put_string(&writer, part, sshkey_blob(&sshsig->key, part));
    sshwire_put_text(&writer, sshsig_namespace(purpose));
    sshwire_put_text(&writer, "");
    sshwire_put_text(&writer, HASH_NAME);
    signer_put_signature(&inside, sshsig->key.type, &sshsig->signature);
    sshwire_put_string(&writer, part, inside.used);
    invariant(!inside.full && !writer.full);
    return writer.used;
}

enum status sshsig_sign_message(const struct signer *signer, const struct sshsig_message *message,
                                uint8_t ret_blob[static SSHSIG_BYTES_MAX], size_t *ret_length, struct err *err)
{
    uint8_t bytes[SIGNED_BYTES_MAX];
    uint8_t blob[SSHSIG_BYTES_MAX];
    struct sshsig sshsig = {.key = signer->key};
    size_t bytes_length = signed_bytes(message, bytes);
    enum status status = signer->sign(signer->context, bytes, bytes_length, &sshsig.signature, err);
    if (status != STATUS_OK)
        return status;
    size_t blob_length = encode(&sshsig, message->purpose, blob);
    status = sshsig_verify_message(blob, blob_length, message, &sshsig, err);
    if (status != STATUS_OK) {
        err_prefix(err, "just signed, and refused again: ");
        return status;
    }
    memcpy(ret_blob, blob, blob_length);
    *ret_length = blob_length;
    return STATUS_OK;
}

enum status sshsig_sign(const struct signer *signer, const void *message, size_t length,
                        uint8_t ret_blob[static SSHSIG_BYTES_MAX], size_t *ret_length, struct err *err)
{
    const struct sshsig_message statement = {.purpose = SSHSIG_STATEMENT, .bytes = message, .length = length};
    return sshsig_sign_message(signer, &statement, ret_blob, ret_length, err);
}

static enum status parse(const uint8_t *blob, size_t length, enum sshsig_purpose purpose, struct sshsig *ret_sshsig,
                         struct err *err)
{
    struct sshwire_reader reader = {.at = blob, .left = length};
    struct sshwire_reader inside = {0};
    struct sshsig sshsig = {0};
    uint32_t version = 0;
    if (length > SSHSIG_BYTES_MAX)
        return err_set(err, STATUS_LIMIT, "signature: %zu bytes, at most %d", length, SSHSIG_BYTES_MAX);
    if (!sshwire_expect(&reader, MAGIC, sizeof MAGIC - 1))
        return err_set(err, STATUS_INPUT, "signature: does not begin with %s", MAGIC);
    if (!sshwire_get_u32(&reader, &version) || version != VERSION)
        return err_set(err, STATUS_INPUT, "signature: not of version %d", VERSION);
    if (!sshwire_get_string(&reader, &inside))
        return err_set(err, STATUS_INPUT, "signature: truncated in the public key");
    enum status status = sshkey_from_blob(inside.at, inside.left, &sshsig.key, err);
    if (status != STATUS_OK) {
        err_prefix(err, "signature: ");
        return status;
    }
    if (!sshwire_expect_string(&reader, sshsig_namespace(purpose)))
        return err_set(err, STATUS_INPUT, "signature: not made under the namespace %s", sshsig_namespace(purpose));
    if (!sshwire_expect_string(&reader, ""))
        return err_set(err, STATUS_INPUT, "signature: the reserved string is not empty");
    if (!sshwire_expect_string(&reader, HASH_NAME))
        return err_set(err, STATUS_INPUT, "signature: its hash is not %s", HASH_NAME);
    if (!sshwire_get_string(&reader, &inside))
        return err_set(err, STATUS_INPUT, "signature: truncated in the signature itself");
    if (reader.left != 0)
        return err_set(err, STATUS_INPUT, "signature: %zu bytes too many", reader.left);
    status = signer_get_signature(sshsig.key.type, inside.at, inside.left, &sshsig.signature, err);
    if (status == STATUS_OK)
        *ret_sshsig = sshsig;
    return status;
}

enum status sshsig_parse(const uint8_t *blob, size_t length, struct sshsig *ret_sshsig, struct err *err)
{
    return parse(blob, length, SSHSIG_STATEMENT, ret_sshsig, err);
}

static enum status check(const struct sshsig *sshsig, const struct sshsig_message *message, struct err *err)
{
    uint8_t bytes[SIGNED_BYTES_MAX];
    uint8_t wrapped[FIDO_BYTES];
    const uint8_t *checked = bytes;
    size_t checked_length = signed_bytes(message, bytes);
    if (sshsig->key.type == KEY_SK_ED25519) {
        if ((sshsig->signature.flags & SIGNATURE_USER_PRESENT) == 0)
            return err_set(err, STATUS_SIGNATURE, "signature: the FIDO key was used without its user's touch");
        fido_bytes(sshsig, bytes, checked_length, wrapped);
        checked = wrapped;
        checked_length = sizeof wrapped;
    }
    if (crypto_sign_ed25519_verify_detached(sshsig->signature.bytes, checked, checked_length, sshsig->key.ed25519) != 0)
        return err_set(err, STATUS_SIGNATURE, "signature: does not verify over these bytes with its key");
    return STATUS_OK;
}

enum status sshsig_check(const struct sshsig *sshsig, const void *message, size_t length, struct err *err)
{
    const struct sshsig_message statement = {.purpose = SSHSIG_STATEMENT, .bytes = message, .length = length};
    return check(sshsig, &statement, err);
}

enum status sshsig_verify_message(const uint8_t *blob, size_t blob_length, const struct sshsig_message *message,
                                  struct sshsig *ret_info, struct err *err)
{
    struct sshsig sshsig = {0};
    enum status status = parse(blob, blob_length, message->purpose, &sshsig, err);
    if (status == STATUS_OK)
        status = check(&sshsig, message, err);
    if (status == STATUS_OK)
        *ret_info = sshsig;
    return status;
}

enum status sshsig_verify(const uint8_t *blob, size_t blob_length, const void *message, size_t length,
                          struct sshsig *ret_info, struct err *err)
{
    const struct sshsig_message statement = {.purpose = SSHSIG_STATEMENT, .bytes = message, .length = length};
    return sshsig_verify_message(blob, blob_length, &statement, ret_info, err);
}

void sshsig_armour(const uint8_t *blob, size_t length, char ret_text[static SSHSIG_ARMOUR_BYTES_MAX])
{
    char base64[BASE64_CHARS_MAX + 1];
    struct sshwire_writer writer = {.bytes = (uint8_t *)ret_text, .size = SSHSIG_ARMOUR_BYTES_MAX};
    invariant(length >= 1 && length <= SSHSIG_BYTES_MAX);
    sodium_bin2base64(base64, sizeof base64, blob, length, sodium_base64_VARIANT_ORIGINAL);
    sshwire_put_bytes(&writer, BEGIN, sizeof BEGIN - 1);
    size_t chars = strlen(base64);
    for (size_t at = 0; at < chars; at += COLUMNS) {
        sshwire_put_bytes(&writer, base64 + at, chars - at < COLUMNS ? chars - at : COLUMNS);
        sshwire_put_bytes(&writer, "\n", 1);
    }
    sshwire_put_bytes(&writer, END, sizeof END);
    invariant(!writer.full);
}

enum status sshsig_dearmour(const char *text, uint8_t ret_blob[static SSHSIG_BYTES_MAX], size_t *ret_length,
                            struct err *err)
{
    uint8_t blob[SSHSIG_BYTES_MAX];
    char again[SSHSIG_ARMOUR_BYTES_MAX];
    size_t length = strnlen(text, SSHSIG_ARMOUR_BYTES_MAX);
    size_t blob_length = 0;
    if (length >= SSHSIG_ARMOUR_BYTES_MAX)
        return err_set(err, STATUS_LIMIT, "signature file: over %d bytes", SSHSIG_ARMOUR_BYTES_MAX - 1);
    if (strncmp(text, BEGIN, sizeof BEGIN - 1) != 0)
        return err_set(err, STATUS_INPUT, "signature file: does not begin with -----BEGIN SSH SIGNATURE-----");
    const char *inside = text + sizeof BEGIN - 1;
    const char *end = strstr(inside, END);
    if (end == NULL || end[sizeof END - 1] != '\0')
        return err_set(err, STATUS_INPUT,
                       "signature file: does not end with -----END SSH SIGNATURE----- and a newline");
    if (sodium_base642bin(blob, sizeof blob, inside, (size_t)(end - inside), "\n", &blob_length, NULL,
                          sodium_base64_VARIANT_ORIGINAL) != 0 ||
        blob_length == 0)
        return err_set(err, STATUS_INPUT, "signature file: not base64, or over %d bytes", SSHSIG_BYTES_MAX);
    sshsig_armour(blob, blob_length, again);
    if (strcmp(again, text) != 0)
        return err_set(err, STATUS_INPUT, "signature file: not in lines of %d columns as ssh-keygen writes them",
                       COLUMNS);
    memcpy(ret_blob, blob, blob_length);
    *ret_length = blob_length;
    return STATUS_OK;
}
