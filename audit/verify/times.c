/*
 * Entry times against the outside. Whoever cosigned or stamped a checkpoint at a time saw all its entries by then, so none of
 * them can be of a later time. That is all that a time from outside shows: nobody can post-date an entry that was seen; how much
 * earlier than it was seen an entry came, only the cosignature before tells. Implements FORMAT.md section 8 ("times").
 *
 * A book in order needs no memory here: what is kept is which bounds one entry at least breaks.
 */
#include <stdlib.h>

#include "audit/verify/parts.h"
#include "ledger/instant.h"
#include "ledger/schema.h"

enum { LATE_MAX = 1 << 16 };

/* The last millisecond that an entry seen at that second may bear. */
static int64_t limit_ms(const struct verify *verify, int64_t seconds)
{
    int64_t room = member_integer(verify->charter, "skew_seconds") + 1;
    return seconds > INSTANT_MAX / 1000 - room ? INSTANT_MAX : (seconds + room) * 1000 - 1;
}

enum status verify_times_bound(struct verify *verify, const struct wanted_root *root, const struct time_bound *bound,
                               struct err *err)
{
    /* The clock of a simulated book is what statements say: no time from outside can be held against it. */
    if (verify->result->simulated || root == NULL || !root->known ||
        root->latest_ms <= limit_ms(verify, bound->seconds))
        return STATUS_OK;
    if (verify->late_count == LATE_MAX)
        return err_set(err, STATUS_LIMIT, "more than %d times from outside do not agree with the book's", LATE_MAX);
    if (verify->late_count == verify->late_room) {
        size_t room = verify->late_room == 0 ? 64 : verify->late_room * 2;
        struct time_bound *grown = realloc(verify->late, room * sizeof *grown);
        if (grown == NULL)
            return err_set(err, STATUS_MEMORY, "no memory for times from outside");
        verify->late = grown;
        verify->late_room = room;
    }
    verify->late[verify->late_count++] = *bound;
    return STATUS_OK;
}

static int by_size(const void *a, const void *b)
{
    uint64_t x = ((const struct time_bound *)a)->size, y = ((const struct time_bound *)b)->size;
    return (x > y) - (x < y);
}

/* One entry against the earliest bound over it. */
static void check_entry(struct verify *verify, uint64_t seq, struct slice bytes, const struct time_bound *bound)
{
    struct entry entry;
    char bears[INSTANT_TEXT_BYTES], seen[INSTANT_TEXT_BYTES];
    if (entry_read(bytes, &entry, NULL) != STATUS_OK)
        return; /* has been told */
    if (entry.time_ms > limit_ms(verify, bound->seconds)) {
        instant_format(entry.time_ms, bears);
        instant_format(bound->seconds > INSTANT_MAX / 1000 ? INSTANT_MAX : bound->seconds * 1000, seen);
        finding_at(&verify->findings, CHECK_TIME, seq, "bears the time %s, and %s had seen it by %s", bears, bound->who,
                   seen);
    }
    entry_done(&entry);
}

enum status verify_times_end(struct verify *verify, struct err *err)
{
    const struct verify_source *source = verify->source;
    size_t next = 0;
    if (verify->late_count == 0)
        return STATUS_OK;
    qsort(verify->late, verify->late_count, sizeof *verify->late, by_size);
    /* From the largest down, the earliest so far stands for all that are smaller, too: each covers what they cover. */
    for (size_t i = verify->late_count - 1; i > 0; i--)
        if (verify->late[i].seconds < verify->late[i - 1].seconds) {
            verify->late[i - 1].seconds = verify->late[i].seconds;
            verify->late[i - 1].who = verify->late[i].who;
        }
    enum status status = source->again(source->context, err);
    while (status == STATUS_OK && next < verify->late_count) {
        struct source_entry entry = {.owned = NULL};
        if (source->next(source->context, &entry, NULL) != STATUS_OK)
            break; /* its end, or what has been told */
        while (next < verify->late_count && verify->late[next].size <= entry.seq)
            next++;
        if (next < verify->late_count)
            check_entry(verify, entry.seq, entry.bytes, &verify->late[next]);
        free(entry.owned);
    }
    return status;
}
