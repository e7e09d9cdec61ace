/*
 * Bytes between two pairs of descriptors, both ways, as they are: what stands between an sshd and a server's socket.
 */
#ifndef CLI_RELAY_H
#define CLI_RELAY_H

#include "ledger/status.h"

/*
 * Carries what comes from in to the socket, and what comes from the socket to out, until the socket has said all it will
 * say. An end of one direction is passed on and leaves the other open; who does not take bytes is waited for.
 *
 * in      in, out: may be one descriptor; socket: connected. Borrowed; out is closed at the end, so that its reader knows.
 * errors  IO (a descriptor fails). That out is gone is an end like any other.
 * cost    64 KiB each way.
 */
MUST_USE enum status relay(int in, int out, int socket, struct err *err);

#endif
