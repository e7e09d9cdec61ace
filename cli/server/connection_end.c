/*
 * Sending, and the end of a connection: softly, with last words when what is under way is answered, or at once. Guarantees that
 * it is freed after its last job, and its snapshots before.
 */
#include "cli/server/connection_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/server/answer.h"

struct sending {
    uv_write_t write;
    char *bytes;
};

static void connection_free(struct connection *c)
{
    if (!c->handle_closed || c->busy || c->at_writer > 0)
        return;
    c->hub->alive--;
    frame_done(&c->frame);
    free(c->line);
    free(c);
}

static void run_errand(uv_work_t *work)
{
    struct errand *errand = work->data;
    errand->run(errand);
}

static void end_errand(uv_work_t *work, int status)
{
    struct errand *errand = work->data;
    (void)status; /* nothing is ever cancelled */
    errand->then(errand);
    free(errand);
}

bool connection_errand(struct connection *c, const struct errand *what)
{
    struct errand *errand = malloc(sizeof *errand);
    if (errand == NULL)
        return false;
    *errand = *what;
    errand->work.data = errand;
    errand->connection = c;
    if (uv_queue_work(&c->hub->loop, &errand->work, run_errand, end_errand) == 0)
        return true;
    free(errand);
    return false;
}

static void forget_snapshots(struct connection *c)
{
    c->hub->metrics.snapshots_now -= (uint64_t)c->snapshots;
    c->snapshots = 0;
    c->snapshot_us = 0;
}

void connection_look(struct connection *c)
{
    forget_snapshots(c);
    if (c->guest.proven && !c->proven)
        (void)snprintf(c->user, sizeof c->user, "%s", c->guest.user);
    c->proven = c->guest.proven;
    for (size_t i = 0; i < WIRE_SNAPSHOTS_MAX; i++)
        if (c->guest.snapshots[i] != NULL) {
            int64_t begun_us = snapshot_begun_us(c->guest.snapshots[i]);
            c->snapshots++;
            if (c->snapshot_us == 0 || begun_us < c->snapshot_us)
                c->snapshot_us = begun_us;
        }
    c->hub->metrics.snapshots_now += (uint64_t)c->snapshots;
}

static void run_leave(struct errand *errand)
{
    answer_leave(&errand->connection->guest);
}

void connection_then_free(struct errand *errand)
{
    struct connection *c = errand->connection;
    c->busy = false;
    connection_look(c);
    if (c->closed)
        connection_clean_up(c);
    else
        connection_pump(c);
}

/* After the handle is closed: snapshots end with a worker, then nothing is left. */
void connection_clean_up(struct connection *c)
{
    if (!c->handle_closed || c->busy)
        return;
    if ((c->snapshots > 0 || c->guest.receives) && !c->cleaned) {
        c->cleaned = true;
        c->busy = connection_errand(c, &(struct errand){.run = run_leave, .then = connection_then_free});
        if (c->busy)
            return;
        answer_leave(&c->guest); /* no memory to have it done elsewhere */
        forget_snapshots(c);
    }
    connection_free(c);
}

static void on_closed(uv_handle_t *handle)
{
    struct connection *c = handle->data;
    c->handle_closed = true;
    connection_clean_up(c);
}

static void log_end(struct connection *c)
{
    struct hub *hub = c->hub;
    json_t *facts = json_pack("{s:s, s:s}", "user", c->user, "why", c->why);
    hub->metrics.connections_failed++;
    hub_log_peer(hub, c->peer, "connection-closed", facts);
}

static void drop_waits(struct connection *c)
{
    for (size_t i = 0; i < WAITS_MAX; i++) {
        if (c->waits[i].job == NULL)
            continue;
        job_free(c->waits[i].job);
        c->waits[i].job = NULL;
        c->wait_count--;
        c->hub->parked--;
    }
}

