/*
 * Connections. A line is cut when the one before is answered or with the writer; while one waits nothing more is read, so that
 * what a peer sends too fast stays in its own socket. Guarantees that a request is answered once, that memory for one
 * connection is bounded, and that a connection is freed after its last job.
 *
 * A connection ends softly (`ending`: nothing is read, what is under way is answered, then the last words) or at once.
 */
#include "cli/server/connection.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "cli/server/answer.h"
#include "cli/server/frame.h"
#include "ledger/schema.h"

enum { LAST_WORDS_BYTES = 256, CONTROLS_LOGGED = 8 };

struct wait {
    struct job *job; /* NULL: none */
    int64_t until_us;
};

enum { WAITS_MAX = 64 };

struct connection {
    struct connection *next, *prev;
    struct hub *hub;
    uv_pipe_t pipe;
    struct guest guest;
    struct peer *peer;
    struct frame frame;
    char *line; /* cut, and not begun yet */
    size_t line_length;
    bool busy;           /* a worker has a job of the guest's */
    unsigned at_writer;  /* jobs with the writer, or whose answers are being made */
    int64_t outstanding; /* requests begun and not answered, waits left out */
    struct wait waits[WAITS_MAX];
    int64_t wait_count;
    bool greeted, proven;        /* as the guest, when it was last looked at */
    char user[ID_BYTES_MAX + 1]; /* once proven */
    bool reading, ended_sending, ending, closed, handle_closed, cleaned;
    const char *why; /* it ended, for the log */
    char last_words[LAST_WORDS_BYTES];
    enum status last_status; /* OK: no last words */
    int64_t accepted_us, message_us, request_us, progress_us;
    uint64_t sent_bytes, taken_bytes; /* given to the socket; taken by the peer when last looked at */
    int64_t snapshots;
    int64_t snapshot_us; /* the oldest's */
};

/* One thing for a worker. */
struct errand {
    uv_work_t work;
    struct connection *connection;
    struct job *job; /* NULL: of the guest's snapshots */
    int64_t before_us;
    void (*run)(struct errand *errand);
    void (*then)(struct errand *errand);
};

struct sending {
    uv_write_t write;
    char *bytes;
};

static void pump(struct connection *c);

/* -- the end of a connection -- */

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

static bool send_errand(struct connection *c, const struct errand *what)
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

