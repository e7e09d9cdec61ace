/*
 * The hashes of a tree's complete subtrees in a file, in the order in which they become complete: what a verification
 * computes where nothing is stored, so that it can look back at any leaf and any earlier root with flat memory.
 *
 * A hash of level 0 stands behind those of all leaves before it and of the subtrees that they complete; one of level l, l
 * places behind the last leaf under it. 64 bytes for each leaf.
 */
#ifndef AUDIT_TREE_FILE_H
#define AUDIT_TREE_FILE_H

#include <stdint.h>

#include "ledger/hash.h"
#include "ledger/status.h"

struct tree_file;

/* An empty one in a directory (NULL: /tmp), made where it lacks; the file has no name and goes with the process. errors IO, FULL, PERMISSION, MEMORY. */
MUST_USE enum status tree_file_make(const char *dir, struct tree_file **ret_file, struct err *err);
/*
 * The file path, made where it lacks, cut or grown to what a tree of size leaves has.
 *
 * errors  CORRUPT (it is shorter), and as tree_file_make.
 */
MUST_USE enum status tree_file_open(const char *path, uint64_t size, struct tree_file **ret_file, struct err *err);
void tree_file_free(struct tree_file *file);

/* Takes the next hash that tree_frontier_add emits. errors FULL, IO. */
MUST_USE enum status tree_file_add(struct tree_file *file, const struct hash *hash, struct err *err);
/* errors NOT_FOUND (not complete yet; err is filled), IO. */
MUST_USE enum status tree_file_node(struct tree_file *file, unsigned level, uint64_t index, struct hash *ret_hash,
                                    struct err *err);
/* Writes what waits in memory, to the disk. errors FULL, IO. */
MUST_USE enum status tree_file_sync(struct tree_file *file, struct err *err);

#endif
