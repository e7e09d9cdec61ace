/*
 * Every page of an LMDB 0.9 file looked at with bounds and no trust, as the rooms of that format are laid out (storefile.c has
 * the head). A page begins with 16 bytes: its number, 2 unused, its kind, and how far its pointers reach up and its nodes
 * down; a page of an overflow has the number of its pages there. A node has 8 bytes before its key: the length of its value, its
 * flags, the length of its key; in a branch the first six are the number of the page below.
 *
 * What holds of every file that LMDB wrote: nodes fill a page's end without a gap, keys ascend, keys below a branch lie
 * between its separators, leaves are at one depth, counts are as the tree's description says, and each page but the two heads is
 * either in one tree or free. The last is what finds a pointer to a page of another time: that one is free. And each state but
 * the first has freed pages of the one before, under its own number: so a head of another time does not pass for the newest.
 */
#include "ledger/storepages.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "ledger/slice.h"
#include "ledger/store.h"

enum {
    HEAD_BYTES = 16,
    AT_FLAGS = 10,
    AT_LOWER = 12, /* also: pages of an overflow, in four bytes */
    AT_UPPER = 14,
    AT_TREES = 40, /* in a head page; offsets as in storefile.c */
    AT_LAST_PAGE = 136,
    AT_TXN = 144,
    META_PAGES = 2,
    META_BYTES = 152,
    TREE_BYTES = 48,
    NODE_BYTES = 8,
    NUMBER_BYTES = 8,
    PAGE_BYTES_MAX = 65536,
    DEPTH_MAX = 32,
    KEY_BYTES_MAX = 511,
    WHY_BYTES = 96
};
enum { PAGE_BRANCH = 0x01, PAGE_LEAF = 0x02, PAGE_OVERFLOW = 0x04 };
enum { NODE_BIG = 0x01, NODE_TREE = 0x02 };
enum { TREE_OF_NUMBERS = 0x08 }; /* keys are numbers of the machine: the list of free pages */
enum { GIVE_BACK_PAGES = 1 << 9 };
enum { FIRST_TXN = 1 }; /* makes the tables, and has nothing to free */
#define NO_PAGE UINT64_MAX

struct tree {
    uint16_t flags, depth;
    uint64_t branches, leaves, overflows, entries, root;
};

struct node {
    struct slice key;
    const uint8_t *value; /* of a big one: where its page's number stands */
    uint64_t value_bytes;
    uint16_t flags;
    uint64_t below; /* of a branch: the page */
};

/* A branch on the way down, and the keys between which what is below it lies. An empty slice without bytes: no bound. */
struct step {
    uint64_t page;
    uint32_t next; /* node to go down next */
    struct slice low, high;
};

struct walk {
    const struct storepages *pages;
    uint64_t page_bytes, last_page;
    uint8_t *seen; /* a bit a page */
    uint64_t taken;
    const char *table;
    bool free_list, main;
    uint64_t freed; /* the latest state that freed pages */
    struct tree tree, found;
    struct step steps[DEPTH_MAX];
    unsigned depth;
    struct tree *below; /* trees that the main one names, walked after it */
    char (*names)[KEY_BYTES_MAX + 1];
    size_t below_count;
    uint8_t units[PAGE_BYTES_MAX / 16]; /* of the page at hand: a bit for each two bytes that a node takes */
};

static uint64_t number(const uint8_t *bytes, size_t count)
{
    uint64_t value = 0;
    memcpy(&value, bytes,
           count); /* as the machine that wrote it, which the head's magic number shows to be such a one */
    return value;
}

static const uint8_t *page_at(const struct walk *walk, uint64_t page)
{
    return walk->pages->map + page * walk->page_bytes;
}

static MUST_USE enum status damaged(const struct walk *walk, uint64_t page, const char *why, struct err *err)
{
    return err_set(err, STATUS_CORRUPT, "%s: is damaged: page %llu (%s): %s", walk->pages->path,
                   (unsigned long long)page, walk->table, why);
}

