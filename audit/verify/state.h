/*
 * What a good verification leaves behind, so that the next one of the same book goes on from there: how far it came, the
 * tree's hashes, keys, number series, the replay's tables. It is the auditor's own and believed as such, once it is whole.
 *
 * In a directory: CURRENT names the folder that counts, <size>-XXXXXX, with state.json (one line, and its SHA-256 on a second),
 * hashes (tree_file.h) and tables/. A verification works on a copy beside it; CURRENT is replaced when all is on the disk, so that
 * whatever happens, the old state or the new one is there.
 */
#ifndef AUDIT_VERIFY_STATE_H
#define AUDIT_VERIFY_STATE_H

#include <stdint.h>

#include "ledger/hash.h"
#include "ledger/status.h"
#include "ledger/tree.h"

struct verify;
struct verify_state;

/*
 * Opens the state in dir, which is made where it lacks, for this process alone.
 *
 * out     *ret_state: end it with verify_state_close. Its head's size is 0 where nothing was verified yet.
 * errors  INPUT (damaged, or of another release: begin with an empty one), BUSY, PERMISSION, FULL, IO, MEMORY.
 */
MUST_USE enum status verify_state_open(const char *dir, struct verify_state **ret_state, struct err *err);
/* What was not kept is removed. */
void verify_state_close(struct verify_state *state);

/* Size and root of what was verified, and the book's id ("" at size 0). Lends until close. */
const struct tree_head *verify_state_head(const struct verify_state *state);
const char *verify_state_book(const struct verify_state *state);

/*
 * Lets verify go on from the state, on a copy. Before verify_run.
 *
 * after   verify->computed answers for all hashes of the tree so far.
 * errors  INPUT (damaged), FULL, IO, MEMORY.
 */
MUST_USE enum status verify_state_begin(struct verify_state *state, struct verify *verify, struct err *err);

/* Keeps what verify has come to in place of the old state. After verify_run; ends its replay. errors FULL, IO, MEMORY. */
MUST_USE enum status verify_state_keep(struct verify_state *state, struct verify *verify, struct err *err);

#endif
