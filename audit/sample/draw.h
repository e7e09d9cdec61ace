/*
 * Drawing a sample: from a population and 32 bytes that nobody could choose, which items are to be examined (SAMPLING.md
 * sections 2 and 4). The same input gives the same items in every implementation.
 */
#ifndef AUDIT_SAMPLE_DRAW_H
#define AUDIT_SAMPLE_DRAW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "audit/sample/population.h"
#include "ledger/hash.h"
#include "ledger/status.h"

enum sample_method { SAMPLE_ATTRIBUTE, SAMPLE_MUS, SAMPLE_STRATIFIED, SAMPLE_JUDGEMENTAL, SAMPLE_METHODS };

enum { SAMPLE_STRATA_MAX = 16 };

/* "attribute". Lends for ever. sample_method_find answers SAMPLE_METHODS for other words. */
const char *sample_method_name(enum sample_method method);
enum sample_method sample_method_find(const char *name);

/* What the draw value is made of. Texts borrowed. */
struct sample_origin {
    const char *book;     /* hex */
    const char *document; /* of the seed */
    const char *content;  /* its content hash, hex */
    uint64_t entry;       /* that it stands in */
    const char *reveal;   /* what a sealed seed hid; NULL: the seed is open */
    uint64_t size;        /* of the checkpoint that counts */
    struct hash root;
};

/* errors MEMORY, INPUT (a text that canonical JSON does not admit). */
MUST_USE enum status sample_draw_value(const struct sample_origin *origin, struct hash *ret_draw, struct err *err);

/* A number in 1..range, all equally likely. range above 0. */
int64_t sample_draw_number(const struct hash *draw, int64_t range);

struct sample_selection {
    enum sample_method method;
    struct hash draw;       /* not judgemental */
    int64_t size;           /* attribute; stratified: of the strata below the top */
    int64_t interval_minor; /* MUS */
    size_t bound_count;     /* stratified: amounts that part the strata, rising; without their sign */
    int64_t bounds_minor[SAMPLE_STRATA_MAX - 1];
    bool has_top;
    int64_t top_minor; /* stratified: from here on everything is examined */
};

/* One item that was selected. */
struct sample_pick {
    size_t item;     /* in the population */
    struct hash key; /* by which it was chosen; not of MUS and judgemental */
    int64_t hits;    /* MUS: how often */
    int64_t hit;     /* MUS: the first amount that hit it, counted from 1 over the positive items */
    size_t stratum;  /* stratified: from 0 */
    bool top;        /* all of its stratum are examined: MUS items of an interval or more, the top stratum */
};

struct sample_stratum {
    int64_t items, selected;
    struct sample_sum sum; /* of all its items */
};

struct sample_drawn {
    struct sample_pick *picks; /* attribute: in order of selection; else in order of the population */
    size_t count;
    int64_t start_minor; /* MUS */
    size_t stratum_count;
    struct sample_stratum strata[SAMPLE_STRATA_MAX]; /* stratified; the top one is the last */
};

/*
 * in      population: sealed, in order of seq and index.
 * out     fills *ret_drawn; sample_drawn_done releases it.
 * errors  INPUT (nothing to draw from; bounds that do not rise; more items than there are), LIMIT (a MUS sample of more than
 *         SAMPLE_SIZE_MAX items), MEMORY.
 */
MUST_USE enum status sample_draw(const struct sample_population *population, const struct sample_selection *selection,
                                 struct sample_drawn *ret_drawn, struct err *err);
void sample_drawn_done(struct sample_drawn *drawn);

#endif
