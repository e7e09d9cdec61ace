/*
 * The server: a loop with its listener, signals and clock, and the threads that work for it (DESIGN 10).
 */
#ifndef CLI_SERVER_SERVER_H
#define CLI_SERVER_SERVER_H

#include "cli/cli.h"
#include "cli/serve_options.h"
#include "ledger/signer.h"
#include "ledger/status.h"

/*
 * Serves a book until it is told to end.
 *
 * in      book_key: NULL: no checkpoints. All borrowed.
 * errors  those of opening book, log and socket, before anything is served; afterwards what made it end: a book that could
 *         not be opened again after a failed write.
 */
MUST_USE enum status server_run(const struct cli *cli, const struct serve_options *options,
                                const struct signer *book_key, struct err *err);

#endif
