/*
 * The outline of canonical JSON: every value of it in the order of its bytes, and where each one ends, made in the one pass that
 * checks the form (scan_outline). What a tree is made for, without making one: for hot paths that look at bytes once and
 * keep little of them.
 */
#ifndef LEDGER_OUTLINE_H
#define LEDGER_OUTLINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/slice.h"

enum outline_type {
    OUTLINE_OBJECT,
    OUTLINE_LIST,
    OUTLINE_TEXT,
    OUTLINE_INTEGER,
    OUTLINE_TRUE,
    OUTLINE_FALSE,
    OUTLINE_NULL
};

struct outline_node {
    uint32_t at, length; /* of the raw value */
    uint32_t next;       /* place of the node that follows it and all that is in it */
    uint32_t name_at;    /* of its name between the quotes; name_length 0: in a list, or the whole */
    uint8_t name_length;
    uint8_t type;     /* enum outline_type */
    uint16_t escapes; /* of a text: escapes in it, UINT16_MAX: so many or more */
};

struct outline {
    const char *bytes; /* what it is of; borrowed */
    struct outline_node *nodes;
    size_t count, room; /* room is the caller's to set, with nodes */
};

/* What stands in an object or list, one after the other. NULL: no more. */
static inline const struct outline_node *outline_first(const struct outline *outline, const struct outline_node *node)
{
    const struct outline_node *end = outline->nodes + node->next;
    return node->type <= OUTLINE_LIST && node + 1 < end ? node + 1 : NULL;
}

static inline const struct outline_node *outline_after(const struct outline *outline, const struct outline_node *within,
                                                       const struct outline_node *node)
{
    const struct outline_node *after = outline->nodes + node->next;
    return after < outline->nodes + within->next ? after : NULL;
}

/* How many values stand in an object or list. cost O(values in it). */
size_t outline_count(const struct outline *outline, const struct outline_node *within);

/* The member of an object; NULL: it has none of that name, or is no object, or NULL. */
const struct outline_node *outline_get(const struct outline *outline, const struct outline_node *object,
                                       const char *name);

/* The bytes of a value. */
struct slice outline_raw(const struct outline *outline, const struct outline_node *node);

/* What stands between the quotes of a text that has no escape; false for everything else, and for NULL. */
bool outline_text(const struct outline *outline, const struct outline_node *node, struct slice *ret_text);

/* Whether it is that text. wanted needs no escape. NULL is none. */
bool outline_is(const struct outline *outline, const struct outline_node *node, const char *wanted);

/* The same of a list of words, closed by NULL. */
bool outline_is_one_of(const struct outline *outline, const struct outline_node *node, const char *const *words);

/* The number of an integer; false for everything else, and for NULL. */
bool outline_integer(const struct outline *outline, const struct outline_node *node, int64_t *ret_integer);

/* Whether a slice holds that text. */
bool slice_is(struct slice slice, const char *wanted);

#endif
