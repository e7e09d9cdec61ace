/*
 * SSHSIG: the published vector, agreement with ssh-keygen in both directions, FIDO keys, and one negative test for each
 * check.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "ledger/keyfile.h"
#include "ledger/sshsig.h"
#include "ledger/sshwire.h"
#include "tests/support/scratch.h"

#define MESSAGE  "{\"hello\":\"world\"}"
#define VECTORS  "tests/vectors/sshsig/"
#define PLAIN    "ssh-ed25519"
#define FIDO     "sk-ssh-ed25519@openssh.com"
#define KEYGEN_V "ssh-keygen -Y verify -f allowed -I maria -n countersign -s m.sig <m"

/* A pair of keys in the open, and what an authenticator would add. */
struct soft_key {
    uint8_t public[32];
    uint8_t secret[64];
    uint8_t flags;
    uint32_t counter;
};

static void seed_00_1f(uint8_t ret_seed[static 32])
{
    for (size_t i = 0; i < 32; i++)
        ret_seed[i] = (uint8_t)i;
}

static struct soft_key soft_key(void)
{
    struct soft_key key = {.flags = 1, .counter = 0x01020304};
    uint8_t seed[32];
    seed_00_1f(seed);
    crypto_sign_ed25519_seed_keypair(key.public, key.secret, seed);
    return key;
}

/* The parts of a blob, each of which a test can make wrong. */
struct parts {
    const char *magic;
    uint32_t version;
    const char *key_name, *application, *namespace, *reserved, *hash_name, *signature_name;
    size_t key_bytes, signature_bytes;
    size_t extra_in_key, extra_in_signature, extra_behind;
    bool no_flags;
    bool short_counter;
};

static struct parts plain_parts(void)
{
    return (struct parts){.magic = "SSHSIG",
                          .version = 1,
                          .key_name = PLAIN,
                          .namespace = "countersign",
                          .reserved = "",
                          .hash_name = "sha512",
                          .signature_name = PLAIN,
                          .key_bytes = 32,
                          .signature_bytes = 64,
                          .no_flags = true};
}

static struct parts fido_parts(void)
{
    struct parts parts = plain_parts();
    parts.key_name = parts.signature_name = FIDO;
    parts.application = "ssh:";
    parts.no_flags = false;
    return parts;
}

/* What is signed, composed here from the two protocol documents and not with the code under test. */
static size_t compose_signed(const struct parts *parts, const char *message, uint8_t ret_bytes[static 256])
{
    uint8_t hash[64];
    struct sshwire_writer writer = {.bytes = ret_bytes, .size = 256};
    crypto_hash_sha512(hash, (const uint8_t *)message, strlen(message));
    sshwire_put_bytes(&writer, "SSHSIG", 6);
    sshwire_put_text(&writer, parts->namespace);
    sshwire_put_text(&writer, parts->reserved);
    sshwire_put_text(&writer, parts->hash_name);
    sshwire_put_string(&writer, hash, 64);
    return writer.used;
}

static size_t compose_fido(const char *application, uint8_t flags, uint32_t counter, const uint8_t *bytes,
                           size_t length, uint8_t ret_bytes[static 256])
{
    uint8_t hash[32];
    struct sshwire_writer writer = {.bytes = ret_bytes, .size = 256};
    crypto_hash_sha256(hash, (const uint8_t *)application, strlen(application));
    sshwire_put_bytes(&writer, hash, 32);
    sshwire_put_u8(&writer, flags);
    sshwire_put_u32(&writer, counter);
    crypto_hash_sha256(hash, bytes, length);
    sshwire_put_bytes(&writer, hash, 32);
    return writer.used;
}

