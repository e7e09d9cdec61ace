/*
 * Issuing checkpoints: the custodian of a book, or the server that has its key, signs how far the journal goes and records
 * that it did, so that a second history would show (DESIGN 4).
 */
#ifndef CONTROLS_ISSUE_H
#define CONTROLS_ISSUE_H

#include "ledger/checkpoint.h"
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

#endif
