/*
 * Attacks the verification of proofs: inclusion, consistency, and one proof of many leaves.
 *
 * An input picks a tree, a claim and a list of changes. The honest proof of a true claim is taken; the claim with anything changed
 * in it (a leaf, a place, a size, a root, a hash of the proof, their number) is never taken, unless the change left the claim true,
 * which is asked of a tree computed here leaf by leaf. So is a tree that grows: what is added at its edge comes to the same roots.
 */
#include "ledger/tree.h"
#include "ledger/tree_multi.h"
#include "tests/fuzz/fuzz.h"

enum { LEAVES_MAX = 40, PICKS_MAX = 16, HASHES_MAX = 2 * LEAVES_MAX };

static struct hash leaves[LEAVES_MAX];

/* RFC 6962 section 2.1 word for word, over leaves [start, end). */
static struct hash root_of(uint64_t start, uint64_t end)
{
    struct hash root, right;
    uint64_t half = 1;
    if (start == end) {
        hash_of("", 0, &root);
        return root;
    }
    if (end - start == 1)
        return leaves[start];
    while (half * 2 < end - start)
        half *= 2;
    root = root_of(start, start + half);
    right = root_of(start + half, end);
    tree_node(&root, &right, &root);
    return root;
}

static enum status read_node(void *context, unsigned level, uint64_t index, struct hash *ret_hash, struct err *err)
{
    const uint64_t *size = context;
    if ((index + 1) << level > *size)
        return err_set(err, STATUS_NOT_FOUND, "not complete");
    *ret_hash = root_of(index << level, (index + 1) << level);
    return STATUS_OK;
}

/* One change of a proof; what it changes is told by what differs afterwards. */
static void change_proof(struct hash *nodes, size_t *count, size_t room, const uint8_t **data, size_t *size)
{
    uint64_t what = fuzz_take(data, size, 1), where = fuzz_take(data, size, 1), with = fuzz_take(data, size, 1);
    switch (what % 5) {
    case 0: /* one bit */
        if (*count > 0)
            nodes[where % *count].bytes[with % HASH_BYTES] ^= (uint8_t)(1u << (what / 5 % 8));
        break;
    case 1: /* one left out */
        if (*count > 0) {
            where %= *count;
            memmove(nodes + where, nodes + where + 1, (--*count - where) * sizeof nodes[0]);
        }
        break;
    case 2: /* one more */
        if (*count < room) {
            where %= *count + 1;
            memmove(nodes + where + 1, nodes + where, ((*count)++ - where) * sizeof nodes[0]);
            nodes[where] = leaves[with % LEAVES_MAX];
        }
        break;
    case 3: /* two swapped */
        if (*count > 1) {
            struct hash kept = nodes[where % *count];
            nodes[where % *count] = nodes[with % *count];
            nodes[with % *count] = kept;
        }
        break;
    case 4: /* another hash of the tree */
        if (*count > 0)
            nodes[where % *count] = root_of(with % LEAVES_MAX, with % LEAVES_MAX + 1);
        break;
    }
}

static void attack_inclusion(const uint8_t *data, size_t size)
{
    uint64_t n = 1 + fuzz_take(&data, &size, 1) % LEAVES_MAX, index = fuzz_take(&data, &size, 1) % n;
    const struct tree_reader reader = {read_node, &n};
    struct tree_head head = {n, root_of(0, n)};
    struct tree_proof honest, proof;
    must(tree_prove_inclusion(&reader, index, n, &honest, NULL) == STATUS_OK);
    must(tree_verify_inclusion(&head, index, &leaves[index], &honest, NULL) == STATUS_OK);
    proof = honest;
    uint64_t claimed = index, claimed_size = n, leaf = index;
    while (size > 0) {
        uint64_t what = fuzz_take(&data, &size, 1), with = fuzz_take(&data, &size, 1);
        if (what % 4 == 0)
            claimed = with % 2 == 0 ? with / 2 % LEAVES_MAX : fuzz_take(&data, &size, 8);
        else if (what % 4 == 1)
            leaf = with % LEAVES_MAX;
        else if (what % 4 == 2)
            claimed_size = with % 2 == 0 ? with / 2 % (LEAVES_MAX + 1) : fuzz_take(&data, &size, 8);
        else
            change_proof(proof.nodes, &proof.count, TREE_PROOF_MAX, &data, &size);
        head.size = claimed_size;
        bool taken = tree_verify_inclusion(&head, claimed, &leaves[leaf], &proof, NULL) == STATUS_OK;
        bool same_proof =
            proof.count == honest.count && memcmp(proof.nodes, honest.nodes, proof.count * sizeof proof.nodes[0]) == 0;
        /* A size is bound by the checkpoint's signature, not by the proof: under the same root others may take the same path. */
        must(!taken || (leaf == index && same_proof && claimed < claimed_size));
        must(!taken || claimed_size != n || claimed == index);
        must(taken || !same_proof || leaf != index || claimed != index || claimed_size != n);
    }
}

