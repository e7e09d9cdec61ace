/*
 * One slot for each remainder of a key's hash; whoever comes later has it. That holds memory without any order of age: records of
 * the same statement and of the same customer come one after the other.
 */
#include "ledger/record_cache.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { SLOTS = 4096, KEY_BYTES_KEPT = 160, DEPTH_KEPT = 16 };

struct slot {
    json_t *record;
    size_t table, key_length, bytes;
    uint8_t key[KEY_BYTES_KEPT];
};

struct record_cache {
    struct slot *slots[SLOTS];
    size_t bytes;
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
    free(*place);
    *place = NULL;
}

json_t *record_cache_find(struct record_cache *cache, size_t table, struct slice key)
{
    struct slot **place = find(cache, table, key);
    return place != NULL ? (*place)->record : NULL;
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
    slot->table = table;
    slot->key_length = key.length;
    slot->bytes = bytes;
    memcpy(slot->key, key.bytes, key.length);
    return slot;
}

void record_cache_keep(struct record_cache *cache, size_t table, struct slice key, json_t *record, size_t bytes)
{
    struct slot *slot = NULL;
    if (cache != NULL && key.length <= KEY_BYTES_KEPT && bytes <= RECORD_CACHE_RECORD_BYTES_MAX &&
        is_whole_owner(record, 0))
        slot = slot_new(table, key, record, bytes);
    if (slot == NULL)
        return;
    json_incref(record);
    if (cache->bytes + bytes > RECORD_CACHE_BYTES_MAX)
        record_cache_clear(cache);
    struct slot **place = &cache->slots[slot_of(table, key)];
    if (*place != NULL)
        empty(cache, place);
    *place = slot;
    cache->bytes += bytes;
}

json_t *record_cache_take(struct record_cache *cache, size_t table, struct slice key)
{
    struct slot **place = find(cache, table, key);
    if (place == NULL || !is_whole_owner((*place)->record, 0))
        return NULL;
    json_t *record = json_incref((*place)->record);
    empty(cache, place);
    return record;
}

void record_cache_forget(struct record_cache *cache, size_t table, struct slice key)
{
    struct slot **place = find(cache, table, key);
    if (place != NULL)
        empty(cache, place);
}

void record_cache_clear(struct record_cache *cache)
{
    for (size_t i = 0; cache != NULL && i < SLOTS; i++)
        if (cache->slots[i] != NULL)
            empty(cache, &cache->slots[i]);
}
