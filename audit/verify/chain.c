/*
 * Chain and tree: every number is there, every entry names the hash of the one before, every stored hash is that of what
 * it stands for. Implements FORMAT.md section 4 (prev, seq, leaf hash) and RFC 6962 section 2.1. Roots for the checkpoints
 * are computed from the bytes, never from what is stored.
 *
 * One changed entry must give findings about that entry and not about everything above and after it: an inner hash that
 * fits the stored hashes below it is left alone when those were named already.
 */
#include <string.h>

#include "audit/verify/parts.h"
#include "audit/verify/tree_file.h"
#include "ledger/tree_multi.h"

static unsigned long long number(uint64_t value)
{
    return (unsigned long long)value;
}

static void check_gap(struct verify *verify, uint64_t seq)
{
    uint64_t first = verify->next_seq;
    if (seq == first)
        return;
    if (verify->dense && verify->has_previous)
        finding_at(&verify->findings, CHECK_ENTRIES, first, "is missing, and entry %llu follows", number(seq));
    if (verify->part) {
        verify->has_previous = false;
        verify->has_time = false; /* a clock may have been set back in between */
        return;
    }
    if (seq - first == 1)
        finding_at(&verify->findings, CHECK_ENTRIES, first, "is missing");
    else
        finding_at(&verify->findings, CHECK_ENTRIES, first, "is missing, and so are those up to %llu", number(seq - 1));
    finding_lose(&verify->findings, first);
    if (!verify->gap)
        verify->gap_seq = first;
    verify->gap = true;
    verify->has_previous = false;
}

/* Which of the two entries is at fault: the one whose bytes are not those that were hashed, or that is bad anyway. */
static void check_prev(struct verify *verify, const struct verify_item *item)
{
    static const struct hash none = {{0}};
    const struct hash *prev = &item->facts.prev;
    struct finding_list *findings = &verify->findings;
    if (item->seq == 0) {
        if (!hash_equal(prev, &none))
            finding_at(findings, CHECK_CHAIN, 0, "names an entry before it, and is the first");
        return;
    }
    if (!verify->has_previous || hash_equal(prev, &verify->previous_leaf))
        return;
    if (hash_equal(prev, &verify->previous_stored) || finding_list_has(findings, item->seq - 1))
        finding_at(findings, CHECK_CHAIN, item->seq - 1, "hash is not the one entry %llu was chained to",
                   number(item->seq));
    else
        finding_at(findings, CHECK_CHAIN, item->seq, "is chained to another entry than %llu", number(item->seq - 1));
}

struct node_check {
    struct verify *verify;
    uint64_t seq;
};

/* Whether a stored inner hash is that of the two stored below it. */
static bool stored_node_fits(struct verify *verify, unsigned level, uint64_t index, const struct hash *stored)
{
    struct hash left, right, parent;
    if (verify_node(verify, level - 1, index * 2, &left, NULL) != STATUS_OK ||
        verify_node(verify, level - 1, index * 2 + 1, &right, NULL) != STATUS_OK)
        return false;
    tree_node(&left, &right, &parent);
    return hash_equal(&parent, stored);
}

/* Holds a computed hash against the stored one. Where none is stored, it is kept. */
static enum status check_node(void *context, unsigned level, uint64_t index, const struct hash *hash, struct err *err)
{
    struct node_check *check = context;
    struct verify *verify = check->verify;
    struct finding_list *findings = &verify->findings;
    struct hash stored;
    struct err what = {.status = STATUS_OK};
    if (verify->computed != NULL) {
        verify->previous_stored = level == 0 ? *hash : verify->previous_stored;
        return verify->gap ? STATUS_OK : tree_file_add(verify->computed, hash, err);
    }
    enum status status = verify_node(verify, level, index, &stored, &what);
    if (status == STATUS_MEMORY)
        return err_set(err, status, "%s", what.text);
    if (status == STATUS_IO && !verify->tree_unreadable)
        finding_at(findings, CHECK_TREE, check->seq, "cannot be read from here on: %s", what.text);
    verify->tree_unreadable = verify->tree_unreadable || status == STATUS_IO;
    if (status == STATUS_NOT_FOUND && level == 0)
        finding_at(findings, CHECK_TREE, check->seq, "has no hash in the tree");
    else if (status == STATUS_CORRUPT && level == 0)
        finding_at(findings, CHECK_TREE, check->seq, "%s", what.text);
    if (level == 0)
        verify->previous_stored = status == STATUS_OK ? stored : *hash;
    if (status != STATUS_OK || hash_equal(&stored, hash))
        return STATUS_OK;
    if (level == 0)
        finding_at(findings, CHECK_TREE, check->seq, "its bytes are not those that were hashed");
    else if (!stored_node_fits(verify, level, index, &stored))
        finding_at(findings, CHECK_TREE, check->seq, "the hash over entries %llu to %llu is wrong",
                   number(index << level), number(check->seq));
    return STATUS_OK;
}

