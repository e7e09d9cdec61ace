/*
 * The Merkle tree over the journal: roots, proofs, and their verification. Source: RFC 6962 section 2.1; the
 * verification algorithms are those of RFC 9162 sections 2.1.3.2 and 2.1.4.2.
 *
 * Stored are the hashes of complete subtrees only: (level, index) covers the leaves [index << level,
 * (index + 1) << level), level 0 being the leaves. They never change once they exist. The rest is computed
 * from O(log size) of them.
 */
#ifndef LEDGER_TREE_H
#define LEDGER_TREE_H

#include <stddef.h>
#include <stdint.h>

#include "ledger/hash.h"
#include "ledger/status.h"

enum {
    TREE_LEVELS = 64,   /* levels 0..63: any size that 64 bits count */
    TREE_PROOF_MAX = 64 /* hashes in one proof */
};

#define TREE_SIZE_MAX ((uint64_t)INT64_MAX) /* decimals of sizes and indexes stay within every reader's int64 */

/* Reads the hash of the complete subtree (level, index), which exists in the tree that is asked about. */
struct tree_reader {
    enum status (*node)(void *context, unsigned level, uint64_t index, struct hash *ret_hash, struct err *err);
    void *context;
};

/* Takes the hash of a subtree that has just become complete. */
struct tree_emitter {
    enum status (*node)(void *context, unsigned level, uint64_t index, const struct hash *hash, struct err *err);
    void *context;
};

struct tree_proof {
    struct hash nodes[TREE_PROOF_MAX];
    size_t count;
};

/* SHA-256(00 || bytes). */
void tree_leaf(const void *bytes, size_t length, struct hash *ret_hash);

/* SHA-256(01 || left || right). ret_hash may be left or right. */
void tree_node(const struct hash *left, const struct hash *right, struct hash *ret_hash);

/* The root of the first size leaves; SHA-256 of nothing for size 0. errors LIMIT, those of the reader. */
MUST_USE enum status tree_root(const struct tree_reader *reader, uint64_t size, struct hash *ret_root, struct err *err);

/*
 * The hash over leaves [start, end), which are a node of some tree: start is a multiple of the power of two at or above
 * their number. errors those of the reader.
 */
MUST_USE enum status tree_range(const struct tree_reader *reader, uint64_t start, uint64_t end, struct hash *ret_hash,
                                struct err *err);

/*
 * Adds the leaf that makes size into size + 1.
 *
 * in      reader answers for the tree of size leaves; emitter takes each subtree completed, from the leaf
 * (level 0) up.
 * errors  LIMIT, those of the reader and of the emitter. After one, some nodes may have been
 * emitted.
 */
MUST_USE enum status tree_append(const struct tree_reader *reader, uint64_t size, const struct hash *leaf,
                                 const struct tree_emitter *emitter, struct err *err);

/*
 * The path that proves leaf index to be in the tree of size leaves, from the leaf's sibling to the root's
 * child.
 *
 * errors  INPUT (index >= size), LIMIT, those of the reader.
 * source  RFC 6962 section 2.1.1.
 */
MUST_USE enum status tree_prove_inclusion(const struct tree_reader *reader, uint64_t index, uint64_t size,
                                          struct tree_proof *ret_proof, struct err *err);

/*
 * The proof that the tree of new_size extends that of old_size. Empty when old_size is 0 or new_size.
 *
 * errors  INPUT (old_size > new_size), LIMIT, those of the reader.
 * source  RFC 6962 section 2.1.2.
 */
MUST_USE enum status tree_prove_consistency(const struct tree_reader *reader, uint64_t old_size, uint64_t new_size,
                                            struct tree_proof *ret_proof, struct err *err);

/* A tree as a checkpoint names it. */
struct tree_head {
    uint64_t size;
    struct hash root;
};

/*
 * errors  INPUT (index >= size, too few or too many hashes), CORRUPT (the path leads to another root).
 */
MUST_USE enum status tree_verify_inclusion(const struct tree_head *head, uint64_t index, const struct hash *leaf,
                                           const struct tree_proof *proof, struct err *err);

/*
 * Nothing can be consistent with an old tree of size 0 but the true empty root, and its proof is empty.
 *
 * errors  INPUT (old larger than new, too few or too many hashes), CORRUPT (the new tree does not extend the
 * old).
 */
MUST_USE enum status tree_verify_consistency(const struct tree_head *old_head, const struct tree_head *new_head,
                                             const struct tree_proof *proof, struct err *err);

/*
 * A tree of which only the complete subtrees at its right edge are kept: roots[level] is there when bit level
 * of size is set. Flat memory for any number of leaves. The caller's storage; nothing to release.
 */
struct tree_frontier {
    uint64_t size;
    struct hash roots[TREE_LEVELS];
};

void tree_frontier_init(struct tree_frontier *frontier);

/* The frontier of the tree of size leaves. errors LIMIT, those of the reader. */
MUST_USE enum status tree_frontier_load(const struct tree_reader *reader, uint64_t size,
                                        struct tree_frontier *ret_frontier, struct err *err);

/*
 * Adds one leaf.
 *
 * in      emitter takes each subtree completed, from the leaf up; may be NULL.
 * errors  LIMIT, those of the emitter; frontier is then as it was.
 */
MUST_USE enum status tree_frontier_add(struct tree_frontier *frontier, const struct hash *leaf,
                                       const struct tree_emitter *emitter, struct err *err);

/*
 * Adds a complete subtree of 1 << level leaves at once: where parts that were hashed apart are joined.
 *
 * errors  INPUT (the size so far is no multiple of 1 << level), LIMIT, those of the emitter, which takes the
 * subtree and what it completes.
 */
MUST_USE enum status tree_frontier_add_subtree(struct tree_frontier *frontier, unsigned level, const struct hash *root,
                                               const struct tree_emitter *emitter, struct err *err);

/* The root of what was added so far. */
void tree_frontier_root(const struct tree_frontier *frontier, struct hash *ret_root);

#endif
