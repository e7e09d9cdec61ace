/*
 * Corrections in PostgreSQL's tables (rows.h). The head of the chain is a row; with few of its page's bytes in use the row
 * is written again in the same page, and no index points to it. Everything travels in binary form.
 */
#include "tests/bench/peer/rows.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { COLUMNS = 5, ROW_BYTES_MAX = 800 };

static const char *const tables =
    "CREATE TABLE head (seq bigint NOT NULL, hash bytea NOT NULL) WITH (fillfactor = 10);"
    "INSERT INTO head VALUES (0, decode(repeat('00', 32), 'hex'));"
    "CREATE TABLE corrections (seq bigint PRIMARY KEY, signer integer NOT NULL, statement bytea NOT NULL,"
    " signature bytea, head bytea NOT NULL)";

static const char *const chain_in_trigger =
    "CREATE FUNCTION link() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
    "UPDATE head SET seq = head.seq + 1, hash = sha256(head.hash || NEW.statement || NEW.signature) "
    "RETURNING head.seq, head.hash INTO NEW.seq, NEW.head; RETURN NEW; END $$;"
    "CREATE TRIGGER link BEFORE INSERT ON corrections FOR EACH ROW EXECUTE FUNCTION link()";

static const char *const no_chain = "CREATE SEQUENCE number; ALTER TABLE corrections ALTER seq SET DEFAULT "
                                    "nextval('number'), ALTER head SET DEFAULT ''";

static PGresult *expect(PGconn *connection, PGresult *result, ExecStatusType status)
{
    if (PQresultStatus(result) != status)
        peer_fail("PostgreSQL: %s", PQerrorMessage(connection));
    return result;
}

static void run(PGconn *connection, const char *sql, ExecStatusType status)
{
    PQclear(expect(connection, PQexec(connection, sql), status));
}

PGconn *peer_rows_connect(const char *info)
{
    PGconn *connection = PQconnectdb(info);
    if (PQstatus(connection) != CONNECTION_OK)
        peer_fail("PostgreSQL: %s", PQerrorMessage(connection));
    return connection;
}

void peer_rows_schema(PGconn *connection, enum peer_chaining chaining, size_t count)
{
    char used[128];
    run(connection, tables, PGRES_COMMAND_OK);
    if (chaining == PEER_CHAIN_TRIGGER)
        run(connection, chain_in_trigger, PGRES_COMMAND_OK);
    if (chaining == PEER_CHAIN_NONE)
        run(connection, no_chain, PGRES_COMMAND_OK);
    snprintf(used, sizeof used,
             "SELECT pg_logical_emit_message(false, 'used', repeat('x', 16000000)) FROM generate_series(0, %zu)",
             count / 10000);
    run(connection, used, PGRES_TUPLES_OK);
    run(connection, "CHECKPOINT", PGRES_COMMAND_OK);
}

void peer_rows_prepare(PGconn *connection, enum peer_chaining chaining)
{
    static const char *const chained =
        "WITH linked AS (UPDATE head SET seq = seq + 1, hash = sha256(hash || $2 || $3) RETURNING seq, hash) "
        "INSERT INTO corrections SELECT seq, $1::integer, $2::bytea, $3::bytea, hash FROM linked";
    static const char *const plain = "INSERT INTO corrections (signer, statement, signature) VALUES ($1, $2, $3)";
    const char *insert = chaining == PEER_CHAIN_STATEMENT ? chained : plain;
    static const char *const head = "UPDATE head SET seq = $1, hash = $2";
    PQclear(expect(connection, PQprepare(connection, "insert", insert, 3, NULL), PGRES_COMMAND_OK));
    PQclear(expect(connection, PQprepare(connection, "head", head, 2, NULL), PGRES_COMMAND_OK));
    PQclear(expect(connection, PQprepare(connection, "lock", "SELECT seq, hash FROM head FOR UPDATE", 0, NULL),
                   PGRES_COMMAND_OK));
}

void peer_rows_insert(PGconn *connection, const struct peer_correction *correction)
{
    const uint32_t signer = htonl(correction->signer);
    const char *const values[] = {(const char *)&signer, (const char *)correction->statement,
                                  (const char *)correction->signature};
    const int lengths[] = {sizeof signer, PEER_STATEMENT_BYTES, PEER_SIGNATURE_BYTES}, binary[] = {1, 1, 1};
    PQclear(expect(connection, PQexecPrepared(connection, "insert", 3, values, lengths, binary, 1), PGRES_COMMAND_OK));
}

/* ---------------------------------------------------------------- many in one commit */

static uint8_t *put_big(uint8_t *at, uint64_t number, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        at[i] = (uint8_t)(number >> 8 * (bytes - 1 - i));
    return at + bytes;
}

static uint64_t get_big(const void *from, size_t bytes)
{
    const uint8_t *at = from;
    uint64_t number = 0;
    for (size_t i = 0; i < bytes; i++)
        number = number << 8 | at[i];
    return number;
}

static uint8_t *put_field(uint8_t *at, const void *bytes, size_t length)
{
    at = put_big(at, length, 4);
    memcpy(at, bytes, length);
    return at + length;
}

