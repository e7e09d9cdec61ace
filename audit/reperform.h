/*
 * Re-performance for an auditor: what each decision came to then and what it comes to now, side by side. The decisions are
 * made by the replay of a verification (verify_replay.c); this room only looks on, so there is no second way to decide.
 */
#ifndef AUDIT_REPERFORM_H
#define AUDIT_REPERFORM_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "ledger/status.h"

struct reperform;
struct verify_item;

enum { REPERFORM_ANSWERS_MAX = 100 }; /* answers told of one result on one side; more are counted */

/* What is told. The replay decides every entry, whatever is asked for here. */
struct reperform_filter {
    bool all;             /* every decision; else those alone that differ */
    uint64_t from, to;    /* entries, both included */
    const char *document; /* a request number; NULL: any */
    const char *control;  /* that answered then or now: "C-07"; NULL: any */
};

/*
 * Is handed one row for each result of a decision, and at the end the totals. Lent during the call.
 *
 * row     {actor, do, document?, entry, index, now?, ref?, same, then, time, why?}; then and now are {answers: [{answer,
 *         code, control}], more?, outcome}; no now where it could not be decided; why says what differs.
 * totals  {totals: {controls: {"C-07": {now, then}}, decisions, differ, entries, first?, outcomes: {posted: {now, then}},
 *         selected}}: decisions, differ, entries and first (the entry that differs first; what differs after it may follow
 *         from it) of the whole book, the others of what the filter leaves whether it differs or not.
 */
typedef void reperform_report(void *context, const json_t *row);

/* out *ret_reperform: gives, reperform_free. filter: kept. errors MEMORY. */
MUST_USE enum status reperform_new(const struct reperform_filter *filter, reperform_report *report, void *context,
                                   struct reperform **ret_reperform, struct err *err);
void reperform_free(struct reperform *reperform);

/*
 * Takes the decision on an entry.
 *
 * in      again: as it was made now; NULL: it could not be, and trouble says why.
 * errors  MEMORY.
 */
MUST_USE enum status reperform_take(struct reperform *reperform, const struct verify_item *item, const json_t *again,
                                    const char *trouble, struct err *err);

/* Hands on the totals. errors MEMORY. */
MUST_USE enum status reperform_end(struct reperform *reperform, struct err *err);

#endif