static size_t compose_blob(const struct parts *parts, const struct soft_key *key, const uint8_t signature[static 64],
                           uint8_t ret_blob[static SSHSIG_BYTES_MAX])
{
    uint8_t inside[256], padded[80] = {0};
    struct sshwire_writer inner = {.bytes = inside, .size = sizeof inside};
    struct sshwire_writer writer = {.bytes = ret_blob, .size = SSHSIG_BYTES_MAX};
    sshwire_put_bytes(&writer, parts->magic, strlen(parts->magic));
    sshwire_put_u32(&writer, parts->version);
    memcpy(padded, key->public, 32);
    sshwire_put_text(&inner, parts->key_name);
    sshwire_put_string(&inner, padded, parts->key_bytes);
    if (parts->application != NULL)
        sshwire_put_text(&inner, parts->application);
    sshwire_put_bytes(&inner, "xxxx", parts->extra_in_key);
    sshwire_put_string(&writer, inside, inner.used);
    sshwire_put_text(&writer, parts->namespace);
    sshwire_put_text(&writer, parts->reserved);
    sshwire_put_text(&writer, parts->hash_name);
    inner.used = 0;
    memcpy(padded, signature, 64);
    sshwire_put_text(&inner, parts->signature_name);
    sshwire_put_string(&inner, padded, parts->signature_bytes);
    if (!parts->no_flags) {
        sshwire_put_u8(&inner, key->flags);
        sshwire_put_u32(&inner, key->counter);
    }
    sshwire_put_bytes(&inner, "xxxx", parts->extra_in_signature);
    sshwire_put_string(&writer, inside, inner.used - (parts->short_counter ? 1 : 0));
    sshwire_put_bytes(&writer, "xxxx", parts->extra_behind);
    assert_false(inner.full || writer.full);
    return writer.used;
}

/* A blob that is right in everything but what parts say, rightly signed over exactly that. */
static size_t compose(const struct parts *parts, const struct soft_key *key, uint8_t ret_blob[static SSHSIG_BYTES_MAX])
{
    uint8_t bytes[256], wrapped[256], signature[64];
    size_t length = compose_signed(parts, MESSAGE, bytes);
    if (parts->application != NULL) {
        length = compose_fido(parts->application, key->flags, key->counter, bytes, length, wrapped);
        memcpy(bytes, wrapped, length);
    }
    crypto_sign_ed25519_detached(signature, NULL, bytes, length, key->secret);
    return compose_blob(parts, key, signature, ret_blob);
}

static void assert_refused(const uint8_t *blob, size_t length, enum status want, const char *says)
{
    struct sshsig info = {0}, untouched = {0};
    struct err err = {0};
    enum status status = sshsig_verify(blob, length, MESSAGE, strlen(MESSAGE), &info, &err);
    if (status != want || err.status != want || strstr(err.text, says) == NULL)
        fail_msg("status %s, text '%s', wanted %s, '%s'", status_name(status), err.text, status_name(want), says);
    assert_memory_equal(&info, &untouched, sizeof info);
}

static void assert_accepted(const uint8_t *blob, size_t length)
{
    struct sshsig info = {0};
    struct err err = {0};
    if (sshsig_verify(blob, length, MESSAGE, strlen(MESSAGE), &info, &err) != STATUS_OK)
        fail_msg("%s", err.text);
}

static void read_vector(const char *name, char *ret_text, size_t size)
{
    char path[256];
    snprintf(path, sizeof path, VECTORS "%s", name);
    assert_true(scratch_read_file(path, ret_text, size) > 0);
}

