/*
 * Texts, numbers and lists of the YAML as values of the compiled form, each marked with its place. What cannot become a
 * value is reported and counted, and the walk goes on, so that one run finds all of it.
 */
#include "controls/compiler/values.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/limits.h"
#include "ledger/text.h"

/* Counts a value that cannot be made; the finding says why. */
json_t *value_missing(struct shape *shape, size_t offset, const char *text)
{
    findings_error(shape->findings, offset, "%s", text);
    shape->holes++;
    return NULL;
}

/* Notes where a value came from. NULL stands for memory that ran out. */
json_t *value_marked(struct shape *shape, json_t *value, size_t offset)
{
    if (value == NULL)
        shape->failed = true;
    marks_add(shape->marks, value, offset);
    return value;
}

void value_set(struct shape *shape, json_t *object, const char *member, json_t *value)
{
    if (value != NULL && json_object_set_new(object, member, value) != 0)
        shape->failed = true;
}

/* The text of a node; NULL, with a finding, when it is a list, a map, or nothing. */
const char *value_text(struct shape *shape, const struct node *node)
{
    if (node->type != NODE_TEXT) {
        (void)value_missing(shape, node->offset,
                            node->type == NODE_LIST ? "a text is wanted here, not a list"
                                                    : "a text is wanted here, not a map");
        return NULL;
    }
    if (node->text[0] == '\0') {
        (void)value_missing(shape, node->offset, "a value is missing here");
        return NULL;
    }
    return node->text;
}

json_t *value_from_text(struct shape *shape, const struct node *node)
{
    const char *text = value_text(shape, node);
    return text == NULL ? NULL : value_marked(shape, json_string(text), node->offset);
}

/* Reads a whole number: digits only, no leading zeros. False when it is none. */
bool value_read_integer(const char *text, int64_t *ret_value)
{
    size_t length = strspn(text, "0123456789");
    if (length == 0 || length > VALUE_DIGITS_MAX || text[length] != '\0' || (text[0] == '0' && length > 1))
        return false;
    *ret_value = strtoll(text, NULL, 10);
    return true;
}

json_t *value_from_integer(struct shape *shape, const struct node *node)
{
    int64_t value = 0;
    char shown[TEXT_SHOW_MAX];
    const char *text = value_text(shape, node);
    if (text == NULL)
        return NULL;
    if (value_read_integer(text, &value))
        return value_marked(shape, json_integer(value), node->offset);
    text_show(text, strlen(text), shown);
    findings_error(shape->findings, node->offset, "'%s' is not a whole number", shown);
    shape->holes++;
    return NULL;
}

bool value_list_wanted(struct shape *shape, const struct node *node)
{
    if (node->type == NODE_LIST)
        return true;
    bool nothing = node->type == NODE_TEXT && node->text[0] == '\0';
    (void)value_missing(shape, node->offset,
                        nothing ? "a value is missing here" : "a list is wanted here, e.g. [A, B]");
    return false;
}

/* Reports members that stand twice and drops them, so that the rest can be checked. */
static void items_unique(struct shape *shape, struct items *items)
{
    size_t kept = 0;
    for (size_t i = 0; i < items->count; i++) {
        struct item *item = &items->list[i];
        if (kept > 0 && strcmp(items->list[kept - 1].key, item->key) == 0) {
            char shown[TEXT_SHOW_MAX];
            const char *text = json_is_string(item->value) ? json_string_value(item->value) : item->key;
            text_show(text, strlen(text), shown);
            findings_error(shape->findings, item->offset, "%s stands twice", shown);
            free(item->key);
            json_decref(item->value);
            continue;
        }
        items->list[kept++] = *item;
    }
    items->count = kept;
}

/* Sorts, marks and hands over what was collected for the list at offset. */
json_t *value_from_items(struct shape *shape, struct items *items, size_t offset)
{
    items_sort(items);
    for (size_t i = 0; i < items->count; i++)
        marks_add(shape->marks, items->list[i].value, items->list[i].offset);
    json_t *list = value_marked(shape, items_list(items), offset);
    items_done(items);
    return list;
}

json_t *value_from_texts(struct shape *shape, const struct node *node)
{
    struct items items = {.list = NULL};
    if (!value_list_wanted(shape, node))
        return NULL;
    for (const struct node *member = node->first; member != NULL; member = member->next) {
        const char *text = value_text(shape, member);
        if (text != NULL)
            items_add(&items, text, json_string(text), member->offset);
    }
    items_sort(&items);
    items_unique(shape, &items);
    return value_from_items(shape, &items, node->offset);
}

json_t *value_from_levels(struct shape *shape, const struct node *node)
{
    struct items items = {.list = NULL};
    if (!value_list_wanted(shape, node))
        return NULL;
    for (const struct node *member = node->first; member != NULL; member = member->next) {
        int64_t level = 0;
        const char *text = value_text(shape, member);
        if (text == NULL)
            continue;
        if (!value_read_integer(text, &level) || level < 1 || level > LEVELS_MAX)
            (void)value_missing(shape, member->offset, "a level is a whole number from 1 to 9");
        else
            items_add(&items, text, json_integer(level), member->offset);
    }
    items_sort(&items);
    items_unique(shape, &items);
    return value_from_items(shape, &items, node->offset);
}

/* "write-off.approve.1-3" stands for three functions; anything else for itself. */
static void function_add(struct shape *shape, struct items *items, const struct node *node, const char *text)
{
    size_t length = strlen(text);
    bool range = length > 4 && text[length - 4] == '.' && text[length - 2] == '-' && text[length - 3] >= '1' &&
                 text[length - 3] <= '9' && text[length - 1] >= '1' && text[length - 1] <= '9';
    if (!range || length >= JSON_KEY_BYTES_MAX) {
        items_add(items, text, json_string(text), node->offset);
        return;
    }
    if (text[length - 3] >= text[length - 1]) {
        (void)value_missing(shape, node->offset, "a range of levels goes from a lower to a higher one");
        return;
    }
    char function[JSON_KEY_BYTES_MAX];
    (void)snprintf(function, sizeof function, "%.*s", (int)(length - 2), text);
    for (char level = text[length - 3]; level <= text[length - 1]; level++) {
        function[length - 3] = level;
        items_add(items, function, json_string(function), node->offset);
    }
}

json_t *value_from_functions(struct shape *shape, const struct node *node)
{
    struct items items = {.list = NULL};
    if (!value_list_wanted(shape, node))
        return NULL;
    for (const struct node *member = node->first; member != NULL; member = member->next) {
        const char *text = value_text(shape, member);
        if (text != NULL)
            function_add(shape, &items, member, text);
    }
    items_sort(&items);
    items_unique(shape, &items);
    return value_from_items(shape, &items, node->offset);
}
