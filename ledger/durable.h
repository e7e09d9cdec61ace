/*
 * Files that must be whole or absent after a power cut: paths with a bound, errors in words, write-sync-rename-sync.
 */
#ifndef LEDGER_DURABLE_H
#define LEDGER_DURABLE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "ledger/slice.h"
#include "ledger/status.h"

enum { PATH_BYTES_MAX = 4000 };

struct path {
    char text[PATH_BYTES_MAX];
};

/* Prints a path; errors LIMIT. The variable arguments force err to stand before the format. */
MUST_USE enum status path_set(struct path *ret_path, struct err *err, const char *format, ...) PRINTF_LIKE(3, 4);

/* Turns an errno into a status and "path: doing what failed: reason", with the remedy where there is one. */
MUST_USE enum status durable_fail(int error, const char *path, const char *doing, struct err *err);

/* Writes all of bytes to a descriptor. path is for the error text. errors FULL, IO. */
MUST_USE enum status durable_write(int fd, const char *path, struct slice bytes, struct err *err);

/* Syncs a directory, so that the names in it survive. errors NOT_FOUND, PERMISSION, IO. */
MUST_USE enum status durable_sync_dir(const char *path, struct err *err);

/* Syncs the directory that holds path. */
MUST_USE enum status durable_sync_parent(const char *path, struct err *err);

/* Makes one directory, mode 0700; is not synced. errors EXISTS, NOT_FOUND (its parent), PERMISSION, FULL, IO. */
MUST_USE enum status durable_make_dir(const char *path, struct err *err);

/*
 * Puts bytes at path, over what was there: after a crash the old or the new file is there, whole.
 *
 * errors  FULL, PERMISSION, NOT_FOUND (its directory), IO.
 */
MUST_USE enum status durable_replace(const char *path, struct slice bytes, mode_t mode, struct err *err);

/*
 * Renames a directory to a name that nothing has. Where the file system cannot do that in one step, the name is looked
 * at first: somebody who makes an empty directory of that name in between would lose it, and nothing else.
 *
 * errors  EXISTS, PERMISSION, IO.
 */
MUST_USE enum status durable_rename_new(const char *from, const char *to, struct err *err);

#endif
