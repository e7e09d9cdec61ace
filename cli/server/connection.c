/*
 * Requests of a connection. A line is cut when the one before is answered or with the writer; while one waits nothing more is
 * read, so that what a peer sends too fast stays in its own socket. Guarantees that a request is answered once, and that
 * memory for one connection is bounded.
 */
#include "cli/server/connection.h"
#include "cli/server/connection_parts.h"

#include <string.h>

#include "cli/server/answer.h"
#include "ledger/schema.h"

enum { CONTROLS_LOGGED = 8 };

static void then_written(struct errand *errand)
{
    struct connection *c = errand->connection;
    c->at_writer--;
    c->outstanding--;
    connection_answer(c, errand->job);
    if (c->closed)
        connection_clean_up(c);
    else
        connection_pump(c);
}

static void run_written(struct errand *errand)
{
    answer_written(errand->job);
}

/* Errors and refusals by number and code, never what a statement says. */
static void log_statement(struct connection *c, const struct job *job)
{
    const struct gate_answer *given = &job->submission.answer;
    const char *outcome = member_text(given->decision, "outcome");
    if (job->next != JOB_SUBMITS)
        return;
    if (job->err.status != STATUS_OK) {
        hub_log_peer(c->hub, c->peer, "statement-error",
                     json_pack("{s:s, s:s}", "status", status_name(job->err.status), "user", c->user));
    } else if (outcome != NULL && strcmp(outcome, "refused") == 0) {
        json_t *facts = json_pack("{s:[], s:I, s:s}", "controls", "seq", (json_int_t)given->seq, "user", c->user);
        const json_t *list = json_object_get(given->decision, "controls");
        for (size_t i = 0; facts != NULL && i < json_array_size(list) && i < CONTROLS_LOGGED; i++)
            (void)json_array_append(json_object_get(facts, "controls"),
                                    json_object_get(json_array_get(list, i), "control"));
        hub_log_peer(c->hub, c->peer, "statement-refused", facts);
    }
}

void connection_written(struct job *job)
{
    struct connection *c = job->connection;
    struct hub *hub = c->hub;
    if (job->next == JOB_SUBMITS)
        hub->waiting--;
    if (!c->closed)
        log_statement(c, job);
    const struct errand errand = {.job = job, .run = run_written, .then = then_written};
    if (connection_errand(c, &errand))
        return;
    answer_written(job);
    struct errand here = errand;
    here.connection = c;
    then_written(&here);
}

static void report(struct connection *c, struct job *job)
{
    struct hub *hub = c->hub;
    struct writer_facts writer;
    writer_tell(hub->writer, &writer);
    const struct metrics_report what = {.metrics = &hub->metrics,
                                        .writer = &writer,
                                        .machine = &job->machine,
                                        .backlog = &job->backlog,
                                        .now_us = hub_now_us(hub)};
    job_answer(job, json_pack("{s:o}", "status", metrics_tell(&what)));
    connection_answer(c, job);
}

void connection_answer_wait(struct connection *c, struct job *job)
{
    char leaf[HASH_HEX_CHARS + 1];
    hash_to_hex(&c->hub->head.leaf, leaf);
    job_answer(job, json_pack("{s:s, s:I}", "leaf", leaf, "size", (json_int_t)c->hub->head.size));
    connection_answer(c, job);
}

static void park(struct connection *c, struct job *job)
{
    int64_t now_us = hub_now_us(c->hub);
    if ((int64_t)c->hub->head.size > job->request.size || job->request.ms == 0 || c->hub->stopping) {
        connection_answer_wait(c, job);
        return;
    }
    for (size_t i = 0; i < WAITS_MAX && c->wait_count < c->hub->options->limits.waits; i++)
        if (c->waits[i].job == NULL) {
            c->waits[i] = (struct wait){.job = job, .until_us = now_us + job->request.ms * 1000};
            c->wait_count++;
            c->hub->parked++;
            return;
        }
    job->err.status = err_set(&job->err, STATUS_LIMIT, "so many waits at one time are too many");
    job_fail(job);
    connection_answer(c, job);
}

static void then_requested(struct errand *errand)
{
    struct connection *c = errand->connection;
    struct hub *hub = c->hub;
    struct job *job = errand->job;
    c->busy = false;
    connection_look(c);
    switch (job->next) {
    case JOB_SUBMITS:
        hub->waiting++;
        /* fall through */
    case JOB_TRIES:
    case JOB_SIGNS:
    case JOB_RECORDS:
        c->at_writer++;
        writer_push(hub->writer, job);
        break;
    case JOB_WAITS:
        c->outstanding--;
        park(c, job);
        break;
    case JOB_REPORTS:
        c->outstanding--;
        report(c, job);
        break;
    case JOB_ANSWERED:
        c->outstanding--;
        connection_answer(c, job);
        break;
    }
    if (c->closed)
        connection_clean_up(c);
    else
        connection_pump(c);
}

