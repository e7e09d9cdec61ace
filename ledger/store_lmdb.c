/*
 * The wrapper round LMDB 0.9.24, and the only file that knows it; store_remote.c answers for what is elsewhere. Guarantees: a truncated or foreign file is an error
 * and no crash; every key and value within bounds; errors in words that name the file and the remedy; after a failed
 * commit nothing but closing works. Never NOMETASYNC, WRITEMAP, MAPASYNC, DUPSORT or nested transactions; a map that is
 * made large once and never resized; values are unaligned and lent. Knows nothing of what is stored.
 *
 * LMDB has no checksums: who needs them puts them into the values (journal: leaf hashes; tables: checksum.h).
 */
#include <errno.h>
#include <fcntl.h>
#include <lmdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger/durable.h"
#include "ledger/limits.h"
#include "ledger/mapping.h"
#include "ledger/store_parts.h"
#include "ledger/storefile.h"
#include "ledger/storepages.h"

enum { CHECK_TRIES = 3 };

static_assert((int)STORE_VALUE_BYTES_MAX > (int)ENTRY_BYTES_MAX, "an entry fits, with what a table puts round it");

static enum status status_of_lmdb(int rc)
{
    switch (rc) {
    case MDB_SUCCESS:
        return STATUS_OK;
    case MDB_NOTFOUND:
        return STATUS_NOT_FOUND;
    case MDB_KEYEXIST:
        return STATUS_EXISTS;
    case MDB_MAP_FULL:
    case ENOSPC:
    case EDQUOT:
        return STATUS_FULL;
    case MDB_READERS_FULL:
    case EAGAIN:
    case EBUSY:
        return STATUS_BUSY;
    case MDB_INVALID:
    case MDB_CORRUPTED:
    case MDB_PAGE_NOTFOUND:
    case MDB_INCOMPATIBLE:
    case MDB_CURSOR_FULL:
        return STATUS_CORRUPT;
    case MDB_VERSION_MISMATCH:
        return STATUS_INPUT;
    case MDB_TXN_FULL:
    case MDB_BAD_VALSIZE:
        return STATUS_LIMIT;
    case EACCES:
    case EPERM:
    case EROFS:
        return STATUS_PERMISSION;
    case ENOMEM:
        return STATUS_MEMORY;
    default:
        return STATUS_IO;
    }
}

static const char *remedy_of_lmdb(int rc)
{
    switch (rc) {
    case MDB_MAP_FULL:
        return "; its map is full: back the book up and restore it, which gives it a larger map";
    case ENOSPC:
    case EDQUOT:
        return "; free some space or raise the quota";
    case MDB_READERS_FULL:
        return "; too many are reading at once: wait, or end some of them";
    case MDB_INVALID:
    case MDB_CORRUPTED:
    case MDB_PAGE_NOTFOUND:
    case MDB_INCOMPATIBLE:
    case MDB_CURSOR_FULL:
        return "; the file is damaged, or no countersign store: restore or rebuild it";
    case MDB_VERSION_MISMATCH:
        return "; open it with the release that made it, and end other releases that have it open";
    case MDB_TXN_FULL:
        return "; too much for one commit: use smaller batches";
    case MDB_PANIC:
        return "; an earlier write failed: close it and open it again";
    case ENOMEM:
        return "; the map may be larger than this process may address";
    case EROFS:
        return "; the file system is mounted read-only";
    case EACCES:
    case EPERM:
        return "; readers too need to write lock.mdb beside it";
    default:
        return "";
    }
}

static enum status fail(const struct store *store, int rc, const char *doing, struct err *err)
{
    return err_set(err, status_of_lmdb(rc), "%s: %s: %s%s", store->path.text, doing, mdb_strerror(rc),
                   remedy_of_lmdb(rc));
}

