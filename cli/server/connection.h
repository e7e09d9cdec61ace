/*
 * One connection: its bytes, its requests one after the other, its limits (PROTOCOL.md sections 1, 7 and 8). All of it on the
 * loop's thread.
 */
#ifndef CLI_SERVER_CONNECTION_H
#define CLI_SERVER_CONNECTION_H

#include <uv.h>

#include "cli/server/hub.h"

/* Takes the next connection of a listener, or turns it away. */
void connection_accept(struct hub *hub, uv_stream_t *listener);

/* What the thread that writes has given back. */
void connection_written(struct job *job);

/* Limits of time, waits, snapshots. To be called several times a second, and when the head has changed. */
void connection_tick_all(struct hub *hub);
void connection_head_changed(struct hub *hub);

/* Goes on with those who waited for the writer. */
void connection_resume_all(struct hub *hub);

/* Takes no more requests; ends when what was accepted is answered. */
void connection_stop_all(struct hub *hub);
/* Ends them now. */
void connection_drop_all(struct hub *hub, const char *why);

#endif
