/*
 * Receipts that a user keeps: the newest entry of a book that this account has seen. A book that no longer holds that
 * entry was cut, rolled back or replaced, and says so to nobody else (DESIGN 4, "what is detected, and what is not").
 */
#ifndef CLI_RECEIPTS_H
#define CLI_RECEIPTS_H

#include <stdint.h>

#include "cli/cli.h"
#include "ledger/durable.h"
#include "ledger/hash.h"
#include "ledger/journal.h"
#include "ledger/status.h"

/* Whose receipt of which book. */
struct receipt_owner {
    const char *book; /* the book's id in hex */
    const char *user; /* NULL: nobody was named */
};

/*
 * Where the receipt lies: $XDG_STATE_HOME/countersign/<book>.<user>.json, else under $HOME/.local/state.
 *
 * errors  NOT_FOUND (neither variable is set; err is left alone), LIMIT.
 */
MUST_USE enum status receipts_path(const struct cli *cli, const struct receipt_owner *owner, struct path *ret_path,
                                   struct err *err);

/* The directory of it. errors NOT_FOUND (err is left alone), LIMIT. */
MUST_USE enum status receipts_dir(const struct cli *cli, struct path *ret_dir, struct err *err);
/* Makes the directories above a file that lack. What cannot be made shows when the file is written. */
void receipts_make_dirs(const char *file);

/*
 * Checks that the journal still holds what was seen last. Without a receipt there is nothing to check.
 *
 * errors  CORRUPT (it does not: names the entry and the receipt's file), INPUT (the receipt is none: remove it when it is
 *         known why), IO.
 */
MUST_USE enum status receipts_check(const struct cli *cli, const struct receipt_owner *owner, struct journal *journal,
                                    struct err *err);

/*
 * Keeps an entry as the newest seen, unless the one kept is as new.
 *
 * errors  PERMISSION, FULL, IO: nothing depends on it but the next check.
 */
MUST_USE enum status receipts_keep(const struct cli *cli, const struct receipt_owner *owner, uint64_t seq,
                                   const struct hash *leaf, struct err *err);

#endif
