/*
 * Values of the compiled form, made from nodes of the YAML.
 */
#ifndef CONTROLS_COMPILER_VALUES_H
#define CONTROLS_COMPILER_VALUES_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "controls/compiler/items.h"
#include "controls/compiler/marks.h"
#include "controls/compiler/report.h"
#include "controls/compiler/yaml.h"

enum { VALUE_DIGITS_MAX = 15 /* of a whole number */ };

struct shape {
    struct findings *findings;
    struct marks *marks;
    size_t holes; /* values that could not be made */
    bool failed;  /* no memory */
};

/* Reports text, counts a value that cannot be made, and answers NULL. */
json_t *value_missing(struct shape *shape, size_t offset, const char *text);

/* Marks a new value and answers it; NULL stands for memory that ran out. */
json_t *value_marked(struct shape *shape, json_t *value, size_t offset);

/* Sets a member, taking value; nothing when it is NULL. */
void value_set(struct shape *shape, json_t *object, const char *member, json_t *value);

/* The text of a node; NULL, reported, when it is a list, a map, or nothing. Lends until yaml_free. */
const char *value_text(struct shape *shape, const struct node *node);

/* Reads a whole number: digits only, no leading zeros. False when it is none. */
bool value_read_integer(const char *text, int64_t *ret_value);

/* True for a list; anything else is reported. */
bool value_list_wanted(struct shape *shape, const struct node *node);

/* Give new values, or NULL when that was reported: text; a whole number; sorted lists of text, levels, functions. */
json_t *value_from_text(struct shape *shape, const struct node *node);
json_t *value_from_integer(struct shape *shape, const struct node *node);
json_t *value_from_texts(struct shape *shape, const struct node *node);
json_t *value_from_levels(struct shape *shape, const struct node *node);
json_t *value_from_functions(struct shape *shape, const struct node *node);

/* Sorts and marks what was collected, and gives it as the list at offset; items are done with. */
json_t *value_from_items(struct shape *shape, struct items *items, size_t offset);

#endif
