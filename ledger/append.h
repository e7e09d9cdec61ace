/*
 * The power to write the journal. Kept apart from journal.h so that who may write is a grep: the gate, and
 * the birth of a book. One writer at a time, over all processes: flock on the file `lock` of the book, whose
 * holder's process id stands in the file.
 */
#ifndef LEDGER_APPEND_H
#define LEDGER_APPEND_H

#include <stdint.h>

#include "ledger/journal.h"

struct append;

enum {
    APPEND_WAIT_MS_DEFAULT = 10000, /* longer than any commit, shorter than a person's patience */
    APPEND_WAIT_MS_MAX = 3600000
};

struct append_options {
    uint32_t wait_ms;                    /* at most this long for another writer; 0: not at all */
    const struct journal_head *expected; /* the head that the caller judged against; NULL: whatever is there */
};

/*
 * Takes the writer's lock and begins a batch.
 *
 * in      options may be NULL: APPEND_WAIT_MS_DEFAULT, any head.
 * out     *ret_append: end it with append_commit or append_abort.
 * errors  BUSY (another writer; names its process), EXISTS (options->expected is not the head: somebody
 * appended, look again), CORRUPT (the head does not extend the one that this handle saw before, or the last
 * entry is not the one that was hashed), UNKNOWN (an earlier commit failed: close and reopen), IO,
 * PERMISSION, MEMORY.
 */
MUST_USE enum status append_begin(struct journal *journal, const struct append_options *options,
                                  struct append **ret_append, struct err *err);

/* The journal as this batch has made it so far, entries added included. Lends until commit or abort. */
struct journal_snapshot *append_snapshot(struct append *append);

/*
 * Adds one entry at the end.
 *
 * in      bytes[0..length), 1..ENTRY_BYTES_MAX; borrowed. What they say (seq, prev) is the caller's to get
 * right.
 * out     *ret_seq, *ret_leaf (both may be NULL): its number, and SHA-256(0x00 || bytes).
 * after   on
 * an error other than LIMIT the batch can only be aborted.
 * errors  LIMIT, FULL, IO, CORRUPT.
 */
MUST_USE enum status append_entry(struct append *append, struct slice bytes, uint64_t *ret_seq, struct hash *ret_leaf,
                                  struct err *err);

/*
 * Records a checkpoint that was handed out.
 *
 * in      size 1..the size now, and the root must be the tree's at that size; a note
 * of 1..JOURNAL_NOTE_BYTES_MAX bytes.
 * errors  INPUT (size or root is not this journal's), LIMIT, FULL, IO.
 */
MUST_USE enum status append_checkpoint(struct append *append, const struct journal_checkpoint *checkpoint,
                                       struct err *err);

/* Sets a metadata value. in name of 1..64 characters, value of up to JOURNAL_META_BYTES_MAX. errors LIMIT,
 * FULL, IO. */
MUST_USE enum status append_meta_put(struct append *append, const char *name, struct slice value, struct err *err);

/*
 * Makes the whole batch durable and gives the lock back. append is gone afterwards, whatever the answer.
 *
 * after   on OK the bytes are on disk (the commit's sync has returned).
 * errors  FULL (the map; the journal is as it was), UNKNOWN (the outcome is open: stop, close the journal,
 * reopen, look the statement up by its id), or what an earlier call on this batch answered (the journal is as
 * it was).
 * cost    two syncs, O(bytes).
 */
MUST_USE enum status append_commit(struct append *append, struct err *err);

/* Leaves the journal as it was and gives the lock back. NULL is fine. */
void append_abort(struct append *append);

#endif
