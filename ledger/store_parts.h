/*
 * Inside of a store, for store_lmdb.c and store_remote.c only.
 */
#ifndef LEDGER_STORE_PARTS_H
#define LEDGER_STORE_PARTS_H

#include <stdatomic.h>
#include <stdbool.h>

#include "ledger/durable.h"
#include "ledger/store.h"

struct MDB_cursor;
struct MDB_env;
struct MDB_txn;

struct store {
    struct MDB_env *env;
    struct path path; /* of data.mdb, or the name of who answers: for error texts */
    const char *const *names;
    size_t count;
    unsigned tables[STORE_TABLES_MAX]; /* LMDB's handles */
    bool read_only;
    bool looked_at;
    atomic_bool failed;         /* a commit failed: only closing is left */
    struct store_remote remote; /* begin is NULL for a store on disk */
};

struct store_txn {
    struct store *store;
    struct MDB_txn *mdb;
    void *snapshot;               /* of a remote store, in place of mdb */
    struct store_cursor *cursors; /* open ones, to be ended with the transaction */
    bool writes;
};

struct store_cursor {
    struct store_txn *txn; /* NULL once the transaction has ended */
    struct MDB_cursor *mdb;
    struct remote_cursor *remote; /* of a remote store, in place of mdb */
    struct store_cursor *next;
    struct store_cursor *prev;
};

static inline bool store_is_remote(const struct store *store)
{
    return store->remote.begin != NULL;
}

/* A cursor that stands nowhere; free. errors MEMORY. */
MUST_USE enum status store_remote_cursor(const struct store_txn *txn, size_t table, struct remote_cursor **ret_cursor,
                                         struct err *err);
/* As store_cursor_move. */
MUST_USE enum status store_remote_move(struct store_cursor *cursor, enum store_move move, struct store_record *record,
                                       struct err *err);

#endif
