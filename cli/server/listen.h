/*
 * The socket at a path: made, looked after, taken away (PROTOCOL.md; DESIGN 10).
 */
#ifndef CLI_SERVER_LISTEN_H
#define CLI_SERVER_LISTEN_H

#include <stdbool.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "ledger/status.h"

struct listener {
    int fd;       /* listening, not blocking */
    dev_t device; /* of the socket at the path */
    ino_t inode;
};

/*
 * Makes a socket at a path and listens. One that is there already is replaced only if nobody answers on it.
 *
 * errors  BUSY (somebody answers), EXISTS (something else is there), PERMISSION (others may write to the directory and
 *         replace the socket; no right), NOT_FOUND (no directory), LIMIT (a path longer than 107 bytes), IO.
 */
MUST_USE enum status listen_at(const char *path, mode_t mode, struct listener *ret_listener, struct err *err);

/* Whether the socket at the path is still the one that listens. */
bool listen_is_there(const char *path, const struct listener *listener);

/* Removes it from the path, if it is still that one. */
void listen_remove(const char *path, const struct listener *listener);

#endif