static void vector_is_made_and_accepted(void **state)
{
    (void)state;
    uint8_t seed[32], blob[SSHSIG_BYTES_MAX], read[SSHSIG_BYTES_MAX], bytes[256];
    char armour[SSHSIG_ARMOUR_BYTES_MAX], want[SSHSIG_ARMOUR_BYTES_MAX], message[64], hex[512], want_hex[512];
    size_t length = 0, read_length = 0;
    struct signer signer = {0};
    struct sshsig info = {0};
    seed_00_1f(seed);
    read_vector("message", message, sizeof message);
    read_vector("message.sig", want, sizeof want);
    assert_int_equal(keyfile_open_seed(seed, &signer, NULL), STATUS_OK);
    assert_int_equal(sshsig_sign(&signer, message, strlen(message), blob, &length, NULL), STATUS_OK);
    sshsig_armour(blob, length, armour);
    assert_string_equal(armour, want);
    assert_int_equal(sshsig_dearmour(want, read, &read_length, NULL), STATUS_OK);
    assert_int_equal(read_length, length);
    assert_memory_equal(read, blob, length);
    assert_int_equal(sshsig_verify(read, read_length, message, strlen(message), &info, NULL), STATUS_OK);
    assert_true(sshkey_equal(&info.key, &signer.key));
    assert_int_equal(info.signature.flags, 0);
    assert_int_equal(info.signature.counter, 0);

    read_vector("signature.hex", want_hex, sizeof want_hex);
    sodium_bin2hex(hex, sizeof hex, info.signature.bytes, 64);
    assert_string_equal(hex, want_hex);
    /* The composition that the negative tests build on makes the same bytes. */
    struct parts parts = plain_parts();
    struct soft_key key = soft_key();
    read_vector("signed.hex", want_hex, sizeof want_hex);
    sodium_bin2hex(hex, sizeof hex, bytes, compose_signed(&parts, message, bytes));
    assert_string_equal(hex, want_hex);
    assert_int_equal(compose(&parts, &key, read), length);
    assert_memory_equal(read, blob, length);
    signer_close(&signer);
    signer_close(&signer);
    signer_close(NULL);
}

static void every_byte_counts(void **state)
{
    (void)state;
    uint8_t blob[SSHSIG_BYTES_MAX + 1];
    struct sshsig info = {0};
    const struct parts both[] = {plain_parts(), fido_parts()};
    struct soft_key key = soft_key();
    for (size_t p = 0; p < 2; p++) {
        size_t length = compose(&both[p], &key, blob);
        assert_accepted(blob, length);
        for (size_t i = 0; i < length; i++) {
            blob[i] ^= 1;
            assert_int_not_equal(sshsig_verify(blob, length, MESSAGE, strlen(MESSAGE), &info, NULL), STATUS_OK);
            blob[i] ^= 1;
        }
        for (size_t cut = 0; cut < length; cut++)
            assert_int_equal(sshsig_verify(blob, cut, MESSAGE, strlen(MESSAGE), &info, NULL), STATUS_INPUT);
        assert_int_equal(sshsig_verify(blob, length, MESSAGE, strlen(MESSAGE) - 1, &info, NULL), STATUS_SIGNATURE);
        assert_int_equal(sshsig_verify(blob, length, "", 0, &info, NULL), STATUS_SIGNATURE);
    }
    assert_refused(blob, SSHSIG_BYTES_MAX + 1, STATUS_LIMIT, "at most");
}

