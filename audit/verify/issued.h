/*
 * A checkpoint that somebody holds against a book: whether it bears the book's origin and the signature of a key that was a
 * book key at its size. Whether its root is that of the entries is for whoever has the entries.
 */
#ifndef AUDIT_ISSUED_H
#define AUDIT_ISSUED_H

#include <stdint.h>

#include "ledger/checkpoint.h"
#include "ledger/note.h"
#include "ledger/slice.h"
#include "ledger/status.h"

struct key_register;

struct issued {
    char origin[NOTE_NAME_BYTES_MAX + 1];
    uint64_t epoch;
    struct checkpoint checkpoint;
    struct note note; /* lends from the bytes */
};

/* The text inside a signed note, unverified: only to know which size it speaks of. errors INPUT, LIMIT. */
MUST_USE enum status issued_peek(struct slice bytes, struct checkpoint *ret_checkpoint, struct note *ret_note,
                                 struct err *err);

/*
 * Reads it and verifies the book's signature.
 *
 * in      keys: with the entries before its size taken in; name: the charter's; book: the id in hex.
 * errors  INPUT, LIMIT (no checkpoint), NOT_FOUND (not signed by a key of this book, under its origin), SIGNATURE.
 */
MUST_USE enum status issued_open(struct slice bytes, const struct key_register *keys, const char *name,
                                 const char *book, struct issued *ret_issued, struct err *err);

#endif
