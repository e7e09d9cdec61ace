/*
 * Groups. Guarantees that a job is given back once, OK only when it is durable, and that nothing is written after a failure
 * before the book was closed, opened, and found to hold all that was acknowledged.
 */
#include "cli/server/writer.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "controls/issue.h"

enum {
    TURN_US = 10000, /* of tries between two groups; at least one */
    PAUSE_MS = 500   /* between two attempts to open the book */
};

struct job_list {
    struct job *first, *last;
    size_t count;
};

struct writer {
    struct writer_options options;
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t more;
    struct job_list waiting, asking, done;
    struct writer_facts facts; /* but for the lengths */
    bool stops, hurries;
    /* the thread's own */
    struct journal_head head;
    struct gate_submission submissions[GATE_GROUP_MAX];
};

static void list_add(struct job_list *list, struct job *job)
{
    job->next_job = NULL;
    if (list->last != NULL)
        list->last->next_job = job;
    else
        list->first = job;
    list->last = job;
    list->count++;
}

static struct job *list_take(struct job_list *list)
{
    struct job *job = list->first;
    if (job == NULL)
        return NULL;
    list->first = job->next_job;
    if (list->first == NULL)
        list->last = NULL;
    list->count--;
    job->next_job = NULL;
    return job;
}

static int64_t now_us(const struct writer *writer)
{
    return writer->options.cli->monotonic_us(writer->options.cli->clock_context);
}

static void give_back(struct writer *writer, struct job *const jobs[], size_t count)
{
    int64_t done_us = now_us(writer);
    pthread_mutex_lock(&writer->mutex);
    for (size_t i = 0; i < count; i++) {
        jobs[i]->done_us = done_us;
        list_add(&writer->done, jobs[i]);
    }
    writer->facts.head = writer->head;
    pthread_mutex_unlock(&writer->mutex);
    writer->options.notify(writer->options.context);
}

static void set_reopening(struct writer *writer, bool reopening, const struct err *why, bool failed)
{
    pthread_mutex_lock(&writer->mutex);
    writer->facts.reopening = reopening;
    writer->facts.failures += reopening;
    writer->facts.reopened += !reopening && !failed;
    writer->facts.failed = failed;
    if (why != NULL)
        writer->facts.err = *why;
    writer->facts.head = writer->head;
    pthread_mutex_unlock(&writer->mutex);
    writer->options.notify(writer->options.context);
}

/* A full disk or another writer may pass; what is corrupt stays so. */
static bool may_pass(enum status status)
{
    return status == STATUS_FULL || status == STATUS_BUSY || status == STATUS_IO || status == STATUS_MEMORY;
}

static bool is_stopping(struct writer *writer)
{
    pthread_mutex_lock(&writer->mutex);
    bool stops = writer->stops || writer->hurries;
    pthread_mutex_unlock(&writer->mutex);
    return stops;
}

/* Opens the book again, for as long as is given. why: what made it necessary. */
static enum status reopen(struct writer *writer, const struct err *why, struct err *err)
{
    struct journal_head head;
    int64_t until_us = now_us(writer) + writer->options.reopen_seconds * 1000000;
    set_reopening(writer, true, why, false);
    for (;;) {
        const struct timespec pause = {.tv_nsec = PAUSE_MS * 1000000L};
        enum status status = open_book_reopen(writer->options.book, &writer->head, &head, err);
        if (status == STATUS_OK) {
            writer->head = head;
            set_reopening(writer, false, NULL, false);
            return STATUS_OK;
        }
        if (!may_pass(status) || now_us(writer) >= until_us || is_stopping(writer)) {
            err_prefix(err, "after a failed write the book could not be opened again: ");
            set_reopening(writer, false, err, true);
            return status;
        }
        (void)nanosleep(&pause, NULL);
    }
}

/* What the store refuses to go on after. */
static bool spoils_the_book(enum status status)
{
    return status == STATUS_UNKNOWN || status == STATUS_IO || status == STATUS_FULL || status == STATUS_CORRUPT ||
           status == STATUS_MEMORY;
}

static void note_head(struct writer *writer, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct gate_submission *submission = &writer->submissions[i];
        if (submission->status == STATUS_OK && submission->answer.seq >= writer->head.size)
            writer->head = (struct journal_head){.size = submission->answer.seq + 1, .leaf = submission->answer.leaf};
    }
}

