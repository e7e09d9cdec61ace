/*
 * What a witness keeps on disk: his key, and for each log what he last cosigned. A directory of his own, on his own machine:
 *
 *     key, key.pub         his key, sealed under a passphrase (keyfile.h)
 *     vkey                 his public key for auditors, type 04
 *     logs/<32 hex>        the memory of a log (witness_log_write), named by the SHA-256 of its origin
 *     refused/<16 hex>.*   what was refused as a fork or a rollback: `.held` is what was cosigned, `.shown` what came
 *
 * Whoever puts an older copy of it in place makes a witness who has forgotten: it is not to be restored from a backup.
 */
#ifndef LEDGER_WITNESS_STATE_H
#define LEDGER_WITNESS_STATE_H

#include "ledger/durable.h"
#include "ledger/slice.h"
#include "ledger/status.h"
#include "ledger/witness.h"
#include "ledger/writelock.h"

enum { WITNESS_WAIT_MS = 10000 }; /* for another act of the same witness: a passphrase that somebody types */

struct witness_state {
    const char *dir; /* borrowed until close */
    struct writelock lock;
    struct note_key key; /* the witness's */
};

/* The path of his key file. errors LIMIT. */
MUST_USE enum status witness_state_key_path(const char *dir, struct path *ret_path, struct err *err);

/*
 * Makes the directory; the key file is made in it next, then its name is told.
 *
 * errors  EXISTS, NOT_FOUND (where it is to be), PERMISSION, FULL, IO, LIMIT.
 */
MUST_USE enum status witness_state_create(const char *dir, struct err *err);
MUST_USE enum status witness_state_name(const char *dir, const struct note_key *key, struct err *err);

/*
 * Opens it for one act; another process waits until that is done.
 *
 * in      wait_ms: at most this long for another.
 * out     *ret_state: witness_state_close.
 * errors  NOT_FOUND (no witness there), BUSY, CORRUPT, PERMISSION, IO.
 */
MUST_USE enum status witness_state_open(const char *dir, uint32_t wait_ms, struct witness_state *ret_state,
                                        struct err *err);
void witness_state_close(struct witness_state *state);

/*
 * The memory of a log.
 *
 * out     *ret_log: gives, witness_log_done.
 * errors  NOT_FOUND (the witness does not know that log), CORRUPT, PERMISSION, MEMORY, IO.
 */
MUST_USE enum status witness_state_load(const struct witness_state *state, const char *origin,
                                        struct witness_log *ret_log, struct err *err);

/* Puts it in place; on OK it is on disk, on any error the old or the new one is. errors FULL, PERMISSION, MEMORY, IO. */
MUST_USE enum status witness_state_save(const struct witness_state *state, const struct witness_log *log,
                                        struct err *err);

/*
 * Keeps what speaks against a log: the checkpoint that was cosigned and the request that does not extend it.
 *
 * out     *ret_path: of the request; that of the checkpoint ends in `.held` instead of `.shown`.
 * errors  FULL, PERMISSION, MEMORY, IO. The same evidence a second time is fine.
 */
MUST_USE enum status witness_state_accuse(const struct witness_state *state, const struct witness_log *log,
                                          struct slice request, struct path *ret_path, struct err *err);

#endif
