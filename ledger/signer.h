/*
 * The port through which a private key is used: a key file or an agent behind it, the same to whoever signs.
 */
#ifndef LEDGER_SIGNER_H
#define LEDGER_SIGNER_H

#include <stddef.h>
#include <stdint.h>

#include "ledger/sshkey.h"
#include "ledger/status.h"

struct sshwire_writer;

enum { ED25519_SIGNATURE_BYTES = 64 };

/* What a key answers. flags and counter are a FIDO authenticator's and 0 for a plain key. */
struct raw_signature {
    uint8_t bytes[ED25519_SIGNATURE_BYTES];
    uint8_t flags;
    uint32_t counter;
};

/* Bits of flags, from the WebAuthn authenticator data. */
enum { SIGNATURE_USER_PRESENT = 0x01, SIGNATURE_USER_VERIFIED = 0x04 };

/*
 * A key that signs. sign takes the bytes themselves (Ed25519 hashes inside; an authenticator wraps them
 * first) and fills *ret_signature on OK. One thread at a time. A statement is signed through sshsig_sign,
 * never with sign directly.
 */
struct signer {
    struct public_key key;
    enum status (*sign)(void *context, const void *data, size_t length, struct raw_signature *ret_signature,
                        struct err *err);
    void (*close)(void *context);
    void *context;
};

/* Releases what stands behind the signer, wipes its secrets and empties it. NULL and empty signers are
 * nothing to do. */
void signer_close(struct signer *signer);

/* The wire form of a signature by a key of this type (OpenSSH's "signature blob"). Appends to writer. */
void signer_put_signature(struct sshwire_writer *writer, enum key_type type, const struct raw_signature *signature);

/*
 * Reads that wire form.
 *
 * errors  INPUT (another type than the key's, truncated, trailing bytes).
 * source  RFC 8709 section 6; OpenSSH PROTOCOL.u2f, "SSH U2F signatures".
 */
MUST_USE enum status signer_get_signature(enum key_type type, const uint8_t *bytes, size_t length,
                                          struct raw_signature *ret_signature, struct err *err);

#endif
