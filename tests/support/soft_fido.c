/*
 * A FIDO authenticator in the open; see the header. What it signs is composed from OpenSSH's PROTOCOL.u2f and not with the
 * code under test.
 */
#include "tests/support/soft_fido.h"

#include <string.h>

#include <sodium.h>

enum { COUNTER = 7, WRAPPED_BYTES = 32 + 1 + 4 + 32 };

static enum status authenticate(void *context, const void *data, size_t length, struct raw_signature *ret_signature,
                                struct err *err)
{
    const struct soft_fido *soft = context;
    uint8_t wrapped[WRAPPED_BYTES] = {0};
    (void)err;
    *ret_signature = (struct raw_signature){.flags = soft->flags, .counter = COUNTER};
    crypto_hash_sha256(wrapped, (const uint8_t *)"ssh:", 4);
    wrapped[32] = soft->flags;
    wrapped[36] = COUNTER;
    crypto_hash_sha256(wrapped + 37, data, length);
    crypto_sign_detached(ret_signature->bytes, NULL, wrapped, sizeof wrapped, soft->secret);
    return STATUS_OK;
}

struct signer soft_fido_signer(struct soft_fido *soft, uint8_t seed, uint8_t flags)
{
    const uint8_t bytes[32] = {seed};
    struct signer signer = {
        .key.type = KEY_SK_ED25519, .key.application = "ssh:", .sign = authenticate, .context = soft};
    crypto_sign_seed_keypair(signer.key.ed25519, soft->secret, bytes);
    soft->flags = flags;
    return signer;
}
