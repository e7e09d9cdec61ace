/*
 * Key files: an Ed25519 key sealed under a passphrase, in a file of our own with its public key beside it in
 * FILE.pub. Users' keys and book keys have the same form.
 *
 * The file is one line of canonical JSON:
 * {"argon2id":{"memory_bytes","operations","salt"},"check","format","nonce", "public","sealed","v"}.
 * Argon2id 1.3 over the passphrase gives 64 bytes: the first 32 seal the seed (XSalsa20 and Poly1305,
 * "sealed"), the other 32 key a BLAKE2b of the whole line without "check", so that no member can be changed
 * by someone who does not know the passphrase.
 */
#ifndef LEDGER_KEYFILE_H
#define LEDGER_KEYFILE_H

#include <stddef.h>
#include <stdint.h>

#include "ledger/random.h"
#include "ledger/signer.h"
#include "ledger/sshkey.h"
#include "ledger/status.h"

enum {
    KEYFILE_BYTES_MAX = 2048,            /* a key file takes under 600 bytes */
    KEYFILE_PASSPHRASE_BYTES_MAX = 1024, /* longer is a file given by mistake */
    KEYFILE_SEED_BYTES = 32,
    KEYFILE_OPERATIONS_MIN = 1,         /* libsodium's own minimum, for tests */
    KEYFILE_OPERATIONS_MAX = 8,         /* twice libsodium's SENSITIVE: a hostile file costs seconds, not hours */
    KEYFILE_MEMORY_BYTES_MIN = 8 << 10, /* libsodium's own minimum, for tests */
    KEYFILE_MEMORY_BYTES_MAX = 1 << 30  /* libsodium's SENSITIVE: a hostile file can't eat more */
};

/* What one guess of the passphrase costs, in Argon2id passes and bytes. */
struct keyfile_cost {
    uint32_t operations;
    uint32_t memory_bytes;
};

/* What keys in use get: libsodium's MODERATE, 3 passes over 256 MiB, under a second. */
struct keyfile_cost keyfile_cost_default(void);

/* No protection against guessing: for tests and demonstrations only. 1 pass over 8 KiB. */
struct keyfile_cost keyfile_cost_cheap(void);

/* How to seal: passphrase[0..passphrase_length), not empty; cost within the bounds above. */
struct keyfile_seal {
    const char *passphrase;
    size_t passphrase_length;
    struct keyfile_cost cost;
};

/*
 * Makes a new key and its files path (mode 0600) and path.pub.
 *
 * in      all borrowed; random is where seed, salt and nonce come from.
 * out     *ret_key: the public key.
 * after   on OK both files are on disk; on any error neither is, and a file that was there is as it was.
 * errors  EXISTS (path or path.pub is there), LIMIT and INPUT (passphrase, cost, path too long), MEMORY, IO,
 * FULL.
 */
MUST_USE enum status keyfile_create(const char *path, const struct keyfile_seal *seal,
                                    const struct random_source *random, struct public_key *ret_key, struct err *err);

/*
 * Opens a key file for signing.
 *
 * out     *ret_signer: closed by the caller with signer_close; the private key lies in locked memory until
 * then.
 * errors  NOT_FOUND, PERMISSION (wrong passphrase; group or others may read the file), CORRUPT (not as
 * it was written), INPUT (no key file, another version), LIMIT (costs or sizes out of bounds), MEMORY, IO.
 * cost    what the file's costs say: memory and time.
 */
MUST_USE enum status keyfile_open(const char *path, const char *passphrase, size_t passphrase_length,
                                  struct signer *ret_signer, struct err *err);

/*
 * Reads the public key of a key file, without passphrase; so whoever can write the file can lie here. What
 * has been opened was checked.
 *
 * errors  NOT_FOUND, INPUT, LIMIT, PERMISSION, IO, MEMORY as for keyfile_open.
 */
MUST_USE enum status keyfile_public(const char *path, struct public_key *ret_key, struct err *err);

/*
 * A signer of a seed that the caller has, nothing on disk: tests and demonstrations. Closed with
 * signer_close.
 *
 * errors  MEMORY.
 */
MUST_USE enum status keyfile_open_seed(const uint8_t seed[static KEYFILE_SEED_BYTES], struct signer *ret_signer,
                                       struct err *err);

#endif
