/*
 * Two arrays that grow: places, and the bytes of all values one after the other.
 */
#include "ledger/row_list.h"

#include <stdlib.h>
#include <string.h>

enum { ROWS_FIRST = 64, BYTES_FIRST = 4096 };

struct row_list *row_list_new(void)
{
    return calloc(1, sizeof(struct row_list));
}

void row_list_free(struct row_list *list)
{
    if (list == NULL)
        return;
    free(list->rows);
    free(list->bytes);
    free(list);
}

static bool rows_make_room(struct row_list *list)
{
    if (list->count < list->room)
        return true;
    size_t room = list->room == 0 ? ROWS_FIRST : list->room * 2;
    struct row_place *rows = room > ROW_LIST_ROWS_MAX ? NULL : realloc(list->rows, room * sizeof *rows);
    if (rows == NULL)
        return false;
    list->rows = rows;
    list->room = room;
    return true;
}

static bool bytes_make_room(struct row_list *list, size_t more)
{
    size_t size = list->size == 0 ? BYTES_FIRST : list->size;
    while (size - list->used < more && size < ROW_LIST_BYTES_MAX)
        size *= 2;
    if (size - list->used < more)
        return false;
    if (size == list->size)
        return true;
    uint8_t *bytes = realloc(list->bytes, size);
    if (bytes == NULL)
        return false;
    list->bytes = bytes;
    list->size = size;
    return true;
}

bool row_list_add(struct row_list *list, struct row_place place, struct slice value)
{
    if (!rows_make_room(list) || !bytes_make_room(list, value.length))
        return false;
    if (value.length > 0)
        memcpy(list->bytes + list->used, value.bytes, value.length);
    place.at = (uint32_t)list->used;
    place.length = (uint32_t)value.length;
    list->used += value.length;
    list->rows[list->count++] = place;
    return true;
}

void row_list_turn(struct row_list *list)
{
    for (size_t i = 0, k = list->count; i + 1 < k; i++) {
        struct row_place one = list->rows[i];
        list->rows[i] = list->rows[--k];
        list->rows[k] = one;
    }
}

static bool is_before(const struct row_place *row, uint64_t seq, uint64_t index)
{
    return row->seq != seq ? row->seq < seq : row->index < index;
}

size_t row_list_before(const struct row_list *list, uint64_t seq, uint64_t index)
{
    size_t low = 0, high = list->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (is_before(&list->rows[middle], seq, index))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct slice row_list_value(const struct row_list *list, size_t i)
{
    return slice_of(list->bytes + list->rows[i].at, list->rows[i].length);
}
