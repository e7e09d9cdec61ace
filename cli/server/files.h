/*
 * Evidence and personal data beside the journal, for guests (PROTOCOL.md section 5). For workers, from inside the book.
 */
#ifndef CLI_SERVER_FILES_H
#define CLI_SERVER_FILES_H

#include "cli/server/job.h"

/*
 * Answers put, has, fetch, personal-put, personal-get and erase.
 *
 * in      snapshot: of the books, begun by the guest: what it may do.
 * out     *ret_answer: gives; NULL: no memory.
 * errors  PERMISSION, INPUT (a part out of order), LIMIT, NOT_FOUND, and those of beside.h and erasure_run.
 */
MUST_USE enum status files_answer(struct job *job, struct gate *gate, const struct snapshot *snapshot,
                                  json_t **ret_answer, struct err *err);

/* Forgets a file that has come in part. */
void files_drop(struct guest *guest);

#endif
