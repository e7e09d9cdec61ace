/*
 * SSHSIG signatures, as `ssh-keygen -Y sign` and `-Y verify` use them, in the one form that is allowed here: SHA-512,
 * plain or FIDO Ed25519, and the namespace of what they are for. A statement's is "countersign", and its stored form is
 * the bare blob. Nothing made under one namespace is accepted under another.
 *
 * Source: OpenSSH PROTOCOL.sshsig and PROTOCOL.u2f.
 */
#ifndef LEDGER_SSHSIG_H
#define LEDGER_SSHSIG_H

#include <stddef.h>
#include <stdint.h>

#include "ledger/limits.h"
#include "ledger/signer.h"
#include "ledger/sshkey.h"
#include "ledger/status.h"

enum {
    SSHSIG_ARMOUR_BYTES_MAX = 1536 /* SSHSIG_BYTES_MAX in base64 at 70 columns, both marker lines and a NUL */
};

/* What a signature is for: each purpose has a namespace of its own, which is signed. */
enum sshsig_purpose {
    SSHSIG_STATEMENT, /* "countersign": what stands in a journal */
    SSHSIG_CONNECT,   /* "countersign-connect": who opens a connection (ledger/challenge.h); never stored */
    SSHSIG_BUNDLE,    /* "countersign-bundle": who packed a bundle (audit/bundle/BUNDLE.md) */
    SSHSIG_EXPORT     /* "countersign-export": who exported files for other programs (audit/export/ADS.md) */
};

struct sshsig_message {
    enum sshsig_purpose purpose;
    const void *bytes;
    size_t length;
};

/* A signature taken apart. Whether key is anybody's is for the register of keys, not for this room. */
struct sshsig {
    struct public_key key;
    struct raw_signature signature; /* with the flags and counter of a FIDO key */
};

/* The namespace of a purpose, e.g. for ssh-keygen -n. Lends for ever. */
const char *sshsig_namespace(enum sshsig_purpose purpose);

/*
 * Signs a statement, message[0..length), and checks the result before handing it out.
 *
 * out     ret_blob[0..*ret_length): the blob; ret_blob has room for SSHSIG_BYTES_MAX bytes.
 * errors  those of the signer; SIGNATURE (what the signer answered does not verify).
 */
MUST_USE enum status sshsig_sign(const struct signer *signer, const void *message, size_t length,
                                 uint8_t ret_blob[static SSHSIG_BYTES_MAX], size_t *ret_length, struct err *err);

/* The same for any purpose. */
MUST_USE enum status sshsig_sign_message(const struct signer *signer, const struct sshsig_message *message,
                                         uint8_t ret_blob[static SSHSIG_BYTES_MAX], size_t *ret_length,
                                         struct err *err);

/*
 * Takes a statement's blob apart and checks its form, no cryptography: version 1, namespace, empty reserved, sha512, a
 * signature of the key's type, and not a byte more anywhere.
 *
 * errors  INPUT (form), LIMIT (over SSHSIG_BYTES_MAX).
 */
MUST_USE enum status sshsig_parse(const uint8_t *blob, size_t length, struct sshsig *ret_sshsig, struct err *err);

/*
 * Checks that blob is a signature over a statement, message, by the key inside it. The caller still has to know that key.
 *
 * out     *ret_info: key, and for FIDO keys flags and counter (user verification is policy's question).
 * errors  INPUT and LIMIT of sshsig_parse; SIGNATURE (does not verify: other bytes, S >= L, small order or
 * non-canonical key or R; a FIDO signature without user presence).
 * cost    one Ed25519 check and SHA-512 of the message.
 */
MUST_USE enum status sshsig_verify(const uint8_t *blob, size_t blob_length, const void *message, size_t length,
                                   struct sshsig *ret_info, struct err *err);

/* The same of a statement's blob that was taken apart (sshsig_parse). errors SIGNATURE. */
MUST_USE enum status sshsig_check(const struct sshsig *sshsig, const void *message, size_t length, struct err *err);

/* sshsig_verify for any purpose. */
MUST_USE enum status sshsig_verify_message(const uint8_t *blob, size_t blob_length,
                                           const struct sshsig_message *message, struct sshsig *ret_info,
                                           struct err *err);

/* The text that ssh-keygen reads and writes: marker lines, 70 columns, a final newline. 1 <= length <=
 * SSHSIG_BYTES_MAX. */
void sshsig_armour(const uint8_t *blob, size_t length, char ret_text[static SSHSIG_ARMOUR_BYTES_MAX]);

/*
 * Reads exactly that text.
 *
 * errors  INPUT (any other byte than ssh-keygen would write), LIMIT.
 */
MUST_USE enum status sshsig_dearmour(const char *text, uint8_t ret_blob[static SSHSIG_BYTES_MAX], size_t *ret_length,
                                     struct err *err);

#endif
