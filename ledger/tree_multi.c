/*
 * One proof for many leaves (audit/bundle/BUNDLE.md section 3), built and checked by the same walk: what differs is only where
 * the hash of a range without leaves comes from, the stored tree or the proof. The walk keeps the left halves that wait for
 * their right ones, at most one for each level, so nothing grows with the number of leaves but a proof that is built.
 */
#include "ledger/tree_multi.h"

#include <stdlib.h>

enum { FIRST_HASHES = 64 };

static enum status begin(struct tree_multi *multi, uint64_t size, struct err *err)
{
    if (size > TREE_SIZE_MAX)
        return err_set(err, STATUS_LIMIT, "a tree of %llu leaves is too large", (unsigned long long)size);
    *multi = (struct tree_multi){.size = size, .end = size};
    return STATUS_OK;
}

enum status tree_multi_check(struct tree_multi *multi, uint64_t size, const struct hash *hashes, size_t count,
                             struct err *err)
{
    enum status status = begin(multi, size, err);
    if (status != STATUS_OK)
        return status;
    multi->given = hashes;
    multi->count = count;
    return STATUS_OK;
}

enum status tree_multi_build(struct tree_multi *multi, uint64_t size, const struct tree_reader *reader, struct err *err)
{
    enum status status = begin(multi, size, err);
    if (status == STATUS_OK)
        multi->reader = reader;
    return status;
}

static enum status keep_made(struct tree_multi *multi, const struct hash *hash, struct err *err)
{
    if (multi->count == multi->capacity) {
        size_t capacity = multi->capacity == 0 ? FIRST_HASHES : multi->capacity * 2;
        struct hash *grown = realloc(multi->made, capacity * sizeof *grown);
        if (grown == NULL)
            return err_set(err, STATUS_MEMORY, "no memory for a proof of %zu hashes", capacity);
        multi->made = grown;
        multi->capacity = capacity;
    }
    multi->made[multi->count++] = *hash;
    return STATUS_OK;
}

/* The hash of the range that comes next, in which there is no leaf of the proof. */
static enum status sibling(struct tree_multi *multi, struct hash *ret_hash, struct err *err)
{
    if (multi->reader != NULL) {
        enum status status = tree_range(multi->reader, multi->start, multi->end, ret_hash, err);
        return status == STATUS_OK ? keep_made(multi, ret_hash, err) : status;
    }
    if (multi->used == multi->count)
        return err_set(err, STATUS_INPUT,
                       "the proof has too few hashes: %zu, and the tree of %llu takes more for these entries",
                       multi->count, (unsigned long long)multi->size);
    *ret_hash = multi->given[multi->used++];
    return STATUS_OK;
}

/* The range that comes next has this hash: closes all ranges of which it is the end, and goes on to the one after. */
static void close_range(struct tree_multi *multi, struct hash hash)
{
    while (multi->depth > 0 && multi->end == multi->halves[multi->depth - 1].end) {
        multi->depth--;
        tree_node(&multi->halves[multi->depth].left, &hash, &hash);
    }
    if (multi->depth == 0) {
        multi->root = hash;
        multi->closed = true;
        return;
    }
    struct tree_multi_half *half = &multi->halves[multi->depth - 1];
    half->left = hash;
    multi->start = half->middle;
    multi->end = half->end;
}

/* The left half of the range comes next. */
static void split(struct tree_multi *multi)
{
    uint64_t length = multi->end - multi->start;
    uint64_t middle = multi->start + (UINT64_C(1) << (63 - __builtin_clzll(length - 1)));
    invariant(multi->depth < TREE_LEVELS);
    multi->halves[multi->depth++] = (struct tree_multi_half){.middle = middle, .end = multi->end};
    multi->end = middle;
}

enum status tree_multi_add(struct tree_multi *multi, uint64_t index, const struct hash *leaf, struct err *err)
{
    if (index >= multi->size)
        return err_set(err, STATUS_INPUT, "no entry %llu in a tree of %llu", (unsigned long long)index,
                       (unsigned long long)multi->size);
    if (multi->closed || index < multi->start)
        return err_set(err, STATUS_INPUT, "entry %llu is out of order", (unsigned long long)index);
    while (index >= multi->end) {
        struct hash hash;
        enum status status = sibling(multi, &hash, err);
        if (status != STATUS_OK)
            return status;
        close_range(multi, hash);
    }
    while (multi->end - multi->start > 1) {
        split(multi);
        if (index < multi->end)
            continue;
        struct hash hash;
        enum status status = sibling(multi, &hash, err);
        if (status != STATUS_OK)
            return status;
        close_range(multi, hash);
    }
    close_range(multi, *leaf);
    return STATUS_OK;
}

enum status tree_multi_end(struct tree_multi *multi, struct hash *ret_root, struct err *err)
{
    while (!multi->closed) {
        struct hash hash;
        enum status status = sibling(multi, &hash, err);
        if (status != STATUS_OK)
            return status;
        close_range(multi, hash);
    }
    if (multi->reader == NULL && multi->used != multi->count)
        return err_set(err, STATUS_INPUT,
                       "the proof has too many hashes: %zu, and the tree of %llu takes %zu for these entries",
                       multi->count, (unsigned long long)multi->size, multi->used);
    *ret_root = multi->root;
    return STATUS_OK;
}

const struct hash *tree_multi_hashes(const struct tree_multi *multi, size_t *ret_count)
{
    *ret_count = multi->reader == NULL ? 0 : multi->count;
    return multi->made;
}

void tree_multi_done(struct tree_multi *multi)
{
    free(multi->made);
    *multi = (struct tree_multi){.size = 0};
}

enum status tree_multi_before(uint64_t old_size, const struct hash *hashes, size_t count,
                              struct tree_frontier *ret_frontier, struct err *err)
{
    struct tree_frontier frontier = {.size = old_size};
    size_t wanted = (size_t)__builtin_popcountll(old_size), used = 0;
    if (old_size > TREE_SIZE_MAX)
        return err_set(err, STATUS_LIMIT, "a tree of %llu leaves is too large", (unsigned long long)old_size);
    if (count != wanted)
        return err_set(err, STATUS_INPUT, "the proof has %zu hashes, and the tree of %llu takes %zu", count,
                       (unsigned long long)old_size, wanted);
    for (unsigned level = TREE_LEVELS; level-- > 0;) /* the largest stands leftmost */
        if ((old_size >> level & 1) == 1)
            frontier.roots[level] = hashes[used++];
    *ret_frontier = frontier;
    return STATUS_OK;
}
