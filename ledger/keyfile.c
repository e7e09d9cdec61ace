/*
 * Key files: an Ed25519 seed under Argon2id and secretbox, in one line of canonical JSON (the form stands in the
 * header). Guarantees that a file which opens is, byte for byte, what was written by someone who knew the passphrase;
 * that reading a hostile file costs bounded memory and time; and that private bytes live only in locked memory.
 */
#include "ledger/keyfile.h"

#include <assert.h>
#include <inttypes.h>
#include <jansson.h>
#include <limits.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ledger/newfile.h"
#include "ledger/secret.h"

#define FORMAT "countersign-key"

enum {
    VERSION = 1,
    SEALED_BYTES = KEYFILE_SEED_BYTES + crypto_secretbox_MACBYTES,
    CHECK_BYTES = 32,
    DERIVING_STACK_BYTES = 16 << 10 /* more than Argon2id uses of it after its last block */
};

/* Room for that many bytes in base64, with its NUL. */
#define BASE64_CHARS(bytes_count) sodium_base64_ENCODED_LEN(bytes_count, sodium_base64_VARIANT_ORIGINAL)

static_assert(KEYFILE_SEED_BYTES == crypto_sign_ed25519_SEEDBYTES, "Ed25519 seed");
static_assert(KEYFILE_OPERATIONS_MIN == crypto_pwhash_argon2id_OPSLIMIT_MIN, "libsodium's minimum");
static_assert(KEYFILE_MEMORY_BYTES_MIN == crypto_pwhash_argon2id_MEMLIMIT_MIN, "libsodium's minimum");
static_assert(KEYFILE_MEMORY_BYTES_MAX >= crypto_pwhash_argon2id_MEMLIMIT_SENSITIVE, "the strong setting opens");

/* What a key file says. */
struct sealed {
    struct keyfile_cost cost;
    struct public_key key;
    uint8_t salt[crypto_pwhash_argon2id_SALTBYTES];
    uint8_t nonce[crypto_secretbox_NONCEBYTES];
    uint8_t box[SEALED_BYTES];
    uint8_t check[CHECK_BYTES];
};

/* Everything private at work, in locked memory. seal and check are one output of Argon2id. */
struct unsealed {
    uint8_t seal[crypto_secretbox_KEYBYTES];
    uint8_t check[crypto_generichash_KEYBYTES];
    uint8_t seed[KEYFILE_SEED_BYTES];
    uint8_t secret[crypto_sign_ed25519_SECRETKEYBYTES];
};
static_assert(offsetof(struct unsealed, seed) == crypto_secretbox_KEYBYTES + crypto_generichash_KEYBYTES,
              "the two keys are adjacent");

/* What signs once the file is open, in locked memory. */
struct opened {
    uint8_t secret[crypto_sign_ed25519_SECRETKEYBYTES];
};

struct keyfile_cost keyfile_cost_default(void)
{
    return (struct keyfile_cost){.operations = crypto_pwhash_argon2id_OPSLIMIT_MODERATE,
                                 .memory_bytes = crypto_pwhash_argon2id_MEMLIMIT_MODERATE};
}

struct keyfile_cost keyfile_cost_cheap(void)
{
    return (struct keyfile_cost){.operations = KEYFILE_OPERATIONS_MIN, .memory_bytes = KEYFILE_MEMORY_BYTES_MIN};
}

static enum status check_cost(const struct keyfile_cost *cost, struct err *err)
{
    if (cost->operations < KEYFILE_OPERATIONS_MIN || cost->operations > KEYFILE_OPERATIONS_MAX)
        return err_set(err, STATUS_LIMIT, "Argon2id operations %" PRIu32 ", allowed are %d to %d", cost->operations,
                       KEYFILE_OPERATIONS_MIN, KEYFILE_OPERATIONS_MAX);
    if (cost->memory_bytes < KEYFILE_MEMORY_BYTES_MIN || cost->memory_bytes > KEYFILE_MEMORY_BYTES_MAX)
        return err_set(err, STATUS_LIMIT, "Argon2id memory of %" PRIu32 " bytes, allowed are %d to %d",
                       cost->memory_bytes, KEYFILE_MEMORY_BYTES_MIN, KEYFILE_MEMORY_BYTES_MAX);
    return STATUS_OK;
}

