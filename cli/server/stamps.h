/*
 * Time stamps of checkpoints beside the journal, for guests (PROTOCOL.md section 5). For workers, from inside the book.
 */
#ifndef CLI_SERVER_STAMPS_H
#define CLI_SERVER_STAMPS_H

#include "cli/server/job.h"

/* Whether a request is one of these. */
bool stamps_is(enum request_kind kind);

/*
 * Answers timestamp-put, timestamp-get and timestamps, of a guest who may ask.
 *
 * out     *ret_answer: gives; NULL: no memory.
 * errors  NOT_FOUND (the server knows no authority; about no checkpoint of this book; no such time stamp), EXISTS (that
 *         checkpoint has one), SIGNATURE (it does not verify), LIMIT, and those of timestamps.h.
 */
MUST_USE enum status stamps_answer(struct job *job, struct gate *gate, json_t **ret_answer, struct err *err);

#endif
