/*
 * The tree against RFC 6962's own recursive definitions, for all sizes and positions up to a bound, and the vectors of
 * the leaves "L0" .. "L6"; every proof must fail when anything in it is changed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "ledger/base64.h"
#include "ledger/tree.h"

enum { LEAVES = 70, LEVELS = 8, NODES = 128 };

/* Stored complete subtrees, as the journal keeps them. */
struct forest {
    struct hash nodes[LEVELS][NODES];
    uint64_t stored[LEVELS]; /* how many there are on each level */
    uint64_t reads;
    int fails_after; /* the read or write at which it breaks; -1 never */
};

static enum status forest_read(void *context, unsigned level, uint64_t index, struct hash *ret_hash, struct err *err)
{
    struct forest *forest = context;
    if (forest->fails_after >= 0 && forest->fails_after-- == 0)
        return err_set(err, STATUS_IO, "broken on purpose");
    assert_true(level < LEVELS);
    assert_true(index < forest->stored[level]);
    forest->reads++;
    *ret_hash = forest->nodes[level][index];
    return STATUS_OK;
}

static enum status forest_write(void *context, unsigned level, uint64_t index, const struct hash *hash, struct err *err)
{
    struct forest *forest = context;
    if (forest->fails_after >= 0 && forest->fails_after-- == 0)
        return err_set(err, STATUS_IO, "broken on purpose");
    assert_true(level < LEVELS && index < NODES);
    assert_true(index == forest->stored[level]); /* each once, in order */
    forest->stored[level]++;
    forest->nodes[level][index] = *hash;
    return STATUS_OK;
}

static struct forest forest;
static struct hash leaves[LEAVES];
static const struct tree_reader reader = {forest_read, &forest};
static const struct tree_emitter emitter = {forest_write, &forest};

/* MTH of the RFC, over leaf hashes. */
static struct hash rfc_root(const struct hash *from, uint64_t count)
{
    struct hash root;
    if (count == 0) {
        hash_of("", 0, &root);
        return root;
    }
    if (count == 1)
        return from[0];
    uint64_t split = 1;
    while (split * 2 < count)
        split *= 2;
    struct hash left = rfc_root(from, split);
    struct hash right = rfc_root(from + split, count - split);
    tree_node(&left, &right, &root);
    return root;
}

/* PATH of the RFC. */
static void rfc_path(uint64_t index, const struct hash *from, uint64_t count, struct tree_proof *proof)
{
    if (count == 1)
        return;
    uint64_t split = 1;
    while (split * 2 < count)
        split *= 2;
    if (index < split)
        rfc_path(index, from, split, proof);
    else
        rfc_path(index - split, from + split, count - split, proof);
    proof->nodes[proof->count++] = index < split ? rfc_root(from + split, count - split) : rfc_root(from, split);
}

/* SUBPROOF of the RFC. */
static void rfc_subproof(uint64_t old, const struct hash *from, uint64_t count, int is_whole, struct tree_proof *proof)
{
    if (old == count) {
        if (!is_whole)
            proof->nodes[proof->count++] = rfc_root(from, count);
        return;
    }
    uint64_t split = 1;
    while (split * 2 < count)
        split *= 2;
    if (old <= split) {
        rfc_subproof(old, from, split, is_whole, proof);
        proof->nodes[proof->count++] = rfc_root(from + split, count - split);
    } else {
        rfc_subproof(old - split, from + split, count - split, 0, proof);
        proof->nodes[proof->count++] = rfc_root(from, split);
    }
}

static void assert_same_proof(const struct tree_proof *a, const struct tree_proof *b)
{
    assert_int_equal(a->count, b->count);
    for (size_t i = 0; i < a->count; i++)
        assert_true(hash_equal(&a->nodes[i], &b->nodes[i]));
}

