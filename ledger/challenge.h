/*
 * Who opens a connection: the answer to a server's challenge, signed with the key of a user, from a key file or an agent
 * alike, under the namespace "countersign-connect". It lets somebody read and nothing else: no signature of a challenge
 * can be taken for one of a statement, nor the other way round.
 */
#ifndef LEDGER_CHALLENGE_H
#define LEDGER_CHALLENGE_H

#include <stddef.h>
#include <stdint.h>

#include "ledger/hash.h"
#include "ledger/sshsig.h"
#include "ledger/status.h"

/*
 * What is signed (cli/PROTOCOL.md section 2). Both sides make it for themselves. book is the one that the client means, not
 * one that the connection tells it. Each side draws its nonce, 32 random bytes that stand as a hash does, and accepts one
 * answer under it.
 */
struct challenge {
    struct hash book;
    struct hash client, server; /* their nonces */
    struct public_key key;      /* the one that answers */
    const char *user;           /* an id; borrowed */
};

/*
 * Signs a challenge and checks the result before handing it out.
 *
 * out     ret_blob[0..*ret_length): the bare blob.
 * errors  INPUT (user is no id; key is not the signer's), those of sshsig_sign_message.
 */
MUST_USE enum status challenge_sign(const struct challenge *challenge, const struct signer *signer,
                                    uint8_t ret_blob[static SSHSIG_BYTES_MAX], size_t *ret_length, struct err *err);

/*
 * Checks that blob answers this challenge with its key. Whether that is a key of the user's that counts now is for the
 * caller, who also takes the nonce out of use, whatever the answer is.
 *
 * out     *ret_info: for FIDO keys with flags and counter.
 * errors  INPUT (user is no id; another namespace, a statement's too), SIGNATURE (another key, book, user or nonce), and the
 * others of sshsig_verify_message.
 */
MUST_USE enum status challenge_verify(const struct challenge *challenge, const uint8_t *blob, size_t blob_length,
                                      struct sshsig *ret_info, struct err *err);

#endif
