/*
 * Inside of the tables, for tables and tables_scan only. A stored value is its checksum (8 bytes), then the value.
 * One table more than the caller's, "~facts", holds the watermark: entries applied (8 bytes), hash of the last one, layout
 * of the caller's records (4 bytes, which the first releases did not write: layout 0).
 */
#ifndef LEDGER_TABLES_LAYOUT_H
#define LEDGER_TABLES_LAYOUT_H

#include <stdatomic.h>
#include <stdbool.h>

#include "ledger/durable.h"
#include "ledger/store.h"
#include "ledger/tables_mark.h"

struct tables {
    struct path dir;
    struct store *store;
    const char *names[STORE_TABLES_MAX]; /* the caller's, then ours */
    size_t count;                        /* the caller's */
    struct boot_id boot;
    enum mark found;       /* by the open */
    struct mark_seen seen; /* under the write lock */
    bool fresh;            /* never written */
    uint32_t layout;       /* the caller's */
    uint32_t made;         /* that of what was found; read at the open */
    atomic_bool suspect;   /* a checksum failed since */
    bool scratch;
    bool read_only;
    struct record_cache *cache; /* of the writer; made by the first one */
    uint64_t cache_number;      /* of the writing transaction for which it holds */
};

struct tables_txn {
    struct tables *tables;
    struct store_txn *store;
    struct record_cache *cache; /* NULL: this one only reads */
    bool changed;
};

/* Takes a stored value apart and checks it; a mismatch marks the tables. errors CORRUPT. */
MUST_USE enum status tables_unwrap(struct tables *tables, size_t table, const struct store_record *stored,
                                   struct slice *ret_value, struct err *err);

/* Compares every record with its checksum: a changed key would not be missed otherwise. errors CORRUPT, IO, MEMORY. */
MUST_USE enum status tables_check_records(struct tables_txn *txn, struct err *err);

#endif
