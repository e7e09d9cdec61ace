/*
 * One proof for any number of leaves: that all of them are in the tree of a size and root. Form: audit/bundle/BUNDLE.md section 3.
 *
 * The tree of RFC 6962 section 2.1 is walked from the root, left half first. A range without any of the leaves gives one
 * hash of the proof, a range of one of them its leaf hash, any other the hash of its halves. So the proof of all leaves is
 * empty, that of one is its audit path in order from left to right, that of none is the root itself.
 *
 * Leaves are taken one by one in order, so that checking a proof takes the same memory for ten leaves and for ten million.
 */
#ifndef LEDGER_TREE_MULTI_H
#define LEDGER_TREE_MULTI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/hash.h"
#include "ledger/status.h"
#include "ledger/tree.h"

/* A range whose right half is still to come. */
struct tree_multi_half {
    uint64_t middle, end;
    struct hash left;
};

/* A walk under way. The caller's storage; end it with tree_multi_done. */
struct tree_multi {
    uint64_t size;
    uint64_t start, end; /* the range that comes next */
    bool closed;         /* all ranges have come: root is filled */
    struct hash root;
    unsigned depth;
    struct tree_multi_half halves[TREE_LEVELS];
    const struct tree_reader *reader; /* building; NULL: checking */
    const struct hash *given;
    struct hash *made;
    size_t count, capacity, used; /* hashes in given or made; capacity of made; used of given */
};

/* Begins to check a proof of hashes[0..count), which stay the caller's until the end. errors LIMIT (size). */
MUST_USE enum status tree_multi_check(struct tree_multi *multi, uint64_t size, const struct hash *hashes, size_t count,
                                      struct err *err);
/* Begins to build a proof of leaves in the tree of size leaves that reader, which stays until the end, answers for. errors LIMIT. */
MUST_USE enum status tree_multi_build(struct tree_multi *multi, uint64_t size, const struct tree_reader *reader,
                                      struct err *err);

/*
 * Takes the next leaf: of a number above all before.
 *
 * errors  INPUT (not below the size, not above the one before; a proof with too few hashes), those of the reader, MEMORY.
 * cost    O(log size), and O(log size) hashes that are made.
 */
MUST_USE enum status tree_multi_add(struct tree_multi *multi, uint64_t index, const struct hash *leaf, struct err *err);

/*
 * After the last leaf: what the walk comes to, for the caller to hold against the root that he knows.
 *
 * errors  INPUT (a proof with too few or too many hashes), those of the reader, MEMORY.
 */
MUST_USE enum status tree_multi_end(struct tree_multi *multi, struct hash *ret_root, struct err *err);

/* The proof that was built. Lends until done. */
const struct hash *tree_multi_hashes(const struct tree_multi *multi, size_t *ret_count);
void tree_multi_done(struct tree_multi *multi);

/*
 * What the proof of all leaves from old_size on says of those before: the tree that they make.
 *
 * errors  INPUT (a proof of another number of hashes than the tree of old_size leaves takes), LIMIT.
 */
MUST_USE enum status tree_multi_before(uint64_t old_size, const struct hash *hashes, size_t count,
                                       struct tree_frontier *ret_frontier, struct err *err);

#endif