static void each_check_of_form_refuses(void **state)
{
    (void)state;
    static const struct {
        const char *says;
        size_t offset; /* of the text in struct parts */
        const char *text;
    } texts[] = {
        {"does not begin with", offsetof(struct parts, magic), "SSHSIC"},
        {"namespace countersign", offsetof(struct parts, namespace), "file"},
        {"namespace countersign", offsetof(struct parts, namespace), "countersign\n"},
        {"namespace countersign", offsetof(struct parts, namespace), ""},
        {"reserved", offsetof(struct parts, reserved), "x"},
        {"sha512", offsetof(struct parts, hash_name), "sha256"},
        {"is not accepted", offsetof(struct parts, key_name), "ssh-rsa"},
        {"'ssh-ed25519-cert-v01@openssh.com' is not accepted", offsetof(struct parts, key_name),
         "ssh-ed25519-cert-v01@openssh.com"},
        {"not of its key's type", offsetof(struct parts, signature_name), FIDO},
        {"not of its key's type", offsetof(struct parts, signature_name), "ssh-ed25519-cert-v01@openssh.com"},
    };
    uint8_t blob[SSHSIG_BYTES_MAX];
    struct soft_key key = soft_key();
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct parts parts = plain_parts();
        memcpy((char *)&parts + texts[i].offset, &texts[i].text, sizeof texts[i].text);
        assert_refused(blob, compose(&parts, &key, blob), STATUS_INPUT, texts[i].says);
    }
    const size_t offsets[] = {offsetof(struct parts, extra_in_key), offsetof(struct parts, extra_in_signature),
                              offsetof(struct parts, extra_behind)};
    for (size_t i = 0; i < sizeof offsets / sizeof offsets[0]; i++) {
        for (size_t extra = 1; extra <= 4; extra++) {
            struct parts plain = plain_parts(), fido = fido_parts();
            memcpy((char *)&plain + offsets[i], &extra, sizeof extra);
            memcpy((char *)&fido + offsets[i], &extra, sizeof extra);
            assert_refused(blob, compose(&plain, &key, blob), STATUS_INPUT, "bytes too many");
            assert_refused(blob, compose(&fido, &key, blob), STATUS_INPUT, "bytes too many");
        }
    }
    struct parts parts = plain_parts();
    parts.version = 2;
    assert_refused(blob, compose(&parts, &key, blob), STATUS_INPUT, "version");
    parts = plain_parts();
    parts.key_bytes = 31;
    assert_refused(blob, compose(&parts, &key, blob), STATUS_INPUT, "31 bytes");
    parts = plain_parts();
    parts.signature_bytes = 65;
    assert_refused(blob, compose(&parts, &key, blob), STATUS_INPUT, "65 bytes");
    parts = plain_parts();
    parts.signature_bytes = 63;
    assert_refused(blob, compose(&parts, &key, blob), STATUS_INPUT, "63 bytes");
}

/* The secret scalar of a soft key, and k = SHA-512(R, A, M) mod L for any R and A. */
static void scalar_of(const struct soft_key *key, uint8_t ret_scalar[static 32])
{
    uint8_t hash[64];
    crypto_hash_sha512(hash, key->secret, 32);
    hash[0] &= 248;
    hash[31] &= 127;
    hash[31] |= 64;
    memset(hash + 32, 0, 32);
    crypto_core_ed25519_scalar_reduce(ret_scalar, hash);
}

static void challenge_of(const uint8_t *point, const uint8_t *public, const uint8_t *bytes, size_t length,
                         uint8_t ret_scalar[static 32])
{
    uint8_t hash[64];
    crypto_hash_sha512_state hashing;
    crypto_hash_sha512_init(&hashing);
    crypto_hash_sha512_update(&hashing, point, 32);
    crypto_hash_sha512_update(&hashing, public, 32);
    crypto_hash_sha512_update(&hashing, bytes, length);
    crypto_hash_sha512_final(&hashing, hash);
    crypto_core_ed25519_scalar_reduce(ret_scalar, hash);
}

/* Signs with a nonce r chosen here and R in an encoding chosen here: S = r + k a. */
static size_t compose_with_nonce(const uint8_t nonce[static 32], const uint8_t point[static 32],
                                 uint8_t ret_blob[static SSHSIG_BYTES_MAX])
{
    struct soft_key key = soft_key();
    struct parts parts = plain_parts();
    uint8_t bytes[256], signature[64], scalar[32], challenge[32];
    size_t length = compose_signed(&parts, MESSAGE, bytes);
    scalar_of(&key, scalar);
    challenge_of(point, key.public, bytes, length, challenge);
    memcpy(signature, point, 32);
    crypto_core_ed25519_scalar_mul(signature + 32, challenge, scalar);
    crypto_core_ed25519_scalar_add(signature + 32, signature + 32, nonce);
    return compose_blob(&parts, &key, signature, ret_blob);
}

