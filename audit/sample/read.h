/*
 * What a draw takes from a journal: the seed that an auditor put on record, the checkpoint that counts after it, and the
 * population before it (SAMPLING.md section 2).
 */
#ifndef AUDIT_SAMPLE_READ_H
#define AUDIT_SAMPLE_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "audit/sample/draw.h"
#include "audit/sample/population.h"
#include "audit/verify/verify.h"
#include "ledger/hash.h"
#include "ledger/note.h"
#include "ledger/status.h"

struct journal;

enum { SAMPLE_USES_MAX = 16, SAMPLE_TEXT_BYTES = 2048 + 1 };

struct sample_request {
    struct journal *journal;
    const char *seed;   /* request number; NULL: no seed, nothing will be drawn */
    const char *reveal; /* what a sealed seed hides; NULL: nothing was given */
    uint64_t before;    /* without a seed: entries below it; UINT64_MAX: all */
    const struct note_key *witnesses;
    size_t witness_count;
    const struct verify_note *notes; /* checkpoints that the auditor brings */
    size_t note_count;
    bool own_checkpoint; /* one without a cosignature will do */
    const struct sample_filter *filter;
    void (*progress)(void *context, uint64_t done, uint64_t total);
    void *context;
};

/* A run of a test that names the seed: a draw that was put on record. */
struct sample_use {
    uint64_t entry;
    char result[HASH_HEX_CHARS + 1];
};

struct sample_basis {
    char book[HASH_HEX_CHARS + 1];
    uint64_t before; /* the population is of the entries below it */
    bool seeded;     /* the rest but population is of a seed */
    char document[SAMPLE_ID_BYTES];
    char content[HASH_HEX_CHARS + 1];
    char seed[SAMPLE_TEXT_BYTES], purpose[SAMPLE_TEXT_BYTES];
    char actor[65];
    bool sealed;
    uint64_t size; /* of the checkpoint that counts */
    struct hash root;
    bool cosigned;
    char witness[NOTE_NAME_BYTES_MAX + 1];
    int64_t cosigned_s; /* POSIX time; 0: a witness who says none */
    struct hash draw;
    struct sample_population population;
    struct sample_use uses[SAMPLE_USES_MAX]; /* the first ones; they are no part of what is drawn */
    size_t use_count;
};

/*
 * Reads the journal once.
 *
 * out     fills *ret_basis; sample_basis_done releases it.
 * errors  NOT_FOUND (no such seed; no checkpoint after it that counts), INPUT (a sealed seed and what it hides, a brought
 *         file that is no checkpoint), CORRUPT (the bytes are not those of the checkpoint, or do not fit each other),
 *         SIGNATURE, those of sample_collector_take and sample_collector_end, IO, MEMORY.
 */
MUST_USE enum status sample_read(const struct sample_request *request, struct sample_basis *ret_basis, struct err *err);
void sample_basis_done(struct sample_basis *basis);

#endif
