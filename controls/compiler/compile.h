/*
 * The policy compiler: from the YAML that a controller writes to the canonical JSON that the gate reads. Same text, same
 * bytes, for ever: POLICY.md describes compiler 1, and audit recompiles. The gate never links this floor's libfyaml.
 */
#ifndef CONTROLS_COMPILER_COMPILE_H
#define CONTROLS_COMPILER_COMPILE_H

#include <jansson.h>

#include "controls/compiler/report.h"
#include "ledger/status.h"

enum {
    COMPILER_VERSION = 1,
    POLICY_COMPILED_BYTES_MAX = 5 << 19 /* 2.5 MiB: with 1 MiB of YAML in base64 within a statement's 4 MiB */
};

struct compile_input {
    const char *yaml; /* yaml[0..length) */
    size_t length;
    const char *file_name; /* for findings; never opened */
};

/*
 * Compiles a policy and checks its meaning with policy_check.
 *
 * in      input, borrowed; report may be NULL. It is called for each finding, by position in the file, at most
 *         FINDINGS_MAX times; what it is given is lent until it returns.
 * out     *ret_compiled: gives the compiled object, when there is no error (there may be warnings).
 * errors  INPUT (the first error with its place, and how many more), MEMORY.
 * cost    a few milliseconds for a policy of usual size.
 */
MUST_USE enum status compile_policy(const struct compile_input *input, compile_report *report, void *context,
                                    json_t **ret_compiled, struct err *err);

#endif
