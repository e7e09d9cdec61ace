/*
 * What lives beside the journal: evidence files under their SHA-256, and personal data under salted hashes,
 * which can be erased while the journal keeps the proof that they were there. Every function takes the book's
 * directory.
 */
#ifndef LEDGER_BESIDE_H
#define LEDGER_BESIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/hash.h"
#include "ledger/slice.h"
#include "ledger/status.h"

enum {
    PERSONAL_SALT_BYTES = 32,
    PERSONAL_BYTES_MAX = 1 << 16 /* one record of personal data: names, addresses, a file's name */
};

#define EVIDENCE_BYTES_MAX ((uint64_t)1 << 30) /* one evidence file: a gigabyte of scans */

struct evidence {
    struct hash hash; /* SHA-256 of the content */
    uint64_t bytes;
};

/*
 * Copies a file into the book's evidence, at evidence/<first 2 hex>/<64 hex>, mode 0400. A repeat is fine and
 * mends a damaged copy.
 *
 * in      source: path of a regular file of at most bytes_max bytes.
 * after   on OK the copy is durable; on any error nothing new is at its name.
 * errors  NOT_FOUND (no source), INPUT (not a regular file), LIMIT (over bytes_max), FULL, PERMISSION, IO.
 * cost    O(bytes), constant memory, three syncs.
 */
MUST_USE enum status evidence_put(const char *book_dir, const char *source, uint64_t bytes_max,
                                  struct evidence *ret_evidence, struct err *err);

/*
 * For evidence that comes in pieces: a file without a name on the book's file system, to be written and then put. A crash
 * leaves nothing of it.
 *
 * out     *ret_fd: closed by the caller.
 * errors  FULL, PERMISSION, IO.
 */
MUST_USE enum status evidence_receive(const char *book_dir, int *ret_fd, struct err *err);

/* As evidence_put, of an open regular file, from its beginning. */
MUST_USE enum status evidence_put_received(const char *book_dir, int fd, uint64_t bytes_max,
                                           struct evidence *ret_evidence, struct err *err);

/*
 * A piece of a stored file: at most size bytes from offset on. Whoever has all pieces compares the hash: here nothing is.
 *
 * out     ret_bytes[0..*ret_length), fewer than size only at the end; *ret_bytes_all: of the file.
 * errors  NOT_FOUND, PERMISSION, IO.
 */
struct evidence_piece {
    uint64_t offset;
    uint8_t *bytes;
    size_t size;
};
MUST_USE enum status evidence_read(const char *book_dir, const struct hash *hash, const struct evidence_piece *piece,
                                   size_t *ret_length, uint64_t *ret_bytes_all, struct err *err);

/* Reads a stored file through and compares its hash. errors NOT_FOUND, CORRUPT, PERMISSION, IO. */
MUST_USE enum status evidence_verify(const char *book_dir, const struct hash *hash, uint64_t *ret_bytes,
                                     struct err *err);

/*
 * Verifies a stored file, then writes it to the descriptor out. errors NOT_FOUND, CORRUPT (nothing was
 * written, unless the file changed between the two readings), FULL, IO.
 */
MUST_USE enum status evidence_copy(const char *book_dir, const struct hash *hash, int out, struct err *err);

/* Whether a file of that name is there; its content is not read. */
bool evidence_exists(const char *book_dir, const struct hash *hash);

/*
 * Stores a record of personal data at personal/<hex>: the salt, then the payload. mode 0600.
 *
 * in      salt: random, new for each record, so that the hash tells nothing about a guessed payload; payload
 * of 0..PERSONAL_BYTES_MAX bytes.
 * out     *ret_hash: SHA-256(salt || payload), what the journal may know.
 * after   on OK durable.
 * errors  LIMIT, FULL, PERMISSION, IO.
 */
MUST_USE enum status personal_put(const char *book_dir, const uint8_t salt[static PERSONAL_SALT_BYTES],
                                  struct slice payload, struct hash *ret_hash, struct err *err);

/* A record read back; end it with personal_done, which wipes it. */
struct personal {
    uint8_t *record; /* salt, then payload */
    struct slice payload;
    size_t record_length;
};

/* errors NOT_FOUND (erased, or never there), CORRUPT, PERMISSION, MEMORY, IO. */
MUST_USE enum status personal_get(const char *book_dir, const struct hash *hash, struct personal *ret_personal,
                                  struct err *err);
void personal_done(struct personal *personal);

/*
 * Overwrites, syncs, removes, syncs the directory. A file system that copies on write, a snapshot or a backup
 * may keep the old bytes: say so to whoever asked for the erasure. errors NOT_FOUND, PERMISSION, IO.
 */
MUST_USE enum status personal_erase(const char *book_dir, const struct hash *hash, struct err *err);

#endif
