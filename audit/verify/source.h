/*
 * Where a verification reads from: the journal of a book (journal.c), or a bundle (bundle.c). A source hands
 * on what lies there; what is right about it is for the rooms of verify to say.
 *
 * Errors of what a source answers are findings, but for MEMORY, FULL, LIMIT and the like, which end a verification.
 */
#ifndef AUDIT_VERIFY_SOURCE_H
#define AUDIT_VERIFY_SOURCE_H

#include <stddef.h>
#include <stdint.h>

#include "ledger/hash.h"
#include "ledger/journal.h"
#include "ledger/slice.h"
#include "ledger/status.h"
#include "ledger/timestamps.h"

struct tables;
struct verify;

/* An entry as it lies. */
struct source_entry {
    uint64_t seq; /* where it lies: above all before */
    struct slice bytes;
    uint8_t *owned; /* what bytes point into, for the taker to free; NULL: lent until the source is closed */
};

struct verify_source {
    void *context;      /* of all */
    const char *what;   /* "the journal", for findings */
    uint64_t size;      /* entries that it says it has: for progress only */
    uint64_t map_bytes; /* of the replay's tables; 0: as the store has it by default */

    /* The next entry, in order. errors NOT_FOUND (the end; err is left alone), CORRUPT and IO (a finding, and the end). */
    enum status (*next)(void *context, struct source_entry *ret_entry, struct err *err);
    /* After the end: from the first entry on once more, nothing being told twice. errors MEMORY, IO. */
    enum status (*again)(void *context, struct err *err);
    /* A stored hash of the tree. NULL: none is stored, and verification keeps those that it computes. errors as journal_node. */
    enum status (*node)(void *context, unsigned level, uint64_t index, struct hash *ret_hash, struct err *err);
    /* Checkpoints that the book recorded when it issued them. errors as of journal.h. */
    enum status (*issued_count)(void *context, uint64_t *ret_count, struct err *err);
    enum status (*issued)(void *context, uint64_t number, struct journal_checkpoint *ret_checkpoint, struct err *err);
    /* A time-stamp reply by its name (ledger/timestamps.h), into room for the largest; may be NULL with the next: none can be
     * had. errors NOT_FOUND, LIMIT, IO. */
    enum status (*stamp)(void *context, const char *name, uint8_t *ret_reply, size_t *ret_length, struct err *err);
    /* The name of each reply that is there. errors of step, IO. */
    enum status (*stamps)(void *context, timestamps_step *step, void *step_context, struct err *err);
    /* What a restored journal was told that it lacks; may be NULL. errors as journal_lost. */
    enum status (*lost)(void *context, struct journal_lost *ret_lost, struct err *err);
    /* Compares live books with what the replay made; may be NULL: there are none. */
    enum status (*compare)(struct verify *verify, struct tables *replayed, struct err *err);
};

#endif
