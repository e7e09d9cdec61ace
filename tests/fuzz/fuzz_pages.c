/*
 * Attacks storefile_check and storepages_check: the look at a data.mdb before LMDB believes it. The first byte picks one of the stores
 * that are made here once, the rest are changes: three bytes of where (page, place in it), one of what. Or, for 0xFF, the rest is the
 * file itself.
 *
 * What passes, LMDB has to bear: every record is read forwards and backwards, in order, as many as are counted, each found again by
 * its key; then a batch is written over it, and the file still passes. What does not pass is refused in words that name the file.
 */
#include "ledger/durable.h"
#include "ledger/store.h"
#include "ledger/storefile.h"
#include "ledger/storepages.h"
#include "tests/fuzz/fuzz.h"

enum {
    MADE = 4,
    FILE_IS_GIVEN = 0xFF,
    FILE_BYTES_MAX = 1 << 18,
    CHANGE_BYTES = 4,
    PAGE_BYTES = 4096,
    TABLES = 2,
    AT_PAGE_BYTES = 40, /* of a head; offsets as in ledger/storefile.c */
    AT_TXN = 144
};

static const char *const names[TABLES] = {"entries", "nodes"};
static const struct store_options reading = {
    .names = names, .count = TABLES, .map_bytes = 1 << 22, .read_only = true, .look = STORE_LOOK_WHOLE};
static const struct store_options writing = {
    .names = names, .count = TABLES, .map_bytes = 1 << 22, .unsynced = true, .look = STORE_LOOK_WHOLE};

static struct made {
    uint8_t bytes[FILE_BYTES_MAX];
    size_t size;
} made[MADE];

static void data_path(char ret_path[static 160])
{
    snprintf(ret_path, 160, "%s/store/data.mdb", fuzz_dir());
}

static void folder_fresh(void)
{
    char path[160];
    data_path(path);
    (void)unlink(path);
    snprintf(path, sizeof path, "%s/store/lock.mdb", fuzz_dir());
    (void)unlink(path);
    snprintf(path, sizeof path, "%s/store", fuzz_dir());
    (void)mkdir(path, 0700);
}

static struct store *open_store(const struct store_options *options, enum status *ret_status)
{
    char dir[160];
    struct store *store = NULL;
    struct err err = {.text = ""};
    snprintf(dir, sizeof dir, "%s/store", fuzz_dir());
    *ret_status = store_open(dir, options, &store, &err);
    must(*ret_status == STATUS_OK || err.text[0] != '\0');
    return store;
}

/* Puts count records of so many bytes, or takes away each second of them; false: there was no room for it. */
static bool write_batch(struct store *store, unsigned count, size_t bytes, bool take)
{
    static uint8_t value[2 * PAGE_BYTES];
    struct store_txn *txn = NULL;
    enum status status = STATUS_OK;
    char key[16];
    if (store_write_begin(store, &txn, NULL) != STATUS_OK)
        return false;
    memset(value, 'v', sizeof value);
    for (unsigned i = 0; i < count && status == STATUS_OK; i++) {
        const size_t length = (size_t)snprintf(key, sizeof key, "key %06u", i * 7919 % 10007);
        if (!take)
            status = store_put(txn, i % TABLES, slice_of(key, length), slice_of(value, bytes), NULL);
        else if (i % 2 == 1)
            status = store_delete(txn, i % TABLES, slice_of(key, length), NULL);
        status = status == STATUS_NOT_FOUND ? STATUS_OK : status;
    }
    if (status != STATUS_OK) {
        store_abort(txn);
        return false;
    }
    return store_commit(txn, NULL) == STATUS_OK;
}

/* Four stores: hardly anything; branches; long records, some of them gone again; all of it. */
static void make_store(unsigned which, struct made *ret_made)
{
    struct store_options options = writing;
    char path[160];
    enum status status;
    folder_fresh();
    options.create = true;
    struct store *store = open_store(&options, &status);
    must(status == STATUS_OK);
    must(write_batch(store, 3, 40, false));
    if (which == 1 || which == 3)
        must(write_batch(store, 40, 700, false) && write_batch(store, 20, 0, true));
    if (which >= 2)
        must(write_batch(store, 5, PAGE_BYTES + 100, false) && write_batch(store, 4, 0, true));
    store_close(store);
    data_path(path);
    FILE *file = fopen(path, "r");
    must(file != NULL);
    ret_made->size = fread(ret_made->bytes, 1, sizeof ret_made->bytes, file);
    must(ret_made->size > 0 && ret_made->size < sizeof ret_made->bytes);
    fclose(file);
}

/* The file that the input describes, in a room of FILE_BYTES_MAX; returns its size. */
static size_t file_made(const uint8_t *data, size_t size, uint8_t *ret_bytes)
{
    if (data[0] == FILE_IS_GIVEN) {
        size_t length = size - 1 < FILE_BYTES_MAX ? size - 1 : FILE_BYTES_MAX;
        memcpy(ret_bytes, data + 1, length);
        return length;
    }
    struct made *from = &made[data[0] % MADE];
    if (from->size == 0)
        make_store(data[0] % MADE, from);
    size_t length = from->size;
    memcpy(ret_bytes, from->bytes, length);
    for (data++, size--; size >= CHANGE_BYTES; data += CHANGE_BYTES, size -= CHANGE_BYTES) {
        const size_t at = (size_t)data[0] * PAGE_BYTES + (((size_t)data[1] << 8 | data[2]) & (PAGE_BYTES - 1));
        if ((data[1] & 0x80) != 0) /* cut there */
            length = at < length ? at : length;
        else if (at < length)
            ret_bytes[at] = data[3];
    }
    return length;
}