/* One commit. out: the worst of what happened to the book. */
static const struct err *submit_once(struct writer *writer, size_t count)
{
    gate_submit_group(open_book_gate(writer->options.book), writer->submissions, count);
    note_head(writer, count);
    pthread_mutex_lock(&writer->mutex);
    writer->facts.groups++;
    writer->facts.statements += count;
    pthread_mutex_unlock(&writer->mutex);
    const struct err *worst = NULL;
    for (size_t i = 0; i < count; i++)
        if (spoils_the_book(writer->submissions[i].status) &&
            (worst == NULL || writer->submissions[i].status == STATUS_UNKNOWN))
            worst = &writer->submissions[i].err;
    return worst;
}

/* Gives each job what came of it. out: those whose outcome is open. */
static size_t hand_out(struct writer *writer, struct job *const jobs[], size_t count, struct job *ret_open[])
{
    size_t open = 0;
    for (size_t i = 0; i < count; i++) {
        jobs[i]->submission = writer->submissions[i];
        if (writer->submissions[i].status == STATUS_UNKNOWN)
            ret_open[open++] = jobs[i];
    }
    return open;
}

static void load(struct writer *writer, struct job *const jobs[], size_t count)
{
    for (size_t i = 0; i < count; i++)
        writer->submissions[i] = jobs[i]->submission;
}

/*
 * A group, and what is open of it a second time after the book was opened again. What fails twice stays as it is, and the
 * book is opened once more for the others.
 */
static void submit(struct writer *writer, struct job *const jobs[], size_t count)
{
    struct job *open[GATE_GROUP_MAX], *again[GATE_GROUP_MAX];
    struct err why, err;
    load(writer, jobs, count);
    const struct err *worst = submit_once(writer, count);
    size_t left = hand_out(writer, jobs, count, open);
    if (worst == NULL)
        return;
    why = *worst;
    enum status status = reopen(writer, &why, &err);
    for (size_t i = 0; status != STATUS_OK && i < left; i++)
        open[i]->submission.err = err;
    if (status != STATUS_OK || left == 0)
        return;
    load(writer, open, left);
    worst = submit_once(writer, left);
    (void)hand_out(writer, open, left, again);
    if (worst == NULL)
        return;
    why = *worst;
    status = reopen(writer, &why, &err);
    (void)status; /* who comes next is told; these have their answers */
}

static void refuse(struct writer *writer, struct job *const jobs[], size_t count, const struct err *err)
{
    for (size_t i = 0; i < count; i++)
        jobs[i]->err = *err;
    give_back(writer, jobs, count);
}

static void run_group(struct writer *writer, struct job *const jobs[], size_t count)
{
    int64_t taken_us = now_us(writer);
    for (size_t i = 0; i < count; i++)
        jobs[i]->taken_us = taken_us;
    submit(writer, jobs, count);
    for (size_t i = 0; i < count; i++) {
        jobs[i]->err = jobs[i]->submission.err;
        jobs[i]->err.status = jobs[i]->submission.status;
    }
    give_back(writer, jobs, count);
}