static enum status open_tables(struct store *store, bool create, struct err *err)
{
    MDB_txn *txn = NULL;
    int rc = mdb_txn_begin(store->env, NULL, create ? 0 : MDB_RDONLY, &txn);
    if (rc != 0)
        return fail(store, rc, "begin", err);
    for (size_t table = 0; table < store->count; table++) {
        unsigned flags = 0;
        rc = mdb_dbi_open(txn, store->names[table], create ? MDB_CREATE : 0, &store->tables[table]);
        if (rc == 0)
            rc = mdb_dbi_flags(txn, store->tables[table], &flags);
        if (rc == 0 && flags != 0)
            rc = MDB_INCOMPATIBLE;
        if (rc != 0) {
            mdb_txn_abort(txn);
            if (rc == MDB_NOTFOUND)
                return err_set(err, STATUS_NOT_FOUND, "%s: has no table '%s': it is not a store of this kind",
                               store->path.text, store->names[table]);
            return fail(store, rc, store->names[table], err);
        }
    }
    rc = mdb_txn_commit(txn); /* ends a reading one too, and keeps the handles */
    return rc == 0 ? STATUS_OK : fail(store, rc, "open tables", err);
}

/* Looks before LMDB does. NOT_FOUND from here on means that a new file is to be made. */
static enum status check_file(const struct store *store, bool create, uint64_t *ret_bytes, struct err *err)
{
    uint64_t bytes = 0;
    enum status status = storefile_check(store->path.text, &bytes, err);
    if (status == STATUS_NOT_FOUND && create) {
        *ret_bytes = 0;
        return STATUS_OK;
    }
    if (status == STATUS_OK && bytes == 0 && !create)
        return err_set(err, STATUS_CORRUPT, "%s: is truncated: it is empty", store->path.text);
    if (status == STATUS_OK)
        *ret_bytes = bytes;
    return status;
}

/* The pages of a state that stands still: a reading transaction keeps others from using them again. */
static enum status check_pages_once(const struct store *store, uint64_t bytes, struct err *err)
{
    MDB_txn *txn = NULL;
    int fd = -1;
    int rc = mdb_env_get_fd(store->env, &fd);
    if (rc == 0)
        rc = mdb_txn_begin(store->env, NULL, MDB_RDONLY, &txn);
    if (rc != 0)
        return fail(store, rc, "begin to read", err);
    enum status status = STATUS_OK;
    uint8_t *map = mmap(NULL, (size_t)bytes, PROT_READ, MAP_SHARED, fd, 0);
    if (map == MAP_FAILED) {
        status = durable_fail(errno, store->path.text, "map", err);
    } else {
        const struct storepages pages = {
            .map = map, .bytes = bytes, .path = store->path.text, .txn = (uint64_t)mdb_txn_id(txn), .mapped = true};
        status = storepages_check(&pages, err);
        (void)munmap(map, (size_t)bytes);
    }
    mdb_txn_abort(txn);
    return status;
}

/* Head and length of a file may change while they are read: what is damaged is so the next time too. */
static enum status check_pages(const struct store *store, struct err *err)
{
    enum status status = STATUS_BUSY;
    uint64_t bytes = 0;
    for (int left = CHECK_TRIES; left > 0 && (status == STATUS_BUSY || status == STATUS_CORRUPT); left--) {
        status = storefile_check(store->path.text, &bytes, err);
        if (status == STATUS_OK)
            status = check_pages_once(store, bytes, err);
    }
    return status;
}

static enum status open_env(struct store *store, const char *dir, const struct store_options *options,
                            uint64_t map_bytes, struct err *err)
{
    unsigned flags = MDB_NOTLS;
    if (options->unsynced)
        flags |= MDB_NOSYNC;
    if (options->read_only)
        flags |= MDB_RDONLY;
    int rc = mdb_env_create(&store->env);
    if (rc == 0)
        rc = mdb_env_set_maxdbs(store->env, (MDB_dbi)options->count);
    if (rc == 0)
        rc = mdb_env_set_maxreaders(store->env, STORE_READERS_MAX);
    if (rc == 0 && map_bytes != 0)
        rc = mdb_env_set_mapsize(store->env, (size_t)map_bytes);
    if (rc == 0)
        rc = mdb_env_open(store->env, dir, flags, 0600);
    int fd = -1;
    if (rc == 0)
        rc = mdb_env_get_fd(store->env, &fd);
    if (rc == 0 && fcntl(fd, F_SETFD, FD_CLOEXEC) != 0) /* LMDB leaves it open to programs that we start */
        rc = errno;
    if (rc == 0 && mdb_env_get_maxkeysize(store->env) < STORE_KEY_BYTES_MAX)
        rc = MDB_INCOMPATIBLE;
    return rc == 0 ? STATUS_OK : fail(store, rc, "open", err);
}

