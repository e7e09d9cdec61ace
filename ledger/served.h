/*
 * Whether a server has a book: flock on its file `served`, over all processes, in which the server's address stands. A server
 * holds it alone for as long as it runs; whoever opens the book's directory to write holds it together with others of his
 * kind. Readers ask nobody.
 */
#ifndef LEDGER_SERVED_H
#define LEDGER_SERVED_H

#include <stdbool.h>
#include <stdint.h>

#include "ledger/status.h"

struct served {
    int fd; /* -1: not held */
};

/*
 * Holds a book for a server.
 *
 * in      address: where it is reached, for the text that others show; borrowed.
 *         wait_ms: at most this long for those who write in its directory.
 * out     *ret_served: served_release.
 * errors  BUSY (another server, which it names; or somebody writes), PERMISSION, FULL, IO, LIMIT.
 */
MUST_USE enum status served_hold(const char *book_dir, const char *address, uint32_t wait_ms, struct served *ret_served,
                                 struct err *err);

/* Joins those who write in its directory. errors BUSY (a server has it: says where), PERMISSION, FULL, IO, LIMIT. */
MUST_USE enum status served_join(const char *book_dir, struct served *ret_served, struct err *err);

/* Whether a server has the book at the moment, as far as this process may look. */
bool served_is(const char *book_dir);

/* Gives it back; one that is not held is fine. */
void served_release(struct served *served);

#endif
