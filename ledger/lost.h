/*
 * What a restored book is known to lack, and whether officers have answered for it. The mark stands in the journal
 * (journal_lost), the answers in the books.
 */
#ifndef LEDGER_LOST_H
#define LEDGER_LOST_H

#include <stdbool.h>

#include "ledger/journal.h"
#include "ledger/status.h"

struct books;
struct tables_txn;

/*
 * Whether a journal was told of entries that it lacks, and no `restore` from the first of them on has answered (FORMAT.md
 * section 10).
 *
 * out     *ret_due; *ret_lost where it is true.
 * errors  CORRUPT, IO.
 */
MUST_USE enum status lost_unanswered(struct journal_snapshot *snapshot, struct tables_txn *txn, bool *ret_due,
                                     struct journal_lost *ret_lost, struct err *err);

/* The same in snapshots of its own. */
MUST_USE enum status books_lost(struct books *books, bool *ret_due, struct journal_lost *ret_lost, struct err *err);

#endif
