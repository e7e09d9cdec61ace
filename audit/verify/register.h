/*
 * The register of keys, and of what was lost, as the journal's own decisions make it, entry by entry: who could sign when. Kept in memory and
 * apart from the books, so that signatures can be checked without re-performing anything, and so that the books' register
 * is not believed. Grows with the number of keys, not of entries.
 */
#ifndef AUDIT_REGISTER_H
#define AUDIT_REGISTER_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "ledger/status.h"

struct entry;
struct key_register;

MUST_USE enum status key_register_new(struct key_register **ret_register, struct err *err);
void key_register_free(struct key_register *keys);

/*
 * Takes in what an entry did: officers of a charter, enrolments, rotations and revocations that came into force. Its
 * stored decision is believed.
 *
 * errors  MEMORY. What cannot be followed (a revoked key that nobody has) is left out.
 */
MUST_USE enum status key_register_apply(struct key_register *keys, const struct entry *entry, struct err *err);

/*
 * The same of one result of an approval that says in-force: the document that waited under this number has come into force. Nothing
 * where it is none that concerns keys.
 */
MUST_USE enum status key_register_approved(struct key_register *keys, const char *number, uint64_t seq, int64_t time_ms,
                                           struct err *err);

/* The register as JSON, to be taken up again later. Gives; NULL without memory. */
json_t *key_register_to_json(const struct key_register *keys);
/* errors INPUT (it is none), MEMORY. */
MUST_USE enum status key_register_from_json(const json_t *json, struct key_register **ret_register, struct err *err);

/* Keys that sign checkpoints: text -> {from, retired?}, by number of entry; in order. Lends until the next apply. */
const json_t *key_register_book_keys(const struct key_register *keys);
/* Whether a book key signs checkpoints of that many entries. */
bool book_key_signs(const json_t *record, uint64_t size);

/* What officers said was lost, one after the other: {epoch, from, seq, to}. Lends until the next apply. */
const json_t *key_register_restores(const struct key_register *keys);

/* Whether a release with this start of its executable's hash has been approved. */
bool key_register_release(const struct key_register *keys, const char *exe);

/* What a key is at a time. Texts lend until the next apply. */
struct key_standing {
    const char *user; /* whose it is or was; NULL: nobody's, ever */
    bool revoked;     /* before this entry */
    bool over;        /* its `until` has come */
    int64_t from_ms;  /* since when */
};
void key_register_look(const struct key_register *keys, const char *key_text, int64_t time_ms,
                       struct key_standing *ret_standing);

/* Whose a key is to be by a document that waits, as far as the entries tell. NULL: no such. Lends until the next apply. */
const char *key_register_waits(const struct key_register *keys, const char *key_text);

/* A key with its window, for allowed_signers. Texts lend during the call; after and before as the book writes times. */
struct key_line {
    const char *key, *user, *after, *before; /* before NULL: no end yet */
};
typedef enum status key_line_step(void *context, const struct key_line *line, struct err *err);

/* Every key that ever was, in order of enrolment. errors of the step. */
MUST_USE enum status key_register_each(const struct key_register *keys, key_line_step *step, void *context,
                                       struct err *err);

#endif
