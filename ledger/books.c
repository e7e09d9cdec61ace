/*
 * Keys, records and walks over the books' tables, and keeping them in step with the journal: watermark compared with
 * the journal at each opening, the missing entries folded, everything rebuilt when in doubt (DESIGN 4, 5).
 */
#include "ledger/books.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/entry.h"
#include "ledger/fold.h"
#include "ledger/journal.h"
#include "ledger/tables.h"

enum { FOLD_BATCH = 2000 }; /* entries folded in one transaction: bounds dirty pages, amortises the commit */

static const char *const table_names[BOOKS_TABLE_COUNT] = {
    [BOOKS_META] = "meta",
    [BOOKS_ENTRIES] = "entries",
    [BOOKS_IDS] = "ids",
    [BOOKS_REFS] = "refs",
    [BOOKS_USERS] = "users",
    [BOOKS_PERSONS] = "persons",
    [BOOKS_KEYS] = "keys",
    [BOOKS_USER_KEYS] = "user_keys",
    [BOOKS_GRANTS] = "grants",
    [BOOKS_USER_GRANTS] = "user_grants",
    [BOOKS_POLICIES] = "policies",
    [BOOKS_FILES] = "files",
    [BOOKS_STAGED] = "staged",
    [BOOKS_CUSTOMERS] = "customers",
    [BOOKS_INVOICES] = "invoices",
    [BOOKS_RECEIPTS] = "receipts",
    [BOOKS_OPEN_ITEMS] = "open_items",
    [BOOKS_BALANCES] = "balances",
    [BOOKS_ACCOUNTS] = "accounts",
    [BOOKS_DOCUMENTS] = "documents",
    [BOOKS_LISTING] = "listing",
    [BOOKS_CUSTOMER_DOCS] = "customer_docs",
    [BOOKS_WAITING] = "waiting",
    [BOOKS_WINDOWS] = "windows",
    [BOOKS_DUPLICATES] = "duplicates",
    [BOOKS_EVIDENCE] = "evidence",
    [BOOKS_NUMBERS] = "numbers",
    [BOOKS_COUNTERS] = "counters",
};

const char *const *books_table_names(void)
{
    return table_names;
}

static void key_append(struct books_key *key, const void *bytes, size_t length)
{
    invariant(key->length + length <= sizeof key->bytes);
    memcpy(key->bytes + key->length, bytes, length);
    key->length += length;
}

struct books_key books_key(const char *text)
{
    struct books_key key = {.length = 0};
    if (text != NULL)
        key_append(&key, text, strlen(text));
    return key;
}

void books_key_close(struct books_key *key)
{
    key_append(key, "", 1);
}

void books_key_add_text(struct books_key *key, const char *text)
{
    books_key_close(key);
    key_append(key, text, strlen(text));
}

void books_key_add_number(struct books_key *key, uint64_t number)
{
    uint8_t bytes[8];
    if (key->length > 0)
        books_key_close(key);
    for (int i = 7; i >= 0; i--, number >>= 8)
        bytes[i] = (uint8_t)(number & 0xFF);
    key_append(key, bytes, sizeof bytes);
}

struct books_key books_key_pair(const char *a, const char *b)
{
    struct books_key key = books_key(a);
    books_key_add_text(&key, b);
    return key;
}

struct books_key books_key_position(uint64_t seq, uint64_t index)
{
    struct books_key key = books_key(NULL);
    books_key_add_number(&key, seq);
    books_key_add_number(&key, index);
    return key;
}

uint64_t books_key_number(struct slice key, size_t from_end)
{
    uint64_t number = 0;
    invariant(key.length >= from_end + 8);
    const uint8_t *bytes = key.bytes + key.length - from_end - 8;
    for (int i = 0; i < 8; i++)
        number = number << 8 | bytes[i];
    return number;
}

static struct slice key_slice(const struct books_key *key)
{
    return slice_of(key->bytes, key->length);
}

static enum status record_load(enum books_table table, struct slice value, json_t **ret_record, struct err *err)
{
    json_error_t problem;
    json_t *record = json_loadb((const char *)value.bytes, value.length, JSON_REJECT_DUPLICATES, &problem);
    if (record == NULL)
        return err_set(err, STATUS_CORRUPT, "books, table %s: a record is not JSON (%s); run rebuild", table_names[table],
                       problem.text);
    *ret_record = record;
    return STATUS_OK;
}

enum status books_get(struct tables_txn *txn, enum books_table table, const struct books_key *key, json_t **ret_record,
                      struct err *err)
{
    struct slice value;
    enum status status = tables_get(txn, table, key_slice(key), &value, err);
    return status == STATUS_OK ? record_load(table, value, ret_record, err) : status;
}

enum status books_has(struct tables_txn *txn, enum books_table table, const struct books_key *key, bool *ret_has,
                      struct err *err)
{
    struct slice value;
    enum status status = tables_get(txn, table, key_slice(key), &value, err);
    if (status != STATUS_OK && status != STATUS_NOT_FOUND)
        return status;
    *ret_has = status == STATUS_OK;
    return STATUS_OK;
}

