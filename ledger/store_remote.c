/*
 * A store that is elsewhere: what a cursor is, where somebody answers one question at a time. It remembers the key that it
 * stands on, and asks for the next. And such an answer, of a store that is here.
 */
#include <stdlib.h>
#include <string.h>

#include "ledger/store_parts.h"

struct remote_cursor {
    size_t table;
    size_t length; /* 0: nowhere yet */
    uint8_t key[STORE_KEY_BYTES_MAX];
};

enum status store_open_remote(const struct store_remote *remote, const char *const *names, size_t count,
                              struct store **ret_store, struct err *err)
{
    invariant(count > 0 && count <= STORE_TABLES_MAX);
    struct store *store = calloc(1, sizeof *store);
    if (store == NULL)
        return err_set(err, STATUS_MEMORY, "%s: no memory", remote->name);
    store->names = names;
    store->count = count;
    store->read_only = true;
    store->remote = *remote;
    enum status status = path_set(&store->path, err, "%s", remote->name);
    if (status == STATUS_OK)
        *ret_store = store;
    else
        store_close(store);
    return status;
}

enum status store_remote_cursor(const struct store_txn *txn, size_t table, struct remote_cursor **ret_cursor,
                                struct err *err)
{
    struct remote_cursor *cursor = calloc(1, sizeof *cursor);
    if (cursor == NULL)
        return err_set(err, STATUS_MEMORY, "%s: no memory", txn->store->path.text);
    cursor->table = table;
    *ret_cursor = cursor;
    return STATUS_OK;
}

/* A move from where the cursor stands; from nowhere, next is the first and prev the last. */
static enum store_seek seek_of_move(enum store_move move, bool stands)
{
    switch (move) {
    case STORE_FIRST:
        return STORE_SEEK_FIRST;
    case STORE_LAST:
        return STORE_SEEK_LAST;
    case STORE_NEXT:
        return stands ? STORE_SEEK_AFTER : STORE_SEEK_FIRST;
    case STORE_PREV:
        return stands ? STORE_SEEK_BEFORE : STORE_SEEK_LAST;
    case STORE_AT_OR_AFTER:
        return STORE_SEEK_AT_OR_AFTER;
    }
    return STORE_SEEK_FIRST;
}

enum status store_remote_move(struct store_cursor *cursor, enum store_move move, struct store_record *record,
                              struct err *err)
{
    struct remote_cursor *remote = cursor->remote;
    const enum store_seek seek = seek_of_move(move, remote->length > 0);
    const struct slice key = move == STORE_AT_OR_AFTER ? record->key : slice_of(remote->key, remote->length);
    struct store_record found;
    const struct store *store = cursor->txn->store;
    enum status status = store->remote.seek(cursor->txn->snapshot, store->names[remote->table], seek, key, &found, err);
    if (status != STATUS_OK)
        return status;
    if (found.key.length == 0 || found.key.length > STORE_KEY_BYTES_MAX)
        return err_set(err, STATUS_CORRUPT, "%s: %s: a key of %zu bytes was answered", cursor->txn->store->path.text,
                       cursor->txn->store->names[remote->table], found.key.length);
    memcpy(remote->key, found.key.bytes, found.key.length);
    remote->length = found.key.length;
    *record = found;
    return STATUS_OK;
}

/* The first record after a key, or the last one before it. */
static enum status seek_beside(struct store_cursor *cursor, bool after, struct slice key,
                               struct store_record *ret_record, struct err *err)
{
    *ret_record = (struct store_record){.key = key};
    enum status status = store_cursor_move(cursor, STORE_AT_OR_AFTER, ret_record, err);
    if (after) {
        bool same = status == STATUS_OK && ret_record->key.length == key.length &&
                    memcmp(ret_record->key.bytes, key.bytes, key.length) == 0;
        return same ? store_cursor_move(cursor, STORE_NEXT, ret_record, err) : status;
    }
    if (status == STATUS_OK || status == STATUS_NOT_FOUND)
        status = store_cursor_move(cursor, status == STATUS_OK ? STORE_PREV : STORE_LAST, ret_record, err);
    return status;
}

enum status store_seek(struct store_txn *txn, size_t table, enum store_seek seek, struct slice key,
                       struct store_record *ret_record, struct err *err)
{
    struct store_cursor *cursor = NULL;
    enum status status = store_cursor_open(txn, table, &cursor, err);
    if (status != STATUS_OK)
        return status;
    *ret_record = (struct store_record){.key = key};
    switch (seek) {
    case STORE_SEEK_FIRST:
        status = store_cursor_move(cursor, STORE_FIRST, ret_record, err);
        break;
    case STORE_SEEK_LAST:
        status = store_cursor_move(cursor, STORE_LAST, ret_record, err);
        break;
    case STORE_SEEK_AT_OR_AFTER:
        status = store_cursor_move(cursor, STORE_AT_OR_AFTER, ret_record, err);
        break;
    case STORE_SEEK_AFTER:
    case STORE_SEEK_BEFORE:
        status = seek_beside(cursor, seek == STORE_SEEK_AFTER, key, ret_record, err);
        break;
    }
    store_cursor_close(cursor);
    return status;
}

enum status store_table_named(const struct store_txn *txn, const char *name, size_t *ret_table)
{
    for (size_t table = 0; table < txn->store->count; table++) {
        if (strcmp(txn->store->names[table], name) == 0) {
            *ret_table = table;
            return STATUS_OK;
        }
    }
    return STATUS_NOT_FOUND;
}
