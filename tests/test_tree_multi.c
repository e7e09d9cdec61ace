/*
 * One proof for many leaves: for all sizes up to a bound and all sets of leaves of small trees (larger ones by pattern) it
 * is what BUNDLE.md section 3 says word for word, and of one leaf what RFC 6962 section 2.1.1 gives; any change of it fails.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "ledger/tree.h"
#include "ledger/tree_multi.h"

enum { LEAVES = 70, ALL_SETS = 9, HASHES_MAX = 2 * LEAVES };

static struct hash leaves[LEAVES];
static unsigned reads;

/* Complete subtrees, computed anew for each question. */
static void subtree(uint64_t start, uint64_t count, struct hash *ret_hash)
{
    if (count == 1) {
        *ret_hash = leaves[start];
        return;
    }
    struct hash left, right;
    subtree(start, count / 2, &left);
    subtree(start + count / 2, count / 2, &right);
    tree_node(&left, &right, ret_hash);
}

static enum status read_node(void *context, unsigned level, uint64_t index, struct hash *ret_hash, struct err *err)
{
    const uint64_t *size = context;
    if ((index + 1) << level > *size)
        return err_set(err, STATUS_NOT_FOUND, "not complete");
    reads++;
    subtree(index << level, UINT64_C(1) << level, ret_hash);
    return STATUS_OK;
}

static enum status read_nothing(void *context, unsigned level, uint64_t index, struct hash *ret_hash, struct err *err)
{
    (void)context, (void)level, (void)index, (void)ret_hash;
    return err_set(err, STATUS_IO, "broken on purpose");
}

/* The text of BUNDLE.md section 3, word for word. */
struct walked {
    const bool *in;
    struct hash proof[HASHES_MAX];
    size_t count;
};

static struct hash root_of(uint64_t start, uint64_t end)
{
    struct hash root;
    if (end == start) {
        hash_of("", 0, &root);
        return root;
    }
    if (end - start == 1)
        return leaves[start];
    uint64_t half = 1;
    while (half * 2 < end - start)
        half *= 2;
    struct hash left = root_of(start, start + half), right = root_of(start + half, end);
    tree_node(&left, &right, &root);
    return root;
}

static void walk(struct walked *walked, uint64_t start, uint64_t end)
{
    bool any = false;
    for (uint64_t i = start; i < end; i++)
        any = any || walked->in[i];
    if (!any) {
        walked->proof[walked->count++] = root_of(start, end);
        return;
    }
    if (end - start == 1)
        return;
    uint64_t half = 1;
    while (half * 2 < end - start)
        half *= 2;
    walk(walked, start, start + half);
    walk(walked, start + half, end);
}

static enum status add_all(struct tree_multi *multi, uint64_t size, const bool *in, struct hash *ret_root)
{
    enum status status = STATUS_OK;
    for (uint64_t i = 0; status == STATUS_OK && i < size; i++)
        if (in[i])
            status = tree_multi_add(multi, i, &leaves[i], NULL);
    return status == STATUS_OK ? tree_multi_end(multi, ret_root, NULL) : status;
}

static enum status check(uint64_t size, const bool *in, const struct hash *proof, size_t count, struct hash *ret_root)
{
    struct tree_multi multi;
    assert_int_equal(tree_multi_check(&multi, size, proof, count, NULL), STATUS_OK);
    enum status status = add_all(&multi, size, in, ret_root);
    tree_multi_done(&multi);
    return status;
}

static void assert_set(uint64_t size, const bool *in, bool spoil)
{
    struct tree_multi multi;
    struct walked want = {.in = in};
    struct hash root = root_of(0, size), got;
    const struct tree_reader reader = {read_node, &size};
    walk(&want, 0, size);
    assert_int_equal(tree_multi_build(&multi, size, &reader, NULL), STATUS_OK);
    assert_int_equal(add_all(&multi, size, in, &got), STATUS_OK);
    assert_true(hash_equal(&root, &got));
    size_t count = 0;
    const struct hash *made = tree_multi_hashes(&multi, &count);
    assert_int_equal(count, want.count);
    assert_true(count == 0 || memcmp(made, want.proof, count * sizeof *made) == 0);
    assert_int_equal(check(size, in, made, count, &got), STATUS_OK);
    assert_true(hash_equal(&root, &got));
    tree_multi_done(&multi);
    if (!spoil)
        return;
    for (size_t i = 0; i < want.count; i++) {
        want.proof[i].bytes[i % HASH_BYTES] ^= 1;
        assert_int_equal(check(size, in, want.proof, want.count, &got), STATUS_OK);
        assert_false(hash_equal(&root, &got));
        want.proof[i].bytes[i % HASH_BYTES] ^= 1;
    }
    want.proof[want.count] = root;
    assert_int_equal(check(size, in, want.proof, want.count + 1, &got), STATUS_INPUT);
    if (want.count > 0)
        assert_int_equal(check(size, in, want.proof, want.count - 1, &got), STATUS_INPUT);
}

