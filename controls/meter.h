/*
 * What corrected reads change: the usage of every bill from the first corrected read of a meter up to the next actual read
 * that stays as it is, pools with all their meters, and the amounts that a correction down and one up have to have
 * (FORMAT.md 5.4). The gate demands these amounts, the command line composes them.
 */
#ifndef CONTROLS_METER_H
#define CONTROLS_METER_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "controls/facts.h"
#include "ledger/status.h"

/* What somebody says the reads should have been. All borrowed. */
struct meter_claim {
    const char *entity, *customer, *currency, *contract;
    const json_t *reads; /* of {read, replaced?, source, value}, checked in form */
    bool shows_replaced; /* evidence of the kind meter-replaced is there */
};

/* One direction of it: members of a correction. Empty lists and zero where nothing goes that way. */
struct meter_side {
    json_t *allocations, *charges;
    int64_t amount_minor;
};

struct meter_outcome {
    const char *code; /* why the reads cannot be; NULL: they can */
    json_t *inputs;   /* of the answer with that code */
    json_t *
        rows; /* of {corrected, device, invoice?, line?, meter, read, usage, usage_corrected, value}: reads in between */
    struct meter_side down, up;
};

/* The kind of evidence that a counter was exchanged. */
#define METER_REPLACED_EVIDENCE "meter-replaced"
bool meter_replaced_shown(const json_t *document);

/*
 * Recomputes.
 *
 * out     *ret_outcome: meter_outcome_done, also after an error. With a code, rows and sides are incomplete.
 * errors  LIMIT (clicks or an amount leave 64 bits), those of the facts.
 * cost    O(reads of the meters that share a bill with a corrected one).
 */
MUST_USE enum status meter_compute(const struct facts *facts, const struct meter_claim *claim,
                                   struct meter_outcome *ret_outcome, struct err *err);
void meter_outcome_done(struct meter_outcome *outcome);

/* One term on one bill, as the reads stand. */
struct meter_billed {
    int64_t clicks;          /* as the reads stand */
    int64_t billed_minor;    /* net: from the reads as they came, and what corrections moved since */
    int64_t corrected_minor; /* net: what the reads come to as they stand */
};

/* in      term: {device or pool, meter}, borrowed. errors LIMIT, those of the facts. */
struct meter_bill;
MUST_USE enum status meter_billed(const struct facts *facts, const struct meter_bill *bill, const json_t *term,
                                  struct meter_billed *ret_billed, struct err *err);

#endif
