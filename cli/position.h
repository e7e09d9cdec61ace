/*
 * How far a follower has come: a small file with the last entry that it has taken, kept across ends and crashes. What was
 * printed and not yet noted comes once more; nothing is left out.
 */
#ifndef CLI_POSITION_H
#define CLI_POSITION_H

#include <stdint.h>

#include "ledger/hash.h"
#include "ledger/status.h"

struct position {
    uint64_t next;    /* the entry that comes next */
    struct hash last; /* leaf hash of the one before, where next > 0 */
};

/*
 * in      path; book: the id in hex.
 * errors  NOT_FOUND (no such file; err is left alone), INPUT (it is none, or of another book), IO.
 */
MUST_USE enum status position_load(const char *path, const char *book, struct position *ret_position, struct err *err);

/* Replaces the file: after a crash the old one or the new one is there. errors FULL, PERMISSION, NOT_FOUND, IO. */
MUST_USE enum status position_save(const char *path, const char *book, const struct position *position,
                                   struct err *err);

#endif