/* Each page is used once. */
static MUST_USE enum status take(struct walk *walk, uint64_t page, struct err *err)
{
    if (page < META_PAGES || page > walk->last_page)
        return damaged(walk, page, "lies outside the file", err);
    uint8_t bit = (uint8_t)(1U << (page & 7));
    if ((walk->seen[page >> 3] & bit) != 0)
        return damaged(walk, page, "is used twice, or is free and used", err);
    walk->seen[page >> 3] |= bit;
    /* A file may be larger than memory. Pages above the one at hand are mapped again when they are needed. */
    if (walk->pages->mapped && ++walk->taken % GIVE_BACK_PAGES == 0)
        (void)madvise((void *)(uintptr_t)walk->pages->map, (size_t)walk->pages->bytes, MADV_DONTNEED);
    return STATUS_OK;
}

static struct tree tree_read(const uint8_t *bytes)
{
    return (struct tree){.flags = (uint16_t)number(bytes + 4, 2),
                         .depth = (uint16_t)number(bytes + 6, 2),
                         .branches = number(bytes + 8, 8),
                         .leaves = number(bytes + 16, 8),
                         .overflows = number(bytes + 24, 8),
                         .entries = number(bytes + 32, 8),
                         .root = number(bytes + 40, 8)};
}

static uint32_t node_count(const uint8_t *page)
{
    return (uint32_t)(number(page + AT_LOWER, 2) - HEAD_BYTES) / 2;
}

/* The node under a pointer of a page whose head is good; the text says what is wrong with it. */
static const char *node_read(const struct walk *walk, const uint8_t *page, uint32_t index, struct node *ret_node)
{
    const uint64_t at = number(page + HEAD_BYTES + (size_t)index * 2, 2);
    const bool branch = number(page + AT_FLAGS, 2) == PAGE_BRANCH;
    if (at < number(page + AT_UPPER, 2) || at % 2 != 0 || at + NODE_BYTES > walk->page_bytes)
        return "a pointer leads nowhere";
    const uint8_t *head = page + at;
    const uint64_t key_bytes = number(head + 6, 2);
    *ret_node = (struct node){.key = slice_of(head + NODE_BYTES, (size_t)key_bytes),
                              .flags = branch ? 0 : (uint16_t)number(head + 4, 2),
                              .value = head + NODE_BYTES + key_bytes,
                              .value_bytes = branch ? 0 : number(head, 4),
                              .below = branch ? number(head, 6) : 0};
    const bool big = (ret_node->flags & NODE_BIG) != 0;
    const uint64_t stored = big ? NUMBER_BYTES : ret_node->value_bytes;
    if (at + NODE_BYTES + key_bytes + stored > walk->page_bytes)
        return "a record reaches over its end";
    if (key_bytes > KEY_BYTES_MAX || (key_bytes == 0 && !(branch && index == 0)))
        return "a key has an impossible length";
    if ((ret_node->flags & ~(NODE_BIG | (walk->main ? NODE_TREE : 0))) != 0)
        return "a record has impossible flags";
    return NULL; /* with the byte that makes it even too: page and place are even */
}

/* Marks what a node takes; whether it was free. */
static bool units_take(struct walk *walk, const uint8_t *page, const struct node *node)
{
    const bool branch = number(page + AT_FLAGS, 2) == PAGE_BRANCH;
    const uint64_t stored = branch ? 0 : (node->flags & NODE_BIG) != 0 ? NUMBER_BYTES : node->value_bytes;
    const size_t from = (size_t)(node->key.bytes - NODE_BYTES - page) / 2;
    const size_t to = from + (size_t)(NODE_BYTES + node->key.length + stored + 1) / 2;
    for (size_t unit = from; unit < to;) { /* a byte of them at a time, as far as they go in it */
        const size_t here = 8 - (unit & 7) < to - unit ? 8 - (unit & 7) : to - unit;
        const uint8_t bits = (uint8_t)(((1U << here) - 1) << (unit & 7));
        if ((walk->units[unit >> 3] & bits) != 0)
            return false;
        walk->units[unit >> 3] |= bits;
        unit += here;
    }
    return true;
}

