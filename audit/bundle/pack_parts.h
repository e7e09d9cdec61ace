/*
 * What a bundle under way holds, for the rooms that make it only (pack*.c).
 */
#ifndef AUDIT_PACK_PARTS_H
#define AUDIT_PACK_PARTS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "audit/bundle/pack.h"
#include "audit/bundle/pack_chosen.h"
#include "audit/bundle/pack_evidence.h"
#include "audit/bundle/pack_folder.h"
#include "audit/bundle/pack_follow.h"
#include "ledger/note.h"
#include "ledger/tree_multi.h"

struct entry;
struct journal_snapshot;

struct pack_work {
    const struct pack_request *request;
    struct pack_result result;

    char book[HASH_HEX_CHARS + 1];
    char origin[NOTE_NAME_BYTES_MAX + 1];
    uint64_t checkpoint_number; /* among all that were issued, of which there are so many: */
    uint64_t checkpoints;
    struct hash after_root; /* of an extension */

    /* What goes in: of a book or an extension all from first on, else what was chosen. */
    uint64_t first;
    struct pack_chosen chosen;
    json_t *about; /* of a part: request numbers of the documents that it is about */
    struct pack_follow follow;

    /* What the entries that went in named, and how far the proof is. */
    struct tree_multi proof;
    uint64_t count, first_seq, last_seq;
    uint64_t shown_seq; /* an entry for the README to check: of one signer; UINT64_MAX: none */
    json_t *policies;   /* hash -> number of the entry that put it in force */
    json_t *signers;    /* texts of the keys that signed -> true */
    struct pack_evidence evidence;

    struct pack_folder folder;
};

/* Whether it is a part of the book, of which entries are chosen one by one. */
bool pack_is_part(const struct pack_work *work);

/* Whether an entry is an item of the sample by itself. */
bool pack_drawn(const struct pack_work *work, uint64_t seq);

/* Tells how far it is, now and then. errors: those of who hears it. */
MUST_USE enum status pack_step(const struct pack_work *work, const char *what, uint64_t done, struct err *err);

/* Reads the entries from `from` to the checkpoint's last, in order. errors CORRUPT (one is missing), those of step. */
typedef enum status pack_entry_step(void *context, uint64_t seq, struct slice bytes, struct err *err);
MUST_USE enum status pack_each(const struct pack_work *work, const char *what, pack_entry_step *step, void *context,
                               struct err *err);

/* Reads one entry's bytes. errors CORRUPT (named). */
MUST_USE enum status pack_entry_read(uint64_t seq, struct slice bytes, struct entry *ret_entry, struct err *err);

/* Finds what the scope asks for (pack_scope.c): fills chosen, about, follow. errors NOT_FOUND (no such document). */
MUST_USE enum status pack_choose(struct pack_work *work, struct err *err);

/* Writes entries.jsonl and learns what they name (pack_entries.c). errors CORRUPT (the root is not the checkpoint's). */
MUST_USE enum status pack_entries(struct pack_work *work, struct err *err);

/* Writes what stands beside the entries (pack_beside.c): checkpoints, allowed_signers, policies. */
MUST_USE enum status pack_checkpoints(struct pack_work *work, struct err *err);
MUST_USE enum status pack_signers(struct pack_work *work, struct err *err);
MUST_USE enum status pack_policies(struct pack_work *work, struct err *err);

/*
 * Copies the evidence that is wanted into the folder, each file hashed where it then lies (pack_copy.c).
 *
 * errors  CORRUPT (a file is not what its document says: names the file and the entry), FULL, IO, those of the request's source.
 */
MUST_USE enum status pack_evidence_copy(struct pack_work *work, struct err *err);

/* Writes README.txt (pack_readme.c), then MANIFEST.json over all that was listed, and its signature (pack_manifest.c). */
MUST_USE enum status pack_readme(struct pack_work *work, struct err *err);
MUST_USE enum status pack_manifest(struct pack_work *work, struct err *err);

/* Writes evidence.html, which carries the files that are there (pack_page.c). */
MUST_USE enum status pack_page(struct pack_work *work, struct err *err);

#endif
