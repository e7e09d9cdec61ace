/*
 * What the loop's rooms share: the loop, its connections, and who works for them. Only the loop's thread touches it, but for
 * what is said to be somebody else's.
 */
#ifndef CLI_SERVER_HUB_H
#define CLI_SERVER_HUB_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <uv.h>

#include "cli/serve_options.h"
#include "cli/server/job.h"
#include "cli/server/log.h"
#include "cli/server/metrics.h"
#include "cli/server/writer.h"

struct connection;

/* A user of the system at the other end of connections: how many, and how many log lines are left to what it does. */
struct peer {
    struct peer *next;
    uid_t uid;
    int64_t connections;
    int64_t lines;     /* that may still be logged */
    int64_t lines_us;  /* when they were last made more */
    uint64_t unlogged; /* lines left out since */
};

enum { READ_BYTES = 64 << 10 };

struct hub {
    uv_loop_t loop;
    const struct cli *cli;
    const struct serve_options *options;
    struct service service;
    struct writer *writer;
    struct log *log;
    struct metrics metrics;
    struct connection *connections;
    struct peer *peers;
    int64_t connection_count;
    int64_t alive;      /* connections with jobs under way, closed ones too */
    int64_t held_bytes; /* of requests that are not answered, and of what was read of the next ones */
    int64_t waiting;    /* statements with the thread that writes */
    bool blocked;       /* somebody waits for it to have fewer */
    struct journal_head head;
    int64_t parked; /* waits, of all connections */
    bool stopping;
    uint8_t read_buffer[READ_BYTES];
};

static inline int64_t hub_now_us(const struct hub *hub)
{
    return hub->cli->monotonic_us(hub->cli->clock_context);
}

/* The peer of a uid, made where there is none. NULL: no memory. */
struct peer *hub_peer(struct hub *hub, uid_t uid);

/* A log line about what a peer did, unless it had too many. facts: stolen. */
void hub_log_peer(struct hub *hub, struct peer *peer, const char *event, json_t *facts);

void hub_free_peers(struct hub *hub);

#endif
