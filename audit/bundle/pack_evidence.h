/*
 * The evidence files that a bundle's documents name, and what became of each.
 */
#ifndef AUDIT_PACK_EVIDENCE_H
#define AUDIT_PACK_EVIDENCE_H

#include <stddef.h>
#include <stdint.h>

#include "ledger/hash.h"
#include "ledger/status.h"

enum pack_evidence_state {
    EVIDENCE_WANTED,
    EVIDENCE_THERE,
    EVIDENCE_ABSENT,  /* the book has it not */
    EVIDENCE_ERASED,  /* nor can it: an erasure names it, or its name */
    EVIDENCE_LEFT_OUT /* nobody asked for it */
};

struct pack_evidence_item {
    struct hash hash;
    struct hash name; /* of personal data, zeros where there is none */
    uint64_t seq;     /* the first entry that names it */
    enum pack_evidence_state state;
};

/* Sorted by hash, none twice, after pack_evidence_sort. 80 bytes a file. */
struct pack_evidence {
    struct pack_evidence_item *items;
    size_t count, room;
};

/* Takes a file; where another document has named it, the one that wants it counts, then the first. errors MEMORY. */
MUST_USE enum status pack_evidence_add(struct pack_evidence *evidence, const struct pack_evidence_item *item,
                                       struct err *err);
void pack_evidence_sort(struct pack_evidence *evidence);
void pack_evidence_done(struct pack_evidence *evidence);

/* The word that stands in a manifest for why a file is not there. Lends for ever. */
const char *pack_evidence_why(enum pack_evidence_state state);

#endif