/* The forest of LEAVES leaves, grown leaf by leaf. */
static int grow(void **state)
{
    (void)state;
    memset(&forest, 0, sizeof forest);
    forest.fails_after = -1;
    for (uint64_t i = 0; i < LEAVES; i++) {
        char text[16];
        int length = snprintf(text, sizeof text, "L%d", (int)i);
        tree_leaf(text, (size_t)length, &leaves[i]);
        if (tree_append(&reader, i, &leaves[i], &emitter, NULL) != STATUS_OK)
            return -1;
    }
    return 0;
}

static void assert_base64(const struct hash *hash, const char *want)
{
    char text[BASE64_CHARS(HASH_BYTES) + 1];
    assert_int_equal(base64_encode(hash->bytes, HASH_BYTES, text, sizeof text, NULL), STATUS_OK);
    assert_string_equal(text, want);
}

static void vectors_of_seven_leaves(void **state)
{
    (void)state;
    struct tree_head old_head = {.size = 3};
    struct tree_head new_head = {.size = 7};
    struct tree_proof proof;
    assert_int_equal(tree_root(&reader, 3, &old_head.root, NULL), STATUS_OK);
    assert_int_equal(tree_root(&reader, 7, &new_head.root, NULL), STATUS_OK);
    assert_base64(&old_head.root, "SbOsNwh8rL7Y6JcWtw+TsEQLh+IqVz6P7+Wk0V6CeGI=");
    assert_base64(&new_head.root, "mgGvw6L2mDaOYUO4ESTDYkWZFs4W9iynuWkz/IYnNe0=");
    assert_int_equal(tree_prove_inclusion(&reader, 3, 7, &proof, NULL), STATUS_OK);
    assert_int_equal(proof.count, 3);
    assert_base64(&proof.nodes[0], "sgpRKkjlPSFtuHJtxzfv5qfhO6S2gfmybc0I0ZECWeM=");
    assert_base64(&proof.nodes[1], "kmBU8ovIhlHvRGcJIGWH8YPEmuWw8Tk8qusQTlT8xQ8=");
    assert_base64(&proof.nodes[2], "ShYvTcLt+uFv94VVBva4Wu3H+ToYhxR4Hag78bxvf5w=");
    assert_int_equal(tree_prove_consistency(&reader, 3, 7, &proof, NULL), STATUS_OK);
    assert_int_equal(proof.count, 4);
    assert_base64(&proof.nodes[0], "sgpRKkjlPSFtuHJtxzfv5qfhO6S2gfmybc0I0ZECWeM=");
    assert_base64(&proof.nodes[1], "XGEOn+9swAEro4Aqq/GnwHVkoQPMDK7CcJPyCJ8lqJA=");
    assert_base64(&proof.nodes[2], "kmBU8ovIhlHvRGcJIGWH8YPEmuWw8Tk8qusQTlT8xQ8=");
    assert_base64(&proof.nodes[3], "ShYvTcLt+uFv94VVBva4Wu3H+ToYhxR4Hag78bxvf5w=");
    assert_int_equal(tree_verify_consistency(&old_head, &new_head, &proof, NULL), STATUS_OK);
    struct hash empty;
    char hex[HASH_HEX_CHARS + 1];
    assert_int_equal(tree_root(&reader, 0, &empty, NULL), STATUS_OK);
    hash_to_hex(&empty, hex);
    assert_string_equal(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    tree_leaf("", 0, &empty);
    hash_to_hex(&empty, hex); /* the leaf of no bytes, as Certificate Transparency's own tests have it */
    assert_string_equal(hex, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
}

static void roots_are_those_of_the_rfc(void **state)
{
    (void)state;
    for (uint64_t size = 0; size <= LEAVES; size++) {
        struct hash got;
        struct hash want = rfc_root(leaves, size);
        assert_int_equal(tree_root(&reader, size, &got, NULL), STATUS_OK);
        assert_true(hash_equal(&got, &want));
    }
    for (unsigned level = 0; level < LEVELS; level++)
        assert_true(forest.stored[level] == (uint64_t)LEAVES >> level);
}

/* Verifies, then once for each way to spoil it. */
static void assert_inclusion_is_strict(const struct tree_head *head, uint64_t index, struct tree_proof *proof)
{
    const struct hash *leaf = &leaves[index];
    assert_int_equal(tree_verify_inclusion(head, index, leaf, proof, NULL), STATUS_OK);
    for (size_t i = 0; i < proof->count; i++) {
        proof->nodes[i].bytes[i % HASH_BYTES] ^= 1;
        assert_int_equal(tree_verify_inclusion(head, index, leaf, proof, NULL), STATUS_CORRUPT);
        proof->nodes[i].bytes[i % HASH_BYTES] ^= 1;
    }
    proof->nodes[proof->count++] = *leaf;
    assert_int_equal(tree_verify_inclusion(head, index, leaf, proof, NULL), STATUS_INPUT);
    proof->count--;
    if (proof->count > 0) {
        proof->count--;
        assert_int_equal(tree_verify_inclusion(head, index, leaf, proof, NULL), STATUS_INPUT);
        proof->count++;
    }
    for (uint64_t other = 0; other < head->size; other++)
        if (other != index)
            assert_int_not_equal(tree_verify_inclusion(head, other, leaf, proof, NULL), STATUS_OK);
    struct tree_head spoiled = *head;
    spoiled.root.bytes[31] ^= 0x80;
    assert_int_equal(tree_verify_inclusion(&spoiled, index, leaf, proof, NULL), STATUS_CORRUPT);
    assert_int_equal(tree_verify_inclusion(head, head->size, leaf, proof, NULL), STATUS_INPUT);
    assert_int_equal(tree_verify_inclusion(head, UINT64_MAX, leaf, proof, NULL), STATUS_INPUT);
}

static void inclusion_for_every_leaf_and_size(void **state)
{
    (void)state;
    for (uint64_t size = 1; size <= LEAVES; size++) {
        struct tree_head head = {.size = size, .root = rfc_root(leaves, size)};
        for (uint64_t index = 0; index < size; index++) {
            struct tree_proof proof;
            struct tree_proof want = {.count = 0};
            assert_int_equal(tree_prove_inclusion(&reader, index, size, &proof, NULL), STATUS_OK);
            rfc_path(index, leaves, size, &want);
            assert_same_proof(&proof, &want);
            assert_inclusion_is_strict(&head, index, &proof);
        }
    }
}

static void assert_consistency_is_strict(const struct tree_head *old_head, const struct tree_head *new_head,
                                         struct tree_proof *proof)
{
    assert_int_equal(tree_verify_consistency(old_head, new_head, proof, NULL), STATUS_OK);
    for (size_t i = 0; i < proof->count; i++) {
        proof->nodes[i].bytes[i % HASH_BYTES] ^= 1;
        assert_int_equal(tree_verify_consistency(old_head, new_head, proof, NULL), STATUS_CORRUPT);
        proof->nodes[i].bytes[i % HASH_BYTES] ^= 1;
    }
    proof->nodes[proof->count++] = new_head->root;
    assert_int_equal(tree_verify_consistency(old_head, new_head, proof, NULL), STATUS_INPUT);
    proof->count--;
    if (proof->count > 0) {
        proof->count--;
        assert_int_equal(tree_verify_consistency(old_head, new_head, proof, NULL), STATUS_INPUT);
        proof->count++;
    }
    struct tree_head spoiled = *new_head;
    spoiled.root.bytes[0] ^= 1;
    if (old_head->size > 0)
        assert_int_equal(tree_verify_consistency(old_head, &spoiled, proof, NULL), STATUS_CORRUPT);
    spoiled = *old_head;
    spoiled.root.bytes[0] ^= 1;
    assert_int_equal(tree_verify_consistency(&spoiled, new_head, proof, NULL), STATUS_CORRUPT);
    if (old_head->size != new_head->size)
        assert_int_equal(tree_verify_consistency(new_head, old_head, proof, NULL), STATUS_INPUT);
}

static void consistency_for_every_pair_of_sizes(void **state)
{
    (void)state;
    for (uint64_t new_size = 0; new_size <= LEAVES; new_size++) {
        struct tree_head new_head = {.size = new_size, .root = rfc_root(leaves, new_size)};
        for (uint64_t old_size = 0; old_size <= new_size; old_size++) {
            struct tree_head old_head = {.size = old_size, .root = rfc_root(leaves, old_size)};
            struct tree_proof proof;
            struct tree_proof want = {.count = 0};
            assert_int_equal(tree_prove_consistency(&reader, old_size, new_size, &proof, NULL), STATUS_OK);
            if (old_size > 0)
                rfc_subproof(old_size, leaves, new_size, 1, &want);
            assert_same_proof(&proof, &want);
            assert_consistency_is_strict(&old_head, &new_head, &proof);
        }
    }
}

static void proofs_read_few_nodes(void **state)
{
    (void)state;
    for (uint64_t size = 1; size <= LEAVES; size++) {
        struct tree_proof proof;
        for (uint64_t index = 0; index < size; index++) {
            forest.reads = 0;
            assert_int_equal(tree_prove_inclusion(&reader, index, size, &proof, NULL), STATUS_OK);
            assert_true(forest.reads <= 2 * LEVELS);
        }
    }
}

static void impossible_questions_are_refused(void **state)
{
    (void)state;
    struct tree_proof proof = {.count = 77};
    struct hash hash;
    struct tree_head head = {.size = 1};
    struct tree_frontier frontier;
    assert_int_equal(tree_prove_inclusion(&reader, 5, 5, &proof, NULL), STATUS_INPUT);
    assert_int_equal(tree_prove_inclusion(&reader, 0, 0, &proof, NULL), STATUS_INPUT);
    assert_int_equal(tree_prove_consistency(&reader, 6, 5, &proof, NULL), STATUS_INPUT);
    assert_int_equal(tree_root(&reader, TREE_SIZE_MAX + 1, &hash, NULL), STATUS_LIMIT);
    assert_int_equal(tree_prove_inclusion(&reader, 0, UINT64_MAX, &proof, NULL), STATUS_LIMIT);
    assert_int_equal(tree_prove_consistency(&reader, 1, UINT64_MAX, &proof, NULL), STATUS_LIMIT);
    assert_int_equal(tree_append(&reader, TREE_SIZE_MAX, &leaves[0], &emitter, NULL), STATUS_LIMIT);
    assert_int_equal(tree_append(&reader, UINT64_MAX, &leaves[0], &emitter, NULL), STATUS_LIMIT);
    assert_int_equal(tree_frontier_load(&reader, UINT64_MAX, &frontier, NULL), STATUS_LIMIT);
    assert_int_equal(proof.count, 77);
    /* From 3 to 5 takes a node that the proof begins with. */
    const struct tree_head three = {.size = 3, .root = rfc_root(leaves, 3)},
                           five = {.size = 5, .root = rfc_root(leaves, 5)};
    proof.count = 0;
    assert_int_equal(tree_verify_consistency(&three, &five, &proof, NULL), STATUS_INPUT);
    proof.count = TREE_PROOF_MAX + 1;
    assert_int_equal(tree_verify_inclusion(&head, 0, &leaves[0], &proof, NULL), STATUS_INPUT);
    assert_int_equal(tree_verify_consistency(&head, &head, &proof, NULL), STATUS_INPUT);
}

static void failing_storage_is_passed_on(void **state)
{
    (void)state;
    for (int at = 0; at < 3; at++) {
        struct hash hash;
        struct tree_proof proof;
        struct tree_frontier frontier;
        struct err err;
        forest.fails_after = at;
        assert_int_equal(tree_root(&reader, 70, &hash, &err), STATUS_IO);
        assert_string_equal(err.text, "broken on purpose");
        forest.fails_after = at;
        assert_int_equal(tree_prove_inclusion(&reader, 69, 70, &proof, NULL), STATUS_IO);
        forest.fails_after = at;
        assert_int_equal(tree_prove_consistency(&reader, 33, 70, &proof, NULL), STATUS_IO);
        forest.fails_after = at;
        assert_int_equal(tree_frontier_load(&reader, 70, &frontier, NULL), STATUS_IO);
    }
    forest.fails_after = -1;
}

static void frontier_keeps_up(void **state)
{
    (void)state;
    static struct forest again;
    struct tree_frontier frontier;
    struct tree_frontier loaded;
    const struct tree_emitter to_again = {forest_write, &again};
    memset(&again, 0, sizeof again);
    again.fails_after = -1;
    tree_frontier_init(&frontier);
    for (uint64_t size = 0; size < LEAVES; size++) {
        struct hash root, from_load;
        struct hash want = rfc_root(leaves, size);
        tree_frontier_root(&frontier, &root);
        assert_true(hash_equal(&root, &want));
        assert_int_equal(tree_frontier_load(&reader, size, &loaded, NULL), STATUS_OK);
        tree_frontier_root(&loaded, &from_load);
        assert_true(hash_equal(&from_load, &want));
        struct tree_frontier before = frontier;
        again.fails_after = 0;
        assert_int_equal(tree_frontier_add(&frontier, &leaves[size], &to_again, NULL), STATUS_IO);
        assert_memory_equal(&before, &frontier, sizeof frontier);
        again.fails_after = -1;
        assert_int_equal(tree_frontier_add(&frontier, &leaves[size], &to_again, NULL), STATUS_OK);
        assert_true(frontier.size == size + 1);
    }
    assert_memory_equal(again.stored, forest.stored, sizeof forest.stored);
    assert_memory_equal(again.nodes, forest.nodes, sizeof forest.nodes);
}

static void parts_hashed_apart_are_joined(void **state)
{
    (void)state;
    struct tree_frontier frontier;
    struct hash root;
    struct hash want = rfc_root(leaves, 69);
    tree_frontier_init(&frontier);
    for (uint64_t start = 0; start < 64; start += 16) {
        struct hash part = rfc_root(leaves + start, 16);
        assert_int_equal(tree_frontier_add_subtree(&frontier, 4, &part, NULL, NULL), STATUS_OK);
    }
    for (uint64_t i = 64; i < 69; i++)
        assert_int_equal(tree_frontier_add(&frontier, &leaves[i], NULL, NULL), STATUS_OK);
    tree_frontier_root(&frontier, &root);
    assert_true(hash_equal(&root, &want));
    assert_int_equal(tree_frontier_add_subtree(&frontier, 1, &root, NULL, NULL), STATUS_INPUT);
    assert_int_equal(tree_frontier_add_subtree(&frontier, 63, &root, NULL, NULL), STATUS_LIMIT);
    assert_int_equal(tree_frontier_add_subtree(&frontier, 200, &root, NULL, NULL), STATUS_LIMIT);
    frontier.size = TREE_SIZE_MAX;
    assert_int_equal(tree_frontier_add(&frontier, &root, NULL, NULL), STATUS_LIMIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vectors_of_seven_leaves),
        cmocka_unit_test(roots_are_those_of_the_rfc),
        cmocka_unit_test(inclusion_for_every_leaf_and_size),
        cmocka_unit_test(consistency_for_every_pair_of_sizes),
        cmocka_unit_test(proofs_read_few_nodes),
        cmocka_unit_test(impossible_questions_are_refused),
        cmocka_unit_test(failing_storage_is_passed_on),
        cmocka_unit_test(frontier_keeps_up),
        cmocka_unit_test(parts_hashed_apart_are_joined),
    };
    return cmocka_run_group_tests(tests, grow, NULL) != 0;
}
