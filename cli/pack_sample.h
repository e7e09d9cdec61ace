/*
 * The file that says what a sample is: the selection that `audit sample` draws, or a list that somebody made by hand.
 */
#ifndef CLI_PACK_SAMPLE_H
#define CLI_PACK_SAMPLE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/hash.h"
#include "ledger/status.h"

#define PACK_NUMBER_WRONG "a document is named by its request number, as CN-2"

struct pack_sample {
    struct hash hash;     /* of the file */
    bool drawn;           /* a selection of audit/sample/SAMPLING.md section 6 */
    const char **numbers; /* request numbers, as they stand there */
    size_t number_count;
    uint64_t *entries; /* of items that have no document */
    size_t entry_count;
    const char *seed; /* request number; NULL: the file names none */
    char *text;       /* what the texts point into */
    json_t *lines;    /* likewise */
};

/*
 * Reads a selection (its first line begins with {), or a text with one request number a line, where # begins a remark.
 *
 * out     fills *ret_sample; pack_sample_done releases it, also after an error.
 * errors  INPUT (named with its line), LIMIT, NOT_FOUND, IO, MEMORY.
 */
MUST_USE enum status pack_sample_read(const char *path, struct pack_sample *ret_sample, struct err *err);
void pack_sample_done(struct pack_sample *sample);

#endif
