/*
 * What a job holds, and its answer as a line.
 */
#include "cli/server/job.h"

#include <stdlib.h>

#include "cli/server/outward.h"

struct job *job_new(char *line, size_t length)
{
    struct job *job = calloc(1, sizeof *job);
    if (job == NULL) {
        free(line);
        return NULL;
    }
    job->line = line;
    job->line_length = length;
    job->held_bytes = length;
    return job;
}

void job_free(struct job *job)
{
    if (job == NULL)
        return;
    free(job->line);
    request_done(&job->request);
    if (job->has_statement)
        statement_done(&job->statement);
    gate_answer_done(&job->submission.answer);
    json_decref(job->decision);
    free(job->note);
    free(job->answer);
    free(job);
}

void job_answer(struct job *job, json_t *message)
{
    struct err err;
    if (message != NULL && json_object_set_new(message, "id", json_integer(job->id)) != 0) {
        json_decref(message);
        message = NULL;
    }
    if (wire_print(message, &job->answer, &job->answer_length, &err) != STATUS_OK) {
        job->answer = NULL;
        job->closes = true;
    }
}

void job_fail(struct job *job)
{
    struct err told;
    job->withheld = outward_tell(&job->err, job->service != NULL ? open_book_dir(job->service->book) : NULL, &told);
    json_t *message = wire_error(job->id, &told);
    const struct gate_answer *answer = &job->submission.answer;
    if (message != NULL && job->next == JOB_SUBMITS && job->err.status == STATUS_UNKNOWN && answer->seq != UINT64_MAX)
        (void)json_object_set_new(json_object_get(message, "error"), "seq", json_integer((json_int_t)answer->seq));
    job_answer(job, message);
}