static void weak_nonce_points_are_refused(void **state)
{
    (void)state;
    static const uint8_t identity[32] = {1};
    uint8_t blob[SSHSIG_BYTES_MAX], nonce[32] = {5}, point[32];
    /* First that this way of signing makes good signatures at all. */
    assert_int_equal(crypto_scalarmult_ed25519_base_noclamp(point, nonce), 0);
    assert_accepted(blob, compose_with_nonce(nonce, point, blob));
    /* R of small order, canonical: the equation holds, and still it must not pass. */
    memset(nonce, 0, sizeof nonce);
    assert_refused(blob, compose_with_nonce(nonce, identity, blob), STATUS_SIGNATURE, "does not verify");
    /* The same point in its other encoding, y = p + 1. */
    memset(point, 0xFF, sizeof point);
    point[0] = 0xEE;
    point[31] = 0x7F;
    assert_refused(blob, compose_with_nonce(nonce, point, blob), STATUS_SIGNATURE, "does not verify");
    /* And with the sign bit of x = 0 set. */
    memcpy(point, identity, sizeof point);
    point[31] = 0x80;
    assert_refused(blob, compose_with_nonce(nonce, point, blob), STATUS_SIGNATURE, "does not verify");
}

static void scalar_plus_order_is_refused(void **state)
{
    (void)state;
    static const uint8_t order[32] = {0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7,
                                      0xa2, 0xde, 0xf9, 0xde, 0x14, 0,    0,    0,    0,    0,    0,
                                      0,    0,    0,    0,    0,    0,    0,    0,    0,    0x10};
    uint8_t blob[SSHSIG_BYTES_MAX];
    struct soft_key key = soft_key();
    struct parts parts = plain_parts();
    size_t length = compose(&parts, &key, blob);
    assert_accepted(blob, length);
    sodium_add(blob + length - 32, order, 32); /* the scalar S is last in a plain blob */
    assert_refused(blob, length, STATUS_SIGNATURE, "does not verify");
}

static void weak_keys_are_refused(void **state)
{
    (void)state;
    static const char *const weak[] = {
        "0100000000000000000000000000000000000000000000000000000000000000",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    };
    uint8_t blob[SSHSIG_BYTES_MAX], nonce[32] = {5}, signature[64] = {0};
    struct soft_key key = soft_key();
    struct parts parts = plain_parts();
    /* With A of small order, R = r B and S = r fit any message whose challenge is a multiple of the order. */
    assert_int_equal(crypto_scalarmult_ed25519_base_noclamp(signature, nonce), 0);
    memcpy(signature + 32, nonce, 32);
    for (size_t i = 0; i < sizeof weak / sizeof weak[0]; i++) {
        assert_int_equal(sodium_hex2bin(key.public, 32, weak[i], 64, NULL, NULL, NULL), 0);
        assert_refused(blob, compose_blob(&parts, &key, signature, blob), STATUS_SIGNATURE, "does not verify");
    }
}

static void fido_signature_is_judged(void **state)
{
    (void)state;
    uint8_t blob[SSHSIG_BYTES_MAX], bytes[256], wrapped[256], signature[64];
    struct soft_key key = soft_key();
    struct parts parts = fido_parts();
    struct sshsig info = {0};
    key.flags = 5;
    size_t length = compose(&parts, &key, blob);
    assert_int_equal(sshsig_verify(blob, length, MESSAGE, strlen(MESSAGE), &info, NULL), STATUS_OK);
    assert_int_equal(info.key.type, KEY_SK_ED25519);
    assert_string_equal(info.key.application, "ssh:");
    assert_int_equal(info.signature.flags, SIGNATURE_USER_PRESENT | SIGNATURE_USER_VERIFIED);
    assert_int_equal(info.signature.counter, 0x01020304);

    key.flags = 4; /* verified, not present */
    assert_refused(blob, compose(&parts, &key, blob), STATUS_SIGNATURE, "touch");
    key.flags = 0;
    assert_refused(blob, compose(&parts, &key, blob), STATUS_SIGNATURE, "touch");
    key.flags = 1;
    parts.application = "ssh:work";
    assert_refused(blob, compose(&parts, &key, blob), STATUS_INPUT, "application");
    parts = fido_parts();
    parts.no_flags = true;
    assert_refused(blob, compose(&parts, &key, blob), STATUS_INPUT, "flags or counter");
    parts = fido_parts();
    parts.short_counter = true;
    assert_refused(blob, compose(&parts, &key, blob), STATUS_INPUT, "flags or counter");
    parts = fido_parts();
    parts.signature_name = PLAIN;
    assert_refused(blob, compose(&parts, &key, blob), STATUS_INPUT, "not of its key's type");

    /* Signed with another application, another counter, other flags, or without the authenticator's wrapping. */
    parts = fido_parts();
    length = compose_signed(&parts, MESSAGE, bytes);
    const struct {
        const char *application;
        uint8_t flags;
        uint32_t counter;
    } others[] = {{"ssh:work", 1, key.counter}, {"ssh:", 1, key.counter + 1}, {"ssh:", 5, key.counter}};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        size_t wrapped_length =
            compose_fido(others[i].application, others[i].flags, others[i].counter, bytes, length, wrapped);
        crypto_sign_ed25519_detached(signature, NULL, wrapped, wrapped_length, key.secret);
        assert_refused(blob, compose_blob(&parts, &key, signature, blob), STATUS_SIGNATURE, "does not verify");
    }
    crypto_sign_ed25519_detached(signature, NULL, bytes, length, key.secret);
    assert_refused(blob, compose_blob(&parts, &key, signature, blob), STATUS_SIGNATURE, "does not verify");
}