/* Notes the root where a checkpoint speaks of this size. */
static void note_root(struct verify *verify)
{
    uint64_t size = verify->frontier.size;
    for (; verify->wanted_next < verify->wanted_count && verify->wanted[verify->wanted_next].size <= size;
         verify->wanted_next++) {
        struct wanted_root *wanted = &verify->wanted[verify->wanted_next];
        if (wanted->size != size)
            continue;
        tree_frontier_root(&verify->frontier, &wanted->root);
        wanted->known = true;
        wanted->latest_ms = verify->latest_ms;
    }
}

/* A proof that has too few hashes says so once. */
static enum status check_part(struct verify *verify, const struct verify_item *item, struct err *err)
{
    struct err what = {.status = STATUS_OK};
    if (verify->gap)
        return STATUS_OK;
    enum status status = tree_multi_add(verify->multi, item->seq, &item->leaf, &what);
    if (status == STATUS_MEMORY)
        return err_set(err, status, "%s", what.text);
    verify->gap = status != STATUS_OK;
    if (verify->gap)
        finding_whole(&verify->findings, CHECK_BUNDLE, "MANIFEST.json: proof: %s", what.text);
    return STATUS_OK;
}

/* Where the proof leads: to the checkpoint's root, or an entry or the proof is not what it was. */
static void check_part_end(struct verify *verify)
{
    struct err what = {.status = STATUS_OK};
    struct hash root;
    if (verify->gap)
        return;
    enum status status = tree_multi_end(verify->multi, &root, &what);
    if (status != STATUS_OK) {
        finding_whole(&verify->findings, CHECK_BUNDLE, "MANIFEST.json: proof: %s", what.text);
        return;
    }
    verify->result->root = root;
    verify->proven = hash_equal(&root, &verify->claimed.root);
    for (size_t i = 0; verify->proven && i < verify->wanted_count; i++)
        if (verify->wanted[i].size == verify->claimed.size) {
            verify->wanted[i].root = root;
            verify->wanted[i].known = true;
            verify->wanted[i].latest_ms = verify->latest_ms;
        }
    if (!verify->proven)
        finding_whole(&verify->findings, CHECK_BUNDLE,
                      "MANIFEST.json: proof: with these entries it does not lead to the root of the checkpoint of %llu",
                      number(verify->claimed.size));
}

/* After a gap the tree is unknown; what is stored of it can still be held against the leaves. */
static enum status check_tree(struct verify *verify, const struct verify_item *item, struct err *err)
{
    struct node_check check = {.verify = verify, .seq = item->seq};
    const struct tree_emitter emitter = {.node = check_node, .context = &check};
    if (item->readable && item->facts.time_ms > verify->latest_ms) {
        verify->latest_ms = item->facts.time_ms;
        verify->latest_seq = item->seq;
    }
    if (verify->part)
        return check_part(verify, item, err);
    if (verify->gap)
        return check_node(&check, 0, item->seq, &item->leaf, err);
    enum status status = tree_frontier_add(&verify->frontier, &item->leaf, &emitter, err);
    if (status == STATUS_OK)
        note_root(verify);
    return status;
}

enum status verify_chain(struct verify *verify, const struct verify_item *item, struct err *err)
{
    struct finding_list *findings = &verify->findings;
    check_gap(verify, item->seq);
    if (item->trouble != NULL)
        finding_at(findings, CHECK_ENTRIES, item->seq, "%s", item->trouble);
    if (item->readable && item->facts.seq != item->seq)
        finding_at(findings, CHECK_ENTRIES, item->seq, "calls itself entry %llu", number(item->facts.seq));
    if (!item->sound || item->facts.seq != item->seq)
        finding_lose(findings, item->seq);
    if (item->readable)
        check_prev(verify, item);
    enum status status = check_tree(verify, item, err);
    verify->previous_leaf = item->leaf;
    verify->has_previous = true;
    verify->next_seq = item->seq + 1;
    return status;
}

enum status verify_chain_end(struct verify *verify, struct err *err)
{
    struct hash stored;
    uint64_t end = verify->next_seq;
    if (verify->part) {
        check_part_end(verify);
        verify->result->head = verify->previous_leaf;
        return STATUS_OK;
    }
    enum status status = verify->computed != NULL ? STATUS_NOT_FOUND : verify_node(verify, 0, end, &stored, NULL);
    if (status == STATUS_OK) {
        finding_at(&verify->findings, CHECK_ENTRIES, end, "is missing, but its hash stands in the tree");
        verify->gap = true;
        verify->gap_seq = end;
    } else if (status == STATUS_MEMORY) {
        return err_set(err, status, "no memory to read the tree");
    }
    if (!verify->gap)
        tree_frontier_root(&verify->frontier, &verify->result->root);
    verify->result->head = verify->previous_leaf;
    return STATUS_OK;
}
