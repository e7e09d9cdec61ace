/*
 * Walking the tables in key order within a prefix, and comparing two sets of them. Every record that comes out has been
 * checked against its checksum, key included.
 */
#include <stdlib.h>
#include <string.h>

#include "ledger/tables.h"
#include "ledger/tables_layout.h"

struct tables_cursor {
    struct tables *tables;
    size_t table;
    struct store_cursor *store;
    bool started;
    size_t prefix_length;
    uint8_t prefix[TABLES_KEY_BYTES_MAX];
};

static int slice_compare(struct slice a, struct slice b)
{
    size_t shorter = a.length < b.length ? a.length : b.length;
    int order = shorter == 0 ? 0 : memcmp(a.bytes, b.bytes, shorter);
    if (order != 0)
        return order;
    return a.length < b.length ? -1 : a.length > b.length;
}

enum status tables_scan(struct tables_txn *txn, size_t table, struct slice prefix, struct tables_cursor **ret_cursor,
                        struct err *err)
{
    invariant(table <= txn->tables->count);
    if (prefix.length > TABLES_KEY_BYTES_MAX)
        return err_set(err, STATUS_LIMIT, "%s: %s: a prefix has up to %d bytes", txn->tables->dir.text,
                       txn->tables->names[table], TABLES_KEY_BYTES_MAX);
    struct tables_cursor *cursor = calloc(1, sizeof *cursor);
    if (cursor == NULL)
        return err_set(err, STATUS_MEMORY, "%s: no memory", txn->tables->dir.text);
    cursor->tables = txn->tables;
    cursor->table = table;
    cursor->prefix_length = prefix.length;
    if (prefix.length > 0)
        memcpy(cursor->prefix, prefix.bytes, prefix.length);
    enum status status = store_cursor_open(txn->store, table, &cursor->store, err);
    if (status != STATUS_OK) {
        free(cursor);
        return status;
    }
    *ret_cursor = cursor;
    return STATUS_OK;
}

void tables_scan_close(struct tables_cursor *cursor)
{
    if (cursor == NULL)
        return;
    store_cursor_close(cursor->store);
    free(cursor);
}

