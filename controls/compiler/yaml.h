/*
 * The YAML of a policy as a tree of maps, lists and text.
 */
#ifndef CONTROLS_COMPILER_YAML_H
#define CONTROLS_COMPILER_YAML_H

#include <stddef.h>

#include "controls/compiler/report.h"

enum {
    NODES_MAX = 100000, /* of a policy; a large one has some thousands */
    NODE_DEPTH_MAX = 8, /* maps and lists within one another; the deepest policy has 6 */
    NODE_KEYS_MAX = 64  /* keys of one map; the top level has 13 */
};

enum node_type { NODE_TEXT, NODE_LIST, NODE_MAP };

struct node {
    enum node_type type;
    size_t offset;      /* in the source */
    const char *text;   /* of a text, NUL-terminated */
    struct node *first; /* members of a list; keys of a map */
    struct node *next;  /* the next member or key */
    struct node *value; /* of a key */
};

struct yaml_tree;

/*
 * Parses one document. Every scalar is text. What the restricted form does not allow is reported: anchors, aliases,
 * tags, more than one document, keys twice, keys that are no text, too deep, too many.
 *
 * in      findings holds the source, which has passed filter_check and outlives the tree.
 * out     *ret_tree, given; free with yaml_free. Its root is a map. NULL when findings has an error.
 * errors  MEMORY.
 */
MUST_USE enum status yaml_parse(struct findings *findings, struct yaml_tree **ret_tree, struct err *err);
void yaml_free(struct yaml_tree *tree);

/* The topmost map. Lends until yaml_free. */
const struct node *yaml_root(const struct yaml_tree *tree);

/* The value of a key, NULL when the map has no such key (or is none). */
const struct node *node_get(const struct node *map, const char *key);

/* libfyaml's own word for its version. Lends for ever. */
const char *yaml_library_version(void);

#endif
