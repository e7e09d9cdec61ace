/*
 * Bundles: a book, or a part of one, as a folder that can be checked where nobody of the company is. Form: audit/bundle/BUNDLE.md.
 */
#ifndef AUDIT_PACK_H
#define AUDIT_PACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/hash.h"
#include "ledger/status.h"
#include "ledger/tree.h"

struct journal;
struct signer;

enum pack_sort { PACK_BOOK, PACK_EXTENSION, PACK_PERIOD, PACK_DOCUMENT, PACK_SAMPLE };

/* The word that stands in a manifest. Lends for ever. */
const char *pack_sort_name(enum pack_sort sort);

/* Documents that one bundle can be asked for: a thousand times the samples that auditors take. */
enum { PACK_DOCUMENTS_MAX = 100000 };

/* What goes in. Members that the sort has no use for are zero. */
struct pack_scope {
    enum pack_sort sort;
    uint64_t after_size;           /* extension: entries that whoever asks has; 1 at least */
    const struct hash *after_root; /* and their root, where he knows it; NULL: not compared */
    int32_t from, to;              /* period: first and last day, UTC, as instant.h counts them */
    const char *const *documents;  /* document, sample: request numbers, in any order, none twice */
    size_t document_count;
    const uint64_t *entries; /* sample: numbers of entries, sorted, of items that have no document */
    size_t entry_count;
    const char *seed;      /* sample: request number of the seed; NULL: none was committed */
    struct hash selection; /* sample: SHA-256 of the file that names the documents */
};

/* Who packs. */
struct pack_maker {
    int64_t at_ms;
    const char *by;      /* user */
    const char *exe;     /* as in `gate` */
    const char *release; /* as in `gate` */
    const struct signer *signer;
};

/* What lies beside the journal. */
struct pack_beside {
    /* Verifies the file of that hash, then writes it to the descriptor out, as evidence_copy. errors NOT_FOUND (it is not there). */
    enum status (*evidence)(void *context, const struct hash *hash, int out, struct err *err);
    /* The same of a time stamp by its name (FORMAT.md section 9), which nobody verifies here; NULL: none can be had. */
    enum status (*timestamp)(void *context, const char *name, int out, struct err *err);
    void *context;
};

struct pack_request {
    struct journal *journal;
    const char *to; /* the folder, which is not there yet */
    const struct pack_scope *scope;
    const struct pack_maker *maker;
    const struct pack_beside *beside; /* NULL: none can be had */
    bool no_evidence;                 /* leave it out, and list it */
    /* Hears how far it is, and may end it with an error; NULL: nobody asks. */
    enum status (*step)(void *context, const char *what, uint64_t done, uint64_t total, struct err *err);
    void *context;
};

struct pack_result {
    struct tree_head checkpoint; /* the one that the bundle stands on */
    uint64_t entries;
    uint64_t beyond;                   /* entries of the book after the checkpoint: not looked at */
    uint64_t documents;                /* submitted in the bundle's entries */
    uint64_t files;                    /* all that lie in the folder */
    uint64_t bytes;                    /* of these */
    uint64_t policies;                 /* among them */
    uint64_t evidence;                 /* among them */
    uint64_t timestamps;               /* among them */
    uint64_t absent, erased, left_out; /* evidence that is not there, and why */
};

/*
 * Packs a bundle. It stands on the largest issued checkpoint, and nothing after that is looked at.
 *
 * in      request: borrowed.
 * after   on OK the folder is whole and on disk; on any error there is nothing of it.
 * errors  EXISTS (something of that name), NOT_FOUND (no issued checkpoint, or none that covers what is asked for: says how
 *         to make one; no such document), INPUT (a scope that cannot be), CORRUPT (entries and checkpoint disagree; an
 *         evidence file is not what its document says: named), FULL, IO, PERMISSION, MEMORY, those of the signer and of step.
 * cost    reads the journal once for a book or an extension, three times for another part. Memory grows with keys, grants,
 *         policies, evidence files and, of a part, its entries; not with the book.
 */
MUST_USE enum status pack_bundle(const struct pack_request *request, struct pack_result *ret_result, struct err *err);

#endif