static void look_at_guest(struct connection *c)
{
    c->hub->metrics.snapshots_now -= (uint64_t)c->snapshots;
    c->snapshots = 0;
    c->snapshot_us = 0;
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

static void run_expire(struct errand *errand)
{
    answer_expire(&errand->connection->guest, errand->before_us);
}

static void clean_up(struct connection *c);

static void then_expired(struct errand *errand)
{
    struct connection *c = errand->connection;
    c->busy = false;
    look_at_guest(c);
    if (c->closed)
        clean_up(c);
    else
        pump(c);
}

/* After the handle is closed: snapshots end with a worker, then nothing is left. */
static void clean_up(struct connection *c)
{
    if (!c->handle_closed || c->busy)
        return;
    if ((c->snapshots > 0 || c->guest.receives) && !c->cleaned) {
        c->cleaned = true;
        c->busy = send_errand(c, &(struct errand){.run = run_leave, .then = then_expired});
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
    clean_up(c);
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

static void connection_close(struct connection *c)
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
    hub->held_bytes -= (int64_t)c->line_length;
    c->line_length = 0;
    uv_close((uv_handle_t *)&c->pipe, on_closed);
}

/* -- sending -- */

static void maybe_finish(struct connection *c);

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
        pump(c);
}

/* bytes: stolen. */
static void send_bytes(struct connection *c, char *bytes, size_t length)
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

static size_t unsent(const struct connection *c)
{
    return uv_stream_get_write_queue_size((const uv_stream_t *)&c->pipe);
}

/* Sends a job's answer and frees it. */
static void answer(struct connection *c, struct job *job)
{
    struct hub *hub = c->hub;
    metrics_count(&hub->metrics, job, hub_now_us(hub));
    hub->held_bytes -= (int64_t)job->held_bytes;
    if (!c->closed) {
        if (job->closes && !c->ending) {
            c->ending = true;
            c->why = job->err.status != STATUS_OK ? "its request failed" : "no memory";
            if (job->request.kind == REQUEST_PROVE && job->request.json != NULL)
                c->why = "its proof failed";
        }
        send_bytes(c, job->answer, job->answer_length);
        job->answer = NULL;
        c->request_us = hub_now_us(hub);
    }
    job_free(job);
}

/* Takes no more requests, and says so when those under way are answered. status OK: says nothing. */
static void end_softly(struct connection *c, enum status status, const char *words, const char *why)
{
    if (c->ending || c->closed)
        return;
    c->ending = true;
    c->why = why;
    c->last_status = status;
    if (status != STATUS_OK)
        (void)snprintf(c->last_words, sizeof c->last_words, "%s", words);
    maybe_finish(c);
}

static void say_last_words(struct connection *c)
{
    struct err err;
    char *line = NULL;
    size_t length = 0;
    (void)!err_set(&err, c->last_status, "%s", c->last_words);
    c->last_status = STATUS_OK;
    if (wire_print(wire_error(0, &err), &line, &length, &err) == STATUS_OK)
        send_bytes(c, line, length);
}

/* Ends what has nothing under way and nothing to say any more. */
static void maybe_finish(struct connection *c)
{
    bool idle = !c->busy && c->at_writer == 0;
    bool asked_all = c->ended_sending && c->line == NULL && c->wait_count == 0;
    if (c->closed || !idle || !(c->ending || asked_all))
        return;
    if (c->last_status != STATUS_OK)
        say_last_words(c);
    if (!c->closed && unsent(c) == 0)
        connection_close(c);
}

/* -- requests -- */

static void then_written(struct errand *errand)
{
    struct connection *c = errand->connection;
    c->at_writer--;
    c->outstanding--;
    answer(c, errand->job);
    if (c->closed)
        clean_up(c);
    else
        pump(c);
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
    if (send_errand(c, &errand))
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
    const struct metrics_report what = {
        .metrics = &hub->metrics, .writer = &writer, .machine = &job->machine, .now_us = hub_now_us(hub)};
    job_answer(job, json_pack("{s:o}", "status", metrics_tell(&what)));
    answer(c, job);
}

static void answer_wait(struct connection *c, struct job *job)
{
    char leaf[HASH_HEX_CHARS + 1];
    hash_to_hex(&c->hub->head.leaf, leaf);
    job_answer(job, json_pack("{s:s, s:I}", "leaf", leaf, "size", (json_int_t)c->hub->head.size));
    answer(c, job);
}

static void park(struct connection *c, struct job *job)
{
    int64_t now_us = hub_now_us(c->hub);
    if ((int64_t)c->hub->head.size > job->request.size || job->request.ms == 0 || c->hub->stopping) {
        answer_wait(c, job);
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
    answer(c, job);
}

static void then_requested(struct errand *errand)
{
    struct connection *c = errand->connection;
    struct hub *hub = c->hub;
    struct job *job = errand->job;
    c->busy = false;
    look_at_guest(c);
    switch (job->next) {
    case JOB_SUBMITS:
        hub->waiting++;
        /* fall through */
    case JOB_TRIES:
    case JOB_SIGNS:
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
        answer(c, job);
        break;
    }
    if (c->closed)
        clean_up(c);
    else
        pump(c);
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
        end_softly(c, STATUS_MEMORY, "no memory for a request", "no memory");
        return;
    }
    c->line_length = 0;
    job->connection = c;
    job->service = &hub->service;
    job->guest = &c->guest;
    job->came_us = hub_now_us(hub);
    c->request_us = job->came_us;
    c->busy = send_errand(c, &(struct errand){.job = job, .run = run_request, .then = then_requested});
    if (c->busy) {
        c->outstanding++;
        return;
    }
    hub->held_bytes -= (int64_t)job->held_bytes;
    job_free(job);
    end_softly(c, STATUS_MEMORY, "no memory for a request", "no memory");
}

static bool may_begin(struct connection *c)
{
    const struct server_limits *limits = &c->hub->options->limits;
    if (!c->greeted || c->busy || c->ending || c->outstanding >= (c->proven ? limits->outstanding : 1) ||
        (int64_t)unsent(c) > limits->unread_bytes)
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
        c->hub->held_bytes += (int64_t)c->line_length;
    else if (status != STATUS_NOT_FOUND)
        end_softly(c, status, err.text, "a message too long");
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer);
static void on_read(uv_stream_t *stream, ssize_t count, const uv_buf_t *buffer);

static void set_reading(struct connection *c)
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
static void pump(struct connection *c)
{
    while (!c->busy && !c->closed && !c->ending && c->greeted) {
        if (c->line == NULL)
            cut_line(c);
        if (c->line == NULL || !may_begin(c))
            break;
        begin_line(c);
    }
    set_reading(c);
    maybe_finish(c);
}

/* -- receiving -- */

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
    struct connection *c = handle->data;
    (void)suggested;
    *buffer = uv_buf_init((char *)c->hub->read_buffer, sizeof c->hub->read_buffer);
}

