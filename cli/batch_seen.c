/*
 * Which contents a batch has met: a table of the first 8 bytes of each row's hash, small enough that a file of a million rows
 * takes 32 MB. Two contents that share them would only make one ref end in -2; the same file sent again gives the same refs.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cli/batch_parts.h"
#include "ledger/hash.h"

struct batch_seen_slot {
    uint64_t key; /* 0: empty */
    int64_t count;
};

enum { SEEN_ROOM_FIRST = 1024 };

static struct batch_seen_slot *slot_of(const struct batch_seen *seen, uint64_t key)
{
    size_t at = (size_t)key & (seen->room - 1);
    while (seen->slots[at].key != 0 && seen->slots[at].key != key)
        at = (at + 1) & (seen->room - 1);
    return &seen->slots[at];
}

static enum status grow(struct batch_seen *seen, struct err *err)
{
    struct batch_seen larger = {.room = seen->room == 0 ? SEEN_ROOM_FIRST : 2 * seen->room, .used = seen->used};
    larger.slots = calloc(larger.room, sizeof *larger.slots);
    if (larger.slots == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for %zu rows without a ref", larger.room / 2);
    for (size_t i = 0; i < seen->room; i++)
        if (seen->slots[i].key != 0)
            *slot_of(&larger, seen->slots[i].key) = seen->slots[i];
    free(seen->slots);
    *seen = larger;
    return STATUS_OK;
}

enum status batch_seen_add(struct batch_seen *seen, const struct hash *content, int64_t *ret_before, struct err *err)
{
    uint64_t key;
    memcpy(&key, content->bytes, sizeof key);
    key = key == 0 ? 1 : key;
    if (2 * (seen->used + 1) > seen->room) {
        enum status status = grow(seen, err);
        if (status != STATUS_OK)
            return status;
    }
    struct batch_seen_slot *slot = slot_of(seen, key);
    seen->used += slot->key == 0 ? 1 : 0;
    slot->key = key;
    *ret_before = slot->count++;
    return STATUS_OK;
}

void batch_seen_done(struct batch_seen *seen)
{
    free(seen->slots);
    *seen = (struct batch_seen){.room = 0};
}
