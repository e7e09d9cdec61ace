/*
 * Whether what was lost has been answered for; see the header.
 */
#include "ledger/lost.h"

#include "ledger/books.h"
#include "ledger/books_open.h"
#include "ledger/schema.h"

static enum status last_step(void *context, struct slice key, const json_t *record, bool *ret_more, struct err *err)
{
    uint64_t *last = context;
    (void)key;
    (void)err;
    *last = (uint64_t)member_integer(record, "seq");
    *ret_more = false;
    return STATUS_OK;
}

enum status lost_unanswered(struct journal_snapshot *snapshot, struct tables_txn *txn, bool *ret_due,
                            struct journal_lost *ret_lost, struct err *err)
{
    uint64_t last = 0; /* no `restore` is entry 0 */
    const struct books_walk walk = {.table = BOOKS_RESTORES, .backward = true, .step = last_step, .context = &last};
    *ret_due = false;
    enum status status = journal_lost(snapshot, ret_lost, err);
    if (status == STATUS_NOT_FOUND)
        return STATUS_OK;
    if (status == STATUS_OK)
        status = books_each(txn, &walk, err);
    if (status == STATUS_OK)
        *ret_due = last < ret_lost->kept;
    return status;
}

enum status books_lost(struct books *books, bool *ret_due, struct journal_lost *ret_lost, struct err *err)
{
    struct journal_snapshot *snapshot = NULL;
    struct tables_txn *txn = NULL;
    enum status status = journal_read_begin(books->journal, &snapshot, err);
    if (status == STATUS_OK)
        status = tables_read_begin(books->tables, &txn, err);
    if (status == STATUS_OK)
        status = lost_unanswered(snapshot, txn, ret_due, ret_lost, err);
    tables_abort(txn);
    journal_read_end(snapshot);
    return status;
}
