/*
 * What people outside kept of a book: checkpoints and receipts. A restored book is held against them, and marked where they
 * show more than it has (FORMAT.md section 10).
 */
#ifndef CLI_LOST_TOLD_H
#define CLI_LOST_TOLD_H

#include <jansson.h>
#include <stdbool.h>

#include "audit/verify/register.h"
#include "cli/cli.h"
#include "controls/restoring.h"
#include "ledger/journal.h"

enum { TOLD_MAX = 100 };

/* The book as the backups have it. Borrowed. */
struct restored_book {
    const char *book;        /* its id in hex */
    const char *name;        /* as the charter has it */
    uint64_t size;           /* entries */
    const json_t *book_keys; /* of key_register_book_keys */
    struct restoring *restoring;
};

/*
 * Holds the book against one file, a checkpoint's note or a receipt that `countersign` keeps for its user.
 *
 * in      lost: what is known so far; size and to are raised where the file shows more.
 * out     *ret_beyond: it shows more than the book has.
 * errors  INPUT (neither of the two, of another book, or signed by no key that the book knows), CORRUPT (the book has other
 *         entries than those it speaks of: these backups are of another history), those of newfile_read.
 */
MUST_USE enum status lost_told(const char *path, const struct restored_book *book, struct journal_lost *lost,
                               bool *ret_beyond, struct err *err);

#endif
