/*
 * The books' environment: tables that are derived from the journal. Guarantees that no changed value is handed out, that
 * a transaction is whole or absent while the system runs, and that an open says truly whether what is there can be
 * believed. What the tables mean, and how they are rebuilt, is for the books; this room knows bytes.
 */
#include "ledger/tables.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger/checksum.h"
#include "ledger/record_cache.h"
#include "ledger/tables_layout.h"

static_assert((int)TABLES_COUNT_MAX + 1 <= (int)STORE_TABLES_MAX, "the caller's tables and ours");
static_assert((int)TABLES_VALUE_BYTES_MAX + (int)CHECKSUM_BYTES <= (int)STORE_VALUE_BYTES_MAX, "a value and its sum");
static_assert((int)TABLES_KEY_BYTES_MAX == (int)STORE_KEY_BYTES_MAX, "keys go down as they are");
static_assert((int)TABLES_KEY_BYTES_MAX <= (int)CHECKSUM_KEY_BYTES_MAX, "and into the sum");

static const char facts_table[] = "~facts";
static const char watermark_key[] = "watermark";

enum { NUMBER_BYTES = 8, LAYOUT_BYTES = 4, BARE_BYTES = NUMBER_BYTES + HASH_BYTES };
enum { WATERMARK_BYTES = BARE_BYTES + LAYOUT_BYTES };

static enum status take_names(struct tables *tables, const struct tables_options *options, struct err *err)
{
    if (options->count == 0 || options->count > TABLES_COUNT_MAX)
        return err_set(err, STATUS_LIMIT, "%s: books have 1 to %d tables, not %zu", tables->dir.text, TABLES_COUNT_MAX,
                       options->count);
    for (size_t table = 0; table < options->count; table++) {
        size_t length = strnlen(options->names[table], CHECKSUM_NAME_BYTES_MAX + 1);
        if (length == 0 || length > CHECKSUM_NAME_BYTES_MAX || options->names[table][0] == '~')
            return err_set(err, STATUS_LIMIT, "%s: table %zu has no possible name", tables->dir.text, table);
        tables->names[table] = options->names[table];
    }
    tables->names[options->count] = facts_table;
    tables->count = options->count;
    tables->read_only = options->read_only;
    tables->layout = options->layout;
    return STATUS_OK;
}

static enum status mark_get(struct tables_txn *txn, struct tables_watermark *ret_watermark, uint32_t *ret_layout,
                            struct err *err);

/* Are they empty, is the watermark whole, and whose layout is it? */
static enum status look_inside(struct tables *tables, struct err *err)
{
    struct tables_txn *txn = NULL;
    struct tables_watermark watermark;
    uint64_t records = 0;
    enum status status = tables_read_begin(tables, &txn, err);
    for (size_t table = 0; table < tables->count && status == STATUS_OK && records == 0; table++)
        status = store_count(txn->store, table, &records, err);
    if (status == STATUS_OK && store_was_looked_at(tables->store))
        status = tables_check_records(txn, err);
    if (status == STATUS_CORRUPT && atomic_load(&tables->suspect)) {
        status = STATUS_OK; /* they are told suspect */
    } else if (status == STATUS_OK) {
        status = mark_get(txn, &watermark, &tables->made, err);
        tables->fresh = status == STATUS_NOT_FOUND && records == 0;
        if (status == STATUS_NOT_FOUND && records > 0) /* never written so by the books */
            tables->found = MARK_BAD;
        if (status == STATUS_NOT_FOUND || status == STATUS_CORRUPT) /* a bad watermark has made them suspect */
            status = STATUS_OK;
    }
    tables_abort(txn);
    return status;
}

