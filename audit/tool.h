/*
 * Running somebody else's program: by its absolute path and an argument vector, never through a shell, with what it may read,
 * write and take of time bounded.
 */
#ifndef AUDIT_TOOL_H
#define AUDIT_TOOL_H

#include <stddef.h>
#include <stdint.h>

#include "ledger/slice.h"
#include "ledger/status.h"

enum { TOOL_SAID_BYTES = 512 };

struct tool_call {
    const char *path;             /* absolute */
    const char *const *arguments; /* argv, from the program's name on, closed by NULL */
    char *const *environment;     /* closed by NULL; NULL: this process's own */
    struct slice input;           /* its standard input: a file that it may open again as /dev/stdin */
    uint32_t wait_ms;             /* then it and what it started are killed */
};

/* What came of it. */
struct tool_answer {
    uint8_t *output; /* the caller's room for its standard output */
    size_t output_max;
    size_t length;
    int exit_status;            /* 0 on OK */
    char said[TOOL_SAID_BYTES]; /* the last words of its standard error, for people; other people's words */
};

/*
 * Runs it to its end.
 *
 * out     answer: length, exit_status and said are filled as far as known on any error too.
 * errors  NOT_FOUND (no such program), LIMIT (more output than there is room for), REFUSED (another exit status than 0), IO (no
 *         process, ended by a signal, too slow).
 */
MUST_USE enum status tool_run(const struct tool_call *call, struct tool_answer *answer, struct err *err);

#endif
