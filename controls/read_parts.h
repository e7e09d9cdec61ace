/*
 * Inside of read access: what a reader holds, how a record's place is found. For read_access.c, read_table.c and read_entry.c.
 */
#ifndef CONTROLS_READ_PARTS_H
#define CONTROLS_READ_PARTS_H

#include <jansson.h>
#include <stdbool.h>

#include "controls/facts.h"
#include "controls/functions.h"
#include "controls/read_access.h"
#include "ledger/limits.h"

enum { READ_CACHE_SLOTS = 256 }; /* documents whose answer is remembered; a power of two */

struct read_cached {
    char number[ID_BYTES_MAX + 1];
    bool may;
};

struct reader {
    const struct facts *facts;
    char user[ID_BYTES_MAX + 1];
    bool himself; /* reads what is about himself: the key is valid, and he has not left */
    bool audits;  /* everything */
    bool operates;
    bool governs; /* an officer */
    bool feeds;
    bool works;      /* holds a function but operate */
    bool governance; /* what is about no entity */
    bool all;        /* all entities */
    bool all_files;
    json_t *entities;           /* entity -> true: its records */
    json_t *files;              /* entity -> true: how far its files came, and no more: who brings HR's */
    struct read_cached *cached; /* READ_CACHE_SLOTS; NULL until one is asked for */
};

/* A member's text at the outermost level of a record; "" when there is none, or no id. errors CORRUPT. */
MUST_USE enum status read_member(struct slice value, const char *name, char ret_text[static ID_BYTES_MAX + 1],
                                 struct err *err);

/* Whether the reader may have a document: as it stands in a statement or (value NULL) under its number. */
MUST_USE enum status read_document(struct reader *reader, const json_t *document, bool *ret_may, struct err *err);
/* The same for the record of one, as bytes. */
MUST_USE enum status read_document_record(struct reader *reader, struct slice value, bool *ret_may, struct err *err);
/* The same by its number; of one that is not there the answer is that of governance. */
MUST_USE enum status read_document_number(struct reader *reader, const char *number, bool *ret_may, struct err *err);

/* Whether a row says who reads the records of a table, the documents of a kind: for tests. */
bool read_table_said(size_t table);
bool read_kind_said(enum kind_id kind);

#endif
