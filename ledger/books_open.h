/*
 * The journal and its books, opened together and in step: caught up when behind, rebuilt when in doubt.
 */
#ifndef LEDGER_BOOKS_OPEN_H
#define LEDGER_BOOKS_OPEN_H

#include <stdbool.h>
#include <stdint.h>

#include "ledger/status.h"

enum { BOOKS_WAIT_MS_DEFAULT = 10000 }; /* for another writer: longer than any commit, shorter than patience */

struct journal;
struct tables;

/* Called now and then during long work; total may be 0 when unknown. */
typedef void books_progress(void *context, uint64_t done, uint64_t total);

struct books_options {
    bool read_only;   /* a reader that finds the books behind or in doubt gets BUSY and should ask for a writer */
    bool rebuild;     /* drop what is there first */
    bool whole;       /* every page is looked at first, however many there are (store.h) */
    uint32_t wait_ms; /* for the writer's lock, which a rebuild takes */
    books_progress *progress;
    void *progress_context;
};

/* The journal and its books, opened together and in step. */
struct books {
    struct journal *journal;
    struct tables *tables;
    uint64_t applied; /* entries folded while opening, 0 when they were in step */
    bool rebuilt;
    uint64_t
        strayed; /* how many entries they held when the last of them was found not to be in the journal; 0: it was */
};

/*
 * Opens the books of a journal: in step, caught up, or rebuilt when they cannot be trusted (unclean stop of the machine,
 * failed checksum, watermark that is not in the journal: that one is told, since somebody changed the journal). Any number of processes may do so at once; a rebuild takes the
 * writer's lock, so the caller must not hold it.
 *
 * in      book_dir; journal: borrowed, must outlive the books; options.
 * errors  CORRUPT (an entry cannot be folded), BUSY (read_only, and there is something to do; or the lock), and those of
 *         tables.h.
 */
MUST_USE enum status books_open(const char *book_dir, struct journal *journal, const struct books_options *options,
                                struct books **ret_books, struct err *err);

/* Folds what the journal has and the books have not. errors CORRUPT, FULL, IO. */
MUST_USE enum status books_catch_up(struct books *books, const struct books_options *options, struct err *err);

/* Closes; clean = sync and mark, so that the next boot need not rebuild. NULL is fine. */
void books_close(struct books *books, bool clean);

#endif
