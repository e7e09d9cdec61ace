/*
 * Which book answered at an address when this user was there first. A challenge is signed for the book that is meant: one
 * who answers for another book under a known address does not get a signature.
 */
#ifndef CLI_REMOTE_KNOWN_H
#define CLI_REMOTE_KNOWN_H

#include "cli/cli.h"
#include "ledger/durable.h"
#include "ledger/hash.h"
#include "ledger/status.h"

/*
 * out     ret_book: the id in hex, "" when nobody was there before, or there is no home to remember in. ret_path: of the
 *         file that says so.
 * errors  CORRUPT (the file is something else), PERMISSION, IO.
 */
MUST_USE enum status remote_known_get(const struct cli *cli, const char *address,
                                      char ret_book[static HASH_HEX_CHARS + 1], struct path *ret_path, struct err *err);

/* Remembers a book; OK where there is no home. errors FULL, PERMISSION, IO. */
MUST_USE enum status remote_known_put(const struct cli *cli, const char *address, const char *book, struct err *err);

#endif