void connection_close(struct connection *c)
{
    struct hub *hub = c->hub;
    if (c->closed)
        return;
    c->closed = true;
    if (c->why != NULL)
        log_end(c);
    drop_waits(c);
    hub->connection_count--;
    hub->metrics.connections_now--;
    c->peer->connections--;
    if (c->prev != NULL)
        c->prev->next = c->next;
    else
        hub->connections = c->next;
    if (c->next != NULL)
        c->next->prev = c->prev;
    hub->held_bytes -= (int64_t)(frame_bytes(&c->frame) + c->line_length);
    c->line_length = 0;
    uv_close((uv_handle_t *)&c->pipe, on_closed);
}

/* -- sending -- */

static void on_written(uv_write_t *write, int status)
{
    struct sending *sending = write->data;
    struct connection *c = write->handle->data;
    free(sending->bytes);
    free(sending);
    if (status < 0) {
        connection_close(c); /* the peer has gone */
        return;
    }
    if (!c->closed)
        connection_pump(c);
}

/* bytes: stolen. */
void connection_send(struct connection *c, char *bytes, size_t length)
{
    struct sending *sending = bytes != NULL && !c->closed ? malloc(sizeof *sending) : NULL;
    if (sending == NULL) {
        free(bytes);
        connection_close(c); /* without an answer nothing else may follow */
        return;
    }
    uv_buf_t buffer = uv_buf_init(bytes, (unsigned)length);
    sending->bytes = bytes;
    sending->write.data = sending;
    c->hub->metrics.bytes_out += length;
    c->sent_bytes += length;
    if (uv_write(&sending->write, (uv_stream_t *)&c->pipe, &buffer, 1, on_written) != 0) {
        free(bytes);
        free(sending);
        connection_close(c);
    }
}

size_t connection_unsent(const struct connection *c)
{
    return uv_stream_get_write_queue_size((const uv_stream_t *)&c->pipe);
}

/* What its client was not told is for whoever runs the server. */
static void log_withheld(struct connection *c, const struct job *job)
{
    hub_log_peer(c->hub, c->peer, "request-failed",
                 json_pack("{s:s, s:s, s:s, s:s}", "do",
                           job->request.json != NULL ? request_name(job->request.kind) : "", "status",
                           status_name(job->err.status), "user", c->user, "why", job->err.text));
}

/* Sends a job's answer and frees it. */
void connection_answer(struct connection *c, struct job *job)
{
    struct hub *hub = c->hub;
    metrics_count(&hub->metrics, job, hub_now_us(hub));
    hub->held_bytes -= (int64_t)job->held_bytes;
    if (job->withheld)
        log_withheld(c, job);
    if (!c->closed) {
        if (job->closes && !c->ending) {
            c->ending = true;
            c->why = job->err.status != STATUS_OK ? "its request failed" : "no memory";
            if (job->request.kind == REQUEST_PROVE && job->request.json != NULL)
                c->why = "its proof failed";
        }
        connection_send(c, job->answer, job->answer_length);
        job->answer = NULL;
        c->request_us = hub_now_us(hub);
    }
    job_free(job);
}

/* Takes no more requests, and says so when those under way are answered. status OK: says nothing. */
void connection_end(struct connection *c, enum status status, const char *words, const char *why)
{
    if (c->ending || c->closed)
        return;
    c->ending = true;
    c->why = why;
    c->last_status = status;
    if (status != STATUS_OK)
        (void)snprintf(c->last_words, sizeof c->last_words, "%s", words);
    connection_finish(c);
}

static void say_last_words(struct connection *c)
{
    struct err err;
    char *line = NULL;
    size_t length = 0;
    (void)!err_set(&err, c->last_status, "%s", c->last_words);
    c->last_status = STATUS_OK;
    if (wire_print(wire_error(0, &err), &line, &length, &err) == STATUS_OK)
        connection_send(c, line, length);
}

/* Ends what has nothing under way and nothing to say any more. */
void connection_finish(struct connection *c)
{
    bool idle = !c->busy && c->at_writer == 0;
    bool asked_all = c->ended_sending && c->line == NULL && c->wait_count == 0;
    if (c->closed || !idle || !(c->ending || asked_all))
        return;
    if (c->last_status != STATUS_OK)
        say_last_words(c);
    if (!c->closed && connection_unsent(c) == 0)
        connection_close(c);
}
