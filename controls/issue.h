/*
 * Issuing checkpoints: the custodian of a book, or the server that has its key, signs how far the journal goes and records
 * that it did, so that a second history would show (DESIGN 4). What comes back from witnesses is recorded beside it.
 */
#ifndef CONTROLS_ISSUE_H
#define CONTROLS_ISSUE_H

#include <stdbool.h>
#include <stddef.h>

#include "ledger/checkpoint.h"
#include "ledger/slice.h"
#include "ledger/status.h"

struct gate;
struct journal_snapshot;
struct signer;

/*
 * Signs a checkpoint of the whole journal as it is now, and records it.
 *
 * in      signer: of a book key in force.
 * out     *ret_checkpoint; ret_note: the signed note.
 * after   on OK the record of it is durable; a note that stands there already is not recorded again.
 * errors  PERMISSION (no key of the book), CORRUPT (the journal is not what was signed last), REFUSED (the
 *         book is known to lack entries, and nobody has said so yet), those of the signer and of
 *         gate_record_checkpoint.
 */
MUST_USE enum status issue_checkpoint(struct gate *gate, const struct signer *signer, struct checkpoint *ret_checkpoint,
                                      char ret_note[static CHECKPOINT_NOTE_MAX], struct err *err);

/* Whether the very note is among the issued checkpoints. errors of journal.h. */
MUST_USE enum status issue_has_note(struct journal_snapshot *snapshot, struct slice note, bool *ret_has,
                                    struct err *err);

/*
 * What may come in from whoever cannot write the book's files: the cosignatures of these witnesses, one of each for a size.
 * So nobody fills a disk with lines that prove nothing, nor with the same ones in another order.
 */
struct issue_terms {
    const struct note_key *witnesses; /* of type NOTE_COSIGNATURE. Borrowed */
    size_t count;
};

/* A note that came back, and what it is. */
struct issue_note {
    struct checkpoint checkpoint;
    bool known; /* the very same note stands there already */
};

/*
 * Whether a checkpoint of this book that came back from outside with more signatures may be recorded.
 *
 * in      note: the signed note, whole; terms: NULL: lines of keys that are not known here are let be. Borrowed.
 * errors  INPUT, LIMIT (form; a size that the journal does not have), NOT_FOUND (of another book or epoch, or signed by no key
 *         that was a book key at that size; with terms, a line that is neither the book's nor a witness's of these), SIGNATURE,
 *         EXISTS (with terms: each of its witnesses has cosigned a recorded checkpoint of that size already), CORRUPT (signed
 *         by the book, and of another root: a second history).
 */
MUST_USE enum status issue_check(struct gate *gate, struct slice note, const struct issue_terms *terms,
                                 struct issue_note *ret_note, struct err *err);

/*
 * The same without terms, and records it.
 *
 * out     *ret_checkpoint: what it is of. *ret_known: the very same note stands there already; nothing was written.
 * after   on OK it is an issued checkpoint, durable.
 * errors  those of issue_check and of gate_record_checkpoint.
 */
MUST_USE enum status issue_record(struct gate *gate, struct slice note, struct checkpoint *ret_checkpoint,
                                  bool *ret_known, struct err *err);

#endif