/* Writes message, armoured signature and register for ssh-keygen. */
static void write_for_keygen(const struct scratch *scratch, const struct public_key *key,
                             const struct key_window *window, const uint8_t *blob, size_t length)
{
    char armour[SSHSIG_ARMOUR_BYTES_MAX], line[SSHKEY_ALLOWED_LINE_MAX + 1];
    sshsig_armour(blob, length, armour);
    assert_int_equal(sshkey_allowed_line(key, "maria", window, line, NULL), STATUS_OK);
    strncat(line, "\n", 2);
    scratch_write(scratch, "allowed", line, strlen(line));
    scratch_write(scratch, "m.sig", armour, strlen(armour));
    scratch_write(scratch, "m", MESSAGE, strlen(MESSAGE));
}

static void ssh_keygen_accepts_ours(void **state)
{
    (void)state;
    struct scratch scratch;
    struct soft_key key = soft_key();
    struct sshsig info = {0};
    uint8_t blob[SSHSIG_BYTES_MAX];
    const struct key_window window = {.after = "2026-01-02T03:04:05.678Z", .before = "2027-01-02T03:04:05.678Z"};
    const struct parts both[] = {plain_parts(), fido_parts()};
    scratch_open(&scratch);
    for (size_t i = 0; i < 2; i++) {
        size_t length = compose(&both[i], &key, blob);
        assert_int_equal(sshsig_verify(blob, length, MESSAGE, strlen(MESSAGE), &info, NULL), STATUS_OK);
        write_for_keygen(&scratch, &info.key, NULL, blob, length);
        assert_int_equal(scratch_run(&scratch, KEYGEN_V), 0);
        assert_int_not_equal(scratch_run(&scratch, "echo other >m; " KEYGEN_V), 0);
        write_for_keygen(&scratch, &info.key, &window, blob, length);
        assert_int_equal(scratch_run(&scratch, KEYGEN_V " -Overify-time=20260102030406Z"), 0);
        assert_int_equal(scratch_run(&scratch, KEYGEN_V " -Overify-time=20270102030405Z"), 0);
        assert_int_not_equal(scratch_run(&scratch, KEYGEN_V " -Overify-time=20260102030404Z"), 0);
        assert_int_not_equal(scratch_run(&scratch, KEYGEN_V " -Overify-time=20270102030406Z"), 0);
    }
    scratch_close(&scratch);
}

