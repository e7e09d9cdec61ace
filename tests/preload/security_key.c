/*
 * A security key in software, for tests: a provider of OpenSSH's middleware interface (OpenSSH PROTOCOL.u2f, version
 * 0x000a) that makes and uses sk-ssh-ed25519@openssh.com keys. It protects nothing: the secret is in the key handle.
 * Loaded by ssh-keygen and by ssh-agent's helper.
 *
 *     SECURITY_KEY_HAND   file whose first word says what the person in front of it does at each use:
 *                         touch      is there: presence (the default)
 *                         slow       the same, after two seconds
 *                         verify     is there and is recognised, as by a finger: presence and verification
 *                         pin        types the PIN, 1234, where the program asks for one: presence and verification
 *                         absent     never touches: refused by the key
 *                         careless   nobody is there, and the key signs nevertheless
 *                         unplugged  the key is not there
 */
#include <sodium.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { API_VERSION = 0x000a0000, ALG_ED25519 = 1, FLAG_PRESENT = 0x01, FLAG_VERIFIED = 0x04 };
enum { DONE = 0, ERR_GENERAL = -1, ERR_UNSUPPORTED = -2, ERR_PIN = -3, ERR_NO_DEVICE = -4 };
enum { SEED_BYTES = 32, SIGNED_BYTES = 32 + 1 + 4 + 32, HAND_BYTES = 32, COUNTER = 1 };

/* The structures of that interface, in its order of members. */
struct sk_option {
    char *name;
    char *value;
    uint8_t required;
};

struct sk_enroll_response {
    uint8_t flags;
    uint8_t *public_key;
    size_t public_key_len;
    uint8_t *key_handle;
    size_t key_handle_len;
    uint8_t *signature;
    size_t signature_len;
    uint8_t *attestation_cert;
    size_t attestation_cert_len;
    uint8_t *authdata;
    size_t authdata_len;
};

struct sk_sign_response {
    uint8_t flags;
    uint32_t counter;
    uint8_t *sig_r;
    size_t sig_r_len;
    uint8_t *sig_s;
    size_t sig_s_len;
};

struct sk_resident_key;

uint32_t sk_api_version(void);
int sk_enroll(uint32_t alg, const uint8_t *challenge, size_t challenge_len, const char *application, uint8_t flags,
              const char *pin, struct sk_option **options, struct sk_enroll_response **ret_response);
int sk_sign(uint32_t alg, const uint8_t *data, size_t data_len, const char *application, const uint8_t *key_handle,
            size_t key_handle_len, uint8_t flags, const char *pin, struct sk_option **options,
            struct sk_sign_response **ret_response);
int sk_load_resident_keys(const char *pin, struct sk_option **options, struct sk_resident_key ***ret_keys,
                          size_t *ret_count);

static uint8_t *copy_of(const uint8_t *bytes, size_t length)
{
    uint8_t *copy = malloc(length);
    if (copy != NULL)
        memcpy(copy, bytes, length);
    return copy;
}

/* What the person does now; and what comes of it: DONE and the flags, or why nothing does. */
static int ask_person(uint8_t wanted, const char *pin, uint8_t *ret_flags)
{
    char hand[HAND_BYTES] = "touch";
    const char *path = getenv("SECURITY_KEY_HAND");
    FILE *file = path != NULL ? fopen(path, "r") : NULL;
    if (file != NULL) {
        if (fgets(hand, sizeof hand, file) == NULL)
            hand[0] = '\0';
        hand[strcspn(hand, " \n")] = '\0';
        fclose(file);
    }
    if (strcmp(hand, "unplugged") == 0)
        return ERR_NO_DEVICE;
    if (strcmp(hand, "slow") == 0)
        sleep(2);
    if (strcmp(hand, "touch") == 0 || strcmp(hand, "slow") == 0)
        *ret_flags = FLAG_PRESENT;
    else if (strcmp(hand, "verify") == 0)
        *ret_flags = FLAG_PRESENT | FLAG_VERIFIED;
    else if (strcmp(hand, "careless") == 0)
        *ret_flags = 0;
    else if (strcmp(hand, "pin") != 0)
        return ERR_GENERAL;
    else if (pin == NULL || strcmp(pin, "1234") != 0)
        return ERR_PIN;
    else
        *ret_flags = FLAG_PRESENT | FLAG_VERIFIED;
    /* A key that has to verify its user asks for the PIN where nothing else has recognised him. */
    return (wanted & FLAG_VERIFIED) != 0 && (*ret_flags & FLAG_VERIFIED) == 0 ? ERR_PIN : DONE;
}

