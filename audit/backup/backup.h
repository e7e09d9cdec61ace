/*
 * Backups: a book as lines of text, from which the same book can be made again byte for byte. The lines between the first
 * and the checkpoints are those of an export. FORMAT.md section 10 has the form. Written from one snapshot while others write on; what
 * is written is what was checked.
 *
 * No names, addresses and files are in it, nor any key: they lie beside the journal (FORMAT.md section 9).
 */
#ifndef AUDIT_BACKUP_H
#define AUDIT_BACKUP_H

#include <stdbool.h>
#include <stdint.h>

#include "audit/export/export.h"
#include "ledger/hash.h"
#include "ledger/journal.h"
#include "ledger/slice.h"
#include "ledger/status.h"
#include "ledger/tree.h"

/* Where a backup ends; the next one may begin there. All zeros: before the first entry. */
struct backup_place {
    uint64_t size;        /* entries so far */
    uint64_t checkpoints; /* recorded so far */
    struct hash head;     /* leaf hash of the last entry */
    struct hash root;
};

/* How far it is. done and total count entries; total 0: not known. errors: to end the work, e.g. when a person wants so. */
typedef enum status backup_progress(void *context, uint64_t done, uint64_t total, struct err *err);

struct backup_writing {
    struct journal *journal;
    const struct backup_place *after; /* NULL: from the first entry. Has to be a place of this journal */
    const struct export_sink *sink;
    backup_progress *progress; /* may be NULL */
    void *context;             /* of progress */
};

struct backup_written {
    char book[HASH_HEX_CHARS + 1];
    struct backup_place begin, end;
    uint64_t bytes;
    bool lost_known; /* the journal was told that it lacks entries; the backup says so too */
};

/*
 * Writes a backup of what the journal holds now: each entry in form, in its place in chain and tree, each checkpoint of the
 * root that the entries have.
 *
 * errors  CORRUPT (names the entry or checkpoint; what was written is then no whole backup), INPUT (after is no place of this
 *         journal), those of the sink and of progress, IO, MEMORY.
 * cost    one pass; flat memory; holds on to the snapshot's pages until it ends, and to no writer.
 */
MUST_USE enum status backup_write(const struct backup_writing *writing, struct backup_written *ret_written,
                                  struct err *err);

/* Gives bytes in order. out *ret_got: 1..room, or 0 at the end. errors IO. */
struct backup_source {
    enum status (*read)(void *context, void *bytes, size_t room, size_t *ret_got, struct err *err);
    void *context;
};

/* What is found on the way; any may be NULL. What is handed over lends during the call. errors end the reading. */
struct entry;
struct backup_steps {
    enum status (*entry)(void *context, const struct entry *entry, struct slice bytes, struct err *err);
    enum status (*checkpoint)(void *context, uint64_t number, struct slice note, struct err *err);
    backup_progress *progress;
    void *context;
};

struct backup_reading {
    const char *name; /* of the file, for errors */
    const struct backup_source *source;
    const struct tree_reader
        *known; /* of the journal that a file goes on with which does not begin at `place`; NULL: it has to */
    const struct backup_steps *steps;

    /* What the files before this one came to: all zeros at first, and as this one leaves it on OK. */
    char book[HASH_HEX_CHARS + 1];
    struct backup_place place;
    struct tree_frontier frontier;
    bool has_lost;
    struct journal_lost lost; /* as the last file has it */
};

/*
 * Reads one file of a backup to its end and checks it: form, chain, tree, its last line. Signatures and decisions are for
 * verify.h, over the book that is made of it.
 *
 * in      reading: zeroed but for its first four members before the first file; kept from file to file.
 * errors  CORRUPT, INPUT, LIMIT: names the file, the line and the entry. What the steps took before may be dropped. Those of
 *         the source and the steps, MEMORY.
 * cost    flat memory: one entry.
 */
MUST_USE enum status backup_read(struct backup_reading *reading, struct err *err);

#endif
