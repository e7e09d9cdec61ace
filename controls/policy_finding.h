/*
 * How the rooms that check a policy say what they found: a path into the compiled form and a sentence.
 */
#ifndef CONTROLS_POLICY_FINDING_H
#define CONTROLS_POLICY_FINDING_H

#include <stddef.h>

#include "controls/policy.h"

struct policy_findings {
    policy_report *report; /* may be NULL: only counted */
    void *context;
    size_t errors;
};

/* A place in the compiled form, built like printf: place(text, "roles[%zu].functions", i). Answers ret_path. */
const char *policy_place(char ret_path[static POLICY_PATH_BYTES], const char *format, ...) PRINTF_LIKE(2, 3);

/* Reports one finding. */
void policy_error(struct policy_findings *findings, const char *path, const char *format, ...) PRINTF_LIKE(3, 4);
void policy_warning(struct policy_findings *findings, const char *path, const char *format, ...) PRINTF_LIKE(3, 4);

#endif
