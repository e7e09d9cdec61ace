/*
 * Time stamps for issued checkpoints: the query out, the reply in, checked before it is kept beside the journal.
 */
#ifndef CLI_STAMPING_H
#define CLI_STAMPING_H

#include <stdint.h>

#include "ledger/slice.h"
#include "ledger/status.h"

struct book;

struct stamping {
    const char *book_dir; /* all borrowed */
    struct book *far;     /* instead of it: a book behind a server, which checks again with what it knows */
    const char *ca_file;  /* certificates of the authority, PEM */
    const char *program;  /* carries the query to it: absolute path; NULL where files are carried */
};

/* Writes the query for a note to a new file. errors those of timestamp_query and newfile_create. */
MUST_USE enum status stamping_query(struct slice note, const char *path, struct err *err);

/*
 * Asks for a time stamp of a note through the program, checks the reply and keeps it.
 *
 * in      size: of the note's checkpoint.
 * errors  those of timestamp_query, tool_run, timestamp_check, timestamps_put or book_timestamp_put.
 */
MUST_USE enum status stamping_ask(const struct stamping *stamping, uint64_t size, struct slice note, struct err *err);

/*
 * Takes a reply that was carried back: finds the issued checkpoint that it is about, checks it and keeps it.
 *
 * out     *ret_size: of the checkpoint; *ret_seconds: the time stated.
 * errors  NOT_FOUND (about no issued checkpoint of this book), EXISTS (it has one), those above.
 */
MUST_USE enum status stamping_take(const struct stamping *stamping, const char *path, uint64_t *ret_size,
                                   int64_t *ret_seconds, struct err *err);

#endif