static enum status sign(struct writer *writer, struct job *job, struct err *err)
{
    struct checkpoint checkpoint;
    job->note = malloc(CHECKPOINT_NOTE_MAX);
    if (job->note == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for a checkpoint");
    enum status status =
        issue_checkpoint(open_book_gate(writer->options.book), writer->options.book_key, &checkpoint, job->note, err);
    if (status == STATUS_OK)
        job->note_size = checkpoint.head.size;
    return status;
}

/* What a note says of another history is no fault of the store's: only the recording can be. */
static enum status record(struct writer *writer, struct job *job, bool *ret_harmless, struct err *err)
{
    struct gate *gate = open_book_gate(writer->options.book);
    enum status status = issue_check(gate, job->request.note, job->service->terms, &job->taken, err);
    *ret_harmless = status != STATUS_OK && status != STATUS_IO;
    const struct tree_head *head = &job->taken.checkpoint.head;
    return status == STATUS_OK && !job->taken.known
               ? gate_record_checkpoint(gate, head->size, &head->root, job->request.note, err)
               : status;
}

static void run_question(struct writer *writer, struct job *job)
{
    struct err err;
    bool harmless = false;
    enum status status;
    job->taken_us = now_us(writer);
    if (job->next == JOB_SIGNS)
        status = sign(writer, job, &job->err);
    else if (job->next == JOB_RECORDS)
        status = record(writer, job, &harmless, &job->err);
    else
        status = gate_dry_run(open_book_gate(writer->options.book), slice_of(job->request.bytes, job->request.length),
                              &job->decision, &job->err);
    job->err.status = status;
    if (spoils_the_book(status) && !harmless) {
        struct err why = job->err;
        if (reopen(writer, &why, &err) != STATUS_OK)
            job->err = err;
    }
    give_back(writer, &job, 1);
}

/* What is to be done next, waited for. Answers false at the end. */
static bool take(struct writer *writer, struct job *ret_group[], size_t *ret_count)
{
    size_t count = 0;
    pthread_mutex_lock(&writer->mutex);
    while (writer->waiting.count == 0 && writer->asking.count == 0 && !writer->stops)
        pthread_cond_wait(&writer->more, &writer->mutex);
    bool goes_on = writer->waiting.count > 0 || writer->asking.count > 0;
    while (count < GATE_GROUP_MAX && writer->waiting.count > 0)
        ret_group[count++] = list_take(&writer->waiting);
    pthread_mutex_unlock(&writer->mutex);
    *ret_count = count;
    return goes_on;
}

static struct job *take_question(struct writer *writer)
{
    pthread_mutex_lock(&writer->mutex);
    struct job *job = list_take(&writer->asking);
    pthread_mutex_unlock(&writer->mutex);
    return job;
}

/* Whether nothing is to be written any more, and why. */
static bool is_over(struct writer *writer, struct err *ret_err)
{
    pthread_mutex_lock(&writer->mutex);
    bool over = writer->facts.failed || writer->hurries;
    if (writer->facts.failed)
        *ret_err = writer->facts.err;
    pthread_mutex_unlock(&writer->mutex);
    return over;
}

static void *run(void *context)
{
    struct writer *writer = context;
    struct job *group[GATE_GROUP_MAX], *job;
    struct err over;
    size_t count;
    while (take(writer, group, &count)) {
        (void)!err_set(&over, STATUS_BUSY, "the server stops");
        if (count > 0 && is_over(writer, &over))
            refuse(writer, group, count, &over);
        else if (count > 0)
            run_group(writer, group, count);
        int64_t until_us = now_us(writer) + TURN_US;
        do {
            job = take_question(writer);
            if (job != NULL && is_over(writer, &over))
                refuse(writer, &job, 1, &over);
            else if (job != NULL)
                run_question(writer, job);
        } while (job != NULL && now_us(writer) < until_us);
    }
    writer->options.notify(writer->options.context);
    return NULL;
}

/* Signals are for the loop. */
static int start_thread(struct writer *writer)
{
    sigset_t all, before;
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    int rc = pthread_create(&writer->thread, NULL, run, writer);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return rc;
}

enum status writer_start(const struct writer_options *options, struct writer **ret_writer, struct err *err)
{
    struct writer *writer = calloc(1, sizeof *writer);
    if (writer == NULL)
        return err_set(err, STATUS_MEMORY, "no memory");
    writer->options = *options;
    invariant(pthread_mutex_init(&writer->mutex, NULL) == 0 && pthread_cond_init(&writer->more, NULL) == 0);
    enum status status = open_book_head(open_book_gate(options->book), &writer->head, err);
    writer->facts.head = writer->head;
    if (status == STATUS_OK && start_thread(writer) != 0)
        status = err_set(err, STATUS_MEMORY, "no thread to write with");
    if (status == STATUS_OK)
        *ret_writer = writer;
    else
        writer_free(writer);
    return status;
}

void writer_hurry(struct writer *writer)
{
    pthread_mutex_lock(&writer->mutex);
    writer->hurries = true;
    pthread_mutex_unlock(&writer->mutex);
}

void writer_stop(struct writer *writer)
{
    if (writer == NULL)
        return;
    pthread_mutex_lock(&writer->mutex);
    writer->stops = true;
    pthread_cond_signal(&writer->more);
    pthread_mutex_unlock(&writer->mutex);
    (void)pthread_join(writer->thread, NULL);
}

void writer_free(struct writer *writer)
{
    if (writer == NULL)
        return;
    (void)pthread_cond_destroy(&writer->more);
    (void)pthread_mutex_destroy(&writer->mutex);
    free(writer);
}

void writer_push(struct writer *writer, struct job *job)
{
    pthread_mutex_lock(&writer->mutex);
    list_add(job->next == JOB_SUBMITS ? &writer->waiting : &writer->asking, job);
    if (writer->waiting.count > writer->facts.waiting_max)
        writer->facts.waiting_max = writer->waiting.count;
    pthread_cond_signal(&writer->more);
    pthread_mutex_unlock(&writer->mutex);
}

struct job *writer_done(struct writer *writer)
{
    pthread_mutex_lock(&writer->mutex);
    struct job *first = writer->done.first;
    writer->done = (struct job_list){NULL, NULL, 0};
    pthread_mutex_unlock(&writer->mutex);
    return first;
}

void writer_tell(struct writer *writer, struct writer_facts *ret_facts)
{
    pthread_mutex_lock(&writer->mutex);
    *ret_facts = writer->facts;
    ret_facts->waiting = writer->waiting.count;
    ret_facts->asking = writer->asking.count;
    pthread_mutex_unlock(&writer->mutex);
}
