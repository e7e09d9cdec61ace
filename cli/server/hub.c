/*
 * Peers: users of the system, and the lines that each may cause in the log.
 */
#include "cli/server/hub.h"

#include <stdlib.h>

enum {
    LINES_AT_ONCE = 20,      /* that a peer may cause */
    LINE_EVERY_US = 1000000, /* and one more so often */
    PEERS_KEPT = 256         /* without a connection, for their lines */
};

static void drop_one(struct hub *hub)
{
    int64_t count = 0;
    struct peer **idle = NULL;
    for (struct peer **at = &hub->peers; *at != NULL; at = &(*at)->next) {
        count++;
        if ((*at)->connections == 0)
            idle = at;
    }
    if (count <= PEERS_KEPT || idle == NULL)
        return;
    struct peer *gone = *idle;
    *idle = gone->next;
    free(gone);
}

struct peer *hub_peer(struct hub *hub, uid_t uid)
{
    for (struct peer *peer = hub->peers; peer != NULL; peer = peer->next)
        if (peer->uid == uid)
            return peer;
    drop_one(hub);
    struct peer *peer = calloc(1, sizeof *peer);
    if (peer == NULL)
        return NULL;
    peer->uid = uid;
    peer->lines = LINES_AT_ONCE;
    peer->lines_us = hub_now_us(hub);
    peer->next = hub->peers;
    hub->peers = peer;
    return peer;
}

void hub_log_peer(struct hub *hub, struct peer *peer, const char *event, json_t *facts)
{
    int64_t more = (hub_now_us(hub) - peer->lines_us) / LINE_EVERY_US;
    peer->lines_us += more * LINE_EVERY_US;
    peer->lines = peer->lines + more < LINES_AT_ONCE ? peer->lines + more : LINES_AT_ONCE;
    if (peer->lines == 0) {
        peer->unlogged++;
        json_decref(facts);
        return;
    }
    peer->lines--;
    if (facts != NULL) {
        (void)json_object_set_new(facts, "uid", json_integer((json_int_t)peer->uid));
        if (peer->unlogged > 0)
            (void)json_object_set_new(facts, "left_out", json_integer((json_int_t)peer->unlogged));
    }
    peer->unlogged = 0;
    log_write(hub->log, event, facts);
}

void hub_free_peers(struct hub *hub)
{
    while (hub->peers != NULL) {
        struct peer *peer = hub->peers;
        hub->peers = peer->next;
        free(peer);
    }
}
