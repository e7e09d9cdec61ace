/*
 * Entries: what the journal stores (FORMAT.md section 4). The statement stands in the entry as the bytes that were
 * signed; the rest is the gate's.
 */
#ifndef LEDGER_ENTRY_H
#define LEDGER_ENTRY_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/hash.h"
#include "ledger/limits.h"
#include "ledger/slice.h"
#include "ledger/sshsig.h"
#include "ledger/statement.h"
#include "ledger/status.h"

/* One signature as it is stored: a bare SSHSIG blob. */
struct signature_blob {
    uint8_t bytes[SSHSIG_BYTES_MAX];
    size_t length;
};

struct signature_list {
    struct signature_blob items[SIGNATURES_MAX];
    size_t count;
};

/*
 * Adds a blob, keeping the list sorted by public key and without doubles.
 *
 * errors  INPUT (form), LIMIT (SIGNATURES_MAX), EXISTS (that key has signed already).
 */
MUST_USE enum status signature_list_add(struct signature_list *list, struct slice blob, struct err *err);

/* The base64 texts of a list, as a new JSON array; NULL without memory. Gives. */
json_t *signature_list_to_json(const struct signature_list *list);

/*
 * Reads a JSON array of base64 texts: sorted, no key twice, 1..SIGNATURES_MAX.
 *
 * errors  INPUT, LIMIT.
 */
MUST_USE enum status signature_list_from_json(const json_t *array, struct signature_list *ret_list, struct err *err);

/*
 * Verifies every signature of the list over the statement's bytes, and that the list is one that an entry may hold: sorted,
 * no key twice.
 *
 * errors  SIGNATURE, INPUT: names which.
 * cost    one Ed25519 check each.
 */
MUST_USE enum status signature_list_verify(const struct signature_list *list, const struct statement *statement,
                                           struct err *err);

/* Who let the entry in; chained, but no part of the decision. */
struct gate_facts {
    const char *release;
    const char *exe;     /* first 16 hex digits of the executable's SHA-256 */
    const char *mode;    /* embedded or served */
    const char *os_user; /* an id */
};

struct entry_parts {
    const json_t *decision;
    const struct gate_facts *gate;
    const struct hash *prev;
    uint64_t seq;
    const struct signature_list *signatures;
    const struct statement *statement;
    int64_t time_ms;
};

/*
 * Writes the entry's canonical bytes.
 *
 * out     *ret_bytes: gives (free); *ret_length without the closing NUL.
 * errors  LIMIT (over ENTRY_BYTES_MAX), INPUT (a part is outside the profile), MEMORY.
 */
MUST_USE enum status entry_make(const struct entry_parts *parts, char **ret_bytes, size_t *ret_length, struct err *err);

/* An entry taken apart. Owns what it points to, until entry_done. */
struct entry {
    uint64_t seq;
    int64_t time_ms;
    struct hash prev;
    struct hash leaf; /* SHA-256(0x00 || bytes) */
    struct statement statement;
    json_t *decision;
    struct slice decision_bytes; /* as stored; lends from the bytes given to entry_read */
    json_t *gate;
    struct signature_list *signatures;
};

/*
 * Reads an entry: form, members, statement. Signatures and decision are taken apart, not judged.
 *
 * in      bytes: borrowed; decision_bytes goes on pointing into them.
 * errors  INPUT, LIMIT: names the member.
 */
MUST_USE enum status entry_read(struct slice bytes, struct entry *ret_entry, struct err *err);

/*
 * Whether an entry lies where it says that it does, after the one before it.
 *
 * errors  CORRUPT, IO.
 */
struct journal_snapshot;
MUST_USE enum status entry_check_place(struct journal_snapshot *snapshot, const struct entry *entry, uint64_t seq,
                                       struct err *err);

/*
 * Reads entry seq of a journal, its bytes compared with the stored leaf, its place with the entries around it.
 *
 * out     *ret_entry: gives, entry_done; decision_bytes lends as journal_entry does.
 * errors  those of journal_entry_checked and entry_read; CORRUPT (its place).
 */
MUST_USE enum status entry_at(struct journal_snapshot *snapshot, uint64_t seq, struct entry *ret_entry,
                              struct err *err);
void entry_done(struct entry *entry);

/* An entry looked at where it lies, without a tree of it. Lends from the bytes and their outline, but for the signatures. */
struct outline;
struct outline_node;
struct entry_look {
    uint64_t seq;
    int64_t time_ms;
    struct hash prev;
    struct statement_look statement;
    const struct outline_node *decision, *gate;
    struct sshsig signatures[SIGNATURES_MAX];    /* not verified */
    struct signature_blob blobs[SIGNATURES_MAX]; /* the same as they are stored */
    size_t signature_count;
};

/*
 * Looks at an entry in one pass over its bytes: true where entry_read takes it, and what it finds then. False may also mean
 * that it takes a tree to tell: statement_look says of which, and those of more values than the outline has room for.
 *
 * in      bytes: borrowed as long as the look is used. outline: nodes and room set; filled.
 */
MUST_USE bool entry_look(struct slice bytes, struct outline *outline, struct entry_look *ret_look);

/*
 * The entry that was looked at, with the tree of its statement; nothing is checked again.
 *
 * in      leaf: of its bytes.
 * out     *ret_entry: as entry_read gives, but decision and gate are NULL; entry_decision makes the one.
 * errors  MEMORY.
 */
MUST_USE enum status entry_read_looked(const struct entry_look *look, const struct hash *leaf, struct entry *ret_entry,
                                       struct err *err);
/* Makes entry->decision of decision_bytes where it is NULL. errors MEMORY. */
MUST_USE enum status entry_decision(struct entry *entry, struct err *err);

struct schema;
extern const struct schema gate_facts_schema; /* of the member "gate" */

#endif
