/*
 * A line to a server: a connected descriptor, and the ssh behind it where it leads to another host. Speaks no protocol.
 */
#ifndef CLI_REMOTE_LINE_H
#define CLI_REMOTE_LINE_H

#include <stdbool.h>
#include <sys/types.h>

#include "cli/remote_address.h"
#include "ledger/status.h"

struct remote_line {
    int fd;    /* a stream socket that does not block; -1: none */
    pid_t pid; /* of the ssh behind it; 0: none */
};

struct remote_ssh {
    const char *program; /* in place of ssh; NULL: ssh */
    bool may_ask;        /* there is a terminal where it can ask for a passphrase or show a host's key */
};

/*
 * Connects. ssh says what goes wrong on this process's standard error; it gets no shell on either side from here, and no
 * agent is lent to the other host.
 *
 * out     *ret_line: gives, remote_line_close.
 * errors  NOT_FOUND (no socket there), PERMISSION (it may not be opened), BUSY (its queue is full), IO (nobody listens; no
 *         ssh), MEMORY.
 */
MUST_USE enum status remote_line_open(const struct remote_address *address, const struct remote_ssh *ssh,
                                      struct remote_line *ret_line, struct err *err);

/*
 * Closes and reaps; an ssh that does not end by itself is ended. Nothing to do for an empty line, which is what it leaves.
 *
 * out     its exit status; -1: there was none, or a signal ended it.
 */
int remote_line_close(struct remote_line *line);

#endif