static int compare(const struct walk *walk, struct slice a, struct slice b)
{
    if (walk->free_list) {
        uint64_t x = number(a.bytes, NUMBER_BYTES), y = number(b.bytes, NUMBER_BYTES);
        return x < y ? -1 : x > y;
    }
    int order = memcmp(a.bytes, b.bytes, a.length < b.length ? a.length : b.length);
    return order != 0 ? order : a.length < b.length ? -1 : a.length > b.length;
}

static const char *head_wrong(const struct walk *walk, const uint8_t *page, uint64_t at, bool leaf)
{
    const uint64_t lower = number(page + AT_LOWER, 2), upper = number(page + AT_UPPER, 2);
    if (number(page, 8) != at)
        return "calls itself another page";
    if (number(page + AT_FLAGS, 2) != (leaf ? PAGE_LEAF : PAGE_BRANCH))
        return leaf ? "is no leaf" : "is no branch";
    if (lower % 2 != 0 || upper % 2 != 0 || lower > upper || upper > walk->page_bytes)
        return "its bounds are impossible";
    if (lower < HEAD_BYTES + (leaf || walk->free_list ? 2 : 4))
        return "holds too little";
    return NULL;
}

/* Nodes of a page: within it, in order, between the bounds, without gap or overlap. */
static const char *nodes_wrong(struct walk *walk, const uint8_t *page, struct slice low, struct slice high)
{
    const bool leaf = number(page + AT_FLAGS, 2) == PAGE_LEAF;
    const uint32_t count = node_count(page);
    struct node node = {.flags = 0};
    struct slice before = low;
    uint64_t bytes = 0;
    memset(walk->units, 0, (size_t)walk->page_bytes / 16);
    for (uint32_t i = 0; i < count; i++) {
        const char *wrong = node_read(walk, page, i, &node);
        if (wrong != NULL)
            return wrong;
        if (!units_take(walk, page, &node))
            return "two records lie over each other";
        const uint64_t stored = (node.flags & NODE_BIG) != 0 ? NUMBER_BYTES : node.value_bytes;
        bytes += (NODE_BYTES + node.key.length + stored + 1) & ~(uint64_t)1;
        if (!leaf && i == 0) /* its key is not looked at: what is below begins where the page does */
            continue;
        if (walk->free_list && node.key.length != NUMBER_BYTES)
            return "a key has an impossible length";
        if (before.bytes != NULL && compare(walk, node.key, before) < (leaf && i == 0 ? 0 : 1))
            return "its keys are not in order, or not where they belong";
        before = node.key;
    }
    if (before.bytes != NULL && high.bytes != NULL && compare(walk, before, high) >= 0)
        return "its keys are not where they belong";
    return bytes == walk->page_bytes - number(page + AT_UPPER, 2) ? NULL : "has a gap between its records";
}

/* Pages over which a long value goes. out *ret_value: where it begins. */
static MUST_USE enum status overflow_take(struct walk *walk, const struct node *node, const uint8_t **ret_value,
                                          struct err *err)
{
    const uint64_t first = number(node->value, NUMBER_BYTES);
    const uint64_t needed = (HEAD_BYTES + node->value_bytes + walk->page_bytes - 1) / walk->page_bytes;
    enum status status = take(walk, first, err);
    if (status != STATUS_OK)
        return status;
    const uint8_t *page = page_at(walk, first);
    const uint64_t count = number(page + AT_LOWER, 4);
    if (number(page, 8) != first || number(page + AT_FLAGS, 2) != PAGE_OVERFLOW)
        return damaged(walk, first, "is no page of a long record", err);
    if (count < needed || count > walk->last_page - first + 1)
        return damaged(walk, first, "has an impossible number of pages behind it", err);
    for (uint64_t i = 1; i < count && status == STATUS_OK; i++)
        status = take(walk, first + i, err);
    walk->found.overflows += count;
    *ret_value = page + HEAD_BYTES;
    return status;
}