/* Books that another release made need not have all of our tables. Those are not opened, only told whose they are. */
static bool of_another_layout(struct tables *tables, const struct store_options *usual)
{
    struct tables part = {.dir = tables->dir, .names = {facts_table}, .read_only = true};
    struct store_options options = *usual;
    struct tables_txn *txn = NULL;
    struct tables_watermark watermark;
    options.names = part.names;
    options.count = 1;
    enum status status = store_open(tables->dir.text, &options, &part.store, NULL);
    if (status == STATUS_OK)
        status = tables_read_begin(&part, &txn, NULL);
    if (status == STATUS_OK)
        status = mark_get(txn, &watermark, &tables->made, NULL);
    tables_abort(txn);
    store_close(part.store);
    return status == STATUS_OK && tables->made != tables->layout;
}

/*
 * Marks first: what a power cut has mixed up could end the process that maps it, so tables that must be rebuilt are not
 * opened at all. A file that is to be made is marked before it is there.
 */
static enum status read_marks(struct tables *tables, bool *ret_new, struct err *err)
{
    struct path path;
    struct stat facts;
    enum status status = path_set(&path, err, "%s/data.mdb", tables->dir.text);
    *ret_new = true;
    if (status != STATUS_OK || tables->scratch)
        return status;
    if (stat(path.text, &facts) == 0 && facts.st_size > 0) {
        *ret_new = false;
        tables->found = mark_read(tables->dir.text, &tables->boot);
        return STATUS_OK;
    }
    if (tables->read_only)
        return err_set(err, STATUS_NOT_FOUND, "%s: there are no books: rebuild them", tables->dir.text);
    return mark_new(tables->dir.text, &tables->boot, &tables->seen, err);
}

static enum status open_store(struct tables *tables, const struct tables_options *options, struct err *err)
{
    struct store_options store_options = {.names = tables->names,
                                          .count = tables->count + 1,
                                          .map_bytes = options->map_bytes,
                                          .unsynced = true,
                                          .look = options->whole ? STORE_LOOK_WHOLE : STORE_LOOK_USUAL,
                                          .read_only = options->read_only};
    int guard = -1;
    bool new_file = false;
    if (!options->read_only && mkdir(tables->dir.text, 0700) != 0 && errno != EEXIST)
        return durable_fail(errno, tables->dir.text, "make directory", err);
    enum status status = mark_guard(tables->dir.text, false, &guard, err);
    if (status == STATUS_NOT_FOUND)
        status = err_set(err, STATUS_NOT_FOUND, "%s: there are no books: rebuild them", tables->dir.text);
    if (status == STATUS_OK)
        status = read_marks(tables, &new_file, err);
    store_options.create =
        new_file && !options->read_only; /* a table that others lack is no reason to make it, but to doubt */
    bool good = status == STATUS_OK && tables->found == MARK_GOOD;
    if (good)
        status = store_open(tables->dir.text, &store_options, &tables->store, err);
    if (status == STATUS_CORRUPT && !new_file && of_another_layout(tables, &store_options))
        status = STATUS_OK;
    if (guard >= 0)
        close(guard);
    return status == STATUS_OK && tables->store != NULL ? look_inside(tables, err) : status;
}

static enum status open_tables(const char *dir, const struct tables_options *options, bool scratch,
                               struct tables **ret_tables, struct err *err)
{
    struct tables *tables = calloc(1, sizeof *tables);
    if (tables == NULL)
        return err_set(err, STATUS_MEMORY, "%s: no memory", dir);
    tables->scratch = scratch;
    enum status status = path_set(&tables->dir, err, "%s", dir);
    if (status == STATUS_OK)
        status = take_names(tables, options, err);
    if (status == STATUS_OK)
        status = boot_id_get(options->boot_id, &tables->boot, err);
    if (status == STATUS_OK)
        status = open_store(tables, options, err);
    if (status != STATUS_OK) {
        tables_close(tables);
        return status;
    }
    *ret_tables = tables;
    return STATUS_OK;
}

enum status tables_open(const char *dir, const struct tables_options *options, struct tables **ret_tables,
                        struct err *err)
{
    return open_tables(dir, options, false, ret_tables, err);
}

