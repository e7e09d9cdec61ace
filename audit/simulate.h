/*
 * What another policy would have decided: the documents of a stretch of the journal judged again under it, each against
 * the books of its own moment as they were. History stays as it was: later documents are judged on what really happened
 * before them, so the answer is what the policy would have asked of each, not what people would have done then.
 */
#ifndef AUDIT_SIMULATE_H
#define AUDIT_SIMULATE_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/status.h"

struct journal;
struct policy;

enum simulated_change {
    SIMULATED_SAME,
    SIMULATED_MORE,     /* levels that were not asked */
    SIMULATED_FEWER,    /* only levels fewer than were asked */
    SIMULATED_REFUSED,  /* refused now, admitted then */
    SIMULATED_ADMITTED, /* admitted now, refused then */
    SIMULATED_CHANGES
};

/* One document. Lent during the call. */
struct simulated {
    uint64_t seq;
    size_t index;
    const char *user;
    const json_t *document;
    const json_t *then, *now; /* results, FORMAT.md section 6 */
    enum simulated_change change;
};

struct simulate_totals {
    int64_t documents;
    int64_t changes[SIMULATED_CHANGES];
    int64_t levels_then[10], levels_now[10]; /* how often each level 1..9 was, would be asked */
};

struct simulate_options {
    struct journal *journal;
    const struct policy *policy;
    int64_t since_ms;        /* documents submitted or amended from then on */
    const char *scratch_dir; /* an existing directory in which a new one is made; NULL: as scratch_make */
    void (*report)(void *context, const struct simulated *simulated); /* each whose change is not SAME */
    void (*progress)(void *context, uint64_t done, uint64_t total);   /* NULL: nobody is told */
    void *context;
};

/*
 * out     *ret_totals: fills.
 * errors  CORRUPT (the journal cannot be replayed: run audit verify), IO, FULL, MEMORY; INPUT where the policy's base
 *         currency is another one, since sums of the past are kept in the old one.
 * cost    one replay of the journal without checking signatures, in books of its own.
 */
MUST_USE enum status simulate_policy(const struct simulate_options *options, struct simulate_totals *ret_totals,
                                     struct err *err);

#endif
