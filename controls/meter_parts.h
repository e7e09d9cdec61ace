/*
 * The parts of recomputing reads, for controls/meter*.c only.
 */
#ifndef CONTROLS_METER_PARTS_H
#define CONTROLS_METER_PARTS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "controls/facts_meter.h"
#include "controls/meter.h"
#include "ledger/status.h"

/* Chains of reads, each read once. */
struct meter_chains {
    const struct facts *facts;
    const char *entity, *contract_id;
    json_t *contract; /* its record */
    json_t *chains;   /* "device meter" -> its reads in order */
    json_t *given;    /* read -> what the claim says of it */
};

/* As which of the three a read is looked at. */
enum meter_view { METER_AS_CAME, METER_STANDING, METER_CORRECTED };

MUST_USE enum status meter_chains_open(struct meter_chains *chains, struct err *err);
void meter_chains_close(struct meter_chains *chains);

/* The chain of a record's meter, and its place in it. Lends. errors CORRUPT (not in it). */
MUST_USE enum status meter_chain(struct meter_chains *chains, const json_t *record, const json_t **ret_chain,
                                 size_t *ret_index, struct err *err);

/* {replaced?, source, value} of a read. Lends. */
const json_t *meter_view(const struct meter_chains *chains, const json_t *record, enum meter_view view);

/* Clicks from the read before to this one; 0 at the first. errors LIMIT. */
MUST_USE enum status meter_clicks(const struct meter_chains *chains, const json_t *chain, size_t index,
                                  enum meter_view view, int64_t *ret_clicks, struct err *err);

bool meter_estimated(const json_t *view);

/* A claim while it is recomputed. */
struct meter_work {
    struct meter_chains chains;
    const struct meter_claim *claim;
    struct meter_outcome *outcome;
    json_t *bills; /* key in order of FORMAT.md -> {device?, invoice, line?, meter, pool?} */
    int digits;
};

/* meter_bill.c: the charges of all bills noted, in order; then the allocations of one side. errors LIMIT. */
MUST_USE enum status meter_charges_make(struct meter_work *work, struct err *err);
MUST_USE enum status meter_allocations_make(const struct meter_work *work, struct meter_side *side, struct err *err);

#endif
