/*
 * RFC 6962 over stored complete subtrees. Everything here is a walk along one edge of the tree: at most 64 steps, at
 * most 64 hashes, whatever the size. Nothing is stored here; the journal keeps what the emitter hands out. Proofs are
 * verified by the algorithms of RFC 9162, which use up each hash exactly once and so leave no room for a longer or
 * shorter proof of the same thing. Implements "Tree" of FORMAT.md.
 */
#include "ledger/tree.h"

#include <sodium.h>
#include <stdbool.h>

void tree_leaf(const void *bytes, size_t length, struct hash *ret_hash)
{
    static const uint8_t prefix = 0x00;
    crypto_hash_sha256_state state;
    crypto_hash_sha256_init(&state);
    crypto_hash_sha256_update(&state, &prefix, 1);
    crypto_hash_sha256_update(&state, bytes, length);
    crypto_hash_sha256_final(&state, ret_hash->bytes);
}

void tree_node(const struct hash *left, const struct hash *right, struct hash *ret_hash)
{
    static const uint8_t prefix = 0x01;
    crypto_hash_sha256_state state;
    crypto_hash_sha256_init(&state);
    crypto_hash_sha256_update(&state, &prefix, 1);
    crypto_hash_sha256_update(&state, left->bytes, HASH_BYTES);
    crypto_hash_sha256_update(&state, right->bytes, HASH_BYTES);
    crypto_hash_sha256_final(&state, ret_hash->bytes);
}

static enum status check_size(uint64_t size, struct err *err)
{
    if (size > TREE_SIZE_MAX)
        return err_set(err, STATUS_LIMIT, "a tree of %llu leaves is too large", (unsigned long long)size);
    return STATUS_OK;
}

/* Folded from its right edge: the smallest complete subtree first. */
enum status tree_range(const struct tree_reader *reader, uint64_t start, uint64_t end, struct hash *ret_hash,
                       struct err *err)
{
    struct hash folded;
    bool is_empty = true;
    uint64_t size = end - start;
    for (unsigned level = 0; level < TREE_LEVELS && size >> level != 0; level++) {
        struct hash left;
        if ((size >> level & 1) == 0)
            continue;
        enum status status = reader->node(reader->context, level, (end >> level) - 1, &left, err);
        if (status != STATUS_OK)
            return status;
        if (is_empty)
            folded = left;
        else
            tree_node(&left, &folded, &folded);
        is_empty = false;
    }
    if (is_empty)
        hash_of("", 0, &folded);
    *ret_hash = folded;
    return STATUS_OK;
}

enum status tree_root(const struct tree_reader *reader, uint64_t size, struct hash *ret_root, struct err *err)
{
    enum status status = check_size(size, err);
    if (status != STATUS_OK)
        return status;
    return tree_range(reader, 0, size, ret_root, err);
}

enum status tree_append(const struct tree_reader *reader, uint64_t size, const struct hash *leaf,
                        const struct tree_emitter *emitter, struct err *err)
{
    struct hash node = *leaf;
    enum status status = check_size(size, err);
    if (status == STATUS_OK && size == TREE_SIZE_MAX)
        status = err_set(err, STATUS_LIMIT, "the tree is full");
    if (status == STATUS_OK)
        status = emitter->node(emitter->context, 0, size, &node, err);
    for (unsigned level = 0; status == STATUS_OK && (size >> level & 1) == 1; level++) {
        struct hash left;
        status = reader->node(reader->context, level, (size >> level) - 1, &left, err);
        if (status != STATUS_OK)
            break;
        tree_node(&left, &node, &node);
        status = emitter->node(emitter->context, level + 1, size >> (level + 1), &node, err);
    }
    return status;
}

/* The largest power of two below size; size >= 2. */
static uint64_t split_of(uint64_t size)
{
    return UINT64_C(1) << (63 - __builtin_clzll(size - 1));
}

/* A run of leaves that is a node of the tree: [start, end), start a multiple of the power of two at or above its size. */
struct range {
    uint64_t start;
    uint64_t end;
};

/* Proofs are collected from the root down and stand from the leaves up. */
static void reverse(struct tree_proof *proof)
{
    for (size_t i = 0; i < proof->count / 2; i++) {
        struct hash swapped = proof->nodes[i];
        proof->nodes[i] = proof->nodes[proof->count - 1 - i];
        proof->nodes[proof->count - 1 - i] = swapped;
    }
}

static enum status push_range(const struct tree_reader *reader, struct range range, struct tree_proof *proof,
                              struct err *err)
{
    invariant(proof->count < TREE_PROOF_MAX);
    enum status status = tree_range(reader, range.start, range.end, &proof->nodes[proof->count], err);
    if (status == STATUS_OK)
        proof->count++;
    return status;
}

