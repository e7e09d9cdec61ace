/*
 * A book made again from entries that were let in before: they are written as they were, under another name, and take the
 * book's name when whoever verified them says so. Nothing is judged here and no entry is made.
 */
#ifndef CONTROLS_RESTORING_H
#define CONTROLS_RESTORING_H

#include <stdint.h>

#include "ledger/hash.h"
#include "ledger/journal.h"
#include "ledger/slice.h"
#include "ledger/status.h"

struct restoring;

/*
 * Begins a book beside its name: `<book_dir>.new-<nonce>`, which a killed process leaves behind and can be removed.
 *
 * in      nonce: random.
 * errors  EXISTS (book_dir is there), and those of birth_begin.
 */
MUST_USE enum status restoring_begin(const char *book_dir, uint64_t nonce, struct restoring **ret_restoring,
                                     struct err *err);

/* Adds the next entry as it was stored. errors those of append_entry. cost: a sync now and then. */
MUST_USE enum status restoring_entry(struct restoring *restoring, struct slice bytes, struct err *err);

/* Adds a checkpoint that was handed out. errors INPUT (it is none, or the entries so far have another root), and those of append_checkpoint. */
MUST_USE enum status restoring_checkpoint(struct restoring *restoring, struct slice note, struct err *err);

/* The root of the first size entries, and the leaf hash of entry seq. errors INPUT (there are not so many), CORRUPT, IO. */
MUST_USE enum status restoring_root(struct restoring *restoring, uint64_t size, struct hash *ret_root, struct err *err);
MUST_USE enum status restoring_leaf(struct restoring *restoring, uint64_t seq, struct hash *ret_leaf, struct err *err);

/*
 * Makes everything durable and closes it, for somebody else to verify what lies at restoring_dir.
 *
 * in      lost: what the book is known to have had besides; NULL: nothing.
 * errors  INPUT (no entry came), those of append_commit.
 */
MUST_USE enum status restoring_rest(struct restoring *restoring, const struct journal_lost *lost, struct err *err);
const char *restoring_dir(const struct restoring *restoring); /* lends until finish or abort */

/* After restoring_rest: puts the book at its name, durably. restoring is gone whatever the answer. errors those of birth_finish. */
MUST_USE enum status restoring_finish(struct restoring *restoring, struct err *err);
/* Removes what was built. NULL is fine. */
void restoring_abort(struct restoring *restoring);

#endif
