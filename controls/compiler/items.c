/*
 * Collects, sorts and hands over the members of a list of the compiled form.
 */
#include "controls/compiler/items.h"

#include <stdlib.h>
#include <string.h>

void items_add(struct items *items, const char *key, json_t *value, size_t offset)
{
    char *copy = strdup(key);
    if (items->count == items->room && copy != NULL) {
        size_t room = items->room == 0 ? 32 : 2 * items->room;
        struct item *list = realloc(items->list, room * sizeof list[0]);
        if (list != NULL) {
            items->list = list;
            items->room = room;
        }
    }
    if (copy == NULL || value == NULL || items->count == items->room) {
        items->failed = true;
        free(copy);
        json_decref(value);
        return;
    }
    items->list[items->count++] = (struct item){copy, value, offset};
}

static int compare_items(const void *a, const void *b)
{
    const struct item *x = a;
    const struct item *y = b;
    int order = strcmp(x->key, y->key);
    if (order != 0)
        return order;
    return (x->offset > y->offset) - (x->offset < y->offset);
}

void items_sort(struct items *items)
{
    if (items->count > 0)
        qsort(items->list, items->count, sizeof items->list[0], compare_items);
}

json_t *items_list(const struct items *items)
{
    json_t *list = items->failed ? NULL : json_array();
    for (size_t i = 0; list != NULL && i < items->count; i++) {
        if (json_array_append(list, items->list[i].value) != 0) {
            json_decref(list);
            list = NULL;
        }
    }
    return list;
}

void items_done(struct items *items)
{
    for (size_t i = 0; i < items->count; i++) {
        free(items->list[i].key);
        json_decref(items->list[i].value);
    }
    free(items->list);
    *items = (struct items){.list = NULL};
}
