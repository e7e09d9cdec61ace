/*
 * The one thread that writes (DESIGN 10): statements queue, go in by groups, and come back when they are durable; while one
 * group commits the next collects. After a write whose outcome is open it opens the book again and submits the same
 * bytes again before it answers.
 *
 * Tries and checkpoints have a queue of their own: between two groups a few of them get their turn, so that neither queue
 * starves the other.
 */
#ifndef CLI_SERVER_WRITER_H
#define CLI_SERVER_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cli/server/job.h"
#include "ledger/journal.h"
#include "ledger/signer.h"
#include "ledger/status.h"

struct writer;

struct writer_options {
    struct open_book *book;
    const struct cli *cli;         /* for the clock that measures */
    const struct signer *book_key; /* NULL: no checkpoints */
    int64_t reopen_seconds;
    /* Called by the thread when something is done or over; context is kept. */
    void (*notify)(void *context);
    void *context;
};

/* Starts the thread. errors MEMORY, those of journal_head. */
MUST_USE enum status writer_start(const struct writer_options *options, struct writer **ret_writer, struct err *err);

/* From now on what is not under way yet is answered BUSY. */
void writer_hurry(struct writer *writer);
/* Stops it when its queues are empty. NULL is fine. */
void writer_stop(struct writer *writer);
/* After writer_stop and the last writer_done. NULL is fine. */
void writer_free(struct writer *writer);

/* Queues a job whose next is JOB_SUBMITS, JOB_TRIES, JOB_SIGNS or JOB_RECORDS; stolen until writer_done gives it back. */
void writer_push(struct writer *writer, struct job *job);

/* What is done, oldest first, linked by next_job; NULL: nothing. */
struct job *writer_done(struct writer *writer);

struct writer_facts {
    struct journal_head head;
    size_t waiting;              /* statements in the queue */
    size_t waiting_max;          /* most at one time so far */
    size_t asking;               /* tries and checkpoints in theirs */
    uint64_t groups, statements; /* groups committed, and what was in them */
    uint64_t failures, reopened; /* writes that failed, and how often the book was opened again after one */
    bool reopening;              /* the book is closed at the moment */
    bool failed;                 /* it could not be opened again: nothing is written any more */
    struct err err;              /* why it failed, or why it was opened again last */
};
void writer_tell(struct writer *writer, struct writer_facts *ret_facts);

#endif
