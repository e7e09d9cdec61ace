/*
 * Who may read what (PROTOCOL.md 3): what the books say at one moment about one user with one key, and for each record and
 * each entry whether that user may have it. The answer for a table stands in one table (read_table.c); nobody else decides.
 *
 * A reader belongs to one snapshot and to one thread at a time. In a book that is a directory nobody asks: whoever can open
 * the files reads all of them.
 */
#ifndef CONTROLS_READ_ACCESS_H
#define CONTROLS_READ_ACCESS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "ledger/books.h"
#include "ledger/slice.h"
#include "ledger/status.h"

struct facts;
struct reader;

/*
 * Finds out what a user may read now: by grants that stand, emergency access and what others delegated to him, while his key
 * is valid and he has neither left (C-29) nor is suspended (C-28, C-51).
 *
 * in      facts: of the snapshot that will be read, time_ms: now; kept until reader_close. key_text: the key that was proven.
 * out     *ret_reader: gives.
 * errors  PERMISSION (no such user, or never his key), CORRUPT, IO, MEMORY.
 * cost    O(grants and delegations of the user).
 */
MUST_USE enum status reader_open(const struct facts *facts, const char *user, const char *key_text,
                                 struct reader **ret_reader, struct err *err);
void reader_close(struct reader *reader);

/* What the user holds now, whatever the table: */
bool reader_counts(const struct reader *reader);      /* his key is valid, and he has not left */
bool reader_audits(const struct reader *reader);      /* reads everything */
bool reader_operates(const struct reader *reader);    /* sees operations */
bool reader_governs(const struct reader *reader);     /* acts on access or policy */
bool reader_feeds(const struct reader *reader);       /* brings some feed */
bool reader_works(const struct reader *reader);       /* has any function but operate */
bool reader_reads_books(const struct reader *reader); /* the records of some entity, or everything */
/* Whether he reads what is of this entity; "" asks for all entities. */
bool reader_reads_entity(const struct reader *reader, const char *entity);

/* {books: [entities] or ["*"], everything, governance, operations} as PROTOCOL.md 2 has it; NULL: no memory. Gives. */
json_t *reader_describe(const struct reader *reader);

/*
 * Whether the user may have a record of the books.
 *
 * in      table: of books.h, or BOOKS_TABLE_COUNT for the tables' own facts. key: whole. value: the record, without the
 *         checksum that stands before it in the store; bytes NULL: there is none under this key, and the question is whether
 *         that may be told.
 * errors  CORRUPT (the record is not what its table holds), IO, MEMORY.
 * cost    mostly a comparison of the key; where the entity is found by a document's number, one look-up more.
 */
MUST_USE enum status reader_may_record(struct reader *reader, size_t table, struct slice key, struct slice value,
                                       bool *ret_may, struct err *err);

/* Whether the number of a table's records tells nothing that the user may not read. */
bool reader_may_count(const struct reader *reader, size_t table);

/*
 * Whether the user may have an entry of the journal: he reads all the entities of its documents. Entries that the snapshot
 * of the books does not have yet are for those who read everything: begin the journal's snapshot before the books'.
 *
 * in      bytes: the whole entry.
 * errors  CORRUPT (not an entry), IO, MEMORY.
 * cost    O(bytes), and a look-up for each document that an approval names.
 */
MUST_USE enum status reader_may_entry(struct reader *reader, struct slice bytes, bool *ret_may, struct err *err);

#endif
