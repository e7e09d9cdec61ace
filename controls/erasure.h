/*
 * Erasing personal data: what an erasure document in force names is removed from beside the journal, which keeps the hashes
 * (FORMAT.md 5.6; C-31).
 */
#ifndef CONTROLS_ERASURE_H
#define CONTROLS_ERASURE_H

#include <stddef.h>

#include "ledger/status.h"

struct facts;

/*
 * Removes the files of erasure `number`. What is gone already is no error, so it can be run again.
 *
 * in      facts: as things are now; a hold that came after the erasure still stops what has not been removed.
 * out     *ret_gone: how many there still were.
 * errors  INPUT (no erasure in force), REFUSED (a customer is under legal hold by now: nothing was erased), CORRUPT, IO,
 *         PERMISSION.
 */
MUST_USE enum status erasure_run(const struct facts *facts, const char *book_dir, const char *number, size_t *ret_gone,
                                 struct err *err);

#endif