static enum status check_passphrase(size_t length, struct err *err)
{
    if (length == 0)
        return err_set(err, STATUS_INPUT, "the passphrase is empty");
    if (length > KEYFILE_PASSPHRASE_BYTES_MAX)
        return err_set(err, STATUS_LIMIT, "the passphrase is over %d bytes", KEYFILE_PASSPHRASE_BYTES_MAX);
    return STATUS_OK;
}

/* Writes the line, with its newline, or without newline and "check" as it is hashed. Returns its length. */
static size_t encode(const struct sealed *sealed, bool with_check, char ret_text[static KEYFILE_BYTES_MAX])
{
    char salt[BASE64_CHARS(sizeof sealed->salt)], nonce[BASE64_CHARS(sizeof sealed->nonce)];
    char box[BASE64_CHARS(sizeof sealed->box)], check[BASE64_CHARS(sizeof sealed->check)];
    char public[PUBLIC_KEY_TEXT_MAX];
    const int variant = sodium_base64_VARIANT_ORIGINAL;
    sodium_bin2base64(salt, sizeof salt, sealed->salt, sizeof sealed->salt, variant);
    sodium_bin2base64(nonce, sizeof nonce, sealed->nonce, sizeof sealed->nonce, variant);
    sodium_bin2base64(box, sizeof box, sealed->box, sizeof sealed->box, variant);
    sodium_bin2base64(check, sizeof check, sealed->check, sizeof sealed->check, variant);
    sshkey_format(&sealed->key, public);
    int used =
        snprintf(ret_text, KEYFILE_BYTES_MAX,
                 "{\"argon2id\":{\"memory_bytes\":%" PRIu32 ",\"operations\":%" PRIu32 ",\"salt\":\"%s\"}"
                 "%s%s%s,\"format\":\"" FORMAT "\",\"nonce\":\"%s\",\"public\":\"%s\",\"sealed\":\"%s\","
                 "\"v\":%d}%s",
                 sealed->cost.memory_bytes, sealed->cost.operations, salt, with_check ? ",\"check\":\"" : "",
                 with_check ? check : "", with_check ? "\"" : "", nonce, public, box, VERSION, with_check ? "\n" : "");
    invariant(used > 0 && used < KEYFILE_BYTES_MAX);
    return (size_t)used;
}

static bool decode_base64(const char *text, uint8_t *ret_bytes, size_t size)
{
    size_t length = 0;
    return sodium_base642bin(ret_bytes, size, text, strlen(text), NULL, &length, NULL,
                             sodium_base64_VARIANT_ORIGINAL) == 0 &&
           length == size;
}

/* Takes the members out of the parsed line. The caller demands afterwards that they encode to the same bytes. */
static enum status decode_members(json_t *root, struct sealed *ret_sealed, struct err *err)
{
    json_int_t memory_bytes = 0, operations = 0;
    const char *format = NULL, *salt = NULL, *check = NULL, *nonce = NULL, *public = NULL, *box = NULL;
    int version = 0;
    struct sealed sealed = {0};
    if (json_unpack(root, "{s:s,s:i}", "format", &format, "v", &version) != 0 || strcmp(format, FORMAT) != 0)
        return err_set(err, STATUS_INPUT, "not a key file of countersign");
    if (version != VERSION)
        return err_set(err, STATUS_INPUT, "key file of version %d, known is %d", version, VERSION);
    if (json_unpack_ex(root, NULL, JSON_STRICT, "{s:{s:I,s:I,s:s},s:s,s:s,s:s,s:s,s:s,s:i}", "argon2id", "memory_bytes",
                       &memory_bytes, "operations", &operations, "salt", &salt, "check", &check, "format", &format,
                       "nonce", &nonce, "public", &public, "sealed", &box, "v", &version) != 0)
        return err_set(err, STATUS_INPUT, "a member is missing, unknown or of the wrong type");
    if (memory_bytes < 0 || memory_bytes > UINT32_MAX || operations < 0 || operations > UINT32_MAX)
        return err_set(err, STATUS_LIMIT, "Argon2id costs out of all bounds");
    sealed.cost = (struct keyfile_cost){.operations = (uint32_t)operations, .memory_bytes = (uint32_t)memory_bytes};
    if (!decode_base64(salt, sealed.salt, sizeof sealed.salt) ||
        !decode_base64(nonce, sealed.nonce, sizeof sealed.nonce) ||
        !decode_base64(box, sealed.box, sizeof sealed.box) || !decode_base64(check, sealed.check, sizeof sealed.check))
        return err_set(err, STATUS_INPUT, "a member is not base64 of the right length");
    enum status status = sshkey_parse(public, &sealed.key, err);
    if (status != STATUS_OK)
        return status;
    if (sealed.key.type != KEY_ED25519)
        return err_set(err, STATUS_INPUT, "a key file holds plain keys only");
    *ret_sealed = sealed;
    return STATUS_OK;
}