/* A record of the list of free pages: how many, then their numbers. */
static MUST_USE enum status free_take(struct walk *walk, uint64_t page, const struct node *node, const uint8_t *value,
                                      struct err *err)
{
    walk->freed = number(node->key.bytes, NUMBER_BYTES); /* keys ascend */
    if (node->value_bytes < NUMBER_BYTES)
        return damaged(walk, page, "a list of free pages is impossible", err);
    const uint64_t count = number(value, NUMBER_BYTES);
    enum status status = STATUS_OK;
    if (count > node->value_bytes / NUMBER_BYTES - 1)
        return damaged(walk, page, "a list of free pages is longer than its record", err);
    for (uint64_t i = 1; i <= count && status == STATUS_OK; i++) {
        const uint64_t this = number(value + i * NUMBER_BYTES, NUMBER_BYTES);
        if (i > 1 && this >= number(value + (i - 1) * NUMBER_BYTES, NUMBER_BYTES))
            return damaged(walk, page, "a list of free pages is not in order", err);
        status = take(walk, this, err);
    }
    return status;
}

/* A table that the main tree names. */
static MUST_USE enum status below_take(struct walk *walk, uint64_t page, const struct node *node, struct err *err)
{
    if ((node->flags & NODE_TREE) == 0 || node->value_bytes != TREE_BYTES)
        return damaged(walk, page, "a table has no description", err);
    if (walk->below_count == STORE_TABLES_MAX)
        return damaged(walk, page, "names more tables than there are", err);
    memcpy(walk->names[walk->below_count], node->key.bytes, node->key.length);
    walk->names[walk->below_count][node->key.length] = '\0';
    walk->below[walk->below_count++] = tree_read(node->value);
    return STATUS_OK;
}

static MUST_USE enum status leaf_take(struct walk *walk, uint64_t at, struct err *err)
{
    const uint8_t *page = page_at(walk, at);
    const uint32_t count = node_count(page);
    enum status status = STATUS_OK;
    walk->found.leaves++;
    walk->found.entries += count;
    for (uint32_t i = 0; i < count && status == STATUS_OK; i++) {
        struct node node;
        if (node_read(walk, page, i, &node) != NULL)
            return damaged(walk, at, "changes while it is read", err);
        const uint8_t *value = node.value;
        if ((node.flags & NODE_BIG) != 0)
            status = overflow_take(walk, &node, &value, err);
        if (status == STATUS_OK && walk->free_list)
            status = free_take(walk, at, &node, value, err);
        if (status == STATUS_OK && walk->main)
            status = below_take(walk, at, &node, err);
    }
    return status;
}

/* Looks at a page, and goes down into it if it is a branch. */
static MUST_USE enum status enter(struct walk *walk, uint64_t at, struct slice low, struct slice high, struct err *err)
{
    const bool leaf = walk->depth + 1U == walk->tree.depth;
    enum status status = take(walk, at, err);
    if (status != STATUS_OK)
        return status;
    const uint8_t *page = page_at(walk, at);
    const char *wrong = head_wrong(walk, page, at, leaf);
    if (wrong == NULL)
        wrong = nodes_wrong(walk, page, low, high);
    if (wrong != NULL)
        return damaged(walk, at, wrong, err);
    if (leaf)
        return leaf_take(walk, at, err);
    walk->found.branches++;
    walk->steps[walk->depth++] = (struct step){.page = at, .low = low, .high = high};
    return STATUS_OK;
}

/* Into the next page below the lowest branch; done with that one when there is none. */
static MUST_USE enum status go_on(struct walk *walk, struct err *err)
{
    struct step *step = &walk->steps[walk->depth - 1];
    const uint8_t *page = page_at(walk, step->page);
    struct node node, next;
    if (step->next == node_count(page)) {
        walk->depth--;
        return STATUS_OK;
    }
    const uint32_t index = step->next++;
    struct slice low = step->low, high = step->high;
    if (node_read(walk, page, index, &node) != NULL ||
        (step->next < node_count(page) && node_read(walk, page, step->next, &next) != NULL))
        return damaged(walk, step->page, "changes while it is read", err);
    if (index > 0)
        low = node.key;
    if (step->next < node_count(page))
        high = next.key;
    return enter(walk, node.below, low, high, err);
}

