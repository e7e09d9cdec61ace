/*
 * A witness: somebody outside who keeps the last checkpoint of a log that he has cosigned, and cosigns a later one only when
 * it is proved to extend that. So nobody can show him one history and others another without his word against it. Needs no
 * book: a request, what he remembers, his key and his clock. Source: C2SP tlog-witness, tlog-cosignature.
 */
#ifndef LEDGER_WITNESS_H
#define LEDGER_WITNESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/checkpoint.h"
#include "ledger/note.h"
#include "ledger/status.h"
#include "ledger/tree.h"

enum {
    WITNESS_PROOF_MAX = 63, /* hashes, as tlog-witness has it */
    WITNESS_NOTE_BYTES_MAX =
        49152, /* a checkpoint with all its signatures: it has to fit into a journal's record again */
    WITNESS_REQUEST_BYTES_MAX = 64 + WITNESS_PROOF_MAX * 45 + 1 + WITNESS_NOTE_BYTES_MAX,
    WITNESS_LOG_KEYS_MAX = 16, /* of one log: the one at first and those that came in its place */
    WITNESS_LOG_BYTES_MAX = BASE64_CHARS(WITNESS_NOTE_BYTES_MAX) + WITNESS_LOG_KEYS_MAX * (NOTE_VKEY_TEXT_MAX + 3) + 512
};

/* What a witness is asked. */
struct witness_request {
    uint64_t old_size; /* of the checkpoint from which the proof leads */
    struct tree_proof proof;
    const char *note; /* the signed checkpoint, verbatim. Lends. */
    size_t note_length;
};

/*
 * Reads the body of add-checkpoint: "old <size>", hashes, a blank line, a signed checkpoint. Verifies nothing.
 *
 * in      text[0..length), length <= WITNESS_REQUEST_BYTES_MAX.
 * out     *ret_request, lending from text.
 * errors  INPUT, LIMIT.
 */
MUST_USE enum status witness_request_parse(const char *text, size_t length, struct witness_request *ret_request,
                                           struct err *err);

/* Writes it again. out *ret_text: gives a buffer (free) with a closing NUL. errors MEMORY. */
MUST_USE enum status witness_request_format(const struct witness_request *request, char **ret_text, size_t *ret_length,
                                            struct err *err);

/* What a witness remembers of one log. Zero it, or witness_log_read; witness_log_done. */
struct witness_log {
    struct note_key keys[WITNESS_LOG_KEYS_MAX]; /* any of which signs its checkpoints; their name is its origin */
    size_t key_count;
    struct tree_head head; /* last cosigned; size 0: none yet */
    int64_t seconds;       /* POSIX time of that cosignature, the latest if there were more */
    char *note;            /* the checkpoint as it came then; NULL: none yet */
    size_t note_length;
};

void witness_log_done(struct witness_log *log);

/*
 * Takes a key as the log's, on somebody's word.
 *
 * in      log: of no key yet, or of the same origin.
 * out     *ret_new: false when it was known.
 * errors  INPUT (a witness's key, another origin), LIMIT (WITNESS_LOG_KEYS_MAX).
 */
MUST_USE enum status witness_log_trust(struct witness_log *log, const struct note_key *key, bool *ret_new,
                                       struct err *err);

/*
 * The memory of a log as one line of canonical JSON, {"keys","note","seconds","v"}: vkeys, the note in base64 or "".
 *
 * out     *ret_log: gives, witness_log_done; head is read from the note, whose signature is verified again.
 * errors  CORRUPT (not as it was written), MEMORY.
 */
MUST_USE enum status witness_log_read(const char *text, size_t length, struct witness_log *ret_log, struct err *err);
MUST_USE enum status witness_log_write(const struct witness_log *log, char **ret_text, size_t *ret_length,
                                       struct err *err);

/* How a checkpoint stands to what the witness remembers. */
enum witness_step {
    WITNESS_FIRST, /* none was cosigned before */
    WITNESS_LATER, /* it extends the last one */
    WITNESS_AGAIN  /* it is the last one: a new time for it */
};

/*
 * Whether to cosign.
 *
 * in      log: with a key; seconds: the witness's clock. Borrowed.
 * out     *ret_checkpoint, *ret_step.
 * errors  INPUT (another origin, a proof that begins elsewhere or has no form), SIGNATURE (no key of the log signed it),
 *         CLOCK (the clock is behind the last cosignature), CORRUPT: the checkpoint is signed by the log and does not extend
 *         what the witness remembers: of another root at the same size, smaller, or the proof does not lead there. Keep both.
 * source  C2SP tlog-witness, add-checkpoint.
 */
MUST_USE enum status witness_judge(const struct witness_log *log, const struct witness_request *request,
                                   int64_t seconds, struct checkpoint *ret_checkpoint, enum witness_step *ret_step,
                                   struct err *err);

/*
 * Makes the cosigned note, and the memory to be kept: that has to be on disk before the note leaves the witness.
 *
 * in      log: changed only on OK; request and checkpoint that witness_judge let pass; cosigner: type NOTE_COSIGNATURE.
 * out     *ret_note: gives (free), closed by a NUL: the request's note, the witness's own earlier lines left out, and the new
 *         line at its end.
 * errors  those of note_cosign, LIMIT (too many signatures), MEMORY.
 */
struct witness_signing {
    struct witness_log *log;
    const struct witness_request *request;
    const struct checkpoint *checkpoint;
    const struct note_cosigner *cosigner;
};
MUST_USE enum status witness_cosign(const struct witness_signing *signing, char **ret_note, struct err *err);

#endif
