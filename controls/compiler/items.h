/*
 * Members of a list on their way to be sorted.
 */
#ifndef CONTROLS_COMPILER_ITEMS_H
#define CONTROLS_COMPILER_ITEMS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct item {
    char *key; /* what the list is sorted by */
    json_t *value;
    size_t offset; /* in the source; orders what has the same key */
};

struct items {
    struct item *list;
    size_t count;
    size_t room;
    bool failed; /* no memory for one */
};

/* Takes value (also when it fails; NULL counts as failure) and a copy of key. */
void items_add(struct items *items, const char *key, json_t *value, size_t offset);
void items_sort(struct items *items);

/* A new list of the values in their order; NULL when memory ran out here or before. */
json_t *items_list(const struct items *items);
void items_done(struct items *items);

#endif