static void every_set_of_small_trees(void **state)
{
    (void)state;
    for (uint64_t size = 0; size <= ALL_SETS; size++)
        for (unsigned set = 0; set < 1U << size; set++) {
            bool in[ALL_SETS + 1] = {false};
            for (unsigned i = 0; i < size; i++)
                in[i] = (set >> i & 1) == 1;
            assert_set(size, in, true);
        }
}

static void larger_trees_by_pattern(void **state)
{
    (void)state;
    for (uint64_t size = 1; size <= LEAVES; size++)
        for (unsigned pattern = 0; pattern < 12; pattern++) {
            bool in[LEAVES] = {false};
            for (uint64_t i = 0; i < size; i++)
                in[i] = pattern < 6 ? i % (pattern + 2) == 1 : (i * 2654435761U >> (pattern + 3) & 3) == 0;
            assert_set(size, in, size > 60);
        }
}

static void one_leaf_has_its_audit_path(void **state)
{
    (void)state;
    for (uint64_t size = 1; size <= LEAVES; size++)
        for (uint64_t index = 0; index < size; index++) {
            struct tree_proof path, turned = {.count = 0};
            struct tree_multi multi;
            struct hash root;
            const struct tree_reader reader = {read_node, &size};
            assert_int_equal(tree_prove_inclusion(&reader, index, size, &path, NULL), STATUS_OK);
            assert_int_equal(tree_multi_build(&multi, size, &reader, NULL), STATUS_OK);
            assert_int_equal(tree_multi_add(&multi, index, &leaves[index], NULL), STATUS_OK);
            assert_int_equal(tree_multi_end(&multi, &root, NULL), STATUS_OK);
            size_t count = 0;
            const struct hash *made = tree_multi_hashes(&multi, &count);
            assert_int_equal(count, path.count);
            /* Those on the left stand first, from the root down; then those on the right, from the leaf up. */
            uint64_t start = 0, end = size;
            while (end - start > 1) {
                uint64_t half = 1;
                while (half * 2 < end - start)
                    half *= 2;
                if (index >= start + half) {
                    turned.nodes[turned.count++] = root_of(start, start + half);
                    start += half;
                } else {
                    end = start + half;
                }
            }
            for (size_t i = 0; i < path.count; i++) {
                bool is_left = false;
                for (size_t j = 0; j < turned.count; j++)
                    is_left = is_left || hash_equal(&turned.nodes[j], &path.nodes[i]);
                if (!is_left)
                    turned.nodes[turned.count++] = path.nodes[i];
            }
            assert_true(count == 0 || memcmp(made, turned.nodes, count * sizeof *made) == 0);
            tree_multi_done(&multi);
        }
}

static void the_end_of_a_book_gives_the_tree_before_it(void **state)
{
    (void)state;
    for (uint64_t size = 1; size <= LEAVES; size++)
        for (uint64_t from = 0; from < size; from++) {
            bool in[LEAVES] = {false};
            struct walked walked = {.in = in};
            struct tree_frontier frontier;
            struct hash got, want = root_of(0, from);
            for (uint64_t i = from; i < size; i++)
                in[i] = true;
            walk(&walked, 0, size);
            assert_int_equal(tree_multi_before(from, walked.proof, walked.count, &frontier, NULL), STATUS_OK);
            tree_frontier_root(&frontier, &got);
            assert_true(hash_equal(&want, &got));
            for (uint64_t i = from; i < size; i++)
                assert_int_equal(tree_frontier_add(&frontier, &leaves[i], NULL, NULL), STATUS_OK);
            tree_frontier_root(&frontier, &got);
            want = root_of(0, size);
            assert_true(hash_equal(&want, &got));
            assert_int_equal(tree_multi_before(from, walked.proof, walked.count + 1, &frontier, NULL), STATUS_INPUT);
        }
}

