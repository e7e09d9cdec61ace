/*
 * Key-value environments: transactions, named tables, ordered cursors. On disk, in the one room that knows LMDB; or far
 * away, where somebody else answers what is read.
 *
 * Danger: no process may fork and go on using a store in the child, nor open the same directory twice (the
 * locks of the two would cancel each other). Keys are 1..STORE_KEY_BYTES_MAX bytes, compared as unsigned
 * bytes.
 */
#ifndef LEDGER_STORE_H
#define LEDGER_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/slice.h"
#include "ledger/status.h"

struct store;
struct store_txn;
struct store_cursor;

enum {
    STORE_KEY_BYTES_MAX = 511,              /* LMDB's own maximum for a key */
    STORE_VALUE_BYTES_MAX = (8 << 20) + 64, /* the largest entry, and room for what a table puts round it */
    STORE_TABLES_MAX = 128,                 /* named tables of one environment */
    /*
     * Reading transactions at one time, all processes together: 1,024 connections with four snapshots, each of which reads
     * journal and books, and room for commands on the directory. 64 bytes each in lock.mdb, whose first opener fixes
     * their number: an older one that is open already has fewer, and the rest is told BUSY.
     */
    STORE_READERS_MAX = 8192,
    STORE_REMOTE_LENT_BYTES = 32 << 20 /* more than any reader holds at a time: the chunks of a verification */
};

#ifndef STORE_MAP_BYTES_DEFAULT /* the thread sanitizer leaves a process less (Makefile) */
#define STORE_MAP_BYTES_DEFAULT                                                                                        \
    ((uint64_t)1 << 40) /* address space, not disk: the file stays as small as its content */
#endif
/* A file of this size is looked at page by page in a few milliseconds, each time that it is opened; for a larger one that takes too long. */
#define STORE_LOOKED_AT_BYTES_MAX ((uint64_t)16 << 20)
#define STORE_MAP_BYTES_MIN       ((uint64_t)1 << 16)
#define STORE_MAP_BYTES_MAX       ((uint64_t)1 << 45)

/* Whether every page is looked at (storepages.h) before any is believed. */
enum store_look {
    STORE_LOOK_USUAL, /* where that takes no time: in a file of up to STORE_LOOKED_AT_BYTES_MAX */
    STORE_LOOK_WHOLE, /* however large it is */
    STORE_LOOK_NEVER /* for whoever is to read what is left of it: asks store_look_at, and reads in a process that may end */
};

struct store_options {
    const char *const *names; /* tables, by number 0..count-1; borrowed until close */
    size_t count;             /* 1..STORE_TABLES_MAX */
    uint64_t map_bytes;       /* fixed at birth; 0 at a later open: what the file says */
    bool create;              /* make directory, file and tables where they lack */
    bool unsynced;            /* commits are not synced: for what can be rebuilt */
    bool read_only;
    enum store_look look;
};

/*
 * Opens an environment in the directory dir, looks at every page of a file of up to STORE_LOOKED_AT_BYTES_MAX, clears readers that died, opens every table.
 *
 * out     *ret_store: give it back with store_close.
 * errors  NOT_FOUND (nothing there and !create), CORRUPT (data.mdb is truncated, damaged or no store of ours),
 * PERMISSION, INPUT (made by another version of LMDB or another machine kind), FULL, BUSY, MEMORY, IO.
 * cost    O(pages) where they are looked at, else O(tables).
 */
MUST_USE enum status store_open(const char *dir, const struct store_options *options, struct store **ret_store,
                                struct err *err);

/* Where a record stands: at a key, or next to one. */
enum store_seek {
    STORE_SEEK_FIRST, /* the key is not looked at */
    STORE_SEEK_LAST,
    STORE_SEEK_AT_OR_AFTER,
    STORE_SEEK_AFTER,
    STORE_SEEK_BEFORE
};

struct store_record {
    struct slice key;
    struct slice value;
};

/*
 * Who answers for a store that is elsewhere, table by name. Bytes that an answer lends last until the snapshot ends, or
 * until STORE_REMOTE_LENT_BYTES more have been answered: long walks must not keep all that they saw.
 */
struct store_remote {
    const char *name; /* for error texts; kept */
    void *context;
    /* A snapshot of the whole store, which stands still. */
    enum status (*begin)(void *context, void **ret_snapshot, struct err *err);
    void (*end)(void *context, void *snapshot);
    /* errors NOT_FOUND (err is left alone), and those of whoever answers. */
    enum status (*get)(void *snapshot, const char *table, struct slice key, struct slice *ret_value, struct err *err);
    enum status (*seek)(void *snapshot, const char *table, enum store_seek seek, struct slice key,
                        struct store_record *ret_record, struct err *err);
    enum status (*count)(void *snapshot, const char *table, uint64_t *ret_count, struct err *err);
};

/*
 * A store that somebody else answers for, to be read only: what has to do with files and writing must not be asked of it.
 *
 * in      remote: copied; names, count: as in store_options.
 * errors  MEMORY.
 */
MUST_USE enum status store_open_remote(const struct store_remote *remote, const char *const *names, size_t count,
                                       struct store **ret_store, struct err *err);

/* Whether its pages were looked at when it was opened. */
bool store_was_looked_at(const struct store *store);

/*
 * Looks at every page. Nothing is to be looked at in a store that is elsewhere.
 *
 * errors  CORRUPT (names page and table), MEMORY, IO.
 * cost    O(pages): reads all but the values.
 */
