/*
 * Progress of long work: one line on err, rewritten at most ten times a second, where err is a terminal;
 * nothing elsewhere, and nothing for work that is done within half a second.
 */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "cli/cli.h"

struct progress {
    const struct cli *cli;
    const char *what;
    int64_t total;
    int64_t begun_us;
    int64_t shown_us;
    bool shown;
};

/* what: "verifying entries", kept until the end; total 0: unknown, then no share and no time left is shown.
 */
void progress_begin(struct progress *progress, const struct cli *cli, const char *what, int64_t total);

/* done: how many so far. Cheap: one look at the clock. */
void progress_step(struct progress *progress, int64_t done);

/* Wipes the line. To be called before anything else is printed on err. */
void progress_end(struct progress *progress);

#endif