enum status tree_prove_inclusion(const struct tree_reader *reader, uint64_t index, uint64_t size,
                                 struct tree_proof *ret_proof, struct err *err)
{
    struct tree_proof proof = {.count = 0};
    struct range range = {0, size};
    enum status status = check_size(size, err);
    if (status == STATUS_OK && index >= size)
        status = err_set(err, STATUS_INPUT, "no entry %llu in a tree of %llu", (unsigned long long)index,
                         (unsigned long long)size);
    while (status == STATUS_OK && range.end - range.start > 1) {
        uint64_t middle = range.start + split_of(range.end - range.start);
        if (index < middle) {
            status = push_range(reader, (struct range){middle, range.end}, &proof, err);
            range.end = middle;
        } else {
            status = push_range(reader, (struct range){range.start, middle}, &proof, err);
            range.start = middle;
        }
    }
    if (status != STATUS_OK)
        return status;
    reverse(&proof);
    *ret_proof = proof;
    return STATUS_OK;
}

enum status tree_prove_consistency(const struct tree_reader *reader, uint64_t old_size, uint64_t new_size,
                                   struct tree_proof *ret_proof, struct err *err)
{
    struct tree_proof proof = {.count = 0};
    struct range range = {0, new_size};
    enum status status = check_size(new_size, err);
    if (status == STATUS_OK && old_size > new_size)
        status = err_set(err, STATUS_INPUT, "a tree of %llu can't extend one of %llu", (unsigned long long)new_size,
                         (unsigned long long)old_size);
    if (status == STATUS_OK && old_size == 0)
        range.end = 0;
    /* Down to the node at which the old tree ends: the siblings on the way, then that node itself unless it is the
     * whole old tree, which the verifier knows. */
    while (status == STATUS_OK && range.end > old_size) {
        uint64_t middle = range.start + split_of(range.end - range.start);
        if (old_size <= middle) {
            status = push_range(reader, (struct range){middle, range.end}, &proof, err);
            range.end = middle;
        } else {
            status = push_range(reader, (struct range){range.start, middle}, &proof, err);
            range.start = middle;
        }
    }
    if (status == STATUS_OK && range.start > 0)
        status = push_range(reader, range, &proof, err);
    if (status != STATUS_OK)
        return status;
    reverse(&proof);
    *ret_proof = proof;
    return STATUS_OK;
}

static enum status refuse_count(struct err *err)
{
    return err_set(err, STATUS_INPUT, "the proof has too few or too many hashes for these sizes");
}

enum status tree_verify_inclusion(const struct tree_head *head, uint64_t index, const struct hash *leaf,
                                  const struct tree_proof *proof, struct err *err)
{
    if (index >= head->size)
        return err_set(err, STATUS_INPUT, "no entry %llu in a tree of %llu", (unsigned long long)index,
                       (unsigned long long)head->size);
    if (proof->count > TREE_PROOF_MAX)
        return refuse_count(err);
    uint64_t node = index;
    uint64_t last = head->size - 1;
    struct hash hash = *leaf;
    for (size_t i = 0; i < proof->count; i++) {
        if (last == 0)
            return refuse_count(err);
        if ((node & 1) == 1 || node == last) {
            tree_node(&proof->nodes[i], &hash, &hash);
            while ((node & 1) == 0 && node != 0) {
                node >>= 1;
                last >>= 1;
            }
        } else {
            tree_node(&hash, &proof->nodes[i], &hash);
        }
        node >>= 1;
        last >>= 1;
    }
    if (last != 0)
        return refuse_count(err);
    if (!hash_equal(&hash, &head->root))
        return err_set(err, STATUS_CORRUPT, "entry %llu is not in the tree of %llu with this root",
                       (unsigned long long)index, (unsigned long long)head->size);
    return STATUS_OK;
}

/* The two trees that share no proof: the same one, and the empty one. */
static enum status verify_trivial(const struct tree_head *old_head, const struct tree_head *new_head, struct err *err)
{
    struct hash empty;
    hash_of("", 0, &empty);
    if (old_head->size == 0 && !hash_equal(&old_head->root, &empty))
        return err_set(err, STATUS_CORRUPT, "the root of an empty tree is another one");
    if (old_head->size == new_head->size && !hash_equal(&old_head->root, &new_head->root))
        return err_set(err, STATUS_CORRUPT, "two roots for one size, %llu", (unsigned long long)new_head->size);
    return STATUS_OK;
}

