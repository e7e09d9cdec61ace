/*
 * What it takes to look at some entries alone (BUNDLE.md section 4, "What follows"): which entries made whom able to sign and
 * to act, which put policies in force, what decisions rested on by its number. Learned from the journal's own decisions, entry
 * by entry, and kept in memory that grows with what governs a book, not with its business.
 */
#ifndef AUDIT_PACK_FOLLOW_H
#define AUDIT_PACK_FOLLOW_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "ledger/hash.h"
#include "ledger/slice.h"
#include "ledger/status.h"

struct entry;
struct key_register;

struct pack_follow {
    struct key_register *keys;
    json_t *waiting;  /* request number -> record: documents of the kinds that matter, not in force yet */
    json_t *grants;   /* number of a grant -> {role, user} */
    json_t *users;    /* user -> list of numbers of entries */
    json_t *policies; /* number of the entry that put it in force -> {index, seqs, text}: entry and place of its text */
    json_t *erased;   /* hash in hex that an erasure in force names -> true */
    json_t *permits;  /* request number -> {kind, seqs}: delegations, mitigations and the like, once in force */
    json_t *affirmed; /* request number of a document, or number of an entry -> {number of an affirmation: true} */
    json_t *always;   /* "book-key", "clock", "restore" -> list of numbers of entries: whatever the part is about */
};

MUST_USE enum status pack_follow_init(struct pack_follow *follow, struct err *err);
void pack_follow_done(struct pack_follow *follow);

/* Whether an entry can matter to it, as its bytes tell: of the others nothing needs to be taken in. */
bool pack_follow_wants(const struct pack_follow *follow, struct slice bytes);

/* Takes in the next entry, its stored decision believed. errors INPUT (a policy that cannot be hashed), MEMORY. */
MUST_USE enum status pack_follow_apply(struct pack_follow *follow, const struct entry *entry, struct err *err);

/* Hands on each user whose keys it takes to check an entry's signatures: may be the same one twice. */
typedef enum status pack_follow_user(void *context, const char *user, struct err *err);
MUST_USE enum status pack_follow_signers(const struct pack_follow *follow, const struct entry *entry,
                                         pack_follow_user *step, void *context, struct err *err);

/* The entries about a user's keys and roles; NULL: there are none. Lend. */
const json_t *pack_follow_user_entries(const struct pack_follow *follow, const char *user);

/*
 * What decisions name by its number as what they rested on: {kind, seqs}, the entries about it. NULL: it is nothing of the sort,
 * or never came in force. Lends.
 */
const json_t *pack_follow_permit(const struct pack_follow *follow, const char *number);

/* Affirmations (as the members' names) of a document or, by its number as text, of an entry; NULL: none. Lends. */
const json_t *pack_follow_affirmed(const struct pack_follow *follow, const char *what);

/* A policy by the number of the entry that put it in force; NULL: none. Lends. */
const json_t *pack_follow_policy(const struct pack_follow *follow, uint64_t seq);

/* Whether an erasure in force names it. */
bool pack_follow_erased(const struct pack_follow *follow, const char *hex);

/* The text of a signature's key as the register has it; for a list of keys that signed. errors INPUT. */
struct signature_blob;
enum { PACK_KEY_TEXT = 512 };
MUST_USE enum status pack_signature_key(const struct signature_blob *blob, char ret_text[static PACK_KEY_TEXT],
                                        struct err *err);

#endif