enum status books_put(struct tables_txn *txn, enum books_table table, const struct books_key *key, const json_t *record,
                      struct err *err)
{
    char *text = json_dumps(record, JSON_COMPACT | JSON_SORT_KEYS);
    if (text == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for a record of table %s", table_names[table]);
    enum status status = tables_put(txn, table, key_slice(key), slice_of(text, strlen(text)), err);
    free(text);
    return status;
}

enum status books_put_new(struct tables_txn *txn, enum books_table table, const struct books_key *key, json_t *record,
                          struct err *err)
{
    if (record == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for a record of table %s", table_names[table]);
    enum status status = books_put(txn, table, key, record, err);
    json_decref(record);
    return status;
}

enum status books_delete(struct tables_txn *txn, enum books_table table, const struct books_key *key, struct err *err)
{
    enum status status = tables_delete(txn, table, key_slice(key), err);
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

static int slice_compare(struct slice a, struct slice b)
{
    size_t shorter = a.length < b.length ? a.length : b.length;
    int order = memcmp(a.bytes, b.bytes, shorter);
    return order != 0 ? order : (a.length > b.length) - (a.length < b.length);
}

static enum status walk_next(struct tables_cursor *cursor, const struct books_walk *walk, bool first,
                             struct tables_record *record, struct err *err)
{
    if (!walk->backward)
        return tables_next(cursor, record, err);
    if (!first || walk->before == NULL)
        return tables_prev(cursor, record, err);
    enum status status = tables_until(cursor, key_slice(walk->before), record, err);
    if (status == STATUS_OK && slice_compare(record->key, key_slice(walk->before)) == 0)
        status = tables_prev(cursor, record, err);
    return status;
}

enum status books_each(struct tables_txn *txn, const struct books_walk *walk, struct err *err)
{
    struct tables_cursor *cursor = NULL;
    struct slice prefix = walk->prefix != NULL ? key_slice(walk->prefix) : slice_of("", 0);
    enum status status = tables_scan(txn, walk->table, prefix, &cursor, err);
    bool more = true;
    for (bool first = true; status == STATUS_OK && more; first = false) {
        struct tables_record found;
        json_t *record = NULL;
        status = walk_next(cursor, walk, first, &found, err);
        if (status != STATUS_OK)
            break;
        if (!walk->backward && walk->before != NULL && slice_compare(found.key, key_slice(walk->before)) >= 0)
            break;
        status = record_load(walk->table, found.value, &record, err);
        if (status == STATUS_OK)
            status = walk->step(walk->context, found.key, record, &more, err);
        json_decref(record);
    }
    tables_scan_close(cursor);
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

static enum status entry_fold_at(struct journal_snapshot *snapshot, struct tables_txn *txn, uint64_t seq, struct err *err)
{
    const char *bytes;
    size_t length;
    struct entry entry;
    enum status status = journal_entry_checked(snapshot, seq, &bytes, &length, err);
    if (status != STATUS_OK)
        return status;
    status = entry_read(slice_of(bytes, length), &entry, err);
    if (status != STATUS_OK) {
        err_prefix(err, "entry %llu: ", (unsigned long long)seq);
        return err == NULL ? STATUS_CORRUPT : (err->status = STATUS_CORRUPT);
    }
    status = fold_entry(txn, &entry, err);
    entry_done(&entry);
    return status;
}

/* Folds [from, to) in one transaction. */
static enum status batch_fold(struct books *books, struct journal_snapshot *snapshot, uint64_t from, uint64_t to,
                              struct err *err)
{
    struct tables_txn *txn = NULL;
    enum status status = tables_write_begin(books->tables, &txn, err);
    for (uint64_t seq = from; status == STATUS_OK && seq < to; seq++)
        status = entry_fold_at(snapshot, txn, seq, err);
    if (status != STATUS_OK) {
        tables_abort(txn);
        return status;
    }
    return tables_commit(txn, err);
}

/* How much of the journal the books hold; FOUND false when the watermark is not in the journal. */
static enum status watermark_locate(struct books *books, struct journal_snapshot *snapshot, uint64_t size,
                                    uint64_t *ret_applied, bool *ret_found, struct err *err)
{
    struct tables_txn *txn = NULL;
    struct tables_watermark mark = {.size = 0};
    struct hash leaf;
    enum status status = tables_read_begin(books->tables, &txn, err);
    if (status != STATUS_OK)
        return status;
    status = tables_watermark_get(txn, &mark, err);
    tables_abort(txn);
    if (status == STATUS_NOT_FOUND)
        status = STATUS_OK;
    if (status != STATUS_OK)
        return status;
    *ret_applied = mark.size;
    *ret_found = mark.size <= size;
    if (mark.size == 0 || mark.size > size)
        return STATUS_OK;
    status = journal_node(snapshot, 0, mark.size - 1, &leaf, err);
    if (status == STATUS_OK)
        *ret_found = hash_equal(&leaf, &mark.leaf);
    return status;
}

static enum status catch_up_from(struct books *books, struct journal_snapshot *snapshot, uint64_t applied, uint64_t size,
                                 const struct books_options *options, struct err *err)
{
    enum status status = STATUS_OK;
    for (uint64_t from = applied; status == STATUS_OK && from < size; from += FOLD_BATCH) {
        uint64_t to = size - from < FOLD_BATCH ? size : from + FOLD_BATCH;
        status = batch_fold(books, snapshot, from, to, err);
        if (options != NULL && options->progress != NULL)
            options->progress(options->progress_context, to - applied, size - applied);
    }
    if (status == STATUS_OK)
        books->applied += size - applied;
    return status;
}

static enum status step_in(struct books *books, const struct books_options *options, bool *ret_in_doubt, struct err *err)
{
    struct journal_snapshot *snapshot = NULL;
    struct journal_head head;
    uint64_t applied = 0;
    bool found = false;
    enum status status = journal_read_begin(books->journal, &snapshot, err);
    if (status != STATUS_OK)
        return status;
    status = journal_head(snapshot, &head, err);
    if (status == STATUS_OK)
        status = watermark_locate(books, snapshot, head.size, &applied, &found, err);
    *ret_in_doubt = status == STATUS_CORRUPT || (status == STATUS_OK && !found);
    if (status == STATUS_OK && found && applied < head.size) {
        if (options != NULL && options->read_only)
            status = err_set(err, STATUS_BUSY, "the books are %llu entries behind the journal; run any writing command or rebuild",
                             (unsigned long long)(head.size - applied));
        else
            status = catch_up_from(books, snapshot, applied, head.size, options, err);
    }
    journal_read_end(snapshot);
    return *ret_in_doubt ? STATUS_OK : status;
}

enum status books_catch_up(struct books *books, const struct books_options *options, struct err *err)
{
    bool in_doubt = false;
    enum status status = step_in(books, options, &in_doubt, err);
    if (status == STATUS_OK && in_doubt)
        status = err_set(err, STATUS_CORRUPT, "the books do not belong to this journal; run rebuild");
    return status;
}

static enum status tables_reopen(const char *dir, const struct tables_options *options, struct books *books, struct err *err)
{
    tables_close(books->tables);
    books->tables = NULL;
    enum status status = tables_drop(dir, err);
    if (status == STATUS_OK)
        status = tables_open(dir, options, &books->tables, err);
    books->rebuilt = true;
    return status;
}

static enum status tables_trusted(const char *dir, const struct tables_options *layout, bool rebuild, struct books *books,
                                  struct err *err)
{
    enum status status = STATUS_OK;
    if (!rebuild) {
        status = tables_open(dir, layout, &books->tables, err);
        if (status == STATUS_CORRUPT || status == STATUS_INPUT)
            rebuild = true;
        else if (status != STATUS_OK)
            return status;
        else
            rebuild = tables_trust(books->tables) > TABLES_OK;
    }
    return rebuild ? tables_reopen(dir, layout, books, err) : status;
}

enum status books_open(const char *book_dir, struct journal *journal, const struct books_options *options,
                       struct books **ret_books, struct err *err)
{
    static const struct books_options defaults = {.read_only = false};
    const struct tables_options layout = {.names = table_names, .count = BOOKS_TABLE_COUNT};
    char dir[4096];
    bool in_doubt = false;
    if (options == NULL)
        options = &defaults;
    if (snprintf(dir, sizeof dir, "%s/books", book_dir) >= (int)sizeof dir)
        return err_set(err, STATUS_LIMIT, "%s: the path is too long", book_dir);
    struct books *books = calloc(1, sizeof *books);
    if (books == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for the books");
    books->journal = journal;
    enum status status = options->scratch_dir != NULL
                             ? tables_create_scratch(options->scratch_dir, &layout, &books->tables, err)
                             : tables_trusted(dir, &layout, options->rebuild, books, err);
    if (status == STATUS_OK && options->scratch_dir == NULL)
        status = step_in(books, options, &in_doubt, err);
    if (status == STATUS_OK && in_doubt) {
        status = tables_reopen(dir, &layout, books, err);
        if (status == STATUS_OK)
            status = books_catch_up(books, options, err);
    }
    if (status != STATUS_OK)
        books_close(books, false);
    else
        *ret_books = books;
    return status;
}

void books_close(struct books *books, bool clean)
{
    if (books == NULL)
        return;
    if (clean && books->tables != NULL) {
        /* Failing to mark costs a rebuild at the next boot, never an entry. */
        enum status status = tables_sync_close(books->tables, NULL);
        (void)status;
    } else {
        tables_close(books->tables);
    }
    free(books);
}
