/*
 * Signs how far a book goes, for the command and for the server.
 */
#ifndef CLI_NOTARY_H
#define CLI_NOTARY_H

#include "controls/gate.h"
#include "ledger/checkpoint.h"
#include "ledger/signer.h"
#include "ledger/status.h"

/*
 * Signs a checkpoint of a gate's book with a book key and records it.
 *
 * out     *ret_checkpoint; ret_note, closed by a NUL.
 * errors  PERMISSION (no key of the book, or a retired one), CORRUPT (the last checkpoint is not true of this journal), and
 *         those of gate_record_checkpoint.
 */
MUST_USE enum status notary_issue(struct gate *gate, const struct signer *signer, struct checkpoint *ret_checkpoint,
                                  char ret_note[static CHECKPOINT_NOTE_MAX], struct err *err);

#endif