uint32_t sk_api_version(void)
{
    return API_VERSION;
}

int sk_enroll(uint32_t alg, const uint8_t *challenge, size_t challenge_len, const char *application, uint8_t flags,
              const char *pin, struct sk_option **options, struct sk_enroll_response **ret_response)
{
    uint8_t seed[SEED_BYTES], public[crypto_sign_PUBLICKEYBYTES], secret[crypto_sign_SECRETKEYBYTES], person = 0;
    struct sk_enroll_response *response = NULL;
    (void)challenge;
    (void)challenge_len;
    (void)application;
    (void)options;
    if (alg != ALG_ED25519)
        return ERR_UNSUPPORTED;
    int answer = sodium_init() < 0 ? ERR_GENERAL : ask_person(flags, pin, &person);
    if (answer != DONE)
        return answer;
    response = calloc(1, sizeof *response);
    if (response == NULL)
        return ERR_GENERAL;
    randombytes_buf(seed, sizeof seed);
    crypto_sign_seed_keypair(public, secret, seed);
    *response = (struct sk_enroll_response){.flags = flags,
                                            .public_key = copy_of(public, sizeof public),
                                            .public_key_len = sizeof public,
                                            .key_handle = copy_of(seed, sizeof seed),
                                            .key_handle_len = sizeof seed};
    *ret_response = response;
    return DONE;
}

int sk_sign(uint32_t alg, const uint8_t *data, size_t data_len, const char *application, const uint8_t *key_handle,
            size_t key_handle_len, uint8_t flags, const char *pin, struct sk_option **options,
            struct sk_sign_response **ret_response)
{
    uint8_t public[crypto_sign_PUBLICKEYBYTES], secret[crypto_sign_SECRETKEYBYTES], signed_bytes[SIGNED_BYTES] = {0};
    uint8_t signature[crypto_sign_BYTES], person = 0;
    (void)options;
    if (alg != ALG_ED25519)
        return ERR_UNSUPPORTED;
    int answer = sodium_init() < 0 || key_handle_len != SEED_BYTES ? ERR_GENERAL : ask_person(flags, pin, &person);
    if (answer != DONE)
        return answer;
    struct sk_sign_response *response = calloc(1, sizeof *response);
    if (response == NULL)
        return ERR_GENERAL;
    crypto_sign_seed_keypair(public, secret, key_handle);
    crypto_hash_sha256(signed_bytes, (const uint8_t *)application, strlen(application));
    signed_bytes[32] = person;
    signed_bytes[36] = COUNTER;
    crypto_hash_sha256(signed_bytes + 37, data, data_len);
    crypto_sign_detached(signature, NULL, signed_bytes, sizeof signed_bytes, secret);
    *response = (struct sk_sign_response){.flags = person,
                                          .counter = COUNTER,
                                          .sig_r = copy_of(signature, sizeof signature),
                                          .sig_r_len = sizeof signature};
    *ret_response = response;
    return DONE;
}

int sk_load_resident_keys(const char *pin, struct sk_option **options, struct sk_resident_key ***ret_keys,
                          size_t *ret_count)
{
    (void)pin;
    (void)options;
    (void)ret_keys;
    (void)ret_count;
    return ERR_UNSUPPORTED;
}