MUST_USE enum status store_look_at(struct store *store, struct err *err);

/* Closes; NULL is fine. Transactions must have ended. Does not sync an unsynced store: see store_sync. */
void store_close(struct store *store);

/* Whether the file at its path is still the one that is open: others may have dropped it and made a new one. */
bool store_is_current(const struct store *store);

/* The library beneath, with its version. Lends for ever. */
const char *store_library_version(void);

/* Size of the map, fixed at birth. */
uint64_t store_map_bytes(const struct store *store);

/* Makes everything committed so far durable. errors IO, FULL. */
MUST_USE enum status store_sync(struct store *store, struct err *err);

/* Frees the slots of readers whose process died; they would hold on to old pages. errors CORRUPT, IO. */
MUST_USE enum status store_clear_readers(struct store *store, struct err *err);

/*
 * Begin a transaction: any number may read, one may write. A writer waits for the one before, without limit:
 * whoever needs a limit takes a lock of their own first (append.h does).
 *
 * errors  BUSY (STORE_READERS_MAX), IO (the store has failed: close and reopen), PERMISSION, MEMORY.
 */
MUST_USE enum status store_read_begin(struct store *store, struct store_txn **ret_txn, struct err *err);
MUST_USE enum status store_write_begin(struct store *store, struct store_txn **ret_txn, struct err *err);
/* The number that a writing transaction will have when it commits a change: one more than the last one that did, of whatever process. */
uint64_t store_txn_number(const struct store_txn *txn);

/*
 * Ends a writing transaction for good, whatever the answer: txn is gone afterwards.
 *
 * after   on OK everything is committed, and durable unless the store is unsynced.
 * errors  FULL (the map; nothing was written), UNKNOWN (anything else: the outcome is open, close and
 * reopen).
 */
MUST_USE enum status store_commit(struct store_txn *txn, struct err *err);

/* Ends a transaction, leaving everything as before it. NULL is fine. The way to end a reading transaction. */
void store_abort(struct store_txn *txn);

/*
 * Looks a key up. Lends the value until the transaction ends or, in a writing one, until the next write; for a store that is
 * elsewhere, see store_remote.
 *
 * errors  NOT_FOUND (err is left alone: a miss is an answer), CORRUPT, IO; PERMISSION (of a store that is elsewhere).
 */
MUST_USE enum status store_get(struct store_txn *txn, size_t table, struct slice key, struct slice *ret_value,
                               struct err *err);

/* Puts a value under a key, new or not. errors LIMIT, FULL, IO. */
MUST_USE enum status store_put(struct store_txn *txn, size_t table, struct slice key, struct slice value,
                               struct err *err);

/* Puts under a key greater than all others of the table: the cheap way to grow. errors EXISTS (it is not),
 * and as put. */
MUST_USE enum status store_append(struct store_txn *txn, size_t table, struct slice key, struct slice value,
                                  struct err *err);

/* Room for a value that the caller writes in place. */
struct store_room {
    uint8_t *bytes;
    size_t length;
};

/*
 * Puts a value of room->length bytes that the caller writes itself, saving a copy.
 *
 * out     room->bytes: lent until the next call on this transaction; fill all of it before.
 * errors  as store_put.
 */
MUST_USE enum status store_reserve(struct store_txn *txn, size_t table, struct slice key, struct store_room *room,
                                   struct err *err);

/* Deletes a key. errors NOT_FOUND (err is left alone). */
MUST_USE enum status store_delete(struct store_txn *txn, size_t table, struct slice key, struct err *err);

/* The number of the table with that name, for whoever answers for this store. errors NOT_FOUND (err is left alone). */
MUST_USE enum status store_table_named(const struct store_txn *txn, const char *name, size_t *ret_table);

/*
 * Gives the pages under `lent`, a run of the file that reads of this transaction were lent, back to the system, so that a long
 * walk keeps few of them. What was lent stays good: it is read again when it is looked at. Nothing happens in a writing
 * transaction and to a store that somebody else answers for, where what was lent is no file.
 */
void store_forget(const struct store_txn *txn, struct slice lent);

/* Number of keys in a table. */
MUST_USE enum status store_count(struct store_txn *txn, size_t table, uint64_t *ret_count, struct err *err);

/*
 * One record by where it stands, for whoever answers for this store. Lends as store_get does.
 *
 * errors  NOT_FOUND (none; err is left alone), LIMIT (an impossible key), CORRUPT, IO.
 */
MUST_USE enum status store_seek(struct store_txn *txn, size_t table, enum store_seek seek, struct slice key,
                                struct store_record *ret_record, struct err *err);

/* A cursor on one table; ends with store_cursor_close, before or after its transaction. */
MUST_USE enum status store_cursor_open(struct store_txn *txn, size_t table, struct store_cursor **ret_cursor,
                                       struct err *err);
void store_cursor_close(struct store_cursor *cursor);

enum store_move {
    STORE_FIRST,
    STORE_LAST,
    STORE_NEXT,
    STORE_PREV,
    STORE_AT_OR_AFTER, /* the first key >= record->key */
};

/*
 * Moves a cursor and tells where it stands. Lends as store_get does.
 *
 * in      record->key for STORE_AT_OR_AFTER.
 * errors  NOT_FOUND (no such record; err is left alone), CORRUPT, IO.
 */
MUST_USE enum status store_cursor_move(struct store_cursor *cursor, enum store_move move, struct store_record *record,
                                       struct err *err);

#endif
