/*
 * Facts about meters: contracts, reads in their order, what was settled by corrections. As facts.h throughout.
 *
 * A read as it came keeps the members of its record; `corrections` is what posted corrections made of it, the latest last.
 * How a read stands is that of its latest correction, or as it came.
 */
#ifndef CONTROLS_FACTS_METER_H
#define CONTROLS_FACTS_METER_H

#include <jansson.h>
#include <stdint.h>

#include "controls/facts.h"
#include "ledger/instant.h"
#include "ledger/status.h"

struct meter_place {
    const char *entity, *contract, *device, *meter;
};

/* *ret is NULL when there is none; gives. */
MUST_USE enum status facts_contract(const struct facts *facts, const char *entity, const char *contract,
                                    json_t **ret_record, struct err *err);
MUST_USE enum status facts_read(const struct facts *facts, const char *entity, const char *read, json_t **ret_record,
                                struct err *err);

/* The meter of a contract; NULL: the contract has no such meter. Lends. */
const json_t *meter_of_contract(const json_t *contract, const char *device, const char *meter);

/* A read as it stands: {replaced?, source, value}. Lends from the record, which may be one that came only now. */
const json_t *read_standing(const json_t *record);

/* Date of the last read of a meter; "" where there is none. */
MUST_USE enum status facts_meter_last(const struct facts *facts, const struct meter_place *place,
                                      char ret_date[static DATE_TEXT_BYTES], struct err *err);

/*
 * The reads of a meter in order of date and id.
 *
 * out     *ret_reads: gives a list of records.
 * cost    O(reads of the meter).
 */
MUST_USE enum status facts_meter_reads(const struct facts *facts, const struct meter_place *place, json_t **ret_reads,
                                       struct err *err);

/* The reads that name an invoice (and line, or none), of one contract; gives a list of records in order of id. */
struct meter_bill {
    const char *entity, *contract, *invoice, *line; /* line NULL: none named */
};
MUST_USE enum status facts_bill_reads(const struct facts *facts, const struct meter_bill *bill, json_t **ret_reads,
                                      struct err *err);

/* What posted corrections moved so far, net: of the term (a device or a pool, and a meter) on a bill. */
MUST_USE enum status facts_bill_settled(const struct facts *facts, const struct meter_bill *bill, const json_t *term,
                                        int64_t *ret_minor, struct err *err);

#endif