/* Both roots from one proof. RFC 9162 section 2.1.4.2, steps 1 and 3 to 8. */
static enum status verify_extension(const struct tree_head *old_head, const struct tree_head *new_head,
                                    const struct tree_proof *proof, struct err *err)
{
    uint64_t node = old_head->size - 1;
    uint64_t last = new_head->size - 1;
    while ((node & 1) == 1) {
        node >>= 1;
        last >>= 1;
    }
    /* When the old size is a power of two, its root is itself the first node. */
    size_t used = node == 0 ? 0 : 1;
    struct hash old_hash = used == 0 ? old_head->root : proof->nodes[0];
    struct hash new_hash = old_hash;
    for (size_t i = used; i < proof->count; i++) {
        if (last == 0)
            return refuse_count(err);
        if ((node & 1) == 1 || node == last) {
            tree_node(&proof->nodes[i], &old_hash, &old_hash);
            tree_node(&proof->nodes[i], &new_hash, &new_hash);
            while ((node & 1) == 0 && node != 0) {
                node >>= 1;
                last >>= 1;
            }
        } else {
            tree_node(&new_hash, &proof->nodes[i], &new_hash);
        }
        node >>= 1;
        last >>= 1;
    }
    if (last != 0)
        return refuse_count(err);
    if (!hash_equal(&old_hash, &old_head->root) || !hash_equal(&new_hash, &new_head->root))
        return err_set(err, STATUS_CORRUPT, "the tree of %llu does not extend the tree of %llu",
                       (unsigned long long)new_head->size, (unsigned long long)old_head->size);
    return STATUS_OK;
}

enum status tree_verify_consistency(const struct tree_head *old_head, const struct tree_head *new_head,
                                    const struct tree_proof *proof, struct err *err)
{
    if (old_head->size > new_head->size)
        return err_set(err, STATUS_INPUT, "a tree of %llu can't extend one of %llu", (unsigned long long)new_head->size,
                       (unsigned long long)old_head->size);
    bool is_trivial = old_head->size == 0 || old_head->size == new_head->size;
    if (proof->count > TREE_PROOF_MAX || (proof->count == 0) != is_trivial)
        return refuse_count(err);
    return is_trivial ? verify_trivial(old_head, new_head, err) : verify_extension(old_head, new_head, proof, err);
}

void tree_frontier_init(struct tree_frontier *frontier)
{
    *frontier = (struct tree_frontier){.size = 0};
}

enum status tree_frontier_load(const struct tree_reader *reader, uint64_t size, struct tree_frontier *ret_frontier,
                               struct err *err)
{
    struct tree_frontier frontier = {.size = size};
    enum status status = check_size(size, err);
    for (unsigned level = 0; status == STATUS_OK && level < TREE_LEVELS; level++)
        if ((size >> level & 1) == 1)
            status = reader->node(reader->context, level, (size >> level) - 1, &frontier.roots[level], err);
    if (status == STATUS_OK)
        *ret_frontier = frontier;
    return status;
}

enum status tree_frontier_add(struct tree_frontier *frontier, const struct hash *leaf,
                              const struct tree_emitter *emitter, struct err *err)
{
    return tree_frontier_add_subtree(frontier, 0, leaf, emitter, err);
}

enum status tree_frontier_add_subtree(struct tree_frontier *frontier, unsigned level, const struct hash *root,
                                      const struct tree_emitter *emitter, struct err *err)
{
    if (level >= TREE_LEVELS - 1 || UINT64_C(1) << level > TREE_SIZE_MAX - frontier->size)
        return err_set(err, STATUS_LIMIT, "the tree is too large");
    if ((frontier->size & ((UINT64_C(1) << level) - 1)) != 0)
        return err_set(err, STATUS_INPUT, "a subtree of level %u can't follow %llu leaves", level,
                       (unsigned long long)frontier->size);
    uint64_t index = frontier->size >> level;
    struct hash node = *root;
    for (;;) {
        if (emitter != NULL) {
            enum status status = emitter->node(emitter->context, level, index, &node, err);
            if (status != STATUS_OK)
                return status;
        }
        /* A root at this level, if there is one, is the left half of what has just become complete. */
        if ((index & 1) == 0)
            break;
        tree_node(&frontier->roots[level], &node, &node);
        index >>= 1;
        level++;
    }
    frontier->size = (index + 1) << level;
    frontier->roots[level] = node;
    return STATUS_OK;
}

void tree_frontier_root(const struct tree_frontier *frontier, struct hash *ret_root)
{
    bool is_empty = true;
    struct hash folded;
    for (unsigned level = 0; level < TREE_LEVELS; level++) {
        if ((frontier->size >> level & 1) == 0)
            continue;
        if (is_empty)
            folded = frontier->roots[level];
        else
            tree_node(&frontier->roots[level], &folded, &folded);
        is_empty = false;
    }
    if (is_empty)
        hash_of("", 0, &folded);
    *ret_root = folded;
}
