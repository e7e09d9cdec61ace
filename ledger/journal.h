/*
 * The journal, read only: entries by sequence number, hashes of the tree over them, checkpoints handed out,
 * metadata. Who may write stands in append.h; how a journal comes to be, in birth.h.
 *
 * A book is a directory: journal/ (this), books/ (tables.h), evidence/ and personal/ (beside.h), and the file
 * `lock` that a writer holds, `served` that a server holds. On a local file system only. No fork with an open journal; one handle of a book
 * in a process.
 */
#ifndef LEDGER_JOURNAL_H
#define LEDGER_JOURNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "ledger/hash.h"
#include "ledger/slice.h"
#include "ledger/status.h"
#include "ledger/tree.h"

struct journal;
struct journal_snapshot;

enum {
    JOURNAL_FORMAT = 1,             /* of the tables, not of the entries */
    JOURNAL_META_BYTES_MAX = 1024,  /* one metadata value: never on a page of its own (storefile.c says why) */
    JOURNAL_NOTE_BYTES_MAX = 65536, /* one checkpoint's signed note, witness signatures included */
    JOURNAL_LEVELS_MAX = 63         /* levels of the tree over at most 2^63 entries */
};

struct journal_options {
    uint64_t map_bytes; /* 0: what the book says, which is right but for tools that limit address space */
    bool read_only;
    bool
        unchecked; /* for verification, which says itself what is wrong: open though pages, entries and tree disagree */
    bool whole;    /* every page is looked at first, however large the file is (store.h) */
};

/*
 * Opens the journal of the book in directory book_dir.
 *
 * in      options may be NULL: all zero.
 * out     *ret_journal: give it back with journal_close.
 * errors  NOT_FOUND (no book there), CORRUPT (truncated, foreign, or its tables disagree), INPUT (a format
 * that this program does not know), IO (a network file system, or the system failed), PERMISSION, MEMORY.
 * cost    no more for a long journal than for a short one.
 */
MUST_USE enum status journal_open(const char *book_dir, const struct journal_options *options,
                                  struct journal **ret_journal, struct err *err);
void journal_close(struct journal *journal);

/*
 * A journal that somebody else answers for, to be read. errors CORRUPT, INPUT (its format), those of whoever answers, MEMORY.
 */
struct store_remote;
MUST_USE enum status journal_open_remote(const struct store_remote *remote, struct journal **ret_journal,
                                         struct err *err);

/* Whether somebody else answers for it. */
bool journal_is_remote(const struct journal_snapshot *snapshot);

/* Looks at every page of its file, as store_look_at. */
MUST_USE enum status journal_look_at(struct journal *journal, struct err *err);

/* Size of its map: how far it can grow. */
uint64_t journal_map_bytes(const struct journal *journal);

/* The library that keeps it, with its version. Lends for ever. */
const char *journal_store_version(void);

/*
 * A snapshot stands still while others append; keep it short, it holds on to pages. End every one before the
 * close.
 *
 * errors  BUSY (too many readers), IO, MEMORY.
 */
MUST_USE enum status journal_read_begin(struct journal *journal, struct journal_snapshot **ret_snapshot,
                                        struct err *err);
void journal_read_end(struct journal_snapshot *snapshot);

/* The store's transaction beneath, for whoever answers for this journal. Lends. */
struct store_txn;
struct store_txn *journal_store(struct journal_snapshot *snapshot);

/* Size, and the leaf hash of the last entry; 0 and all zeros when there is none. */
struct journal_head {
    uint64_t size;
    struct hash leaf;
};

/* errors CORRUPT (entries and tree disagree), IO. */
MUST_USE enum status journal_head(struct journal_snapshot *snapshot, struct journal_head *ret_head, struct err *err);

