/*
 * How a command answers: JSON for programs, errors for everybody, and the exit status that goes with a
 * status.
 */
#ifndef CLI_OUTPUT_H
#define CLI_OUTPUT_H

#include <jansson.h>

#include "cli/cli.h"
#include "ledger/status.h"

/*
 * Prints one object on one line of out: compact, keys sorted; on a terminal all but ASCII is escaped, so that
 * text in it cannot steer the terminal.
 *
 * in      object: steals the reference, as jansson's _new functions do; NULL (no memory where it was built)
 * is an error.
 * out     EXIT_DONE, so that a command can end with return out_json(...); EXIT_ENVIRONMENT where
 * memory or out fails.
 */
int out_json(struct cli *cli, json_t *object);

/*
 * Prints "countersign: text" on err, control characters escaped, and with --json
 * {"error":{"exit":...,"status":...,"text":...}} on out: the exit status, one word for the
 * sort of error, the text.
 *
 * out     the exit status of err's status, so that a command can end with return cli_error(cli, &err).
 */
int cli_error(struct cli *cli, const struct err *err);

/* The same for a failure without an err: cli_fail(cli, STATUS_INPUT, "entry '%s': not a number", text). */
int cli_fail(struct cli *cli, enum status status, const char *format, ...) PRINTF_LIKE(3, 4);

/*
 * A usage error: "countersign post: text" and where to read on; with --json the object of cli_error too.
 *
 * out     EXIT_USAGE, or EXIT_ENVIRONMENT for a status that is no fault of the user's.
 */
int cli_usage_error(struct cli *cli, const struct err *err);

/* INPUT, LIMIT, NOT_FOUND, EXISTS 2; REFUSED 1; SIGNATURE, CORRUPT 3; IO, FULL, BUSY, CLOCK, MEMORY, UNKNOWN
 * 4; PERMISSION 5 (DESIGN 9). */
int exit_status_of(enum status status);

#endif
