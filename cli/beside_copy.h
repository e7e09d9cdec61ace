/*
 * Evidence, personal data and time stamps, from a copy of a book's directories into a book that is being restored.
 */
#ifndef CLI_BESIDE_COPY_H
#define CLI_BESIDE_COPY_H

#include <stddef.h>

#include "ledger/status.h"

/*
 * Copies every file of from_dir/evidence and from_dir/personal into the book's, each read against the hash that is its name, and
 * those of from_dir/timestamps as they are. Any of the directories may lack, not all.
 *
 * out     *ret_evidence, *ret_personal: how many.
 * errors  CORRUPT (a file is not what its name says), INPUT (a file that is none of the two), NOT_FOUND, PERMISSION, FULL, IO.
 */
MUST_USE enum status beside_copy(const char *from_dir, const char *book_dir, size_t *ret_evidence, size_t *ret_personal,
                                 struct err *err);

#endif