/* All messages together are bounded too: what is short is read still, so that work goes on. */
static bool is_too_much(const struct connection *c, size_t count)
{
    return c->hub->held_bytes + (int64_t)(frame_bytes(&c->frame) + count) > c->hub->options->limits.held_bytes &&
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
        pump(c);
        return;
    }
    if (count < 0) {
        connection_close(c);
        return;
    }
    c->hub->metrics.bytes_in += (uint64_t)count;
    if (is_too_much(c, (size_t)count))
        end_softly(c, STATUS_BUSY, "too many long messages at one time: try again in a moment", "too many messages");
    else if (frame_add(&c->frame, slice_of(buffer->base, (size_t)count), &err) != STATUS_OK)
        end_softly(c, err.status, err.text, "no memory");
    pump(c);
}

/* -- the beginning -- */

static void then_greeted(struct errand *errand)
{
    struct connection *c = errand->connection;
    struct job *job = errand->job;
    c->busy = false;
    c->greeted = true;
    if (!c->closed) {
        send_bytes(c, job->answer, job->answer_length);
        job->answer = NULL;
    }
    job_free(job);
    if (c->closed)
        clean_up(c);
    else
        pump(c);
}

static void run_greet(struct errand *errand)
{
    answer_greet(errand->job);
}

static bool greet(struct connection *c)
{
    struct job *job = job_new(NULL, 0);
    if (job == NULL)
        return false;
    job->service = &c->hub->service;
    job->guest = &c->guest;
    c->busy = send_errand(c, &(struct errand){.job = job, .run = run_greet, .then = then_greeted});
    if (!c->busy)
        job_free(job);
    return c->busy;
}

static void on_turned_away(uv_handle_t *handle)
{
    free(handle->data);
}

/* The socket is empty, so that a short line goes out at once or not at all. */
static void turn_away(struct connection *c, const char *words)
{
    struct err err;
    char *line = NULL;
    size_t length = 0;
    (void)!err_set(&err, STATUS_BUSY, "%s", words);
    c->hub->metrics.connections_refused++;
    if (c->peer != NULL)
        hub_log_peer(c->hub, c->peer, "connection-refused", json_pack("{s:s}", "why", words));
    if (wire_print(wire_error(0, &err), &line, &length, &err) == STATUS_OK) {
        uv_buf_t buffer = uv_buf_init(line, (unsigned)length);
        (void)uv_try_write((uv_stream_t *)&c->pipe, &buffer, 1);
    }
    free(line);
    uv_close((uv_handle_t *)&c->pipe, on_turned_away);
}

static bool peer_of(struct connection *c)
{
    struct ucred who;
    socklen_t size = sizeof who;
    int fd = -1;
    if (uv_fileno((const uv_handle_t *)&c->pipe, &fd) != 0 || getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &size) != 0)
        return false;
    c->guest.uid = who.uid;
    c->peer = hub_peer(c->hub, who.uid);
    return c->peer != NULL;
}

static void settle(struct connection *c)
{
    struct hub *hub = c->hub;
    c->accepted_us = c->request_us = c->progress_us = hub_now_us(hub);
    c->next = hub->connections;
    if (hub->connections != NULL)
        hub->connections->prev = c;
    hub->connections = c;
    hub->connection_count++;
    hub->alive++;
    hub->metrics.connections_now++;
    hub->metrics.connections_total++;
    c->peer->connections++;
    if (!greet(c))
        connection_close(c);
}

