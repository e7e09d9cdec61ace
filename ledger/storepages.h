/*
 * Whether the pages of a store fit together. LMDB believes every page that it follows and has no checksums: a pointer that leads
 * to an older page of the same table answers with what that one says, and one that leads out of its page ends the process.
 */
#ifndef LEDGER_STOREPAGES_H
#define LEDGER_STOREPAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/status.h"

struct storepages {
    const uint8_t *map; /* the file; the state stands still while it is looked at */
    uint64_t bytes;     /* of it */
    const char *path;   /* for error texts */
    uint64_t txn;       /* number of the state to be looked at */
    bool mapped;        /* it is a mapping of the file: what was looked at is given back as it goes */
};

/*
 * Checks every page that the state has: headers, lengths and order of keys, separators, depths and counts; each page is in one
 * tree or in the list of free ones, once, and none is missing.
 *
 * in      pages: borrowed. Its head has passed storefile_check.
 * errors  CORRUPT (names page and table), BUSY (the file has gone on to a later state: begin again), MEMORY.
 * cost    O(pages): reads all but the values.
 */
MUST_USE enum status storepages_check(const struct storepages *pages, struct err *err);

#endif
