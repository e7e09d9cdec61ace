/*
 * Re-performance for an auditor: what each decision came to then and what it comes to now, side by side. The decisions are
 * made by the replay of a verification (replay.c); this room only looks on, so there is no second way to decide.
 */
#ifndef AUDIT_REPERFORM_H
#define AUDIT_REPERFORM_H

#include <jansson.h>

#include "audit/verify/verify.h"
#include "ledger/status.h"

struct reperform;
struct verify_item;

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
