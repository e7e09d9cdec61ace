/*
 * Receipts: proof that one entry is in the journal, which anybody can check offline who knows the book's key.
 * Source: C2SP tlog-proof, read more strictly than by some (no leading zeros, no blanks).
 */
#ifndef LEDGER_RECEIPT_H
#define LEDGER_RECEIPT_H

#include <stddef.h>
#include <stdint.h>

#include "ledger/checkpoint.h"
#include "ledger/note.h"
#include "ledger/status.h"
#include "ledger/tree.h"

enum {
    RECEIPT_EXTRA_CHARS_MAX = 1024, /* base64 of unauthenticated data; we write none */
    RECEIPT_BYTES_MAX = NOTE_SIGNED_BYTES_MAX + RECEIPT_EXTRA_CHARS_MAX + TREE_PROOF_MAX * 45 + 128
};

struct receipt {
    uint64_t index; /* of the entry: its seq */
    struct tree_proof proof;
    const char *extra; /* base64, not authenticated; NULL when there is none. Lends. */
    size_t extra_length;
    const char *note; /* the signed checkpoint, verbatim. Lends. */
    size_t note_length;
};

/*
 * Writes a receipt.
 *
 * in      receipt, its note a whole signed checkpoint; borrowed.
 * out     *ret_text: gives a buffer (free) with a closing NUL that *ret_length does not count.
 * errors  INPUT (extra or note malformed), LIMIT, MEMORY.
 */
MUST_USE enum status receipt_format(const struct receipt *receipt, char **ret_text, size_t *ret_length,
                                    struct err *err);

/*
 * Reads a receipt. Verifies nothing.
 *
 * in      text[0..length), length <= RECEIPT_BYTES_MAX.
 * out     *ret_receipt, lending from text.
 * errors  INPUT, LIMIT.
 */
MUST_USE enum status receipt_parse(const char *text, size_t length, struct receipt *ret_receipt, struct err *err);

/*
 * Verifies that the entry with the hash leaf is entry number receipt->index of the journal that key signs
 * for.
 *
 * in      leaf: tree_leaf of the entry's bytes.
 * out     *ret_checkpoint: what the receipt stands on. May be NULL.
 * errors  those of checkpoint_open, INPUT and CORRUPT as tree_verify_inclusion.
 */
MUST_USE enum status receipt_verify(const struct receipt *receipt, const struct hash *leaf, const struct note_key *key,
                                    struct checkpoint *ret_checkpoint, struct err *err);

#endif
