/*
 * The writer's lock of a book: flock on its file `lock`, over all processes. Who holds it may append to the journal, or
 * drop the books and make them again. Not reentrant: a process that takes it twice waits for itself.
 */
#ifndef LEDGER_WRITELOCK_H
#define LEDGER_WRITELOCK_H

#include <stdint.h>

#include "ledger/status.h"

struct writelock {
    int fd; /* -1: not held */
};

/*
 * Takes the lock; the holder's process id then stands in the file, for the text that others show.
 *
 * in      wait_ms: at most this long for another; 0: not at all.
 * out     *ret_lock: give it back with writelock_release.
 * errors  BUSY (names the process that holds it), PERMISSION, FULL, IO, LIMIT (a path too long).
 */
MUST_USE enum status writelock_take(const char *book_dir, uint32_t wait_ms, struct writelock *ret_lock,
                                    struct err *err);

/* Gives it back; one that is not held is fine. */
void writelock_release(struct writelock *lock);

#endif
