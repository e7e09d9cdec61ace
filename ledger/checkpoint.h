/*
 * Checkpoints: size and root of a journal as the text of a signed note. Source: C2SP tlog-checkpoint.
 */
#ifndef LEDGER_CHECKPOINT_H
#define LEDGER_CHECKPOINT_H

#include <stddef.h>
#include <stdint.h>

#include "ledger/note.h"
#include "ledger/signer.h"
#include "ledger/status.h"
#include "ledger/tree.h"

enum {
    CHECKPOINT_TEXT_MAX = NOTE_NAME_BYTES_MAX + 1 + 19 + 1 + BASE64_CHARS(HASH_BYTES) + 2,
    CHECKPOINT_NOTE_MAX = CHECKPOINT_TEXT_MAX + 1 + NOTE_LINE_TEXT_MAX
};

struct checkpoint {
    char origin[NOTE_NAME_BYTES_MAX + 1];
    struct tree_head head;
};

enum { CHECKPOINT_BOOK_CHARS = 16 }; /* of the book's id in an origin */

/*
 * The origin of a book's checkpoints in one epoch: <name>/<first 16 hex of the book's id>/<epoch>.
 *
 * in      name: of the charter; book: the id in hex.
 */
void checkpoint_origin(const char *name, const char *book, uint64_t epoch,
                       char ret_origin[static NOTE_NAME_BYTES_MAX + 1]);

/* Reads the epoch back. errors INPUT (it is no origin of this book). */
MUST_USE enum status checkpoint_epoch(const char *origin, const char *name, const char *book, uint64_t *ret_epoch,
                                      struct err *err);

/*
 * Writes the text: origin, size, root, a line each.
 *
 * errors  INPUT (an origin that can't be a key's name), LIMIT (its length, the size).
 */
MUST_USE enum status checkpoint_format(const struct checkpoint *checkpoint, char ret_text[static CHECKPOINT_TEXT_MAX],
                                       struct err *err);

/*
 * Reads the text. Extension lines are allowed, must not be empty, and are not kept: the signature covers
 * them, nothing here gives them a meaning.
 *
 * errors  INPUT, LIMIT.
 */
MUST_USE enum status checkpoint_parse(const char *text, size_t length, struct checkpoint *ret_checkpoint,
                                      struct err *err);

/*
 * Writes the signed note of a checkpoint. The key's name must be the origin.
 *
 * out     ret_note, NUL-terminated.
 * errors  INPUT, LIMIT.
 */
MUST_USE enum status checkpoint_sign(const struct checkpoint *checkpoint, const struct note_key *key,
                                     const uint8_t secret_key[static NOTE_SECRET_KEY_BYTES],
                                     char ret_note[static CHECKPOINT_NOTE_MAX], struct err *err);

/*
 * The same with a signer, whose private half stays where it is. The result is verified before it is handed out.
 *
 * in      signer: of key's public key, plain Ed25519.
 * errors  INPUT, LIMIT, those of the signer, SIGNATURE (what it answered does not verify).
 */
MUST_USE enum status checkpoint_sign_by(const struct checkpoint *checkpoint, const struct note_key *key,
                                        const struct signer *signer, char ret_note[static CHECKPOINT_NOTE_MAX],
                                        struct err *err);

/*
 * Reads a signed checkpoint and verifies it: key must have signed it, and its origin must be the key's name.
 *
 * out     *ret_checkpoint; *ret_note, lending from bytes, to look for cosignatures. ret_note may be NULL.
 * errors  INPUT, LIMIT, NOT_FOUND (not signed by key), SIGNATURE, MEMORY.
 */
MUST_USE enum status checkpoint_open(const char *bytes, size_t length, const struct note_key *key,
                                     struct checkpoint *ret_checkpoint, struct note *ret_note, struct err *err);

#endif
