/*
 * Keys, records and walks over the books' tables.
 */
#include "ledger/books.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/compact.h"
#include "ledger/record_cache.h"
#include "ledger/tables.h"

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
    [BOOKS_COMPILED] = "compiled",
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
    [BOOKS_CUSTOMER_ITEMS] = "customer_items",
    [BOOKS_CUSTOMER_DOCS] = "customer_docs",
    [BOOKS_WAITING] = "waiting",
    [BOOKS_WINDOWS] = "windows",
    [BOOKS_DUPLICATES] = "duplicates",
    [BOOKS_EVIDENCE] = "evidence",
    [BOOKS_ALIKE] = "alike",
    [BOOKS_LOOKALIKES] = "lookalikes",
    [BOOKS_NUMBERS] = "numbers",
    [BOOKS_WAITING_GRANTS] = "waiting_grants",
    [BOOKS_LINKED] = "linked",
    [BOOKS_HISTORY] = "history",
    [BOOKS_ACTED] = "acted",
    [BOOKS_GROUPS] = "groups",
    [BOOKS_GROUP_NAMES] = "group_names",
    [BOOKS_ATTRIBUTES] = "attributes",
    [BOOKS_MITIGATIONS] = "mitigations",
    [BOOKS_PERSON_MITIGATIONS] = "person_mitigations",
    [BOOKS_COUNTERS] = "counters",
    [BOOKS_WRITTEN_OFF] = "written_off",
    [BOOKS_REVERSALS] = "reversals",
    [BOOKS_REBILLS] = "rebills",
    [BOOKS_OPEN_REBILLS] = "open_rebills",
    [BOOKS_CONTACTS] = "contacts",
    [BOOKS_CUSTOMER_CONTACTS] = "customer_contacts",
    [BOOKS_RATES] = "rates",
    [BOOKS_ROUNDING] = "rounding",
    [BOOKS_REVIEWS] = "reviews",
    [BOOKS_REVIEW_ROWS] = "review_rows",
    [BOOKS_BREAK_GLASS] = "break_glass",
    [BOOKS_BREAK_GLASS_PERSONS] = "break_glass_persons",
    [BOOKS_BREAK_GLASS_USES] = "break_glass_uses",
    [BOOKS_AFFIRMATIONS] = "affirmations",
    [BOOKS_BOOK_KEYS] = "book_keys",
    [BOOKS_PROGRAMS] = "programs",
    [BOOKS_HOLDS] = "holds",
    [BOOKS_ERASURES] = "erasures",
    [BOOKS_PEOPLE] = "people",
    [BOOKS_PEOPLE_EVENTS] = "people-events",
    [BOOKS_ACTIVITY] = "activity",
    [BOOKS_DELEGATIONS] = "delegations",
    [BOOKS_USER_DELEGATIONS] = "user-delegations",
    [BOOKS_DELEGATED] = "delegated",
    [BOOKS_UNDECIDED] = "undecided",
    [BOOKS_CONTRACTS] = "contracts",
    [BOOKS_READS] = "reads",
    [BOOKS_METER_READS] = "meter_reads",
    [BOOKS_BILL_READS] = "bill_reads",
    [BOOKS_SETTLED] = "settled",
    [BOOKS_CASES] = "cases",
    [BOOKS_CASES_OPEN] = "cases_open",
    [BOOKS_CASE_NOTES] = "case_notes",
    [BOOKS_DISPUTES] = "disputes",
    [BOOKS_TEMPORARY] = "temporary",
    [BOOKS_RELEASES] = "releases",
    [BOOKS_ORDERS] = "orders",
    [BOOKS_DELIVERIES] = "deliveries",
    [BOOKS_OUTBOX] = "outbox",
    [BOOKS_HELD] = "held",
    [BOOKS_ENTITIES] = "entities",
    [BOOKS_PERIODS] = "periods",
    [BOOKS_EXCEPTIONS] = "exceptions",
    [BOOKS_RESTORES] = "restores",
};

struct tables_options books_layout(uint64_t map_bytes)
{
    return (struct tables_options){
        .names = table_names, .count = BOOKS_TABLE_COUNT, .map_bytes = map_bytes, .layout = BOOKS_LAYOUT};
}

/* A key that was too long once stays the one that nothing has. */
static void key_append(struct books_key *key, const void *bytes, size_t length)
{
    if (length > sizeof key->bytes - key->length) {
        memset(key->bytes, 0xFF, sizeof key->bytes);
        key->length = sizeof key->bytes;
        return;
    }
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
    json_t *record = compact_read((const char *)value.bytes, value.length, &problem);
    if (record == NULL)
        return err_set(err, STATUS_CORRUPT, "books, table %s: a record is not JSON (%s); run rebuild",
                       table_names[table], problem.text);
    *ret_record = record;
    return STATUS_OK;
}