static enum status check_options(const char *dir, const struct store_options *options, struct err *err)
{
    invariant(options->count > 0 && options->count <= STORE_TABLES_MAX);
    if (options->map_bytes != 0 &&
        (options->map_bytes < STORE_MAP_BYTES_MIN || options->map_bytes > STORE_MAP_BYTES_MAX))
        return err_set(err, STATUS_LIMIT, "%s: a map has %llu to %llu bytes", dir,
                       (unsigned long long)STORE_MAP_BYTES_MIN, (unsigned long long)STORE_MAP_BYTES_MAX);
    return STATUS_OK;
}

static bool looks(const struct store_options *options, uint64_t bytes)
{
    return options->look == STORE_LOOK_WHOLE ||
           (options->look == STORE_LOOK_USUAL && bytes <= STORE_LOOKED_AT_BYTES_MAX);
}

static enum status open_everything(struct store *store, const char *dir, const struct store_options *options,
                                   struct err *err)
{
    bool create = options->create && !options->read_only;
    uint64_t bytes = 0;
    enum status status = path_set(&store->path, err, "%s/data.mdb", dir);
    if (status == STATUS_OK && create && mkdir(dir, 0700) != 0 && errno != EEXIST)
        status = durable_fail(errno, dir, "make directory", err);
    if (status == STATUS_OK)
        status = check_file(store, create, &bytes, err);
    if (status != STATUS_OK)
        return status;
    const bool new_file = bytes == 0;
    uint64_t map_bytes = options->map_bytes;
    if (new_file && map_bytes == 0)
        map_bytes = STORE_MAP_BYTES_DEFAULT;
    status = open_env(store, dir, options, map_bytes, err);
    if (status == STATUS_OK && !options->read_only)
        status = store_clear_readers(store, err);
    store->looked_at = !new_file && looks(options, bytes);
    if (status == STATUS_OK && store->looked_at)
        status = check_pages(store, err);
    if (status != STATUS_OK)
        return status;
    if (!new_file) { /* the usual case takes no write lock */
        status = open_tables(store, false, err);
        if (status != STATUS_NOT_FOUND)
            return status;
        if (!create) {
            if (err != NULL)
                err->status = STATUS_CORRUPT;
            return STATUS_CORRUPT;
        }
    }
    return open_tables(store, true, err);
}

enum status store_open(const char *dir, const struct store_options *options, struct store **ret_store, struct err *err)
{
    enum status status = check_options(dir, options, err);
    if (status != STATUS_OK)
        return status;
    struct store *store = calloc(1, sizeof *store);
    if (store == NULL)
        return err_set(err, STATUS_MEMORY, "%s: no memory", dir);
    store->names = options->names;
    store->count = options->count;
    store->read_only = options->read_only;
    status = open_everything(store, dir, options, err);
    if (status != STATUS_OK) {
        store_close(store);
        return status;
    }
    *ret_store = store;
    return STATUS_OK;
}

bool store_was_looked_at(const struct store *store)
{
    return store->looked_at;
}

enum status store_look_at(struct store *store, struct err *err)
{
    return store_is_remote(store) ? STATUS_OK : check_pages(store, err);
}

void store_close(struct store *store)
{
    if (store == NULL)
        return;
    if (store->env != NULL)
        mdb_env_close(store->env);
    free(store);
}

bool store_is_current(const struct store *store)
{
    struct stat ours, there;
    int fd = -1;
    return mdb_env_get_fd(store->env, &fd) == 0 && fstat(fd, &ours) == 0 && stat(store->path.text, &there) == 0 &&
           ours.st_dev == there.st_dev && ours.st_ino == there.st_ino;
}

const char *store_library_version(void)
{
    return mdb_version(NULL, NULL, NULL);
}

uint64_t store_map_bytes(const struct store *store)
{
    MDB_envinfo info = {0};
    if (mdb_env_info(store->env, &info) != 0)
        return 0;
    return info.me_mapsize;
}

enum status store_sync(struct store *store, struct err *err)
{
    int rc = mdb_env_sync(store->env, 1);
    return rc == 0 ? STATUS_OK : fail(store, rc, "sync", err);
}

enum status store_clear_readers(struct store *store, struct err *err)
{
    int dead = 0;
    int rc = mdb_reader_check(store->env, &dead);
    return rc == 0 ? STATUS_OK : fail(store, rc, "clear dead readers", err);
}