static void run_request(struct errand *errand)
{
    answer_request(errand->job);
}

static void begin_line(struct connection *c)
{
    struct hub *hub = c->hub;
    struct job *job = job_new(c->line, c->line_length);
    c->line = NULL;
    if (job == NULL) {
        hub->held_bytes -= (int64_t)c->line_length;
        c->line_length = 0;
        connection_end(c, STATUS_MEMORY, "no memory for a request", "no memory");
        return;
    }
    c->line_length = 0;
    job->connection = c;
    job->service = &hub->service;
    job->guest = &c->guest;
    job->came_us = hub_now_us(hub);
    c->request_us = job->came_us;
    c->busy = connection_errand(c, &(struct errand){.job = job, .run = run_request, .then = then_requested});
    if (c->busy) {
        c->outstanding++;
        return;
    }
    hub->held_bytes -= (int64_t)job->held_bytes;
    job_free(job);
    connection_end(c, STATUS_MEMORY, "no memory for a request", "no memory");
}

static bool may_begin(struct connection *c)
{
    const struct server_limits *limits = &c->hub->options->limits;
    if (!c->greeted || c->busy || c->ending || c->outstanding >= (c->proven ? limits->outstanding : 1) ||
        (int64_t)connection_unsent(c) > limits->unread_bytes)
        return false;
    if (c->hub->waiting < limits->waiting)
        return true;
    c->hub->blocked = true;
    return false;
}

/* Cuts the next line, if there is one; says so when it is too long. */
static void cut_line(struct connection *c)
{
    struct err err;
    size_t bytes_max = c->proven ? WIRE_MESSAGE_MAX : WIRE_UNPROVEN_MAX;
    enum status status = frame_cut(&c->frame, bytes_max, &c->line, &c->line_length, &err);
    if (status == STATUS_OK)
        c->hub->held_bytes--; /* its LF: the rest of the line goes on being held */
    else if (status != STATUS_NOT_FOUND)
        connection_end(c, status, err.text, "a message too long");
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer);
static void on_read(uv_stream_t *stream, ssize_t count, const uv_buf_t *buffer);

void connection_set_reading(struct connection *c)
{
    bool reads = !c->closed && !c->ending && !c->ended_sending && c->line == NULL && c->greeted &&
                 !(c->busy && frame_bytes(&c->frame) > 0);
    if (reads && !c->reading)
        reads = uv_read_start((uv_stream_t *)&c->pipe, on_alloc, on_read) == 0;
    else if (!reads && c->reading && !c->closed)
        (void)uv_read_stop((uv_stream_t *)&c->pipe);
    c->reading = reads;
    if (!reads || frame_bytes(&c->frame) == 0)
        c->message_us = 0;
    else if (c->message_us == 0)
        c->message_us = hub_now_us(c->hub);
}

/* Does what can be done now: begins a request, reads on, or ends. */
void connection_pump(struct connection *c)
{
    while (!c->busy && !c->closed && !c->ending && c->greeted) {
        if (c->line == NULL)
            cut_line(c);
        if (c->line == NULL || !may_begin(c))
            break;
        begin_line(c);
    }
    connection_set_reading(c);
    connection_finish(c);
}

/* -- receiving -- */

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
    struct connection *c = handle->data;
    (void)suggested;
    *buffer = uv_buf_init((char *)c->hub->read_buffer, sizeof c->hub->read_buffer);
}

/* All messages together are bounded too, half ones included: what is short is read still, so that work goes on. */
static bool is_too_much(const struct connection *c, size_t count)
{
    return c->hub->held_bytes + (int64_t)count > c->hub->options->limits.held_bytes &&
           frame_bytes(&c->frame) + count > WIRE_UNPROVEN_MAX;
}

static void on_read(uv_stream_t *stream, ssize_t count, const uv_buf_t *buffer)
{
    struct connection *c = stream->data;
    struct err err;
    if (count == 0)
        return;
    if (count == UV_EOF) {
        c->ended_sending = true;
        connection_pump(c);
        return;
    }
    if (count < 0) {
        connection_close(c);
        return;
    }
    c->hub->metrics.bytes_in += (uint64_t)count;
    if (is_too_much(c, (size_t)count))
        connection_end(c, STATUS_BUSY, "too many long messages at one time: try again in a moment",
                       "too many messages");
    else if (frame_add(&c->frame, slice_of(buffer->base, (size_t)count), &err) != STATUS_OK)
        connection_end(c, err.status, err.text, "no memory");
    else
        c->hub->held_bytes += (int64_t)count;
    connection_pump(c);
}
