/*
 * Proofs for people outside: that one entry is in the journal, and that a later journal extends an earlier one.
 */
#ifndef AUDIT_PROVE_H
#define AUDIT_PROVE_H

#include <stddef.h>
#include <stdint.h>

#include "ledger/status.h"

struct journal;

/*
 * The receipt of entry seq against the checkpoint recorded last of those that cover it: a cosigned one that came back counts.
 *
 * out     *ret_text: gives a buffer (free) with a closing NUL; *ret_size: of the checkpoint it stands on.
 * errors  NOT_FOUND (no such entry; no issued checkpoint covers it: says how to make one), CORRUPT (the checkpoint's root
 *         is not this journal's), IO, MEMORY.
 * source  C2SP tlog-proof.
 */
MUST_USE enum status prove_entry(struct journal *journal, uint64_t seq, char **ret_text, size_t *ret_length,
                                 uint64_t *ret_size, struct err *err);

/*
 * The proof that the largest issued checkpoint extends the journal of old_size entries, as a witness is asked: "old N", the
 * hashes, a blank line, the checkpoint.
 *
 * out     as prove_entry.
 * errors  NOT_FOUND (no issued checkpoint of that size or more), CORRUPT, IO, MEMORY.
 * source  C2SP tlog-witness, the body of add-checkpoint.
 */
MUST_USE enum status prove_extension(struct journal *journal, uint64_t old_size, char **ret_text, size_t *ret_length,
                                     uint64_t *ret_size, struct err *err);

#endif