static enum status check_empty(const char *dir, struct err *err)
{
    enum status status = STATUS_OK;
    DIR *listing = opendir(dir);
    if (listing == NULL)
        return errno == ENOENT ? STATUS_OK : durable_fail(errno, dir, "look into", err);
    for (const struct dirent *entry = readdir(listing); entry != NULL && status == STATUS_OK; entry = readdir(listing))
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            status = err_set(err, STATUS_EXISTS, "%s: is not empty: scratch tables need a new directory", dir);
    closedir(listing);
    return status;
}

enum status tables_create_scratch(const char *dir, const struct tables_options *options, struct tables **ret_tables,
                                  struct err *err)
{
    enum status status = check_empty(dir, err);
    return status == STATUS_OK ? open_tables(dir, options, true, ret_tables, err) : status;
}

enum tables_trust tables_trust(const struct tables *tables)
{
    if (atomic_load(&tables->suspect))
        return TABLES_SUSPECT;
    if (tables->fresh)
        return TABLES_FRESH;
    switch (tables->found) {
    case MARK_GOOD:
        return tables->made == tables->layout ? TABLES_OK : tables->made < tables->layout ? TABLES_OLDER : TABLES_NEWER;
    case MARK_OTHER_BOOT:
        return TABLES_UNCLEAN_BOOT;
    case MARK_BAD:
        return TABLES_SUSPECT;
    }
    return TABLES_SUSPECT;
}

enum status tables_open_remote(const struct store_remote *remote, const struct tables_options *options,
                               struct tables **ret_tables, struct err *err)
{
    struct tables *tables = calloc(1, sizeof *tables);
    if (tables == NULL)
        return err_set(err, STATUS_MEMORY, "%s: no memory", remote->name);
    tables->scratch = true; /* no marks: there is no directory to leave them in */
    enum status status = path_set(&tables->dir, err, "%s", remote->name);
    if (status == STATUS_OK)
        status = take_names(tables, options, err);
    tables->read_only = true;
    if (status == STATUS_OK)
        status = store_open_remote(remote, tables->names, tables->count + 1, &tables->store, err);
    if (status == STATUS_OK)
        *ret_tables = tables;
    else
        tables_close(tables);
    return status;
}

void tables_close(struct tables *tables)
{
    if (tables == NULL)
        return;
    record_cache_free(tables->cache);
    store_close(tables->store);
    free(tables);
}

/*
 * Under the write lock, so that nobody commits between the sync and the mark; and what was dropped says nothing of what is there.
 * After a sync that failed the system may take for written what the disk has not: no later sync makes these tables whole.
 */
static enum status sync_and_mark(struct tables *tables, struct err *err)
{
    struct store_txn *txn = NULL;
    int guard = -1;
    enum status status = store_write_begin(tables->store, &txn, err);
    bool began = status == STATUS_OK;
    if (began)
        status = store_sync(tables->store, err);
    if (began && status != STATUS_OK && store_is_current(tables->store))
        mark_suspect(tables->dir.text);
    if (status == STATUS_OK)
        status = mark_guard(tables->dir.text, false, &guard, err);
    if (status == STATUS_OK && store_is_current(tables->store) &&
        mark_read(tables->dir.text, &tables->boot) == MARK_GOOD)
        status = mark_clean(tables->dir.text, err);
    if (guard >= 0)
        close(guard);
    store_abort(txn);
    return status;
}

enum status tables_sync_close(struct tables *tables, struct err *err)
{
    enum status status = STATUS_OK;
    if (!tables->scratch && !tables->read_only && tables->store != NULL)
        status = sync_and_mark(tables, err);
    tables_close(tables);
    return status;
}

enum status tables_drop(const char *dir, struct err *err)
{
    return mark_and_tables_drop(dir, err);
}

