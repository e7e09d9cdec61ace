/*
 * Issuing checkpoints: the custodian of a book, or the server that has its key, signs how far the journal goes and records
 * that it did, so that a second history would show (DESIGN 4). What comes back from witnesses is recorded beside it.
 */
#ifndef CONTROLS_ISSUE_H
#define CONTROLS_ISSUE_H

#include <stdbool.h>

#include "ledger/checkpoint.h"
#include "ledger/slice.h"
#include "ledger/status.h"

struct gate;
struct signer;

/*
 * Signs a checkpoint of the whole journal as it is now, and records it.
 *
 * in      signer: of a book key in force.
 * out     *ret_checkpoint; ret_note: the signed note.
 * after   on OK the record of it is durable.
 * errors  PERMISSION (no key of the book), CORRUPT (the journal is not what was signed last), REFUSED (the
 *         book is known to lack entries, and nobody has said so yet), those of the signer and of
 *         gate_record_checkpoint.
 */
MUST_USE enum status issue_checkpoint(struct gate *gate, const struct signer *signer, struct checkpoint *ret_checkpoint,
                                      char ret_note[static CHECKPOINT_NOTE_MAX], struct err *err);

/*
 * Records a checkpoint of this book that came back from outside with more signatures: cosignatures of witnesses.
 *
 * in      note: the signed note, whole; borrowed.
 * out     *ret_checkpoint: what it is of. *ret_known: the very same note stands there already; nothing was written.
 * after   on OK it is a further issued checkpoint, durable.
 * errors  INPUT, LIMIT (form; a size that the journal does not have), NOT_FOUND (of another book or epoch, or signed by no key
 *         that was a book key at that size), SIGNATURE, CORRUPT (signed by the book, and of another root: a second history),
 *         those of gate_record_checkpoint.
 */
MUST_USE enum status issue_record(struct gate *gate, struct slice note, struct checkpoint *ret_checkpoint,
                                  bool *ret_known, struct err *err);

#endif