void connection_accept(struct hub *hub, uv_stream_t *listener)
{
    const struct server_limits *limits = &hub->options->limits;
    struct connection *c = calloc(1, sizeof *c);
    if (c == NULL)
        return; /* it stays in the backlog */
    c->hub = hub;
    (void)uv_pipe_init(&hub->loop, &c->pipe, 0);
    c->pipe.data = c;
    if (uv_accept(listener, (uv_stream_t *)&c->pipe) != 0)
        uv_close((uv_handle_t *)&c->pipe, on_turned_away);
    else if (!peer_of(c))
        turn_away(c, "the system does not say who you are");
    else if (hub->stopping)
        turn_away(c, "the server stops");
    else if (hub->connection_count >= limits->connections)
        turn_away(c, "too many connections: try again in a moment");
    else if (c->peer->connections >= limits->connections_per_user)
        turn_away(c, "too many connections of this user: end one first");
    else
        settle(c);
}

/* -- time -- */

static void tick_waits(struct connection *c, int64_t now_us)
{
    for (size_t i = 0; i < WAITS_MAX && c->wait_count > 0 && !c->closed; i++) {
        struct job *job = c->waits[i].job;
        if (job == NULL ||
            (now_us < c->waits[i].until_us && (int64_t)c->hub->head.size <= job->request.size && !c->hub->stopping))
            continue;
        c->waits[i].job = NULL;
        c->wait_count--;
        c->hub->parked--;
        answer_wait(c, job);
    }
    if (!c->closed)
        maybe_finish(c);
}

static bool over(int64_t since_us, int64_t seconds, int64_t now_us)
{
    return now_us - since_us > seconds * 1000000;
}

static void tick(struct connection *c, int64_t now_us)
{
    const struct server_limits *limits = &c->hub->options->limits;
    uint64_t taken = c->sent_bytes - unsent(c);
    if (taken != c->taken_bytes || unsent(c) == 0) {
        c->taken_bytes = taken;
        c->progress_us = now_us;
    }
    if (over(c->progress_us, limits->unread_seconds, now_us)) {
        c->why = "it does not read its answers";
        connection_close(c);
        return;
    }
    if (!c->proven && over(c->accepted_us, limits->proof_seconds, now_us))
        end_softly(c, STATUS_LIMIT, "nobody proved who they are in time", "no proof in time");
    else if (c->message_us != 0 && over(c->message_us, limits->message_seconds, now_us))
        end_softly(c, STATUS_LIMIT, "the message took too long", "a message too slow");
    else if (c->outstanding == 0 && c->wait_count == 0 && over(c->request_us, limits->idle_seconds, now_us))
        end_softly(c, STATUS_LIMIT, "nothing was asked for too long", NULL);
    if (!c->closed && !c->busy && c->snapshots > 0 && over(c->snapshot_us, limits->snapshot_seconds, now_us))
        c->busy = send_errand(c, &(struct errand){.run = run_expire,
                                                  .then = then_expired,
                                                  .before_us = now_us - limits->snapshot_seconds * 1000000});
}

void connection_tick_all(struct hub *hub)
{
    int64_t now_us = hub_now_us(hub), oldest_us = 0;
    struct connection *next;
    for (struct connection *c = hub->connections; c != NULL; c = next) {
        next = c->next;
        if (c->snapshots > 0 && (oldest_us == 0 || c->snapshot_us < oldest_us))
            oldest_us = c->snapshot_us;
        tick_waits(c, now_us);
        if (!c->closed)
            tick(c, now_us);
    }
    hub->metrics.snapshot_oldest_us = oldest_us;
}

void connection_head_changed(struct hub *hub)
{
    int64_t now_us = hub_now_us(hub);
    struct connection *next;
    for (struct connection *c = hub->parked > 0 ? hub->connections : NULL; c != NULL; c = next) {
        next = c->next;
        tick_waits(c, now_us);
    }
}

void connection_resume_all(struct hub *hub)
{
    struct connection *next;
    if (!hub->blocked || hub->waiting >= hub->options->limits.waiting)
        return;
    hub->blocked = false;
    for (struct connection *c = hub->connections; c != NULL; c = next) {
        next = c->next;
        pump(c);
    }
}

void connection_stop_all(struct hub *hub)
{
    struct connection *next;
    for (struct connection *c = hub->connections; c != NULL; c = next) {
        next = c->next;
        tick_waits(c, hub_now_us(hub));
        end_softly(c, STATUS_BUSY, "the server stops", NULL);
        if (!c->closed)
            set_reading(c);
    }
}

void connection_drop_all(struct hub *hub, const char *why)
{
    while (hub->connections != NULL) {
        hub->connections->why = why;
        connection_close(hub->connections);
    }
}