static enum status begin(struct store *store, bool writes, struct store_txn **ret_txn, struct err *err)
{
    if (atomic_load(&store->failed))
        return err_set(err, STATUS_IO, "%s: an earlier commit failed: close it and open it again", store->path.text);
    struct store_txn *txn = calloc(1, sizeof *txn);
    if (txn == NULL)
        return err_set(err, STATUS_MEMORY, "%s: no memory", store->path.text);
    txn->store = store;
    txn->writes = writes;
    if (store_is_remote(store)) {
        enum status status = store->remote.begin(store->remote.context, &txn->snapshot, err);
        if (status == STATUS_OK)
            *ret_txn = txn;
        else
            free(txn);
        return status;
    }
    int rc = mdb_txn_begin(store->env, NULL, writes ? 0 : MDB_RDONLY, &txn->mdb);
    if (rc != 0) { /* LMDB leaves the pointer untouched then: there is nothing to abort */
        free(txn);
        return fail(store, rc, writes ? "begin to write" : "begin to read", err);
    }
    *ret_txn = txn;
    return STATUS_OK;
}

enum status store_read_begin(struct store *store, struct store_txn **ret_txn, struct err *err)
{
    return begin(store, false, ret_txn, err);
}

enum status store_write_begin(struct store *store, struct store_txn **ret_txn, struct err *err)
{
    if (store->read_only)
        return err_set(err, STATUS_PERMISSION, "%s: is open for reading only", store->path.text);
    return begin(store, true, ret_txn, err);
}

uint64_t store_txn_number(const struct store_txn *txn)
{
    return mdb_txn_id(txn->mdb);
}

static void cursor_release(struct store_cursor *cursor)
{
    if (cursor->mdb != NULL)
        mdb_cursor_close(cursor->mdb);
    free(cursor->remote);
}

/* Ends the cursors that are still open; what is left of them is freed by store_cursor_close. */
static void end_cursors(struct store_txn *txn)
{
    while (txn->cursors != NULL) {
        struct store_cursor *cursor = txn->cursors;
        txn->cursors = cursor->next;
        cursor_release(cursor);
        *cursor = (struct store_cursor){0};
    }
}

/*
 * Pages that were allocated and freed again within one transaction are never written; when they are the last ones the
 * file is shorter than its head says. Extending only: fallocate never shrinks, another writer may be at work by now.
 */
static void extend_to_last_page(const struct store *store)
{
    MDB_envinfo info;
    MDB_stat stat_of_env;
    struct stat facts;
    int fd = -1;
    if (mdb_env_info(store->env, &info) != 0 || mdb_env_stat(store->env, &stat_of_env) != 0 ||
        mdb_env_get_fd(store->env, &fd) != 0 || fstat(fd, &facts) != 0)
        return;
    off_t needed = (off_t)((info.me_last_pgno + 1) * stat_of_env.ms_psize);
    if (facts.st_size < needed && fallocate(fd, 0, needed - 1, 1) != 0)
        return; /* at worst the next open calls an unsynced store truncated, and it is rebuilt */
}

enum status store_commit(struct store_txn *txn, struct err *err)
{
    struct store *store = txn->store;
    invariant(txn->writes);
    end_cursors(txn);
    MDB_envinfo info = {0};
    size_t number = mdb_txn_id(txn->mdb);
    int rc = mdb_txn_commit(txn->mdb); /* frees it, failed or not */
    free(txn);
    if (rc == 0) {
        extend_to_last_page(store);
        return STATUS_OK;
    }
    if (rc == MDB_MAP_FULL) /* found while pages are handed out, before the first is written */
        return fail(store, rc, "commit", err);
    atomic_store(&store->failed, true);
    /* The head of the file is written last: while it is an older one, nothing of this is in the store. */
    if ((rc == ENOSPC || rc == EDQUOT) && mdb_env_info(store->env, &info) == 0 && info.me_last_txnid < number)
        return fail(store, rc, "commit", err);
    return err_set(err, STATUS_UNKNOWN,
                   "%s: commit: %s; whether it was written is open: close it, open it again and look", store->path.text,
                   mdb_strerror(rc));
}

void store_abort(struct store_txn *txn)
{
    if (txn == NULL)
        return;
    end_cursors(txn);
    if (store_is_remote(txn->store))
        txn->store->remote.end(txn->store->remote.context, txn->snapshot);
    else
        mdb_txn_abort(txn->mdb);
    free(txn);
}