static void attack_consistency(const uint8_t *data, size_t size)
{
    uint64_t n = fuzz_take(&data, &size, 1) % (LEAVES_MAX + 1), old = fuzz_take(&data, &size, 1) % (n + 1);
    const struct tree_reader reader = {read_node, &n};
    struct tree_head from = {old, root_of(0, old)}, to = {n, root_of(0, n)};
    const struct hash was = from.root;
    struct tree_proof honest, proof;
    must(tree_prove_consistency(&reader, old, n, &honest, NULL) == STATUS_OK);
    must(tree_verify_consistency(&from, &to, &honest, NULL) == STATUS_OK);
    proof = honest;
    while (size > 0) {
        uint64_t what = fuzz_take(&data, &size, 1), with = fuzz_take(&data, &size, 1);
        if (what % 3 == 0)
            from.root.bytes[with % HASH_BYTES] ^= (uint8_t)(1u << (with / HASH_BYTES));
        else if (what % 3 == 1)
            from.root = root_of(0, with % (n + 1));
        else
            change_proof(proof.nodes, &proof.count, TREE_PROOF_MAX, &data, &size);
        bool taken = tree_verify_consistency(&from, &to, &proof, NULL) == STATUS_OK;
        bool same_proof =
            proof.count == honest.count && memcmp(proof.nodes, honest.nodes, proof.count * sizeof proof.nodes[0]) == 0;
        must(taken == (same_proof && hash_equal(&from.root, &was)));
    }
}

/* What a walk over the picked leaves comes to; false where it refuses. */
static bool walk(struct tree_multi *multi, const bool picked[static LEAVES_MAX], const struct hash *shown, uint64_t n,
                 struct hash *ret_root)
{
    bool good = true;
    for (uint64_t i = 0; good && i < n; i++)
        good = !picked[i] || tree_multi_add(multi, i, &shown[i], NULL) == STATUS_OK;
    return good && tree_multi_end(multi, ret_root, NULL) == STATUS_OK;
}

static void attack_multi(const uint8_t *data, size_t size)
{
    uint64_t n = 1 + fuzz_take(&data, &size, 1) % LEAVES_MAX;
    const struct tree_reader reader = {read_node, &n};
    struct tree_multi build, check;
    struct hash root, was = root_of(0, n), shown[LEAVES_MAX], changed[HASHES_MAX];
    bool picked[LEAVES_MAX] = {false};
    uint64_t picks = fuzz_take(&data, &size, 1) % PICKS_MAX;
    size_t count = 0, now = 0;
    while (picks-- > 0)
        picked[fuzz_take(&data, &size, 1) % n] = true;
    memcpy(shown, leaves, sizeof shown);
    must(tree_multi_build(&build, n, &reader, NULL) == STATUS_OK && walk(&build, picked, leaves, n, &root));
    must(hash_equal(&root, &was));
    const struct hash *hashes = tree_multi_hashes(&build, &count);
    must(count <= HASHES_MAX);
    if (count > 0)
        memcpy(changed, hashes, count * sizeof changed[0]);
    now = count;
    for (bool first = true; first || size > 0; first = false) {
        uint64_t what = first ? 2 : fuzz_take(&data, &size, 1) % 2, with = first ? 0 : fuzz_take(&data, &size, 1);
        if (what == 0)
            shown[with % n].bytes[with / n % HASH_BYTES] ^= 1;
        else if (what == 1)
            change_proof(changed, &now, HASHES_MAX, &data, &size);
        bool same = now == count && (count == 0 || memcmp(changed, hashes, count * sizeof changed[0]) == 0);
        for (uint64_t i = 0; i < n; i++)
            same = same && (!picked[i] || hash_equal(&shown[i], &leaves[i]));
        must(tree_multi_check(&check, n, changed, now, NULL) == STATUS_OK);
        bool taken = walk(&check, picked, shown, n, &root) && hash_equal(&root, &was);
        must(taken == same);
        tree_multi_done(&check);
    }
    tree_multi_done(&build);
}

/* The proof of all leaves from old on says which tree those before make. */
static void attack_before(const uint8_t *data, size_t size)
{
    uint64_t n = 1 + fuzz_take(&data, &size, 1) % LEAVES_MAX, old = fuzz_take(&data, &size, 1) % n;
    const struct tree_reader reader = {read_node, &n};
    struct tree_frontier frontier;
    struct tree_multi build;
    struct hash root, was = root_of(0, old), end = root_of(0, n);
    bool picked[LEAVES_MAX] = {false};
    size_t count = 0;
    for (uint64_t i = old; i < n; i++)
        picked[i] = true;
    must(tree_multi_build(&build, n, &reader, NULL) == STATUS_OK && walk(&build, picked, leaves, n, &root));
    const struct hash *hashes = tree_multi_hashes(&build, &count);
    must(tree_multi_before(old, hashes, count, &frontier, NULL) == STATUS_OK);
    tree_frontier_root(&frontier, &root);
    must(hash_equal(&root, &was));
    for (uint64_t i = old; i < n; i++)
        must(tree_frontier_add(&frontier, &leaves[i], NULL, NULL) == STATUS_OK);
    tree_frontier_root(&frontier, &root);
    must(hash_equal(&root, &end));
    must(count == 0 || tree_multi_before(old, hashes, count - 1, &frontier, NULL) == STATUS_INPUT);
    tree_multi_done(&build);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint64_t which = fuzz_take(&data, &size, 1);
    for (size_t i = 0; i < LEAVES_MAX; i++)
        tree_leaf(&i, sizeof i, &leaves[i]);
    if (size > 256)
        return 0;
    if (which % 4 == 0)
        attack_inclusion(data, size);
    else if (which % 4 == 1)
        attack_consistency(data, size);
    else if (which % 4 == 2)
        attack_multi(data, size);
    else
        attack_before(data, size);
    return 0;
}
