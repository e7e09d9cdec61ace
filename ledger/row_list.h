/*
 * The rows of one group of a window, by their places and as bytes, so that sums over thousands of them read memory and not the store.
 */
#ifndef LEDGER_ROW_LIST_H
#define LEDGER_ROW_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/slice.h"

enum { ROW_LIST_ROWS_MAX = 1 << 13, ROW_LIST_BYTES_MAX = 1 << 20 };

struct row_place {
    uint64_t seq, index;
    uint32_t at, length; /* of its value in bytes */
};

/* The last rows of a group, in ascending order. */
struct row_list {
    struct row_place *rows;
    size_t count, room;
    uint8_t *bytes;
    size_t used, size;
    bool whole; /* it begins with the group's first row */
};

/* NULL: no memory. */
struct row_list *row_list_new(void);
void row_list_free(struct row_list *list);

/* Adds a row behind the last, value copied. false: there are too many, or no memory for it; the list is as it was. */
bool row_list_add(struct row_list *list, struct row_place place, struct slice value);

/* Turns the order round: of one that was filled from its end. */
void row_list_turn(struct row_list *list);

/* How many rows stand before a place. */
size_t row_list_before(const struct row_list *list, uint64_t seq, uint64_t index);

/* The value of a row. Lends until the next one is added. */
struct slice row_list_value(const struct row_list *list, size_t i);

#endif
