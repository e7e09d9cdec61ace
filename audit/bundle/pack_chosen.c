/*
 * Which entries a part has, and why. A book's quarter is a hundred thousand of them, and has a few thousand different
 * reasons: each text is kept once.
 */
#include "audit/bundle/pack_chosen.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROOM_FIRST = 256, TEXT_BYTES = 256 };

enum status pack_chosen_init(struct pack_chosen *chosen, struct err *err)
{
    *chosen = (struct pack_chosen){.texts = json_array(), .places = json_object()};
    if (chosen->texts == NULL || chosen->places == NULL) {
        pack_chosen_done(chosen);
        return err_set(err, STATUS_MEMORY, "no memory for a selection");
    }
    return STATUS_OK;
}

void pack_chosen_done(struct pack_chosen *chosen)
{
    free(chosen->items);
    json_decref(chosen->texts);
    json_decref(chosen->places);
    *chosen = (struct pack_chosen){.count = 0};
}

static enum status place_of(struct pack_chosen *chosen, const char *text, size_t *ret_place, struct err *err)
{
    const json_t *known = json_object_get(chosen->places, text);
    size_t place = json_array_size(chosen->texts);
    if (known != NULL) {
        *ret_place = (size_t)json_integer_value(known);
        return STATUS_OK;
    }
    if (json_array_append_new(chosen->texts, json_string(text)) != 0 ||
        json_object_set_new(chosen->places, text, json_integer((json_int_t)place)) != 0)
        return err_set(err, STATUS_MEMORY, "no memory for a selection");
    *ret_place = place;
    return STATUS_OK;
}

enum status pack_chosen_add(struct pack_chosen *chosen, uint64_t seq, const char *sort, const char *what,
                            struct err *err)
{
    char text[TEXT_BYTES];
    size_t place = 0;
    int length = snprintf(text, sizeof text, "%s%s%s", sort, what != NULL ? " " : "", what != NULL ? what : "");
    invariant(length > 0 && (size_t)length < sizeof text);
    enum status status = place_of(chosen, text, &place, err);
    if (status != STATUS_OK)
        return status;
    if (chosen->count == chosen->room) {
        size_t room = chosen->room == 0 ? ROOM_FIRST : chosen->room * 2;
        struct pack_reason *items = realloc(chosen->items, room * sizeof *items);
        if (items == NULL)
            return err_set(err, STATUS_MEMORY, "no memory for a selection");
        chosen->items = items;
        chosen->room = room;
    }
    chosen->items[chosen->count++] = (struct pack_reason){.seq = seq, .text = place};
    return STATUS_OK;
}

static int compare(const void *a, const void *b)
{
    const struct pack_reason *left = a, *right = b;
    if (left->seq != right->seq)
        return left->seq < right->seq ? -1 : 1;
    return left->text < right->text ? -1 : left->text > right->text;
}

static int compare_texts(const void *a, const void *b)
{
    return strcmp(json_string_value(*(json_t *const *)a), json_string_value(*(json_t *const *)b));
}

/* Gives places their order as texts, so that what stands in a manifest does not hang on how it was found. */
static enum status order_texts(struct pack_chosen *chosen, struct err *err)
{
    size_t count = json_array_size(chosen->texts), i = 0;
    json_t **sorted = calloc(count, sizeof *sorted);
    size_t *ranks = calloc(count, sizeof *ranks);
    json_t *list = json_array(), *text = NULL;
    bool whole = sorted != NULL && ranks != NULL && list != NULL;
    json_array_foreach(chosen->texts, i, text)
    {
        if (whole)
            sorted[i] = text;
    }
    if (whole)
        qsort(sorted, count, sizeof *sorted, compare_texts);
    for (i = 0; whole && i < count; i++) {
        ranks[json_integer_value(json_object_get(chosen->places, json_string_value(sorted[i])))] = i;
        whole = json_array_append(list, sorted[i]) == 0;
    }
    for (i = 0; whole && i < chosen->count; i++)
        chosen->items[i].text = ranks[chosen->items[i].text];
    free(sorted);
    free(ranks);
    if (!whole) {
        json_decref(list);
        return err_set(err, STATUS_MEMORY, "no memory for a selection");
    }
    json_decref(chosen->texts);
    chosen->texts = list;
    return STATUS_OK;
}

enum status pack_chosen_sort(struct pack_chosen *chosen, struct err *err)
{
    size_t kept = 0;
    enum status status = order_texts(chosen, err);
    if (status != STATUS_OK)
        return status;
    qsort(chosen->items, chosen->count, sizeof *chosen->items, compare);
    for (size_t i = 0; i < chosen->count; i++) {
        if (kept == 0 || compare(&chosen->items[kept - 1], &chosen->items[i]) != 0)
            chosen->items[kept++] = chosen->items[i];
    }
    chosen->count = kept;
    return STATUS_OK;
}

const char *pack_chosen_text(const struct pack_chosen *chosen, size_t place)
{
    return json_string_value(json_array_get(chosen->texts, chosen->items[place].text));
}

size_t pack_chosen_after(const struct pack_chosen *chosen, size_t place)
{
    uint64_t seq = chosen->items[place].seq;
    while (place < chosen->count && chosen->items[place].seq == seq)
        place++;
    return place;
}