static void we_accept_ssh_keygens(void **state)
{
    (void)state;
    struct scratch scratch;
    struct sshsig info = {0};
    struct public_key key = {0};
    struct err err = {0};
    uint8_t blob[SSHSIG_BYTES_MAX];
    char text[2048];
    size_t length = 0;
    scratch_open(&scratch);
    scratch_write(&scratch, "m", MESSAGE, strlen(MESSAGE));
    assert_int_equal(scratch_run(&scratch, "ssh-keygen -q -t ed25519 -N '' -f key"), 0);
    assert_int_equal(scratch_run(&scratch, "ssh-keygen -Y sign -f key -n countersign m"), 0);
    assert_true(scratch_read(&scratch, "m.sig", text, sizeof text) > 0);
    assert_int_equal(sshsig_dearmour(text, blob, &length, &err), STATUS_OK);
    assert_int_equal(sshsig_verify(blob, length, MESSAGE, strlen(MESSAGE), &info, &err), STATUS_OK);
    assert_true(scratch_read(&scratch, "key.pub", text, sizeof text) > 0);
    assert_int_equal(sshkey_parse_line(text, &key, NULL), STATUS_OK);
    assert_true(sshkey_equal(&key, &info.key));

    assert_int_equal(scratch_run(&scratch, "rm m.sig; ssh-keygen -Y sign -f key -n file m"), 0);
    assert_true(scratch_read(&scratch, "m.sig", text, sizeof text) > 0);
    assert_int_equal(sshsig_dearmour(text, blob, &length, &err), STATUS_OK);
    assert_refused(blob, length, STATUS_INPUT, "namespace countersign");
    assert_int_equal(scratch_run(&scratch, "rm m.sig; ssh-keygen -Y sign -f key -n countersign -O hashalg=sha256 m"),
                     0);
    assert_true(scratch_read(&scratch, "m.sig", text, sizeof text) > 0);
    assert_int_equal(sshsig_dearmour(text, blob, &length, &err), STATUS_OK);
    assert_refused(blob, length, STATUS_INPUT, "sha512");
    assert_int_equal(scratch_run(&scratch, "rm m.sig; ssh-keygen -q -t ecdsa -N '' -f other; "
                                           "ssh-keygen -Y sign -f other -n countersign m"),
                     0);
    assert_true(scratch_read(&scratch, "m.sig", text, sizeof text) > 0);
    assert_int_equal(sshsig_dearmour(text, blob, &length, &err), STATUS_OK);
    assert_refused(blob, length, STATUS_INPUT, "'ecdsa-sha2-nistp256' is not accepted");
    scratch_close(&scratch);
}

static void armour_has_one_form(void **state)
{
    (void)state;
    uint8_t blob[SSHSIG_BYTES_MAX], back[SSHSIG_BYTES_MAX];
    char text[SSHSIG_ARMOUR_BYTES_MAX], changed[SSHSIG_ARMOUR_BYTES_MAX + 10];
    size_t length = 0;
    randombytes_buf(blob, sizeof blob);
    for (size_t size = 1; size <= sizeof blob; size++) {
        sshsig_armour(blob, size, text);
        assert_int_equal(sshsig_dearmour(text, back, &length, NULL), STATUS_OK);
        assert_int_equal(length, size);
        assert_memory_equal(back, blob, size);
    }
    read_vector("message.sig", text, sizeof text);
    size_t chars = strlen(text);
    for (size_t i = 0; i < chars; i++) {
        memcpy(changed, text, chars + 1);
        memmove(changed + i, changed + i + 1, chars - i);
        assert_int_equal(sshsig_dearmour(changed, back, &length, NULL), STATUS_INPUT);
        memcpy(changed, text, i);
        changed[i] = '\n';
        memcpy(changed + i + 1, text + i, chars - i + 1);
        assert_int_equal(sshsig_dearmour(changed, back, &length, NULL), STATUS_INPUT);
        changed[i] = ' ';
        assert_int_equal(sshsig_dearmour(changed, back, &length, NULL), STATUS_INPUT);
    }
    struct err err = {0};
    snprintf(changed, sizeof changed, "%s\n", text);
    assert_int_equal(sshsig_dearmour(changed, back, &length, &err), STATUS_INPUT);
    assert_non_null(strstr(err.text, "does not end with"));
    assert_int_equal(sshsig_dearmour("", back, &length, NULL), STATUS_INPUT);
    assert_int_equal(
        sshsig_dearmour("-----BEGIN SSH SIGNATURE-----\n-----END SSH SIGNATURE-----\n", back, &length, NULL),
        STATUS_INPUT);
    memset(changed, 'A', sizeof changed);
    changed[SSHSIG_ARMOUR_BYTES_MAX] = '\0';
    assert_int_equal(sshsig_dearmour(changed, back, &length, NULL), STATUS_LIMIT);
}