static MDB_val val_of(struct slice slice)
{
    return (MDB_val){.mv_size = slice.length, .mv_data = (void *)(uintptr_t)slice.bytes};
}

static struct slice slice_of_val(MDB_val val)
{
    return slice_of(val.mv_data, val.mv_size);
}

static bool key_is_possible(struct slice key)
{
    return key.length > 0 && key.length <= STORE_KEY_BYTES_MAX;
}

/* No record is longer that was ever put: what says so is damaged, and reaches into other memory. */
static enum status check_length(const struct store *store, size_t length, struct err *err)
{
    return length <= STORE_VALUE_BYTES_MAX
               ? STATUS_OK
               : err_set(err, STATUS_CORRUPT,
                         "%s: is damaged: a record says that it has %zu bytes; none has more than %d", store->path.text,
                         length, STORE_VALUE_BYTES_MAX);
}

enum status store_get(struct store_txn *txn, size_t table, struct slice key, struct slice *ret_value, struct err *err)
{
    invariant(table < txn->store->count);
    if (!key_is_possible(key))
        return STATUS_NOT_FOUND;
    if (store_is_remote(txn->store))
        return txn->store->remote.get(txn->snapshot, txn->store->names[table], key, ret_value, err);
    MDB_val mdb_key = val_of(key), value;
    int rc = mdb_get(txn->mdb, txn->store->tables[table], &mdb_key, &value);
    if (rc == MDB_NOTFOUND)
        return STATUS_NOT_FOUND;
    if (rc != 0)
        return fail(txn->store, rc, txn->store->names[table], err);
    *ret_value = slice_of_val(value);
    return check_length(txn->store, value.mv_size, err);
}

static enum status check_record(const struct store_txn *txn, size_t table, struct slice key, size_t length,
                                struct err *err)
{
    invariant(table < txn->store->count && txn->writes);
    if (!key_is_possible(key))
        return err_set(err, STATUS_LIMIT, "%s: %s: a key has 1 to %d bytes, not %zu", txn->store->path.text,
                       txn->store->names[table], STORE_KEY_BYTES_MAX, key.length);
    if (length > STORE_VALUE_BYTES_MAX)
        return err_set(err, STATUS_LIMIT, "%s: %s: a value has at most %d bytes, not %zu", txn->store->path.text,
                       txn->store->names[table], STORE_VALUE_BYTES_MAX, length);
    return STATUS_OK;
}

static enum status put(struct store_txn *txn, size_t table, struct slice key, MDB_val *value, unsigned flags,
                       struct err *err)
{
    MDB_val mdb_key = val_of(key);
    int rc = mdb_put(txn->mdb, txn->store->tables[table], &mdb_key, value, flags);
    return rc == 0 ? STATUS_OK : fail(txn->store, rc, txn->store->names[table], err);
}

enum status store_put(struct store_txn *txn, size_t table, struct slice key, struct slice value, struct err *err)
{
    enum status status = check_record(txn, table, key, value.length, err);
    MDB_val mdb_value = val_of(value);
    return status == STATUS_OK ? put(txn, table, key, &mdb_value, 0, err) : status;
}

enum status store_append(struct store_txn *txn, size_t table, struct slice key, struct slice value, struct err *err)
{
    enum status status = check_record(txn, table, key, value.length, err);
    MDB_val mdb_value = val_of(value);
    return status == STATUS_OK ? put(txn, table, key, &mdb_value, MDB_APPEND, err) : status;
}

enum status store_reserve(struct store_txn *txn, size_t table, struct slice key, struct store_room *room,
                          struct err *err)
{
    enum status status = check_record(txn, table, key, room->length, err);
    MDB_val mdb_value = {.mv_size = room->length};
    if (status == STATUS_OK)
        status = put(txn, table, key, &mdb_value, MDB_RESERVE, err);
    if (status == STATUS_OK)
        room->bytes = mdb_value.mv_data;
    return status;
}

enum status store_delete(struct store_txn *txn, size_t table, struct slice key, struct err *err)
{
    invariant(table < txn->store->count && txn->writes);
    if (!key_is_possible(key))
        return STATUS_NOT_FOUND;
    MDB_val mdb_key = val_of(key);
    int rc = mdb_del(txn->mdb, txn->store->tables[table], &mdb_key, NULL);
    if (rc == MDB_NOTFOUND)
        return STATUS_NOT_FOUND;
    return rc == 0 ? STATUS_OK : fail(txn->store, rc, txn->store->names[table], err);
}

