/*
 * Escalation (C-18): a level that nobody signs in time may be signed by somebody who holds a higher level of the same kind.
 * Nothing is ever approved by itself. C-02 lets such a signature in, C-18 says so in the decision, the inbox shows it.
 */
#ifndef CONTROLS_ESCALATION_H
#define CONTROLS_ESCALATION_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "controls/facts.h"
#include "controls/functions.h"
#include "ledger/status.h"

struct escalation_ask {
    const json_t *record;   /* the document that waits */
    enum kind_id authority; /* whose functions count for it */
    int level;
};

struct escalation {
    int by_level;     /* the lowest higher level that the user holds; 0: the user may not sign on these grounds */
    int64_t since_ms; /* from when the level has waited: the version's submission, or the signature before */
    int64_t due_ms;   /* from when a higher level may sign */
};

/* When a document's lowest level began to wait, and from when on a higher one may sign it. errors CORRUPT. */
MUST_USE enum status escalation_times(const struct facts *facts, const json_t *record, int64_t *ret_since_ms,
                                      int64_t *ret_due_ms, struct err *err);

/*
 * Whether the user may sign the level in its holders' place now. Documents that officers govern are never escalated.
 *
 * out     *ret_escalation: fills, zeros where there is nothing to escalate.
 * errors  of the facts.
 */
MUST_USE enum status escalation_find(const struct facts *facts, const struct escalation_ask *ask, const char *user,
                                     struct escalation *ret_escalation, struct err *err);

#endif
