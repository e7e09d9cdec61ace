/*
 * The server: a loop with its listener, signals and clock, and the threads that work for it (DESIGN 10).
 */
#ifndef CLI_SERVER_SERVER_H
#define CLI_SERVER_SERVER_H

#include "cli/cli.h"
#include "cli/serve_options.h"
#include "ledger/signer.h"
#include "ledger/status.h"

struct issue_terms;

/* What the server signs with, and whose cosignatures it takes back. */
struct server_trust {
    const struct signer *book_key; /* NULL: no checkpoints */
    const struct issue_terms *terms;
};

/*
 * Serves a book until it is told to end.
 *
 * in      all borrowed.
 * errors  those of opening book, log and socket, before anything is served; afterwards what made it end: a book that could
 *         not be opened again after a failed write.
 */
MUST_USE enum status server_run(const struct cli *cli, const struct serve_options *options,
                                const struct server_trust *trust, struct err *err);

#endif