static enum status begin(struct tables *tables, bool writes, struct tables_txn **ret_txn, struct err *err)
{
    if (tables->store == NULL)
        return err_set(err, STATUS_CORRUPT, "%s: %s: the books must be rebuilt", tables->dir.text,
                       tables->found == MARK_OTHER_BOOT ? "the system stopped before they were synced"
                       : tables->made != tables->layout ? "another release made them"
                                                        : "a check has failed");
    struct tables_txn *txn = calloc(1, sizeof *txn);
    if (txn == NULL)
        return err_set(err, STATUS_MEMORY, "%s: no memory", tables->dir.text);
    txn->tables = tables;
    enum status status =
        writes ? store_write_begin(tables->store, &txn->store, err) : store_read_begin(tables->store, &txn->store, err);
    if (status != STATUS_OK) {
        free(txn);
        return status;
    }
    *ret_txn = txn;
    return STATUS_OK;
}

/*
 * What the cache holds stands in the store as long as the next transaction has the number that follows on our last one: each one
 * that changes anything takes a number, whoever makes it.
 */
static void cache_begin(struct tables_txn *txn)
{
    struct tables *tables = txn->tables;
    uint64_t number = store_txn_number(txn->store);
    if (tables->cache == NULL)
        tables->cache = record_cache_new();
    else if (number != tables->cache_number)
        record_cache_clear(tables->cache);
    tables->cache_number = number;
    txn->cache = tables->cache;
}

enum status tables_read_begin(struct tables *tables, struct tables_txn **ret_txn, struct err *err)
{
    return begin(tables, false, ret_txn, err);
}

/*
 * The mark must be on disk before the change is, and must not be believed from memory: another process may have marked
 * the tables clean since. The mark of a failed checksum is a file of its own and stays.
 */
enum status tables_write_begin(struct tables *tables, struct tables_txn **ret_txn, struct err *err)
{
    struct tables_txn *txn = NULL;
    enum status status = begin(tables, true, &txn, err);
    if (status != STATUS_OK)
        return status;
    if (!tables->scratch)
        status = mark_dirty(tables->dir.text, &tables->boot, &tables->seen, err);
    if (status != STATUS_OK) {
        tables_abort(txn);
        return status;
    }
    cache_begin(txn);
    *ret_txn = txn;
    return STATUS_OK;
}

enum status tables_commit(struct tables_txn *txn, struct err *err)
{
    if (txn->changed)
        txn->tables->cache_number++; /* while the write lock is ours; upon a failure the next one has another number */
    enum status status = store_commit(txn->store, err);
    free(txn);
    return status;
}

struct record_cache *tables_cache(struct tables_txn *txn)
{
    return txn->cache;
}

struct store_txn *tables_store(struct tables_txn *txn)
{
    return txn->store;
}

void tables_abort(struct tables_txn *txn)
{
    if (txn == NULL)
        return;
    if (txn->changed)
        record_cache_clear(txn->cache);
    store_abort(txn->store);
    free(txn);
}

static enum status get(struct tables_txn *txn, size_t table, struct slice key, struct slice *ret_value, struct err *err)
{
    struct store_record stored = {.key = key};
    enum status status = store_get(txn->store, table, key, &stored.value, err);
    return status == STATUS_OK ? tables_unwrap(txn->tables, table, &stored, ret_value, err) : status;
}

static enum status put(struct tables_txn *txn, size_t table, struct slice key, struct slice value, struct err *err)
{
    uint8_t sum[CHECKSUM_BYTES];
    struct store_room room = {.length = CHECKSUM_BYTES + value.length};
    if (value.length > TABLES_VALUE_BYTES_MAX || key.length > TABLES_KEY_BYTES_MAX || key.length == 0)
        return err_set(err, STATUS_LIMIT, "%s: %s: a record has a key of 1 to %d bytes and a value of up to %d",
                       txn->tables->dir.text, txn->tables->names[table], TABLES_KEY_BYTES_MAX, TABLES_VALUE_BYTES_MAX);
    txn->changed = true;
    record_cache_forget(txn->cache, table, key);
    checksum_value(txn->tables->names[table], key, value, sum);
    enum status status = store_reserve(txn->store, table, key, &room, err);
    if (status != STATUS_OK)
        return status;
    memcpy(room.bytes, sum, CHECKSUM_BYTES);
    if (value.length > 0)
        memcpy(room.bytes + CHECKSUM_BYTES, value.bytes, value.length);
    return STATUS_OK;
}

