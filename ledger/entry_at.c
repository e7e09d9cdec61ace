/*
 * An entry out of a journal: the one place where entries know of journals, apart so that whoever reads entries from elsewhere
 * takes no journal with it. Guarantees that it is the entry of that place: its bytes are those that were hashed, it follows the
 * one before it, and the one after it follows it. Whoever changes an entry's bytes and their hash has to chain all that comes
 * after it anew, and then the books are of another journal.
 */
#include <string.h>

#include "ledger/entry.h"
#include "ledger/journal.h"
#include "ledger/limits.h"
#include "ledger/scan.h"

static MUST_USE enum status misplaced(uint64_t seq, struct err *err)
{
    return err_set(err, STATUS_CORRUPT, "entry %llu does not follow the one before it: run audit verify",
                   (unsigned long long)seq);
}

enum status entry_check_place(struct journal_snapshot *snapshot, const struct entry *entry, uint64_t seq,
                              struct err *err)
{
    struct hash before = {{0}};
    enum status status = seq == 0 ? STATUS_OK : journal_node(snapshot, 0, seq - 1, &before, err);
    if (status == STATUS_OK && (entry->seq != seq || !hash_equal(&entry->prev, &before)))
        status = misplaced(seq, err);
    return status;
}

/* What cannot be read of the next entry is told where that one is read. A server looks after its own journal. */
static MUST_USE enum status check_next(struct journal_snapshot *snapshot, const struct entry *entry, struct err *err)
{
    struct scan_member prev = {.name = "prev"};
    const char *bytes = NULL, *text = NULL;
    size_t length = 0, text_length = 0;
    char hex[HASH_HEX_CHARS + 1];
    if (journal_is_remote(snapshot) ||
        journal_entry_checked(snapshot, entry->seq + 1, &bytes, &length, NULL) != STATUS_OK ||
        scan_object(bytes, length, ENTRY_BYTES_MAX, &prev, 1, NULL) != STATUS_OK ||
        scan_text(bytes, &prev, &text, &text_length, NULL) != STATUS_OK)
        return STATUS_OK;
    hash_to_hex(&entry->leaf, hex);
    return text_length == HASH_HEX_CHARS && memcmp(text, hex, HASH_HEX_CHARS) == 0 ? STATUS_OK
                                                                                   : misplaced(entry->seq + 1, err);
}

enum status entry_at(struct journal_snapshot *snapshot, uint64_t seq, struct entry *ret_entry, struct err *err)
{
    const char *bytes = NULL;
    size_t length = 0;
    struct entry entry;
    enum status status = journal_entry_checked(snapshot, seq, &bytes, &length, err);
    if (status == STATUS_OK)
        status = entry_read(slice_of(bytes, length), &entry, err);
    if (status != STATUS_OK)
        return status;
    status = entry_check_place(snapshot, &entry, seq, err);
    if (status == STATUS_OK)
        status = check_next(snapshot, &entry, err);
    if (status == STATUS_OK)
        *ret_entry = entry;
    else
        entry_done(&entry);
    return status;
}
