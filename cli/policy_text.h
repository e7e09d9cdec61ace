/*
 * Policies as text: read and compiled from a file, and checked again before anybody signs what was compiled by another.
 */
#ifndef CLI_POLICY_TEXT_H
#define CLI_POLICY_TEXT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "cli/cli.h"
#include "ledger/status.h"

struct policy_text {
    char *yaml;
    size_t length;
    json_t *compiled;
    size_t errors;
    size_t warnings;
};

/*
 * Reads and compiles a policy file. Findings go to err line by line with their places, or with --json to out, one object
 * each.
 *
 * out     *ret_text: fills, policy_text_done; errors and warnings also when it fails.
 * errors  NOT_FOUND, IO, LIMIT, INPUT (the policy has errors: what was reported), MEMORY.
 */
MUST_USE enum status policy_text_read(struct cli *cli, const char *path, struct policy_text *ret_text, struct err *err);
void policy_text_done(struct policy_text *text);

/*
 * Compiles the YAML that a policy document carries and compares with what it says was compiled: nobody should sign a
 * policy whose text and meaning differ.
 *
 * in      document: of the kind policy, borrowed.
 * errors  CORRUPT (they differ, or the text does not compile: names what), INPUT (another compiler), MEMORY.
 */
MUST_USE enum status policy_document_check(const json_t *document, struct err *err);

#endif
