/*
 * What a worker does for a guest: reads requests, answers what needs no writing, checks what does.
 */
#ifndef CLI_SERVER_ANSWER_H
#define CLI_SERVER_ANSWER_H

#include "cli/server/job.h"

/* Who is at the other end, and the greeting for it: the first job of a guest; it has no line. */
void answer_greet(struct job *job);

/* A request: afterwards it is answered, or job->next says who is to go on with it. */
void answer_request(struct job *job);

/* What came of writing it, as an answer. Touches no guest. */
void answer_written(struct job *job);

/* Ends snapshots that began before that. */
void answer_expire(struct guest *guest, int64_t before_us);

/* Ends all that the guest still has. */
void answer_leave(struct guest *guest);

#endif
