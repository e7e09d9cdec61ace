/*
 * Records that were read or written lately, parsed, by table and key: a document asks for the same few a dozen times. What is
 * found here is what the store has, since the tables forget a key with each write under it (tables.c), and everything with a
 * transaction that came to nothing or one that was somebody else's.
 *
 * Bounded: a slot for each of some thousands of keys, so a later record may push out an earlier one. For one thread at a time.
 */
#ifndef LEDGER_RECORD_CACHE_H
#define LEDGER_RECORD_CACHE_H

#include <jansson.h>
#include <stddef.h>

#include "ledger/slice.h"

enum {
    RECORD_CACHE_BYTES_MAX = 16 << 20,       /* of memory, by estimate */
    RECORD_CACHE_RECORD_BYTES_MAX = 16 << 10 /* of one record, as text */
};

struct record_cache;
struct row_list;

/* NULL: no memory; every function here takes that for a cache that holds nothing. */
struct record_cache *record_cache_new(void);
void record_cache_free(struct record_cache *cache);

/* Lends a record until the cache is asked for anything else; NULL: it is not here. */
json_t *record_cache_find(struct record_cache *cache, size_t table, struct slice key);

/*
 * Keeps a record, where it can: one that is too long, or of which somebody else holds a part that could be changed, is left.
 *
 * in      record: borrowed; nobody else but who asks may hold it. bytes: its length as text.
 */
void record_cache_keep(struct record_cache *cache, size_t table, struct slice key, json_t *record, size_t bytes);

/* Gives a record that nobody else holds, to be changed, and no longer has it; NULL: it is not here, or others hold it. */
json_t *record_cache_take(struct record_cache *cache, size_t table, struct slice key);

/*
 * The rows of a group, which is what their keys have in front of their places (window.h). Taken out while somebody walks them, and
 * given back; a write under a key of the group forgets them. NULL: they are not here.
 */
struct row_list *record_cache_rows_take(struct record_cache *cache, size_t table, struct slice group);
/* Takes rows. All that are kept are of one table. */
void record_cache_rows_keep(struct record_cache *cache, size_t table, struct slice group, struct row_list *rows);

void record_cache_forget(struct record_cache *cache, size_t table, struct slice key);
void record_cache_clear(struct record_cache *cache);

#endif
