/*
 * The birth of a book: built under another name beside, synced, renamed, so that at its own name there is
 * either nothing or a whole book with its charter. A birth that was killed leaves `<dir>.new-<number>`, which
 * is harmless and can be removed.
 */
#ifndef LEDGER_BIRTH_H
#define LEDGER_BIRTH_H

#include <stdint.h>

#include "ledger/beside.h"
#include "ledger/journal.h"

struct birth;

struct birth_options {
    uint64_t map_bytes; /* of the journal, for its life; 0: STORE_MAP_BYTES_DEFAULT */
    uint64_t nonce;     /* random; tells the names of two births apart */
};

/*
 * Builds an empty book at `<dir>.new-<nonce>`: directories journal, books, evidence, personal (0700) and the
 * file lock (0600).
 *
 * errors  EXISTS (dir is there already), NOT_FOUND (its parent is not), PERMISSION, FULL, IO, LIMIT (a path
 * too long).
 */
MUST_USE enum status birth_begin(const char *dir, const struct birth_options *options, struct birth **ret_birth,
                                 struct err *err);

/* The journal to append the charter to, through append.h. Lends until birth_finish or birth_abort. */
struct journal *birth_journal(struct birth *birth);

/*
 * Puts a record of personal data into the book that is being built, at most one.
 *
 * out     *ret_hash: its name.
 * errors  those of personal_put (beside.h).
 */
MUST_USE enum status birth_personal(struct birth *birth, const uint8_t salt[static PERSONAL_SALT_BYTES],
                                    struct slice payload, struct hash *ret_hash, struct err *err);

/* Where it is being built. Lends until birth_finish or birth_abort. */
const char *birth_dir(const struct birth *birth);

/*
 * Closes the journal, so that others can read what was built before it bears its name.
 *
 * errors  INPUT (no entry was appended), CORRUPT, IO.
 */
MUST_USE enum status birth_rest(struct birth *birth, struct err *err);

/*
 * Syncs everything and puts the book at its name. birth is gone afterwards, whatever the answer.
 *
 * after   on OK the book is at dir and durable; open it with journal_open. On any other status but UNKNOWN
 * nothing is at dir that was not there before.
 * errors  INPUT (no entry was appended), EXISTS (somebody took
 * the name meanwhile), IO, FULL, UNKNOWN (the book is at its name, but the directory above could not be
 * synced).
 */
MUST_USE enum status birth_finish(struct birth *birth, struct err *err);

/* Removes what was built. NULL is fine. */
void birth_abort(struct birth *birth);

#endif