enum status tables_get(struct tables_txn *txn, size_t table, struct slice key, struct slice *ret_value, struct err *err)
{
    invariant(table < txn->tables->count);
    return get(txn, table, key, ret_value, err);
}

enum status tables_put(struct tables_txn *txn, size_t table, struct slice key, struct slice value, struct err *err)
{
    invariant(table < txn->tables->count);
    return put(txn, table, key, value, err);
}

enum status tables_delete(struct tables_txn *txn, size_t table, struct slice key, struct err *err)
{
    invariant(table < txn->tables->count);
    record_cache_forget(txn->cache, table, key);
    enum status status = store_delete(txn->store, table, key, err);
    txn->changed |= status == STATUS_OK;
    return status;
}

enum status tables_count(struct tables_txn *txn, size_t table, uint64_t *ret_count, struct err *err)
{
    invariant(table < txn->tables->count);
    return store_count(txn->store, table, ret_count, err);
}

static uint64_t number_of(const uint8_t *bytes, int count)
{
    uint64_t number = 0;
    for (int i = 0; i < count; i++)
        number = number << 8 | bytes[i];
    return number;
}

static void number_put(uint64_t number, uint8_t *bytes, int count)
{
    for (int i = count - 1; i >= 0; i--) {
        bytes[i] = (uint8_t)(number & 0xFF);
        number >>= 8;
    }
}

static enum status mark_get(struct tables_txn *txn, struct tables_watermark *ret_watermark, uint32_t *ret_layout,
                            struct err *err)
{
    struct slice value;
    enum status status = get(txn, txn->tables->count, slice_of(watermark_key, sizeof watermark_key - 1), &value, err);
    if (status != STATUS_OK)
        return status;
    if (value.length != WATERMARK_BYTES && value.length != BARE_BYTES)
        return err_set(err, STATUS_CORRUPT, "%s: the watermark has the impossible length %zu", txn->tables->dir.text,
                       value.length);
    ret_watermark->size = number_of(value.bytes, NUMBER_BYTES);
    memcpy(ret_watermark->leaf.bytes, value.bytes + NUMBER_BYTES, HASH_BYTES);
    *ret_layout = value.length == BARE_BYTES ? 0 : (uint32_t)number_of(value.bytes + BARE_BYTES, LAYOUT_BYTES);
    return STATUS_OK;
}

enum status tables_watermark_get(struct tables_txn *txn, struct tables_watermark *ret_watermark, struct err *err)
{
    struct tables_watermark watermark;
    uint32_t layout = 0;
    enum status status = mark_get(txn, &watermark, &layout, err);
    if (status == STATUS_OK && layout != txn->tables->layout)
        status =
            err_set(err, STATUS_INPUT, "%s: the books have the layout %u, this program knows %u: use another release",
                    txn->tables->dir.text, (unsigned)layout, (unsigned)txn->tables->layout);
    if (status == STATUS_OK)
        *ret_watermark = watermark;
    return status;
}

enum status tables_watermark_set(struct tables_txn *txn, const struct tables_watermark *watermark, struct err *err)
{
    uint8_t bytes[WATERMARK_BYTES];
    number_put(watermark->size, bytes, NUMBER_BYTES);
    memcpy(bytes + NUMBER_BYTES, watermark->leaf.bytes, HASH_BYTES);
    number_put(txn->tables->layout, bytes + BARE_BYTES, LAYOUT_BYTES);
    return put(txn, txn->tables->count, slice_of(watermark_key, sizeof watermark_key - 1),
               slice_of(bytes, sizeof bytes), err);
}
