/*
 * The mark of a journal that was restored to a state behind what others have seen of it. It stands in the metadata from
 * birth on and is never taken away: the entry that answers for it does not change it, it follows it.
 *
 *     lost    kept, to, size (8 bytes each, big-endian), root
 */
#include <string.h>

#include "ledger/journal.h"
#include "ledger/journal_layout.h"

enum { NUMBERS = 3 };

void journal_lost_encode(const struct journal_lost *lost, uint8_t ret_bytes[static JOURNAL_LOST_BYTES])
{
    const uint64_t numbers[NUMBERS] = {lost->kept, lost->to, lost->size};
    for (size_t i = 0; i < NUMBERS; i++) {
        struct journal_key key = journal_key_of(numbers[i]);
        memcpy(ret_bytes + i * JOURNAL_NUMBER_BYTES, key.bytes, JOURNAL_NUMBER_BYTES);
    }
    memcpy(ret_bytes + (size_t)NUMBERS * JOURNAL_NUMBER_BYTES, lost->root.bytes, HASH_BYTES);
}

enum status journal_lost(struct journal_snapshot *snapshot, struct journal_lost *ret_lost, struct err *err)
{
    struct slice value;
    struct journal_lost lost;
    enum status status = journal_meta_get(snapshot, JOURNAL_META_LOST, &value, err);
    if (status != STATUS_OK)
        return status;
    if (value.length == JOURNAL_LOST_BYTES) {
        lost = (struct journal_lost){.kept = journal_number_of(value.bytes),
                                     .to = journal_number_of(value.bytes + JOURNAL_NUMBER_BYTES),
                                     .size = journal_number_of(value.bytes + 2 * JOURNAL_NUMBER_BYTES)};
        memcpy(lost.root.bytes, value.bytes + (size_t)NUMBERS * JOURNAL_NUMBER_BYTES, HASH_BYTES);
    }
    if (value.length != JOURNAL_LOST_BYTES || lost.kept == 0 || lost.to < lost.kept || lost.size > lost.to + 1)
        return err_set(err, STATUS_CORRUPT, "%s: what it says of lost entries is damaged", snapshot->journal->dir.text);
    *ret_lost = lost;
    return STATUS_OK;
}