static enum status decode(const char *text, size_t length, struct sealed *ret_sealed, struct err *err)
{
    char again[KEYFILE_BYTES_MAX];
    struct sealed sealed = {0};
    json_t *root = json_loadb(text, length, JSON_REJECT_DUPLICATES, NULL);
    if (root == NULL)
        return err_set(err, STATUS_INPUT, "not a key file of countersign");
    enum status status = decode_members(root, &sealed, err);
    if (status == STATUS_OK && (encode(&sealed, true, again) != length || memcmp(again, text, length) != 0))
        status = err_set(err, STATUS_INPUT, "not written as key files are (spaces, order or escapes differ)");
    if (status == STATUS_OK)
        status = check_cost(&sealed.cost, err);
    if (status == STATUS_OK)
        *ret_sealed = sealed;
    json_decref(root);
    return status;
}

static enum status read_sealed(const char *path, bool only_owner, struct sealed *ret_sealed, struct err *err)
{
    char text[KEYFILE_BYTES_MAX];
    size_t length = 0;
    enum status status = newfile_read(path, only_owner, text, sizeof text, &length, err);
    if (status != STATUS_OK)
        return status;
    status = decode(text, length, ret_sealed, err);
    if (status != STATUS_OK)
        err_prefix(err, "%s: ", path);
    return status;
}

/* Fills unsealed->seal and ->check. libsodium's Argon2id leaves its output on the stack. */
static enum status derive(const struct sealed *sealed, const char *passphrase, size_t length, struct unsealed *unsealed,
                          struct err *err)
{
    int failed =
        crypto_pwhash(unsealed->seal, sizeof unsealed->seal + sizeof unsealed->check, passphrase, length, sealed->salt,
                      sealed->cost.operations, sealed->cost.memory_bytes, crypto_pwhash_ALG_ARGON2ID13);
    sodium_stackzero(DERIVING_STACK_BYTES);
    if (failed)
        return err_set(err, STATUS_MEMORY, "no memory for a key's Argon2id of %" PRIu32 " KiB",
                       sealed->cost.memory_bytes / 1024);
    return STATUS_OK;
}

static void keyed_check(const struct sealed *sealed, const struct unsealed *unsealed,
                        uint8_t ret_check[static CHECK_BYTES])
{
    char text[KEYFILE_BYTES_MAX];
    size_t length = encode(sealed, false, text);
    crypto_generichash(ret_check, CHECK_BYTES, (const uint8_t *)text, length, unsealed->check, sizeof unsealed->check);
}

static enum status write_both(const char *path, const struct sealed *sealed, struct err *err)
{
    char text[KEYFILE_BYTES_MAX], public_path[PATH_MAX], public[PUBLIC_KEY_TEXT_MAX + 1];
    int used = snprintf(public_path, sizeof public_path, "%s.pub", path);
    if (used < 0 || (size_t)used >= sizeof public_path)
        return err_set(err, STATUS_LIMIT, "path over %zu bytes", sizeof public_path - sizeof ".pub");
    enum status status = newfile_create(path, text, encode(sealed, true, text), 0600, err);
    if (status != STATUS_OK)
        return status;
    sshkey_format(&sealed->key, public);
    size_t length = strlen(public);
    public[length] = '\n';
    status = newfile_create(public_path, public, length + 1, 0644, err);
    if (status != STATUS_OK)
        newfile_remove(path);
    return status;
}

