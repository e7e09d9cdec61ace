/*
 * The server's log: one JSON object a line, written by a thread of its own so that no disk or pipe holds up the loop. Never
 * what is in a statement, never a secret; text that strangers chose is escaped and cut (DESIGN 10).
 */
#ifndef CLI_SERVER_LOG_H
#define CLI_SERVER_LOG_H

#include <jansson.h>
#include <stdint.h>

#include "cli/cli.h"
#include "ledger/status.h"

struct log;

/*
 * in      path: of a file that is appended to, made with mode 0640; NULL or "-": the error output. Kept, as is cli.
 * errors  those of opening the file, MEMORY.
 */
MUST_USE enum status log_open(const struct cli *cli, const char *path, struct log **ret_log, struct err *err);
/* Writes what there is. NULL is fine. */
void log_close(struct log *log);

/* Opens the file anew, after the lines that are waiting. */
void log_reopen(struct log *log);

/*
 * A line: event, and what else there is to say. Any thread. When too many wait it is dropped, and that is told later.
 *
 * in      facts: an object, stolen; its members stand beside "at" and "event". NULL is no memory, or none.
 */
void log_write(struct log *log, const char *event, json_t *facts);

#endif