static void send_row(PGconn *connection, uint64_t seq, const struct peer_correction *one,
                     const struct peer_chain *chain)
{
    uint8_t row[ROW_BYTES_MAX];
    uint8_t *at = put_big(row, COLUMNS, 2);
    at = put_big(put_big(at, 8, 4), seq, 8);
    at = put_big(put_big(at, 4, 4), one->signer, 4);
    at = put_field(at, one->statement, sizeof one->statement);
    at = one->has_signature ? put_field(at, one->signature, sizeof one->signature) : put_big(at, UINT32_MAX, 4);
    at = put_field(at, chain->head, sizeof chain->head);
    if (PQputCopyData(connection, (const char *)row, (int)(at - row)) != 1)
        peer_fail("PostgreSQL: %s", PQerrorMessage(connection));
}

static uint64_t lock_head(PGconn *connection, struct peer_chain *ret_chain)
{
    run(connection, "BEGIN", PGRES_COMMAND_OK);
    PGresult *head = expect(connection, PQexecPrepared(connection, "lock", 0, NULL, NULL, NULL, 1), PGRES_TUPLES_OK);
    if (PQntuples(head) != 1 || PQgetlength(head, 0, 1) != PEER_HASH_BYTES)
        peer_fail("PostgreSQL: the head of the chain is not there");
    const uint64_t seq = get_big(PQgetvalue(head, 0, 0), 8);
    memcpy(ret_chain->head, PQgetvalue(head, 0, 1), PEER_HASH_BYTES);
    PQclear(head);
    return seq;
}

static void write_head(PGconn *connection, uint64_t seq, const struct peer_chain *chain)
{
    uint8_t number[8];
    (void)put_big(number, seq, sizeof number);
    const char *const values[] = {(const char *)number, (const char *)chain->head};
    const int lengths[] = {sizeof number, PEER_HASH_BYTES}, binary[] = {1, 1};
    PQclear(expect(connection, PQexecPrepared(connection, "head", 2, values, lengths, binary, 1), PGRES_COMMAND_OK));
    run(connection, "COMMIT", PGRES_COMMAND_OK);
}

void peer_rows_copy(PGconn *connection, const struct peer_correction *const corrections[], size_t count)
{
    static const char before[] = "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", after[] = "\377\377";
    struct peer_chain chain = {.in_list = false};
    uint64_t seq = lock_head(connection, &chain);
    run(connection, "COPY corrections FROM STDIN (FORMAT binary)", PGRES_COPY_IN);
    int sent = PQputCopyData(connection, before, sizeof before - 1);
    for (size_t i = 0; i < count; i++) {
        peer_chain_link(&chain, corrections[i]);
        send_row(connection, ++seq, corrections[i], &chain);
    }
    if (sent != 1 || PQputCopyData(connection, after, sizeof after - 1) != 1 || PQputCopyEnd(connection, NULL) != 1)
        peer_fail("PostgreSQL: %s", PQerrorMessage(connection));
    PQclear(expect(connection, PQgetResult(connection), PGRES_COMMAND_OK));
    PQclear(PQgetResult(connection)); /* the end of COPY's answers */
    write_head(connection, seq, &chain);
}

/* ---------------------------------------------------------------- read back */

static void *reader_open(const char *info)
{
    static const char *const rows = "SELECT seq, signer, statement, signature, head FROM corrections"
                                    " WHERE seq BETWEEN $1 AND $2 ORDER BY seq";
    PGconn *connection = peer_rows_connect(info);
    PQclear(expect(connection, PQprepare(connection, "rows", rows, 2, NULL), PGRES_COMMAND_OK));
    return connection;
}

static uint64_t reader_last(void *context)
{
    PGresult *result =
        expect(context, PQexec(context, "SELECT coalesce(max(seq), 0) FROM corrections"), PGRES_TUPLES_OK);
    const uint64_t last = strtoull(PQgetvalue(result, 0, 0), NULL, 10);
    PQclear(result);
    return last;
}

/* Exactly so many bytes. */
static void field(const PGresult *from, int row, int column, uint64_t seq, uint8_t *to, int bytes)
{
    if (PQgetlength(from, row, column) != bytes)
        peer_fail("correction %" PRIu64 ": column %s has %d bytes, not %d", seq, PQfname(from, column),
                  PQgetlength(from, row, column), bytes);
    memcpy(to, PQgetvalue(from, row, column), (size_t)bytes);
}

static void reader_read(void *context, uint64_t first, size_t count, struct peer_row *rows)
{
    uint8_t from[8], to[8];
    (void)put_big(from, first, sizeof from);
    (void)put_big(to, first + count - 1, sizeof to);
    const char *const values[] = {(const char *)from, (const char *)to};
    const int lengths[] = {sizeof from, sizeof to}, binary[] = {1, 1};
    PGresult *result = expect(context, PQexecPrepared(context, "rows", 2, values, lengths, binary, 1), PGRES_TUPLES_OK);
    for (int i = 0; i < (int)count; i++) {
        const uint64_t seq = first + (uint64_t)i;
        if (i >= PQntuples(result) || get_big(PQgetvalue(result, i, 0), 8) != seq)
            peer_fail("correction %" PRIu64 " is missing", seq);
        rows[i].correction.signer = (uint8_t)get_big(PQgetvalue(result, i, 1), 4);
        rows[i].correction.has_signature = !PQgetisnull(result, i, 3);
        field(result, i, 2, seq, rows[i].correction.statement, PEER_STATEMENT_BYTES);
        if (rows[i].correction.has_signature)
            field(result, i, 3, seq, rows[i].correction.signature, PEER_SIGNATURE_BYTES);
        field(result, i, 4, seq, rows[i].head, PEER_HASH_BYTES);
    }
    PQclear(result);
}

static void reader_close(void *context)
{
    PQfinish(context);
}

const struct peer_reader peer_rows_reader = {reader_open, reader_last, reader_read, reader_close};