/*
 * The stored bytes of entry seq. Lends until the snapshot ends (in a writer's snapshot: until its next
 * write).
 *
 * errors  NOT_FOUND (seq is not below the size), CORRUPT, IO.
 * cost    O(log n); nothing is hashed. journal_entry_checked also hashes the bytes and compares with the
 * stored leaf: for every read that matters, since the store has no checksums.
 */
MUST_USE enum status journal_entry(struct journal_snapshot *snapshot, uint64_t seq, const char **ret_bytes,
                                   size_t *ret_length, struct err *err);
MUST_USE enum status journal_entry_checked(struct journal_snapshot *snapshot, uint64_t seq, const char **ret_bytes,
                                           size_t *ret_length, struct err *err);

/*
 * A walk over the entries as they lie, in order of their keys, whatever is missing between them: for verification and
 * export. Nothing is checked but that a key is a number.
 *
 * out     *ret_walk: end it with journal_walk_end, before the snapshot.
 */
struct journal_walk;
MUST_USE enum status journal_walk_begin(struct journal_snapshot *snapshot, uint64_t from_seq,
                                        struct journal_walk **ret_walk, struct err *err);

/* Steps. The bytes are lent as journal_entry lends them. errors NOT_FOUND (the end; err is left alone), CORRUPT, IO. */
MUST_USE enum status journal_walk_next(struct journal_walk *walk, uint64_t *ret_seq, struct slice *ret_bytes,
                                       struct err *err);
void journal_walk_end(struct journal_walk *walk);

/*
 * The hash of a complete subtree: the 2^level leaves from index * 2^level on. Level 0 is the leaf hashes.
 *
 * errors  NOT_FOUND (it is not complete yet), CORRUPT, IO.
 * source  RFC 6962 section 2.1.
 */
MUST_USE enum status journal_node(struct journal_snapshot *snapshot, unsigned level, uint64_t index,
                                  struct hash *ret_hash, struct err *err);

/* The snapshot as a reader for roots and proofs (tree.h). Good until the snapshot ends. */
struct tree_reader journal_tree(struct journal_snapshot *snapshot);

/* Reads a metadata value by its name. Lends as journal_entry does. errors NOT_FOUND (err is left alone),
 * CORRUPT, IO. */
MUST_USE enum status journal_meta_get(struct journal_snapshot *snapshot, const char *name, struct slice *ret_value,
                                      struct err *err);

/*
 * What a restored journal was told of entries that it does not have: written at its birth, and for ever. Nothing is let in
 * before a `restore` entry, from number `kept` on, answers for it (FORMAT.md section 10).
 */
struct journal_lost {
    uint64_t kept;    /* entries that were restored; 1 at least */
    uint64_t to;      /* the last entry known to be gone; kept at least */
    uint64_t size;    /* of the newest checkpoint that was told of; 0: none, only entries were */
    struct hash root; /* that checkpoint's, all zeros when there is none */
};
#define JOURNAL_META_LOST "lost"
enum { JOURNAL_LOST_BYTES = 3 * 8 + HASH_BYTES };

void journal_lost_encode(const struct journal_lost *lost, uint8_t ret_bytes[static JOURNAL_LOST_BYTES]);

/* Reads the mark. errors NOT_FOUND (there is none; err is left alone), CORRUPT, IO. */
MUST_USE enum status journal_lost(struct journal_snapshot *snapshot, struct journal_lost *ret_lost, struct err *err);

/* A checkpoint that was handed out: it binds this book to that root at that size. */
struct journal_checkpoint {
    uint64_t size;
    struct hash root;
    struct slice note; /* the signed note as issued; lent */
};

/* Checkpoints are numbered from 0 in the order in which they were recorded. errors NOT_FOUND, CORRUPT, IO. */
MUST_USE enum status journal_checkpoint_count(struct journal_snapshot *snapshot, uint64_t *ret_count, struct err *err);
MUST_USE enum status journal_checkpoint(struct journal_snapshot *snapshot, uint64_t number,
                                        struct journal_checkpoint *ret_checkpoint, struct err *err);

#endif
