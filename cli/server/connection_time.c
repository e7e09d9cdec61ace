/*
 * Connections by the clock: limits of time, waits, snapshots; and all of them together.
 */
#include "cli/server/answer.h"
#include "cli/server/connection.h"
#include "cli/server/connection_parts.h"

static void run_expire(struct errand *errand)
{
    answer_expire(&errand->connection->guest, errand->before_us);
}

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
        connection_answer_wait(c, job);
    }
    if (!c->closed)
        connection_finish(c);
}

static bool over(int64_t since_us, int64_t seconds, int64_t now_us)
{
    return now_us - since_us > seconds * 1000000;
}

static void tick(struct connection *c, int64_t now_us)
{
    const struct server_limits *limits = &c->hub->options->limits;
    uint64_t taken = c->sent_bytes - connection_unsent(c);
    if (taken != c->taken_bytes || connection_unsent(c) == 0) {
        c->taken_bytes = taken;
        c->progress_us = now_us;
    }
    if (over(c->progress_us, limits->unread_seconds, now_us)) {
        c->why = "it does not read its answers";
        connection_close(c);
        return;
    }
    if (!c->proven && over(c->accepted_us, limits->proof_seconds, now_us))
        connection_end(c, STATUS_LIMIT, "nobody proved who they are in time", "no proof in time");
    else if (c->message_us != 0 && over(c->message_us, limits->message_seconds, now_us))
        connection_end(c, STATUS_LIMIT, "the message took too long", "a message too slow");
    else if (c->outstanding == 0 && c->wait_count == 0 && over(c->request_us, limits->idle_seconds, now_us))
        connection_end(c, STATUS_LIMIT, "nothing was asked for too long", NULL);
    if (!c->closed && !c->busy && c->snapshots > 0 && over(c->snapshot_us, limits->snapshot_seconds, now_us))
        c->busy = connection_errand(c, &(struct errand){.run = run_expire,
                                                        .then = connection_then_free,
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
        connection_pump(c);
    }
}

void connection_stop_all(struct hub *hub)
{
    struct connection *next;
    for (struct connection *c = hub->connections; c != NULL; c = next) {
        next = c->next;
        tick_waits(c, hub_now_us(hub));
        connection_end(c, STATUS_BUSY, "the server stops", NULL);
        if (!c->closed)
            connection_set_reading(c);
    }
}

void connection_drop_all(struct hub *hub, const char *why)
{
    while (hub->connections != NULL) {
        hub->connections->why = why;
        connection_close(hub->connections);
    }
}
