/*
 * One slot for each remainder of a key's hash; whoever comes later has it. That holds memory without any order of age: records of
 * the same statement and of the same customer come one after the other.
 */
#include "ledger/record_cache.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/row_list.h"

enum {
    SLOTS = 4096,
    KEY_BYTES_KEPT = 160,
    DEPTH_KEPT = 16,
    TREE_OF_TEXT = 12,        /* memory that a record takes for each byte of its text, about */
    PLACE_BYTES = 2 * (1 + 8) /* of a row's key, behind its group */
};

struct slot {
    json_t *record;
    struct row_list *rows; /* or these */
    size_t table, key_length, bytes;
    uint8_t key[KEY_BYTES_KEPT];
};

struct record_cache {
    struct slot *slots[SLOTS];
    size_t bytes;
    size_t rows_table; /* that some rows are of, plus one; 0: none yet */
};

struct record_cache *record_cache_new(void)
{
    return calloc(1, sizeof(struct record_cache));
}

void record_cache_free(struct record_cache *cache)
{
    record_cache_clear(cache);
    free(cache);
}

/* Spreads keys that differ in one digit; who finds two that fall together only pushes records out. */
static size_t slot_of(size_t table, struct slice key)
{
    uint64_t hash = UINT64_C(0x9E3779B97F4A7C15) * (table + 1);
    for (size_t at = 0; at < key.length; at += sizeof(uint64_t)) {
        uint64_t word = 0;
        size_t left = key.length - at;
        memcpy(&word, key.bytes + at, left < sizeof word ? left : sizeof word);
        hash = (hash ^ word) * UINT64_C(0xBF58476D1CE4E5B9);
        hash ^= hash >> 32;
    }
    return hash % SLOTS;
}

static struct slot **find(struct record_cache *cache, size_t table, struct slice key)
{
    if (cache == NULL || key.length > KEY_BYTES_KEPT)
        return NULL;
    struct slot **place = &cache->slots[slot_of(table, key)];
    if (*place == NULL || (*place)->table != table || (*place)->key_length != key.length ||
        memcmp((*place)->key, key.bytes, key.length) != 0)
        return NULL;
    return place;
}

static void empty(struct record_cache *cache, struct slot **place)
{
    cache->bytes -= (*place)->bytes;
    json_decref((*place)->record);
    row_list_free((*place)->rows);
    free(*place);
    *place = NULL;
}

json_t *record_cache_find(struct record_cache *cache, size_t table, struct slice key)
{
    struct slot **place = find(cache, table, key);
    return place != NULL ? (*place)->record : NULL; /* of rows: NULL */
}

/* Whether nobody but this tree holds any object or array in it: nothing else is ever changed in place. */
static bool is_whole_owner(const json_t *value, unsigned depth)
{
    json_t *iterated = (json_t *)(uintptr_t)value; /* jansson's iterators leave it as it is */
    if (!json_is_object(value) && !json_is_array(value))
        return true;
    if (value->refcount != 1 || depth == DEPTH_KEPT)
        return false;
    for (size_t i = 0; i < json_array_size(value); i++)
        if (!is_whole_owner(json_array_get(value, i), depth + 1))
            return false;
    for (void *at = json_object_iter(iterated); at != NULL; at = json_object_iter_next(iterated, at))
        if (!is_whole_owner(json_object_iter_value(at), depth + 1))
            return false;
    return true;
}

static struct slot *slot_new(size_t table, struct slice key, json_t *record, size_t bytes)
{
    struct slot *slot = malloc(sizeof *slot);
    if (slot == NULL)
        return NULL;
    slot->record = record;
    slot->rows = NULL;
    slot->table = table;
    slot->key_length = key.length;
    slot->bytes = bytes;
    memcpy(slot->key, key.bytes, key.length);
    return slot;
}

static void slot_put(struct record_cache *cache, struct slot *slot)
{
    if (cache->bytes + slot->bytes > RECORD_CACHE_BYTES_MAX)
        record_cache_clear(cache);
    struct slot **place = &cache->slots[slot_of(slot->table, slice_of(slot->key, slot->key_length))];
    if (*place != NULL)
        empty(cache, place);
    *place = slot;
    cache->bytes += slot->bytes;
}

void record_cache_keep(struct record_cache *cache, size_t table, struct slice key, json_t *record, size_t bytes)
{
    struct slot *slot = NULL;
    if (cache != NULL && key.length <= KEY_BYTES_KEPT && bytes <= RECORD_CACHE_RECORD_BYTES_MAX &&
        is_whole_owner(record, 0))
        slot = slot_new(table, key, record, bytes * TREE_OF_TEXT);
    if (slot == NULL)
        return;
    json_incref(record);
    slot_put(cache, slot);
}

json_t *record_cache_take(struct record_cache *cache, size_t table, struct slice key)
{
    struct slot **place = find(cache, table, key);
    if (place == NULL || (*place)->record == NULL || !is_whole_owner((*place)->record, 0))
        return NULL;
    json_t *record = json_incref((*place)->record);
    empty(cache, place);
    return record;
}

struct row_list *record_cache_rows_take(struct record_cache *cache, size_t table, struct slice group)
{
    struct slot **place = find(cache, table, group);
    if (place == NULL || (*place)->rows == NULL)
        return NULL;
    struct row_list *rows = (*place)->rows;
    (*place)->rows = NULL;
    empty(cache, place);
    return rows;
}

void record_cache_rows_keep(struct record_cache *cache, size_t table, struct slice group, struct row_list *rows)
{
    struct slot *slot = NULL;
    if (cache != NULL && group.length <= KEY_BYTES_KEPT)
        slot = slot_new(table, group, NULL, rows->used + rows->count * sizeof *rows->rows);
    if (slot == NULL) {
        row_list_free(rows);
        return;
    }
    slot->rows = rows;
    cache->rows_table = table + 1;
    slot_put(cache, slot);
}

void record_cache_forget(struct record_cache *cache, size_t table, struct slice key)
{
    struct slot **place = find(cache, table, key);
    if (place != NULL)
        empty(cache, place);
    if (cache == NULL || cache->rows_table != table + 1 || key.length < PLACE_BYTES)
        return;
    place = find(cache, table, slice_of(key.bytes, key.length - PLACE_BYTES));
    if (place != NULL)
        empty(cache, place);
}

void record_cache_clear(struct record_cache *cache)
{
    for (size_t i = 0; cache != NULL && i < SLOTS; i++)
        if (cache->slots[i] != NULL)
            empty(cache, &cache->slots[i]);
}
