/*
 * How a guest proves who it is (PROTOCOL.md section 2). For workers.
 */
#ifndef CLI_SERVER_PROOF_H
#define CLI_SERVER_PROOF_H

#include "cli/server/job.h"

/* The first message of the server. NULL: no memory. */
json_t *proof_greeting(const struct service *service, const struct guest *guest);

/*
 * Hello, and prove; each is asked once.
 *
 * out     *ret_answer: gives.
 * errors  INPUT (asked before, or too early), PERMISSION (no key of the user's), SIGNATURE, BUSY, those of the books: the
 *         connection is to be closed after any of them.
 */
MUST_USE enum status proof_hello(struct job *job, json_t **ret_answer, struct err *err);
MUST_USE enum status proof_prove(struct job *job, json_t **ret_answer, struct err *err);

#endif
