/*
 * The books' environment: ordered tables that are derived from the journal and can be dropped and rebuilt at
 * any time.
 *
 * Every value carries a checksum over (table, key, value): a changed byte is CORRUPT, never a wrong value.
 * The first one seen leaves a mark, and the next open says that the books must be rebuilt. Commits are not
 * synced; a mark on disk tells whether the system stopped since. Which entry was applied last (the watermark)
 * is written in the same transaction as what it changed.
 *
 * One process may hold a directory open once; no fork with open tables. A key is 1..STORE_KEY_BYTES_MAX
 * bytes.
 */
#ifndef LEDGER_TABLES_H
#define LEDGER_TABLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/hash.h"
#include "ledger/slice.h"
#include "ledger/status.h"

struct tables;
struct tables_txn;
struct tables_cursor;

enum {
    TABLES_KEY_BYTES_MAX = 511,
    TABLES_VALUE_BYTES_MAX = 8 << 20, /* as large as an entry */
    TABLES_COUNT_MAX = 120            /* tables of one set of books */
};

struct tables_options {
    const char *const *names; /* table t has the name names[t], 1..64 characters, none beginning with '~'; kept */
    size_t count;             /* 1..TABLES_COUNT_MAX */
    uint64_t map_bytes;       /* 0: STORE_MAP_BYTES_DEFAULT when made, later what the file says */
    uint32_t layout;          /* what the caller's records mean; stands beside the watermark */
    const char *boot_id;      /* NULL: what the system says. Tests give their own; borrowed */
    bool read_only;           /* never writes; the directory must be there */
    bool whole;               /* every page is looked at first, however many there are (store.h) */
};

/* Whether what the tables hold can be believed. */
enum tables_trust {
    TABLES_FRESH,        /* never written: apply everything from entry 0 */
    TABLES_OK,           /* as last committed: compare the watermark with the journal, apply the rest */
    TABLES_UNCLEAN_BOOT, /* the system stopped before they were synced: rebuild */
    TABLES_SUSPECT,      /* a checksum failed, or marks are missing: rebuild */
    TABLES_OLDER,        /* another release made them, before this layout: rebuild */
    TABLES_NEWER         /* another release made them, with a later layout: use that release, or rebuild on purpose */
};

/*
 * Opens the tables in directory dir, making what lacks. Tables that must be rebuilt are not read at all, since what a
 * power cut has mixed up could end the process: trust says so, a begin answers CORRUPT, and what is left to do is
 * tables_close, tables_drop, open again, apply everything.
 *
 * out     *ret_tables: give it back with tables_close or tables_sync_close.
 * errors  CORRUPT (truncated or foreign file: tables_drop, open again, rebuild), INPUT (another format: the
 * same), NOT_FOUND (read_only and nothing there), LIMIT, PERMISSION, FULL, BUSY, MEMORY, IO.
 */
MUST_USE enum status tables_open(const char *dir, const struct tables_options *options, struct tables **ret_tables,
                                 struct err *err);

/*
 * A new set in a directory that does not exist yet or is empty, for a replay beside the live books. Leaves no
 * marks, never syncs; remove it with tables_drop. errors EXISTS, and as tables_open.
 */
MUST_USE enum status tables_create_scratch(const char *dir, const struct tables_options *options,
                                           struct tables **ret_tables, struct err *err);

/*
 * Tables that somebody else answers for, to be read: they are as good as that one says, but a changed byte is CORRUPT here
 * too. in: names and count of options. errors LIMIT, MEMORY.
 */
struct store_remote;
MUST_USE enum status tables_open_remote(const struct store_remote *remote, const struct tables_options *options,
                                        struct tables **ret_tables, struct err *err);

/* What was found at open; SUSPECT as soon as a checksum has failed since. Upon anything worse than OK:
 * rebuild. */
enum tables_trust tables_trust(const struct tables *tables);

/* Closes without syncing: fast, and good until the system stops. NULL is fine. */
void tables_close(struct tables *tables);

/* Syncs, marks the tables as good for the next boot, closes; tables is gone afterwards, whatever the answer.
 */
MUST_USE enum status tables_sync_close(struct tables *tables, struct err *err);

/*
 * Removes the tables in dir, which must not be open in this process, so that the next open is FRESH. The
 * caller holds the writer's lock of the book. A killed drop leaves SUSPECT or FRESH. The directory itself
 * stays. Nothing there: OK.
 */
MUST_USE enum status tables_drop(const char *dir, struct err *err);

/*
 * Transactions, as in store.h: any number may read, one may write; a writer waits for the one before.
 * tables_commit ends txn whatever the answer (FULL, UNKNOWN, IO: nothing can be said of the tables;
 * tables_drop or rebuild), tables_abort leaves everything as before and accepts NULL; it ends reading
 * transactions too.
 */
