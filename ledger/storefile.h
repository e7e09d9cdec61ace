/*
 * A look at a data.mdb before LMDB maps it: LMDB believes what the file says of its own size, and reading a mapped page
 * that is not there ends the process with SIGBUS.
 */
#ifndef LEDGER_STOREFILE_H
#define LEDGER_STOREFILE_H

#include <stdint.h>

#include "ledger/status.h"

/*
 * Checks that the file at path is a store whose recorded pages are all there.
 *
 * out     *ret_bytes: its size; 0 for an empty file, of which nothing else can be said.
 * errors  NOT_FOUND, CORRUPT (truncated, foreign, or its head damaged), INPUT (another version of the format),
 *         PERMISSION, IO.
 * cost    two small reads.
 */
MUST_USE enum status storefile_check(const char *path, uint64_t *ret_bytes, struct err *err);

#endif
