/* Corrections in PostgreSQL's tables: the schema, and how they go in and come out. Everything fails by peer_fail. */
#ifndef TESTS_BENCH_PEER_ROWS_H
#define TESTS_BENCH_PEER_ROWS_H

#include <libpq-fe.h>

#include "tests/bench/peer/check.h"

/* Who puts the chain together. */
enum peer_chaining {
    PEER_CHAIN_STATEMENT, /* the database, in the statement that inserts, under the lock of the row that holds the head */
    PEER_CHAIN_TRIGGER,   /* the database, at each row that comes, whoever inserts it, under the same lock */
    PEER_CHAIN_CLIENT,    /* the application, under the same lock */
    PEER_CHAIN_NONE       /* nobody: what the lock costs shows against this */
};

PGconn *peer_rows_connect(const char *info);

/* The tables; the log's files that count corrections will take are made now, as they are where a cluster has been used before. */
void peer_rows_schema(PGconn *connection, enum peer_chaining chaining, size_t count);

/* Prepares what peer_rows_insert and peer_rows_copy run. */
void peer_rows_prepare(PGconn *connection, enum peer_chaining chaining);

/* One correction, a commit. */
void peer_rows_insert(PGconn *connection, const struct peer_correction *correction);

/* Several, a commit: the head is locked and read, the chain made here, the rows sent with COPY, the head written. */
void peer_rows_copy(PGconn *connection, const struct peer_correction *const corrections[], size_t count);

/* Reads them back; dir is a cluster's info for libpq. */
extern const struct peer_reader peer_rows_reader;

#endif