MUST_USE enum status tables_read_begin(struct tables *tables, struct tables_txn **ret_txn, struct err *err);
MUST_USE enum status tables_write_begin(struct tables *tables, struct tables_txn **ret_txn, struct err *err);
/*
 * Parsed records of a writing transaction, which the tables keep for the next one as long as nobody else writes. Lends; NULL where the
 * transaction only reads, or without memory. A put or delete forgets what is under its key.
 */
struct record_cache;
struct record_cache *tables_cache(struct tables_txn *txn);
/* The store's transaction beneath, for whoever answers for these tables. Lends. */
struct store_txn;
struct store_txn *tables_store(struct tables_txn *txn);
MUST_USE enum status tables_commit(struct tables_txn *txn, struct err *err);
void tables_abort(struct tables_txn *txn);

/*
 * Looks a key up. Lends the value until the transaction ends or, in a writing one, until the next write.
 *
 * errors  NOT_FOUND (err is left alone: a miss is an answer), CORRUPT (deny, and rebuild), IO.
 */
MUST_USE enum status tables_get(struct tables_txn *txn, size_t table, struct slice key, struct slice *ret_value,
                                struct err *err);

/* Puts a value of 0..TABLES_VALUE_BYTES_MAX bytes under a key, new or not. errors LIMIT, FULL, IO. */
MUST_USE enum status tables_put(struct tables_txn *txn, size_t table, struct slice key, struct slice value,
                                struct err *err);

/* Deletes one key. errors NOT_FOUND (err is left alone), IO. */
MUST_USE enum status tables_delete(struct tables_txn *txn, size_t table, struct slice key, struct err *err);

/* Number of keys. */
MUST_USE enum status tables_count(struct tables_txn *txn, size_t table, uint64_t *ret_count, struct err *err);

struct tables_record {
    struct slice key; /* whole, prefix included */
    struct slice value;
};

/*
 * A walk over the keys that begin with prefix (empty: all), in byte order.
 *
 * in      prefix of up to TABLES_KEY_BYTES_MAX bytes; copied.
 * out     *ret_cursor: end it with tables_scan_close, before or after its transaction. Don't put or delete in
 * the table between two steps of a walk.
 */
MUST_USE enum status tables_scan(struct tables_txn *txn, size_t table, struct slice prefix,
                                 struct tables_cursor **ret_cursor, struct err *err);
void tables_scan_close(struct tables_cursor *cursor);

/*
 * Steps. `from` finds the first key >= key, `until` the last key <= key, both within the prefix; next and
 * prev go on from there. next on a new cursor is first, prev on a new one is last. Lend as tables_get does.
 *
 * errors  NOT_FOUND (no further key; err is left alone), CORRUPT, IO.
 */
MUST_USE enum status tables_first(struct tables_cursor *cursor, struct tables_record *ret_record, struct err *err);
MUST_USE enum status tables_last(struct tables_cursor *cursor, struct tables_record *ret_record, struct err *err);
MUST_USE enum status tables_next(struct tables_cursor *cursor, struct tables_record *ret_record, struct err *err);
MUST_USE enum status tables_prev(struct tables_cursor *cursor, struct tables_record *ret_record, struct err *err);
MUST_USE enum status tables_from(struct tables_cursor *cursor, struct slice key, struct tables_record *ret_record,
                                 struct err *err);
MUST_USE enum status tables_until(struct tables_cursor *cursor, struct slice key, struct tables_record *ret_record,
                                  struct err *err);

/* Up to which entry the tables hold the journal: its size then, and the leaf hash of the last entry applied.
 */
struct tables_watermark {
    uint64_t size;
    struct hash leaf;
};

/* errors get: NOT_FOUND (never set: size 0), INPUT (another layout), CORRUPT, IO; set: FULL, IO. */
MUST_USE enum status tables_watermark_get(struct tables_txn *txn, struct tables_watermark *ret_watermark,
                                          struct err *err);
MUST_USE enum status tables_watermark_set(struct tables_txn *txn, const struct tables_watermark *watermark,
                                          struct err *err);

/* One difference: a NULL value means that side has no such key. Lent during the call. Returns false to stop.
 */
struct tables_difference {
    const char *table; /* "~watermark" for the watermark */
    struct slice key;
    const struct slice *a;
    const struct slice *b;
};
typedef bool tables_report(void *context, const struct tables_difference *difference);

struct tables_listener {
    tables_report *report;
    void *context;
};

/*
 * Compares two sets of the same tables completely, watermarks included.
 *
 * out     *ret_differences: how many were found, up to where the listener stopped it; 0 means equal.
 * errors  CORRUPT, IO, INPUT (the two do not have the same tables).
 * cost    O(all bytes of both).
 */
MUST_USE enum status tables_equal(struct tables_txn *a, struct tables_txn *b, const struct tables_listener *listener,
                                  uint64_t *ret_differences, struct err *err);

#endif
