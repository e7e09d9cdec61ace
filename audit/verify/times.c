/*
 * Entry times against the outside. Whoever cosigned or stamped a checkpoint at a time saw all its entries by then, so none of
 * them can be of a later time. That is all that a time from outside shows: nobody can post-date an entry that was seen; how much
 * earlier than it was seen an entry came, only the cosignature before tells. Implements FORMAT.md section 8 ("times").
 *
 * A book in order needs no memory here: what is kept is which bounds one entry at least breaks.
 */
#include <stdlib.h>
#include <string.h>

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
    if (!verify->chartered) { /* how far off clocks may be stands there */
        verify->result->bundle.untimed++;
        return STATUS_OK;
    }
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

static void tell(struct verify *verify, uint64_t seq, int64_t time_ms, const struct time_bound *bound)
{
    char bears[INSTANT_TEXT_BYTES], seen[INSTANT_TEXT_BYTES];
    instant_format(time_ms, bears);
    instant_format(bound->seconds > INSTANT_MAX / 1000 ? INSTANT_MAX : bound->seconds * 1000, seen);
    finding_at(&verify->findings, CHECK_TIME, seq, "bears the time %s, and %s had seen it by %s", bears, bound->who,
               seen);
}

/* What one entry bears. False: it cannot be read, which has been told. */
static bool time_of(struct slice bytes, int64_t *ret_ms)
{
    struct entry entry;
    if (entry_read(bytes, &entry, NULL) != STATUS_OK)
        return false;
    *ret_ms = entry.time_ms;
    entry_done(&entry);
    return true;
}

/*
 * Where what was verified before is not in the source, some bounds are of entries that only the state knew. Of it is kept which
 * entry bears the latest time: enough for a bound over all of it, and for a smaller one nothing can be said.
 */
static void judge_before(struct verify *verify, uint64_t first)
{
    struct verify_bundle_told *told = &verify->result->bundle;
    bool said = false;
    for (size_t i = 0; verify->before > 0 && first > 0 && i < verify->late_count; i++) {
        const struct time_bound *bound = &verify->late[i];
        if (bound->broken)
            continue;
        if (bound->size < verify->before)
            told->untimed++;
        else if (!said && verify->before_ms > limit_ms(verify, bound->seconds)) {
            tell(verify, verify->before_seq, verify->before_ms, bound);
            said = true;
        }
    }
}

/* From the largest down, the earliest so far stands for all that are smaller, too: each covers what they cover. */
static enum status earliest_bounds(const struct verify *verify, struct time_bound **ret_bounds, struct err *err)
{
    struct time_bound *bounds = calloc(verify->late_count, sizeof *bounds);
    if (bounds == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for times from outside");
    memcpy(bounds, verify->late, verify->late_count * sizeof *bounds);
    for (size_t i = verify->late_count - 1; i > 0; i--)
        if (bounds[i].seconds < bounds[i - 1].seconds) {
            bounds[i - 1].seconds = bounds[i].seconds;
            bounds[i - 1].who = bounds[i].who;
        }
    *ret_bounds = bounds;
    return STATUS_OK;
}

/* Each entry against the earliest bound over it; and of each bound, whether any entry read here broke it. */
static enum status read_again(struct verify *verify, const struct time_bound *bounds, uint64_t *ret_first,
                              struct err *err)
{
    const struct verify_source *source = verify->source;
    int64_t latest_ms = 0, time_ms = 0;
    size_t next = 0;
    bool any = false;
    enum status status = source->again(source->context, err);
    *ret_first = verify->before;
    while (status == STATUS_OK && next < verify->late_count) {
        struct source_entry entry = {.owned = NULL};
        if (source->next(source->context, &entry, NULL) != STATUS_OK)
            break; /* its end, or what has been told */
        *ret_first = any ? *ret_first : entry.seq;
        any = true;
        for (; next < verify->late_count && verify->late[next].size <= entry.seq; next++)
            verify->late[next].broken = latest_ms > limit_ms(verify, verify->late[next].seconds);
        if (next < verify->late_count && time_of(entry.bytes, &time_ms)) {
            latest_ms = time_ms > latest_ms ? time_ms : latest_ms;
            if (time_ms > limit_ms(verify, bounds[next].seconds))
                tell(verify, entry.seq, time_ms, &bounds[next]);
        }
        free(entry.owned);
    }
    for (; next < verify->late_count; next++)
        verify->late[next].broken = latest_ms > limit_ms(verify, verify->late[next].seconds);
    return status;
}

enum status verify_times_end(struct verify *verify, struct err *err)
{
    struct time_bound *bounds = NULL;
    uint64_t first = 0;
    if (verify->late_count == 0)
        return STATUS_OK;
    qsort(verify->late, verify->late_count, sizeof *verify->late, by_size);
    enum status status = earliest_bounds(verify, &bounds, err);
    if (status == STATUS_OK)
        status = read_again(verify, bounds, &first, err);
    if (status == STATUS_OK)
        judge_before(verify, first);
    free(bounds);
    return status;
}