static MUST_USE enum status tree_walk(struct walk *walk, const struct tree *tree, const char *table, struct err *err)
{
    static const struct slice none = {.bytes = NULL};
    walk->tree = *tree;
    walk->table = table;
    walk->found = (struct tree){.flags = tree->flags, .depth = tree->depth, .root = tree->root};
    walk->depth = 0;
    enum status status = STATUS_OK;
    if (tree->depth > DEPTH_MAX || (tree->root == NO_PAGE) != (tree->depth == 0))
        return damaged(walk, tree->root, "a tree of impossible depth begins here", err);
    if (tree->root != NO_PAGE)
        status = enter(walk, tree->root, none, none, err);
    while (status == STATUS_OK && walk->depth > 0)
        status = go_on(walk, err);
    if (status != STATUS_OK)
        return status;
    const struct tree *found = &walk->found;
    if (found->branches != tree->branches || found->leaves != tree->leaves || found->overflows != tree->overflows ||
        found->entries != tree->entries)
        return damaged(walk, tree->root, "the tree that begins here has other numbers than it says", err);
    return STATUS_OK;
}

static MUST_USE enum status tables_walk(struct walk *walk, const struct tree *main, struct err *err)
{
    walk->main = true;
    enum status status = tree_walk(walk, main, "the list of tables", err);
    walk->main = false;
    for (size_t i = 0; i < walk->below_count && status == STATUS_OK; i++) {
        if (walk->below[i].flags != 0)
            return damaged(walk, walk->below[i].root, "a table has impossible flags", err);
        status = tree_walk(walk, &walk->below[i], walk->names[i], err);
    }
    return status;
}

static MUST_USE enum status all_seen(struct walk *walk, struct err *err)
{
    walk->table = "of no table";
    for (uint64_t page = META_PAGES; page <= walk->last_page; page++)
        if ((walk->seen[page >> 3] & 1U << (page & 7)) == 0)
            return damaged(walk, page, "is neither used nor free", err);
    return STATUS_OK;
}

static MUST_USE enum status walk_all(struct walk *walk, const uint8_t *meta, struct err *err)
{
    const struct tree free_list = tree_read(meta + AT_TREES), main = tree_read(meta + AT_TREES + TREE_BYTES);
    walk->free_list = true;
    enum status status = tree_walk(walk, &free_list, "the list of free pages", err);
    walk->free_list = false;
    if (status == STATUS_OK && walk->freed != walk->pages->txn && walk->pages->txn > FIRST_TXN)
        return damaged(walk, free_list.root, "is of another state than the head says", err);
    if (status == STATUS_OK)
        status = tables_walk(walk, &main, err);
    return status == STATUS_OK ? all_seen(walk, err) : status;
}

enum status storepages_check(const struct storepages *pages, struct err *err)
{
    uint8_t meta[META_BYTES];
    const uint64_t page_bytes = number(pages->map + AT_TREES, 4);
    memcpy(meta, pages->map + (pages->txn & 1) * page_bytes, sizeof meta);
    const uint64_t last_page = number(meta + AT_LAST_PAGE, 8);
    if (number(meta + AT_TXN, 8) != pages->txn || last_page >= pages->bytes / page_bytes)
        return err_set(err, STATUS_BUSY, "%s: has gone on to a later state", pages->path);
    enum status status = STATUS_OK;
    struct walk *walk = calloc(1, sizeof *walk);
    if (walk == NULL)
        return err_set(err, STATUS_MEMORY, "%s: no memory", pages->path);
    walk->pages = pages;
    walk->page_bytes = page_bytes;
    walk->last_page = last_page;
    walk->seen = calloc(1, (size_t)(walk->last_page / 8) + 1);
    walk->below = calloc(STORE_TABLES_MAX, sizeof *walk->below);
    walk->names = calloc(STORE_TABLES_MAX, sizeof *walk->names);
    if (walk->seen == NULL || walk->below == NULL || walk->names == NULL)
        status = err_set(err, STATUS_MEMORY, "%s: no memory", pages->path);
    else
        status = walk_all(walk, meta, err);
    free(walk->names);
    free(walk->below);
    free(walk->seen);
    free(walk);
    return status;
}