static enum status check_table(struct tables_txn *txn, size_t table, struct err *err)
{
    struct store_cursor *cursor = NULL;
    struct store_record stored = {0};
    struct slice value;
    enum status status = store_cursor_open(txn->store, table, &cursor, err);
    for (enum store_move move = STORE_FIRST; status == STATUS_OK; move = STORE_NEXT) {
        status = store_cursor_move(cursor, move, &stored, err);
        if (status == STATUS_OK)
            status = tables_unwrap(txn->tables, table, &stored, &value, err);
    }
    store_cursor_close(cursor);
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

enum status tables_check_records(struct tables_txn *txn, struct err *err)
{
    enum status status = STATUS_OK;
    for (size_t table = 0; table <= txn->tables->count && status == STATUS_OK; table++)
        status = check_table(txn, table, err);
    return status;
}

/* Where the cursor came to rest: within the prefix, and whole? */
static enum status answer(struct tables_cursor *cursor, const struct store_record *stored,
                          struct tables_record *ret_record, struct err *err)
{
    struct slice value;
    if (stored->key.length < cursor->prefix_length ||
        (cursor->prefix_length > 0 && memcmp(stored->key.bytes, cursor->prefix, cursor->prefix_length) != 0))
        return STATUS_NOT_FOUND;
    enum status status = tables_unwrap(cursor->tables, cursor->table, stored, &value, err);
    if (status == STATUS_OK)
        *ret_record = (struct tables_record){.key = stored->key, .value = value};
    return status;
}

static enum status move_and_answer(struct tables_cursor *cursor, enum store_move move, struct store_record *stored,
                                   struct tables_record *ret_record, struct err *err)
{
    cursor->started = true;
    enum status status = store_cursor_move(cursor->store, move, stored, err);
    return status == STATUS_OK ? answer(cursor, stored, ret_record, err) : status;
}

enum status tables_first(struct tables_cursor *cursor, struct tables_record *ret_record, struct err *err)
{
    struct store_record stored = {.key = slice_of(cursor->prefix, cursor->prefix_length)};
    return move_and_answer(cursor, cursor->prefix_length > 0 ? STORE_AT_OR_AFTER : STORE_FIRST, &stored, ret_record,
                           err);
}

/* To the last key below bound, or to the last of all when nothing is above. */
static enum status move_below(struct tables_cursor *cursor, struct slice bound, struct tables_record *ret_record,
                              struct err *err)
{
    struct store_record stored = {.key = bound};
    enum status status = store_cursor_move(cursor->store, STORE_AT_OR_AFTER, &stored, err);
    if (status == STATUS_OK)
        return move_and_answer(cursor, STORE_PREV, &stored, ret_record, err);
    if (status == STATUS_NOT_FOUND)
        return move_and_answer(cursor, STORE_LAST, &stored, ret_record, err);
    return status;
}

enum status tables_last(struct tables_cursor *cursor, struct tables_record *ret_record, struct err *err)
{
    uint8_t after[TABLES_KEY_BYTES_MAX];
    struct store_record stored = {0};
    size_t length = cursor->prefix_length;
    memcpy(after, cursor->prefix, length);
    while (length > 0 && after[length - 1] == 0xFF) /* the first key behind the prefix: its last byte plus one */
        length--;
    if (length == 0)
        return move_and_answer(cursor, STORE_LAST, &stored, ret_record, err);
    after[length - 1]++;
    return move_below(cursor, slice_of(after, length), ret_record, err);
}

enum status tables_next(struct tables_cursor *cursor, struct tables_record *ret_record, struct err *err)
{
    struct store_record stored = {0};
    if (!cursor->started)
        return tables_first(cursor, ret_record, err);
    return move_and_answer(cursor, STORE_NEXT, &stored, ret_record, err);
}

enum status tables_prev(struct tables_cursor *cursor, struct tables_record *ret_record, struct err *err)
{
    struct store_record stored = {0};
    if (!cursor->started)
        return tables_last(cursor, ret_record, err);
    return move_and_answer(cursor, STORE_PREV, &stored, ret_record, err);
}

enum status tables_from(struct tables_cursor *cursor, struct slice key, struct tables_record *ret_record,
                        struct err *err)
{
    struct store_record stored = {.key = key};
    if (key.length > TABLES_KEY_BYTES_MAX)
        return err_set(err, STATUS_LIMIT, "a key has up to %d bytes", TABLES_KEY_BYTES_MAX);
    if (slice_compare(key, slice_of(cursor->prefix, cursor->prefix_length)) <= 0)
        return tables_first(cursor, ret_record, err);
    return move_and_answer(cursor, STORE_AT_OR_AFTER, &stored, ret_record, err);
}

enum status tables_until(struct tables_cursor *cursor, struct slice key, struct tables_record *ret_record,
                         struct err *err)
{
    struct store_record stored = {.key = key};
    struct slice prefix = slice_of(cursor->prefix, cursor->prefix_length);
    if (key.length > TABLES_KEY_BYTES_MAX)
        return err_set(err, STATUS_LIMIT, "a key has up to %d bytes", TABLES_KEY_BYTES_MAX);
    if (key.length == 0 || slice_compare(key, prefix) < 0)
        return STATUS_NOT_FOUND;
    if (prefix.length > 0 && (key.length < prefix.length || memcmp(key.bytes, prefix.bytes, prefix.length) != 0))
        return tables_last(cursor, ret_record, err); /* beyond the prefix */
    enum status status = store_cursor_move(cursor->store, STORE_AT_OR_AFTER, &stored, err);
    if (status == STATUS_OK && slice_compare(stored.key, key) == 0) {
        cursor->started = true;
        return answer(cursor, &stored, ret_record, err);
    }
    if (status == STATUS_OK)
        return move_and_answer(cursor, STORE_PREV, &stored, ret_record, err);
    return status == STATUS_NOT_FOUND ? move_and_answer(cursor, STORE_LAST, &stored, ret_record, err) : status;
}

/* One side of a comparison. */
struct side {
    struct tables_cursor *cursor;
    struct tables_record record;
    bool has;
};

static enum status side_next(struct side *side, struct err *err)
{
    enum status status = tables_next(side->cursor, &side->record, err);
    side->has = status == STATUS_OK;
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

struct comparison {
    const struct tables_listener *listener;
    uint64_t differences;
    bool stopped;
};

static void tell(struct comparison *comparison, const struct tables_difference *difference)
{
    comparison->differences++;
    if (comparison->listener != NULL && !comparison->listener->report(comparison->listener->context, difference))
        comparison->stopped = true;
}

static enum status compare_step(struct comparison *comparison, const char *table, struct side *a, struct side *b,
                                struct err *err)
{
    int order = !a->has ? 1 : !b->has ? -1 : slice_compare(a->record.key, b->record.key);
    bool take_a = order <= 0, take_b = order >= 0;
    if (order != 0 || slice_compare(a->record.value, b->record.value) != 0) {
        const struct tables_difference difference = {.table = table,
                                                     .key = take_a ? a->record.key : b->record.key,
                                                     .a = take_a ? &a->record.value : NULL,
                                                     .b = take_b ? &b->record.value : NULL};
        tell(comparison, &difference);
    }
    enum status status = take_a ? side_next(a, err) : STATUS_OK;
    if (status == STATUS_OK && take_b)
        status = side_next(b, err);
    return status;
}

static enum status compare_table(struct comparison *comparison, struct tables_txn *a, struct tables_txn *b,
                                 size_t table, struct err *err)
{
    struct side side_a = {0}, side_b = {0};
    const char *name = table < a->tables->count ? a->tables->names[table] : "~watermark";
    const struct slice all = {0};
    enum status status = tables_scan(a, table, all, &side_a.cursor, err);
    if (status == STATUS_OK)
        status = tables_scan(b, table, all, &side_b.cursor, err);
    if (status == STATUS_OK)
        status = side_next(&side_a, err);
    if (status == STATUS_OK)
        status = side_next(&side_b, err);
    while (status == STATUS_OK && (side_a.has || side_b.has) && !comparison->stopped)
        status = compare_step(comparison, name, &side_a, &side_b, err);
    tables_scan_close(side_b.cursor);
    tables_scan_close(side_a.cursor);
    return status;
}

enum status tables_equal(struct tables_txn *a, struct tables_txn *b, const struct tables_listener *listener,
                         uint64_t *ret_differences, struct err *err)
{
    struct comparison comparison = {.listener = listener};
    enum status status = STATUS_OK;
    bool same = a->tables->count == b->tables->count;
    for (size_t table = 0; same && table < a->tables->count; table++)
        same = strcmp(a->tables->names[table], b->tables->names[table]) == 0;
    if (!same)
        return err_set(err, STATUS_INPUT, "%s and %s do not have the same tables", a->tables->dir.text,
                       b->tables->dir.text);
    for (size_t table = 0; table <= a->tables->count && status == STATUS_OK && !comparison.stopped; table++)
        status = compare_table(&comparison, a, b, table, err);
    if (status == STATUS_OK)
        *ret_differences = comparison.differences;
    return status;
}
