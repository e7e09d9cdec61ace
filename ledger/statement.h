/*
 * Statements: what a person signs (FORMAT.md sections 2 and 5). This room knows the envelope and the outer form of each
 * verb's body; what a document of a kind has to hold is for controls/kinds.
 */
#ifndef LEDGER_STATEMENT_H
#define LEDGER_STATEMENT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/hash.h"
#include "ledger/slice.h"
#include "ledger/status.h"

/*
 * The rules that a book's decisions are made by (FORMAT.md 5.1). What was a draft may have changed its mind; a frozen engine
 * never does: other rules are another engine.
 */
enum { ENGINE_DRAFT = 0, ENGINE_FIRST = ENGINE_DRAFT, ENGINE_LAST = 1 };

enum verb {
    VERB_CHARTER,
    VERB_SUBMIT,
    VERB_AMEND,
    VERB_WITHDRAW,
    VERB_APPROVE,
    VERB_REJECT,
    VERB_RETURN,
    VERB_FEED,
    VERB_RECOVER,
    VERB_CLOCK,
    VERB_RESTORE,
    VERB_COUNT
};

/* A statement taken apart. All pointers lend from json or bytes, which live until statement_done. */
struct statement {
    char *bytes; /* the canonical bytes: what is hashed and signed */
    size_t length;
    struct hash hash;
    json_t *json;
    enum verb verb;
    const char *actor; /* "" in the charter */
    const char *book;  /* "" in the charter */
    const char *id;
    int64_t at_ms;
    const json_t *body;
    const char *seen_hash; /* NULL where seen is null */
    uint64_t seen_seq;
    struct slice *documents; /* of a submission: each document's canonical bytes in `bytes` */
    size_t document_count;
};

/* FORMAT.md's word. Lends for ever. */
const char *verb_name(enum verb verb);

/*
 * Reads a statement: canonical form, limits, envelope, outer form of the body.
 *
 * in      bytes: borrowed, copied.
 * out     fills *ret_statement; statement_done releases it.
 * errors  INPUT, LIMIT: names the member.
 */
MUST_USE enum status statement_read(struct slice bytes, struct statement *ret_statement, struct err *err);
/* The same of bytes whose canonical form has been checked with those of the entry around them (scan.h). */
MUST_USE enum status statement_read_scanned(struct slice bytes, struct statement *ret_statement, struct err *err);
void statement_done(struct statement *statement);

/* A statement looked at where it lies. Everything lends from the bytes and their outline. */
struct outline;
struct outline_node;
struct statement_look {
    const struct outline *outline;
    const struct outline_node *body;
    const struct outline_node *list; /* as statement_list */
    enum verb verb;
    struct slice bytes, actor, book;
    int64_t at_ms;
    bool has_seen;
    struct hash seen_hash;
    uint64_t seen_seq;
};

/*
 * Looks at a statement within an outline: true where statement_read_scanned takes it, and what it finds then. False may also
 * mean that it takes a tree to tell: of charters, policies and acts of officers.
 */
MUST_USE bool statement_look(const struct outline *outline, const struct outline_node *node,
                             struct statement_look *ret_look);
/* The statement that was looked at, with its tree; nothing is checked again. errors MEMORY. */
MUST_USE enum status statement_read_looked(const struct statement_look *look, struct statement *ret_statement,
                                           struct err *err);
/* The document of a member of its list, as statement_document; NULL for other verbs. */
const struct outline_node *statement_look_document(const struct statement_look *look,
                                                   const struct outline_node *member);

/* What goes into a new statement besides its body. */
struct statement_head {
    enum verb verb;
    const char *actor;
    const char *book;
    const char *id;
    int64_t at_ms;
    const struct hash *seen_hash; /* NULL: seen is null */
    uint64_t seen_seq;
};

/*
 * Makes a statement and reads it back, so that what is signed has passed the same checks that the gate makes.
 *
 * in      body: borrowed.
 * errors  as statement_read.
 */
MUST_USE enum status statement_make(const struct statement_head *head, const json_t *body,
                                    struct statement *ret_statement, struct err *err);

/* The list that the verb's body holds (documents, amendments or items), and its name; NULL for charter, feed and the
 * verbs without one. Lends. */
const json_t *statement_list(const struct statement *statement);

/* The document of list member index: itself in submit, the new content in amend; NULL for other verbs. Lends. */
const json_t *statement_document(const struct statement *statement, size_t index);

/* Hash of the canonical bytes of the document at index, which is there. errors INPUT (what canon_encode will not write), MEMORY. */
MUST_USE enum status statement_document_hash(const struct statement *statement, size_t index, struct hash *ret_hash,
                                             struct err *err);

/*
 * Content hash of the document at index (FORMAT.md section 2): what an approval signs.
 *
 * errors  INPUT (no document there), MEMORY.
 */
MUST_USE enum status statement_content(const struct statement *statement, size_t index, struct hash *ret_content,
                                       struct err *err);

#endif