static bool ascends(struct slice a, struct slice b)
{
    int order = memcmp(a.bytes, b.bytes, a.length < b.length ? a.length : b.length);
    return order < 0 || (order == 0 && a.length < b.length);
}

/* Everything that is in a table, by each way there is to it. */
static void read_table(struct store_txn *txn, size_t table)
{
    struct store_cursor *cursor = NULL;
    struct store_record record, before = {.key = {.bytes = NULL}};
    struct slice value;
    uint64_t count = 0, counted = 0, sum = 0;
    must(store_cursor_open(txn, table, &cursor, NULL) == STATUS_OK);
    enum status status = store_cursor_move(cursor, STORE_FIRST, &record, NULL);
    for (; status == STATUS_OK; status = store_cursor_move(cursor, STORE_NEXT, &record, NULL)) {
        must(before.key.bytes == NULL || ascends(before.key, record.key));
        for (size_t i = 0; i < record.value.length; i++)
            sum += record.value.bytes[i];
        must(store_get(txn, table, record.key, &value, NULL) == STATUS_OK);
        must(value.bytes == record.value.bytes && value.length == record.value.length);
        before = record;
        count++;
    }
    must(status == STATUS_NOT_FOUND);
    must(store_count(txn, table, &counted, NULL) == STATUS_OK && counted == count);
    status = store_cursor_move(cursor, STORE_LAST, &record, NULL);
    for (; status == STATUS_OK; status = store_cursor_move(cursor, STORE_PREV, &record, NULL))
        count--;
    must(status == STATUS_NOT_FOUND && count == 0 && sum != 1);
    store_cursor_close(cursor);
}

/* LMDB on what has passed. */
static void use(const char *path)
{
    enum status status;
    uint64_t bytes = 0;
    struct store_txn *txn = NULL;
    struct err err = {.text = ""};
    struct store *store = open_store(&reading, &status);
    if (status == STATUS_NOT_FOUND || status == STATUS_CORRUPT) /* other tables than ours, or of another sort */
        return;
    must(status == STATUS_OK && store_read_begin(store, &txn, NULL) == STATUS_OK);
    for (size_t table = 0; table < TABLES; table++)
        read_table(txn, table);
    store_abort(txn);
    store_close(store);
    store = open_store(&writing, &status);
    must(status == STATUS_OK);
    const bool written = write_batch(store, 12, 900, false) && write_batch(store, 9, 0, true);
    if (written) {
        status = store_look_at(store, &err);
        if (status != STATUS_OK)
            fprintf(stderr, "%s\n", err.text);
        must(status == STATUS_OK && storefile_check(path, &bytes, NULL) == STATUS_OK);
    }
    store_close(store);
}

/* The head that LMDB goes by, of a file whose two heads are good; its number. */
static uint64_t newest(const uint8_t *bytes)
{
    uint32_t page_bytes;
    uint64_t first, second;
    memcpy(&page_bytes, bytes + AT_PAGE_BYTES, sizeof page_bytes);
    memcpy(&first, bytes + AT_TXN, sizeof first);
    memcpy(&second, bytes + page_bytes + AT_TXN, sizeof second);
    return second > first ? second : first;
}

static void look(const uint8_t *bytes, size_t size)
{
    char path[160];
    uint64_t told = UINT64_MAX;
    struct err err = {.status = STATUS_OK, .text = ""};
    data_path(path);
    FILE *file = fopen(path, "w");
    must(file != NULL && fwrite(bytes, 1, size, file) == size && fclose(file) == 0);
    enum status status = storefile_check(path, &told, &err);
    must(status == STATUS_OK || status == STATUS_CORRUPT || status == STATUS_INPUT);
    must(status == STATUS_OK ? told == size : told == UINT64_MAX && strncmp(err.text, path, strlen(path)) == 0);
    if (status != STATUS_OK || size == 0)
        return;
    /* As long as it is and no longer, so that a sanitizer sees a step over the end. */
    uint8_t *map = malloc(size);
    must(map != NULL);
    memcpy(map, bytes, size);
    const struct storepages pages = {.map = map, .bytes = size, .path = path, .txn = newest(bytes)};
    status = storepages_check(&pages, &err);
    free(map);
    must(status == STATUS_OK || status == STATUS_CORRUPT || status == STATUS_BUSY);
    must(status == STATUS_OK || strncmp(err.text, path, strlen(path)) == 0);
    if (status == STATUS_OK)
        use(path);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t bytes[FILE_BYTES_MAX];
    if (size == 0)
        return 0;
    const size_t length = file_made(data, size, bytes);
    folder_fresh();
    look(bytes, length);
    return 0;
}