void store_forget(const struct store_txn *txn, struct slice lent)
{
    const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    const uintptr_t from = ((uintptr_t)lent.bytes + page - 1) / page * page;
    const uintptr_t to = ((uintptr_t)lent.bytes + lent.length) / page * page;
    if (txn->writes || store_is_remote(txn->store) || to <= from)
        return;
    if (!mapping_is_of_file((void *)from, to - from)) /* a damaged record may say that it goes on beyond the file's */
        return;
    (void)madvise((void *)from, to - from, MADV_DONTNEED); /* that it keeps them is no harm */
}

enum status store_count(struct store_txn *txn, size_t table, uint64_t *ret_count, struct err *err)
{
    invariant(table < txn->store->count);
    if (store_is_remote(txn->store))
        return txn->store->remote.count(txn->snapshot, txn->store->names[table], ret_count, err);
    MDB_stat facts;
    int rc = mdb_stat(txn->mdb, txn->store->tables[table], &facts);
    if (rc != 0)
        return fail(txn->store, rc, txn->store->names[table], err);
    *ret_count = facts.ms_entries;
    return STATUS_OK;
}

static enum status cursor_take(struct store_txn *txn, size_t table, struct store_cursor *cursor, struct err *err)
{
    if (!store_is_remote(txn->store)) {
        int rc = mdb_cursor_open(txn->mdb, txn->store->tables[table], &cursor->mdb);
        return rc == 0 ? STATUS_OK : fail(txn->store, rc, txn->store->names[table], err);
    }
    return store_remote_cursor(txn, table, &cursor->remote, err);
}

enum status store_cursor_open(struct store_txn *txn, size_t table, struct store_cursor **ret_cursor, struct err *err)
{
    invariant(table < txn->store->count);
    struct store_cursor *cursor = calloc(1, sizeof *cursor);
    if (cursor == NULL)
        return err_set(err, STATUS_MEMORY, "%s: no memory", txn->store->path.text);
    enum status status = cursor_take(txn, table, cursor, err);
    if (status != STATUS_OK) {
        free(cursor);
        return status;
    }
    cursor->txn = txn;
    cursor->next = txn->cursors;
    if (txn->cursors != NULL)
        txn->cursors->prev = cursor;
    txn->cursors = cursor;
    *ret_cursor = cursor;
    return STATUS_OK;
}

void store_cursor_close(struct store_cursor *cursor)
{
    if (cursor == NULL)
        return;
    if (cursor->txn != NULL) {
        if (cursor->next != NULL)
            cursor->next->prev = cursor->prev;
        if (cursor->prev != NULL)
            cursor->prev->next = cursor->next;
        else
            cursor->txn->cursors = cursor->next;
        cursor_release(cursor);
    }
    free(cursor);
}

static MDB_cursor_op op_of_move(enum store_move move)
{
    switch (move) {
    case STORE_FIRST:
        return MDB_FIRST;
    case STORE_LAST:
        return MDB_LAST;
    case STORE_NEXT:
        return MDB_NEXT;
    case STORE_PREV:
        return MDB_PREV;
    case STORE_AT_OR_AFTER:
        return MDB_SET_RANGE;
    }
    return MDB_FIRST;
}

enum status store_cursor_move(struct store_cursor *cursor, enum store_move move, struct store_record *record,
                              struct err *err)
{
    invariant(cursor->txn != NULL);
    MDB_val key = val_of(record->key), value;
    if (move == STORE_AT_OR_AFTER && !key_is_possible(record->key))
        return err_set(err, STATUS_LIMIT, "%s: a key has 1 to %d bytes", cursor->txn->store->path.text,
                       STORE_KEY_BYTES_MAX);
    if (cursor->remote != NULL)
        return store_remote_move(cursor, move, record, err);
    int rc = mdb_cursor_get(cursor->mdb, &key, &value, op_of_move(move));
    if (rc == MDB_NOTFOUND)
        return STATUS_NOT_FOUND;
    if (rc != 0)
        return fail(cursor->txn->store, rc, "walk", err);
    record->key = slice_of_val(key);
    record->value = slice_of_val(value);
    return check_length(cursor->txn->store, value.mv_size, err);
}
