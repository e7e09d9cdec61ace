/*
 * Small whole files: made without ever replacing one that is there, and read without ever reading more than a bound.
 */
#ifndef LEDGER_NEWFILE_H
#define LEDGER_NEWFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "ledger/status.h"

/*
 * Makes the file path of bytes[0..length) with exactly this mode.
 *
 * after   on OK the file is whole and on disk, its name too; on any error there is no file of ours, and one that was
 *         there is as it was. A crash leaves at most a file path.XXXXXX, never a part of path.
 * errors  EXISTS, LIMIT (path too long), FULL, PERMISSION, NOT_FOUND (the directory), IO.
 * cost    two syncs.
 */
MUST_USE enum status newfile_create(const char *path, const void *bytes, size_t length, mode_t mode, struct err *err);

/* Takes back what newfile_create made a moment ago; a failure leaves it there. */
void newfile_remove(const char *path);

/*
 * Reads a regular file whole.
 *
 * in      only_owner: refuse a file that group or others may read or write.
 * out     ret_bytes[0..*ret_length); ret_bytes may be touched on failure.
 * errors  NOT_FOUND, PERMISSION, LIMIT (more than size bytes), INPUT (not a regular file), IO.
 */
MUST_USE enum status newfile_read(const char *path, bool only_owner, void *ret_bytes, size_t size, size_t *ret_length,
                                  struct err *err);

#endif
