/*
 * A struct cli on memory streams with a clock that only moves when told to, so that tests run commands in process.
 */
#ifndef TESTS_SUPPORT_CLI_STUB_H
#define TESTS_SUPPORT_CLI_STUB_H

#include <stddef.h>
#include <stdint.h>

#include "cli/cli.h"

struct cli_stub {
    struct cli cli;
    int64_t now_ms;       /* what the wall clock answers */
    int64_t monotonic_us; /* and the other one */
    char *out_text;       /* valid after cli_stub_out */
    size_t out_length;
    char *err_text; /* valid after cli_stub_err */
    size_t err_length;
};

/* Streams in memory, no terminal, an empty environment and the real table of commands. */
void cli_stub_init(struct cli_stub *stub);

/* What was printed so far; lends until the next print. */
const char *cli_stub_out(struct cli_stub *stub);
const char *cli_stub_err(struct cli_stub *stub);

/* Forgets what was printed. */
void cli_stub_clear(struct cli_stub *stub);

void cli_stub_done(struct cli_stub *stub);

/* Runs "countersign" with words, which end with NULL. Answers its exit status. */
int cli_stub_run(struct cli_stub *stub, const char *const words[]);

#endif
