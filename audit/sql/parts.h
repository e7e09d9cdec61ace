/*
 * What the rooms of the projection (sql*.c) share. Nobody else includes this.
 */
#ifndef AUDIT_SQL_PARTS_H
#define AUDIT_SQL_PARTS_H

#include <jansson.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "audit/sql/sql.h"
#include "controls/policy.h"
#include "ledger/durable.h"
#include "ledger/entry.h"
#include "ledger/hash.h"
#include "ledger/journal.h"
#include "ledger/slice.h"

struct tables;
struct tables_txn;

/* A policy that was in force some time. */
struct sql_policy {
    char hash[HASH_HEX_CHARS + 1];
    struct policy *policy;
};

/* From when on it could be in force: by its approval and by its own word. */
struct sql_reign {
    int64_t approved_ms, effective_ms;
    const struct policy *policy;
};

struct sql {
    sqlite3 *db;
    struct path path;
    struct sql_policy *policies;
    size_t policy_count;
    struct sql_reign *reigns; /* in order of approval; the charter's first */
    size_t reign_count;
};

/* sqlite3's code as a status; the text of the connection behind what was being done. */
MUST_USE enum status sql_fail(const struct sql *sql, int code, const char *doing, struct err *err);
/* Runs statements that answer nothing. errors as sql_query. */
MUST_USE enum status sql_run(struct sql *sql, const char *text, const char *what, struct err *err);

/* functions.c: makes them known to the connection. */
MUST_USE enum status sql_functions_add(struct sql *sql, struct err *err);

/* policy.c. The policy of a hash, from the books where it is new. Lends until sql_close. errors CORRUPT, MEMORY. */
MUST_USE enum status sql_policy_get(struct sql *sql, struct tables_txn *txn, const char *hash,
                                    const struct policy **ret_policy, struct err *err);
/* Reads which policy was in force when, from the books at the head. errors CORRUPT, MEMORY. */
MUST_USE enum status sql_reigns_read(struct sql *sql, struct tables_txn *txn, struct err *err);
/* The policy in force at a time, and its entity; NULL where it has none of that name. */
const struct policy *sql_policy_at(const struct sql *sql, int64_t time_ms);
const struct policy_entity *sql_entity_at(const struct sql *sql, int64_t time_ms, const char *entity);
void sql_policies_done(struct sql *sql);

/* Tables that are filled row by row, here in C; the others are made of these by book_fill.sql. */
enum sql_insert {
    SQL_ENTRY,
    SQL_SIGNATURE,
    SQL_VERSION,
    SQL_ACT,
    SQL_ANSWER,
    SQL_LINE,
    SQL_DOCUMENT,
    SQL_MAKER,
    SQL_LINK,
    SQL_EVIDENCE,
    SQL_ALLOCATION,
    SQL_CHECKPOINT,
    SQL_BOOK,
    SQL_FED,    /* records of feeds that are usable */
    SQL_STAGED, /* those of unfinished files */
    SQL_FILE,
    SQL_INSERTS
};

struct sql_build {
    struct sql *sql;
    const struct sql_options *options;
    struct journal *journal;
    struct tables *tables;  /* the books as the entries make them */
    struct tables_txn *txn; /* NULL between two */
    size_t uncommitted;     /* bytes of entries in it */
    sqlite3_stmt *inserts[SQL_INSERTS];
    sqlite3_stmt *staged_take, *staged_clear, *act_counts;
    json_t *persons; /* user -> person */
};

/* A row that is being filled. Values are kept until it is put; what cannot be bound fails there. */
struct sql_fill {
    struct sql_build *build;
    sqlite3_stmt *statement;
    const char *what;
    int code;
};

struct sql_fill fill_begin(struct sql_build *build, enum sql_insert which);
/* The same for any statement with named parameters. */
struct sql_fill fill_of(struct sql_build *build, sqlite3_stmt *statement, const char *what);
/* column: ":seq". NULL: null. text is borrowed until fill_end. */
void fill_text(struct sql_fill *fill, const char *column, const char *text);
void fill_integer(struct sql_fill *fill, const char *column, int64_t integer);
/* The text or integer of a member, null where it lacks. */
void fill_member(struct sql_fill *fill, const char *column, const json_t *object, const char *member);
/* The same for each of these members, into the column of its name: "reason ref channel". */
void fill_members(struct sql_fill *fill, const json_t *object, const char *members);
/* An amount's minor units by its currency; null where either lacks. errors at fill_end: CORRUPT. */
void fill_amount(struct sql_fill *fill, const char *column, const char *text, const char *currency);
/* Canonical JSON; a list of integers as "1,2". */
void fill_json(struct sql_fill *fill, const char *column, const json_t *value);
void fill_list(struct sql_fill *fill, const char *column, const json_t *list);
void fill_time(struct sql_fill *fill, const char *column, int64_t time_ms);
void fill_hash(struct sql_fill *fill, const char *column, const struct hash *hash);
MUST_USE enum status fill_end(struct sql_fill *fill, struct err *err);

/* Prepares the inserts; releases them. */
MUST_USE enum status fill_prepare(struct sql_build *build, struct err *err);
void fill_done(struct sql_build *build);

/* The person of a user; NULL where the books know none. Lends until the build ends. errors CORRUPT, IO, MEMORY. */
MUST_USE enum status build_person(struct sql_build *build, const char *user, const char **ret_person, struct err *err);
/* A document's record; NULL where there is none. Gives. */
MUST_USE enum status build_record(struct sql_build *build, const char *number, json_t **ret_record, struct err *err);

/* entry.c: what an entry says happened; the books have it folded already. */
MUST_USE enum status sql_entry_take(struct sql_build *build, const struct entry *entry, size_t bytes, struct err *err);
/* feed.c: what a part of a file brought. */
MUST_USE enum status sql_feed_take(struct sql_build *build, const struct entry *entry, struct err *err);
/* document.c: documents as they stand. */
MUST_USE enum status sql_documents_take(struct sql_build *build, struct err *err);

/*
 * What a document is about in money; of a reversal, what it reverses, the other way round. Members lend from document or
 * original; NULL where there is none.
 */
struct sql_about {
    const char *customer, *currency, *amount, *direction;
    json_t *original; /* released by sql_about_done */
};
MUST_USE enum status sql_about_read(struct sql_build *build, const json_t *document, struct sql_about *ret_about,
                                    struct err *err);
void sql_about_done(struct sql_about *about);

#endif
