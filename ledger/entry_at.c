/*
 * An entry out of a journal: the one place where entries know of journals, apart so that whoever reads entries from elsewhere
 * takes no journal with it.
 */
#include "ledger/entry.h"
#include "ledger/journal.h"

enum status entry_at(struct journal_snapshot *snapshot, uint64_t seq, struct entry *ret_entry, struct err *err)
{
    const char *bytes = NULL;
    size_t length = 0;
    enum status status = journal_entry_checked(snapshot, seq, &bytes, &length, err);
    return status == STATUS_OK ? entry_read(slice_of(bytes, length), ret_entry, err) : status;
}