enum status keyfile_create(const char *path, const struct keyfile_seal *seal, const struct random_source *random,
                           struct public_key *ret_key, struct err *err)
{
    struct sealed sealed = {.cost = seal->cost, .key.type = KEY_ED25519};
    struct unsealed *unsealed = NULL;
    enum status status = check_passphrase(seal->passphrase_length, err);
    if (status == STATUS_OK)
        status = check_cost(&seal->cost, err);
    if (status != STATUS_OK)
        return status;
    unsealed = secret_new(sizeof *unsealed);
    if (unsealed == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for a key");
    random_fill(random, unsealed->seed, sizeof unsealed->seed);
    random_fill(random, sealed.salt, sizeof sealed.salt);
    random_fill(random, sealed.nonce, sizeof sealed.nonce);
    status = derive(&sealed, seal->passphrase, seal->passphrase_length, unsealed, err);
    if (status != STATUS_OK)
        goto done;
    crypto_sign_ed25519_seed_keypair(sealed.key.ed25519, unsealed->secret, unsealed->seed);
    crypto_secretbox_easy(sealed.box, unsealed->seed, sizeof unsealed->seed, sealed.nonce, unsealed->seal);
    keyed_check(&sealed, unsealed, sealed.check);
    status = write_both(path, &sealed, err);
    if (status == STATUS_OK)
        *ret_key = sealed.key;

done:
    secret_free(unsealed);
    return status;
}

static enum status opened_sign(void *context, const void *data, size_t length, struct raw_signature *ret_signature,
                               struct err *err)
{
    const struct opened *opened = context;
    struct raw_signature signature = {0};
    (void)err;
    crypto_sign_ed25519_detached(signature.bytes, NULL, data, length, opened->secret);
    *ret_signature = signature;
    return STATUS_OK;
}

enum status keyfile_open_seed(const uint8_t seed[static KEYFILE_SEED_BYTES], struct signer *ret_signer, struct err *err)
{
    struct signer signer = {.key.type = KEY_ED25519, .sign = opened_sign, .close = secret_free};
    struct opened *opened = secret_new(sizeof *opened);
    if (opened == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for a key");
    crypto_sign_ed25519_seed_keypair(signer.key.ed25519, opened->secret, seed);
    signer.context = opened;
    *ret_signer = signer;
    return STATUS_OK;
}

/* Opens the box and makes sure that nothing around it was changed. */
static enum status unseal(const struct sealed *sealed, const char *path, struct unsealed *unsealed, struct err *err)
{
    struct public_key key = {.type = KEY_ED25519};
    uint8_t check[CHECK_BYTES];
    if (crypto_secretbox_open_easy(unsealed->seed, sealed->box, sizeof sealed->box, sealed->nonce, unsealed->seal) != 0)
        return err_set(err, STATUS_PERMISSION, "wrong passphrase for %s", path);
    keyed_check(sealed, unsealed, check);
    if (sodium_memcmp(check, sealed->check, sizeof check) != 0)
        return err_set(err, STATUS_CORRUPT, "%s: changed by someone without its passphrase", path);
    crypto_sign_ed25519_seed_keypair(key.ed25519, unsealed->secret, unsealed->seed);
    if (!sshkey_equal(&key, &sealed->key))
        return err_set(err, STATUS_CORRUPT, "%s: its public key is not that of its private key", path);
    return STATUS_OK;
}

enum status keyfile_open(const char *path, const char *passphrase, size_t passphrase_length, struct signer *ret_signer,
                         struct err *err)
{
    struct sealed sealed = {0};
    struct unsealed *unsealed = NULL;
    enum status status = read_sealed(path, true, &sealed, err);
    if (status == STATUS_OK)
        status = check_passphrase(passphrase_length, err);
    if (status != STATUS_OK)
        return status;
    unsealed = secret_new(sizeof *unsealed);
    if (unsealed == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for a key");
    status = derive(&sealed, passphrase, passphrase_length, unsealed, err);
    if (status == STATUS_OK)
        status = unseal(&sealed, path, unsealed, err);
    if (status == STATUS_OK)
        status = keyfile_open_seed(unsealed->seed, ret_signer, err);
    secret_free(unsealed);
    return status;
}

enum status keyfile_public(const char *path, struct public_key *ret_key, struct err *err)
{
    struct sealed sealed = {0};
    enum status status = read_sealed(path, false, &sealed, err);
    if (status == STATUS_OK)
        *ret_key = sealed.key;
    return status;
}