#ifdef BOOKS_CACHE_CHECKED
/* In builds for tests: a record that the cache has is the one that the store has. */
static void cache_check(struct tables_txn *txn, enum books_table table, struct slice key, const json_t *record)
{
    struct slice value;
    char *text = NULL;
    size_t length = 0;
    if (tables_get(txn, table, key, &value, NULL) != STATUS_OK ||
        compact_write(record, false, &text, &length) != STATUS_OK)
        return; /* damaged since, or no memory */
    invariant(length == value.length && memcmp(text, value.bytes, length) == 0);
    free(text);
}
#else
static void cache_check(struct tables_txn *txn, enum books_table table, struct slice key, const json_t *record)
{
    (void)txn, (void)table, (void)key, (void)record;
}
#endif

/* A record, and one for the cache of a writing transaction. value: as it stands in the store, or NULL: looked up here. */
static enum status record_look(struct tables_txn *txn, enum books_table table, struct slice key,
                               const struct slice *value, json_t **ret_record, struct err *err)
{
    struct slice found;
    json_t *record = record_cache_find(tables_cache(txn), table, key);
    if (record != NULL) {
        cache_check(txn, table, key, record);
        *ret_record = json_incref(record);
        return STATUS_OK;
    }
    enum status status = STATUS_OK;
    if (value == NULL)
        status = tables_get(txn, table, key, &found, err);
    else
        found = *value;
    if (status == STATUS_OK)
        status = record_load(table, found, ret_record, err);
    if (status == STATUS_OK)
        record_cache_keep(tables_cache(txn), table, key, *ret_record, found.length);
    return status;
}

enum status books_look(struct tables_txn *txn, enum books_table table, const struct books_key *key, json_t **ret_record,
                       struct err *err)
{
    return record_look(txn, table, key_slice(key), NULL, ret_record, err);
}

enum status books_get(struct tables_txn *txn, enum books_table table, const struct books_key *key, json_t **ret_record,
                      struct err *err)
{
    struct slice value;
    json_t *record = record_cache_take(tables_cache(txn), table, key_slice(key));
    if (record != NULL) {
        cache_check(txn, table, key_slice(key), record);
        *ret_record = record;
        return STATUS_OK;
    }
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

static enum status record_put(struct tables_txn *txn, enum books_table table, const struct books_key *key,
                              const json_t *record, size_t *ret_length, struct err *err)
{
    char *text = NULL;
    size_t length = 0;
    enum status status = compact_write(record, false, &text, &length);
    invariant(status != STATUS_INPUT);
    if (status != STATUS_OK)
        return err_set(err, STATUS_MEMORY, "no memory for a record of table %s", table_names[table]);
    status = books_put_bytes(txn, table, key, slice_of(text, length), err);
    free(text);
    *ret_length = length;
    return status;
}

enum status books_put(struct tables_txn *txn, enum books_table table, const struct books_key *key, const json_t *record,
                      struct err *err)
{
    size_t length = 0;
    return record_put(txn, table, key, record, &length, err);
}

enum status books_put_new(struct tables_txn *txn, enum books_table table, const struct books_key *key, json_t *record,
                          struct err *err)
{
    if (record == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for a record of table %s", table_names[table]);
    size_t length = 0;
    enum status status = record_put(txn, table, key, record, &length, err);
    if (status == STATUS_OK)
        record_cache_keep(tables_cache(txn), table, key_slice(key), record, length);
    json_decref(record);
    return status;
}

enum status books_put_bytes(struct tables_txn *txn, enum books_table table, const struct books_key *key,
                            struct slice bytes, struct err *err)
{
    invariant(key->length < sizeof key->bytes);
    return tables_put(txn, table, key_slice(key), bytes, err);
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

static enum status walk_step(struct tables_txn *txn, const struct books_walk *walk, const struct tables_record *found,
                             bool *ret_more, struct err *err)
{
    json_t *record = NULL;
    if (walk->bytes_step != NULL)
        return walk->bytes_step(walk->context, found->key, found->value, ret_more, err);
    enum status status = record_look(txn, walk->table, found->key, &found->value, &record, err);
    if (status == STATUS_OK)
        status = walk->step(walk->context, found->key, record, ret_more, err);
    json_decref(record);
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
        status = walk_next(cursor, walk, first, &found, err);
        if (status != STATUS_OK)
            break;
        status = walk_step(txn, walk, &found, &more, err);
    }
    tables_scan_close(cursor);
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

enum status books_epoch(struct tables_txn *txn, uint64_t *ret_epoch, struct err *err)
{
    json_t *record = NULL;
    struct books_key key = books_key("epoch");
    enum status status = books_get(txn, BOOKS_META, &key, &record, err);
    *ret_epoch = 0;
    if (status == STATUS_NOT_FOUND)
        return STATUS_OK;
    if (status == STATUS_OK)
        *ret_epoch = (uint64_t)json_integer_value(json_object_get(record, "epoch"));
    json_decref(record);
    return status;
}
