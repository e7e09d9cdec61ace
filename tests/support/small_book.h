/*
 * A small whole book for tests, made through the gate: officers, a clerk, a lead, feeds, credit notes that post, wait and
 * are refused. Deterministic: seeds for keys, a simulated clock. And raw access to its files, as somebody has who holds them.
 */
#ifndef TESTS_SUPPORT_SMALL_BOOK_H
#define TESTS_SUPPORT_SMALL_BOOK_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "ledger/entry.h"
#include "ledger/hash.h"
#include "ledger/note.h"
#include "ledger/signer.h"
#include "ledger/slice.h"
#include "ledger/statement.h"
#include "tests/support/scratch.h"

enum small_user {
    USER_OFFICER_1,
    USER_OFFICER_2,
    USER_MARIA,
    USER_ANA,
    USER_CUSTOMERS,
    USER_INVOICES,
    USER_BOOK,
    USER_WITNESS,
    USER_COUNT
};

struct gate;

struct small_book {
    struct scratch scratch;
    char dir[SCRATCH_PATH_BYTES];
    char id[HASH_HEX_CHARS + 1];
    struct signer signers[USER_COUNT];
    struct gate *gate; /* NULL when closed */
    int64_t now_ms;
    unsigned statements;
    uint64_t head_seq;
    struct hash head_leaf;
};

/* Makes the book and closes it: SMALL_ENTRIES entries, no checkpoint. Trouble ends the test. */
enum { SMALL_ENTRIES = 15 };
void small_book_make(struct small_book *book);
/* Only the charter, gate open: for tests that go their own way. */
void small_book_begin(struct small_book *book);
/* The same under a compiled policy that says something else than its YAML. */
void small_book_begin_crooked(struct small_book *book);
void small_book_free(struct small_book *book);

void small_book_open(struct small_book *book);
void small_book_close(struct small_book *book);

/* Lets a statement in, signed by who and by those whose bits stand in also. Steals body. Gives the decision. */
json_t *small_book_submit(struct small_book *book, enum small_user who, enum verb verb, json_t *body, unsigned also);
/* A submit of one credit note over invoice I-1. Gives the decision. */
json_t *small_book_credit(struct small_book *book, const char *ref, const char *amount);
/* approve or reject of the document with that number. Gives the decision. */
json_t *small_book_act(struct small_book *book, enum small_user who, enum verb verb, const char *number, int level);

/* Enrolments and grants: four entries. */
void small_book_people(struct small_book *book);
/* One document, submitted by who. Steals document. Gives the decision. */
json_t *small_book_document(struct small_book *book, enum small_user who, json_t *document, unsigned also);
json_t *small_book_key(const struct small_book *book, enum small_user user);

const char *small_user_name(enum small_user user);

/* A statement of the book as bytes, unsigned: time and id follow those before. Steals body. */
void small_book_statement(struct small_book *book, enum small_user who, enum verb verb, json_t *body,
                          struct statement *ret_statement);
void small_book_sign(const struct small_book *book, const struct statement *statement, unsigned who,
                     struct signature_list *ret_list);

/* Issues a checkpoint of the whole journal, signed by the book's key and cosigned by the witness when asked. The gate is
 * opened and closed. ret_note has room for 2048 bytes. */
void small_book_checkpoint(struct small_book *book, bool witnessed, char *ret_note);
/* The witness adds its line to a note, which has room for 2048 bytes. */
void small_book_cosign(const struct small_book *book, char *note);
void small_book_keys(const struct small_book *book, struct note_key *ret_book, struct note_key *ret_witness);

/* Raw access, the gate closed. table: enum journal_table, or enum books_table. Values of the books carry their checksum. */
void raw_put(const struct small_book *book, bool books, size_t table, struct slice key, struct slice value);
void raw_delete(const struct small_book *book, bool books, size_t table, struct slice key);
/* Copies the value, NUL after it; the caller frees. NULL when it is not there. */
uint8_t *raw_get(const struct small_book *book, bool books, size_t table, struct slice key, size_t *ret_length);

/* Entries by number: bytes are copied, the caller frees. */
char *raw_entry(const struct small_book *book, uint64_t seq, size_t *ret_length);
void raw_entry_put(const struct small_book *book, uint64_t seq, const char *bytes, size_t length);
/* Several at once: entries first..first+count. */
void raw_entries_put(const struct small_book *book, uint64_t first, size_t count, char *const bytes[],
                     const size_t lengths[]);
/* Makes seq, prev, leaf hashes and tree fit again from entry `from` on, as a forger would. Signatures stay as they are. */
void raw_rechain(const struct small_book *book, uint64_t from, uint64_t size);

#endif