static enum status fails(void *context, const void *data, size_t length, struct raw_signature *ret_signature,
                         struct err *err)
{
    (void)context, (void)data, (void)length, (void)ret_signature;
    return err_set(err, STATUS_PERMISSION, "no touch");
}

static enum status lies(void *context, const void *data, size_t length, struct raw_signature *ret_signature,
                        struct err *err)
{
    (void)context, (void)data, (void)length, (void)err;
    *ret_signature = (struct raw_signature){.bytes = {1}};
    return STATUS_OK;
}

static enum status authenticates(void *context, const void *data, size_t length, struct raw_signature *ret_signature,
                                 struct err *err)
{
    const struct soft_key *key = context;
    uint8_t wrapped[256];
    size_t wrapped_length = compose_fido("ssh:", key->flags, key->counter, data, length, wrapped);
    (void)err;
    ret_signature->flags = key->flags;
    ret_signature->counter = key->counter;
    crypto_sign_ed25519_detached(ret_signature->bytes, NULL, wrapped, wrapped_length, key->secret);
    return STATUS_OK;
}

static void signers_are_not_trusted(void **state)
{
    (void)state;
    struct soft_key key = soft_key();
    struct signer signer = {
        .key.type = KEY_SK_ED25519, .key.application = "ssh:", .sign = authenticates, .context = &key};
    uint8_t blob[SSHSIG_BYTES_MAX] = {0}, want[SSHSIG_BYTES_MAX];
    struct err err = {0};
    size_t length = 0;
    struct parts parts = fido_parts();
    memcpy(signer.key.ed25519, key.public, 32);
    assert_int_equal(sshsig_sign(&signer, MESSAGE, strlen(MESSAGE), blob, &length, &err), STATUS_OK);
    assert_int_equal(length, compose(&parts, &key, want));
    assert_memory_equal(blob, want, length);

    key.flags = 0;
    length = 7;
    memset(blob, 0, sizeof blob);
    memset(want, 0, sizeof want);
    assert_int_equal(sshsig_sign(&signer, MESSAGE, strlen(MESSAGE), blob, &length, &err), STATUS_SIGNATURE);
    signer.sign = lies;
    signer.key.type = KEY_ED25519;
    assert_int_equal(sshsig_sign(&signer, MESSAGE, strlen(MESSAGE), blob, &length, &err), STATUS_SIGNATURE);
    assert_non_null(strstr(err.text, "just signed"));
    signer.sign = fails;
    assert_int_equal(sshsig_sign(&signer, MESSAGE, strlen(MESSAGE), blob, &length, &err), STATUS_PERMISSION);
    assert_string_equal(err.text, "no touch");
    assert_int_equal(length, 7);
    assert_memory_equal(blob, want, sizeof blob);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vector_is_made_and_accepted),  cmocka_unit_test(every_byte_counts),
        cmocka_unit_test(each_check_of_form_refuses),   cmocka_unit_test(weak_nonce_points_are_refused),
        cmocka_unit_test(scalar_plus_order_is_refused), cmocka_unit_test(weak_keys_are_refused),
        cmocka_unit_test(fido_signature_is_judged),     cmocka_unit_test(ssh_keygen_accepts_ours),
        cmocka_unit_test(we_accept_ssh_keygens),        cmocka_unit_test(armour_has_one_form),
        cmocka_unit_test(signers_are_not_trusted),
    };
    if (sodium_init() < 0)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