static void impossible_leaves_are_refused(void **state)
{
    (void)state;
    struct tree_multi multi;
    struct hash root;
    struct err err = {.status = STATUS_OK};
    const struct hash none[3] = {{{0}}};
    assert_int_equal(tree_multi_check(&multi, TREE_SIZE_MAX + 1, none, 3, NULL), STATUS_LIMIT);
    assert_int_equal(tree_multi_check(&multi, 7, none, 3, NULL), STATUS_OK);
    assert_int_equal(tree_multi_add(&multi, 7, &leaves[0], &err), STATUS_INPUT);
    assert_string_equal(err.text, "no entry 7 in a tree of 7");
    assert_int_equal(tree_multi_add(&multi, 3, &leaves[3], NULL), STATUS_OK);
    assert_int_equal(tree_multi_add(&multi, 3, &leaves[3], &err), STATUS_INPUT);
    assert_string_equal(err.text, "entry 3 is out of order");
    assert_int_equal(tree_multi_add(&multi, 2, &leaves[2], NULL), STATUS_INPUT);
    assert_int_equal(tree_multi_end(&multi, &root, NULL), STATUS_OK);
    assert_int_equal(tree_multi_add(&multi, 6, &leaves[6], NULL), STATUS_INPUT);
    assert_int_equal(tree_multi_check(&multi, TREE_SIZE_MAX, none, 0, NULL), STATUS_OK); /* as deep as it gets */
    assert_int_equal(tree_multi_add(&multi, 0, &leaves[0], NULL), STATUS_OK);
    assert_int_equal(tree_multi_add(&multi, 5, &leaves[0], &err), STATUS_INPUT);
    assert_non_null(strstr(err.text, "too few hashes"));
    const struct tree_reader broken = {read_nothing, NULL};
    assert_int_equal(tree_multi_build(&multi, 7, &broken, NULL), STATUS_OK);
    assert_int_equal(tree_multi_add(&multi, 3, &leaves[3], NULL), STATUS_IO);
    tree_multi_done(&multi);
}

/* What is stored is read, and not the leaves one by one. */
static void building_reads_few_nodes(void **state)
{
    (void)state;
    uint64_t size = LEAVES;
    struct tree_multi multi;
    struct hash root;
    const struct tree_reader reader = {read_node, &size};
    assert_int_equal(tree_multi_build(&multi, size, &reader, NULL), STATUS_OK);
    reads = 0;
    assert_int_equal(tree_multi_add(&multi, 40, &leaves[40], NULL), STATUS_OK);
    assert_int_equal(tree_multi_end(&multi, &root, NULL), STATUS_OK);
    assert_true(reads <= 14);
    tree_multi_done(&multi);
}

/* The largest tree there can be has a hash for each of its 63 ones. */
static void the_largest_size_is_a_size(void **state)
{
    static const struct hash hashes[64];
    struct tree_frontier frontier;
    (void)state;
    assert_int_equal(tree_multi_before(TREE_SIZE_MAX, hashes, 63, &frontier, NULL), STATUS_OK);
    assert_int_equal(tree_multi_before(UINT64_C(1) << 63, hashes, 1, &frontier, NULL), STATUS_LIMIT);
}

static int make_leaves(void **state)
{
    (void)state;
    for (int i = 0; i < LEAVES; i++) {
        char text[16];
        int length = snprintf(text, sizeof text, "L%d", i);
        tree_leaf(text, (size_t)length, &leaves[i]);
    }
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_set_of_small_trees),      cmocka_unit_test(larger_trees_by_pattern),
        cmocka_unit_test(one_leaf_has_its_audit_path),   cmocka_unit_test(the_end_of_a_book_gives_the_tree_before_it),
        cmocka_unit_test(impossible_leaves_are_refused), cmocka_unit_test(building_reads_few_nodes),
        cmocka_unit_test(the_largest_size_is_a_size),
    };
    return cmocka_run_group_tests(tests, make_leaves, NULL);
}
