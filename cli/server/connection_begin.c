/*
 * Connections as they come: who is there, whether there is room, the greeting.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "cli/server/answer.h"
#include "cli/server/connection.h"
#include "cli/server/connection_parts.h"

static void then_greeted(struct errand *errand)
{
    struct connection *c = errand->connection;
    struct job *job = errand->job;
    c->busy = false;
    c->greeted = true;
    if (!c->closed) {
        connection_send(c, job->answer, job->answer_length);
        job->answer = NULL;
    }
    job_free(job);
    if (c->closed)
        connection_clean_up(c);
    else
        connection_pump(c);
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
    c->busy = connection_errand(c, &(struct errand){.job = job, .run = run_greet, .then = then_greeted});
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
