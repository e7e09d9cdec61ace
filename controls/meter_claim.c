/*
 * Corrected reads: they are there, belong together, and no counter runs backwards unless it was exchanged. Which bills they
 * touch is found here, what these come to in meter_bill.c.
 */
#include "controls/meter.h"

#include <stdio.h>
#include <string.h>

#include "controls/meter_parts.h"
#include "ledger/currency.h"
#include "ledger/limits.h"
#include "ledger/schema.h"

enum { BILL_KEY_BYTES = 4 * ID_BYTES_MAX };

static enum status no_memory(struct err *err)
{
    return err_set(err, STATUS_MEMORY, "no memory to recompute reads");
}

/* inputs is stolen. */
static enum status refuse(struct meter_work *work, const char *code, json_t *inputs, struct err *err)
{
    work->outcome->code = code;
    work->outcome->inputs = inputs;
    return inputs != NULL ? STATUS_OK : no_memory(err);
}

bool meter_replaced_shown(const json_t *document)
{
    const json_t *evidence = json_object_get(document, "evidence");
    for (size_t i = 0; i < json_array_size(evidence); i++)
        if (strcmp(member_text(json_array_get(evidence, i), "kind"), METER_REPLACED_EVIDENCE) == 0)
            return true;
    return false;
}

/* The reads that are claimed */

static bool same(const json_t *a, const json_t *b)
{
    return a == b || json_equal(a, b);
}

/* What a posted correction made of it already: an estimate is trued up once. The other half of a set says the same. */
static bool trued_up(const json_t *record, const json_t *said)
{
    const json_t *standing = read_standing(record);
    return standing != record && meter_estimated(record) &&
           (member_integer(standing, "value") != member_integer(said, "value") ||
            strcmp(member_text(standing, "source"), member_text(said, "source")) != 0 ||
            !same(json_object_get(standing, "replaced"), json_object_get(said, "replaced")));
}

static enum status said_judge(struct meter_work *work, const json_t *record, const json_t *said, struct err *err)
{
    const char *id = member_text(said, "read");
    const json_t *replaced = json_object_get(said, "replaced"), *standing = NULL;
    if (record == NULL)
        return refuse(work, "unknown-read", json_pack("{s:s}", "read", id), err);
    if (strcmp(member_text(record, "contract"), work->claim->contract) != 0)
        return refuse(work, "other-contract",
                      json_pack("{s:s, s:s}", "contract", member_text(record, "contract"), "read", id), err);
    standing = read_standing(record);
    if (trued_up(record, said))
        return refuse(work, "trued-up",
                      json_pack("{s:s, s:s}", "document", member_text(standing, "document"), "read", id), err);
    if (replaced != NULL && !work->claim->shows_replaced &&
        !json_equal(replaced, json_object_get(standing, "replaced")))
        return refuse(work, "not-replaced", json_pack("{s:s}", "read", id), err);
    return STATUS_OK;
}

static enum status contract_judge(struct meter_work *work, struct err *err)
{
    const json_t *contract = work->chains.contract;
    if (contract != NULL && strcmp(member_text(contract, "customer"), work->claim->customer) == 0 &&
        strcmp(member_text(contract, "currency"), work->claim->currency) == 0)
        return STATUS_OK;
    return refuse(work, "unknown-contract", json_pack("{s:s}", "contract", work->claim->contract), err);
}

static enum status claim_read(struct meter_work *work, struct err *err)
{
    enum status status = contract_judge(work, err);
    for (size_t i = 0; status == STATUS_OK && work->outcome->code == NULL && i < json_array_size(work->claim->reads);
         i++) {
        json_t *said = json_array_get(work->claim->reads, i), *record = NULL;
        status = facts_read(work->chains.facts, work->claim->entity, member_text(said, "read"), &record, err);
        if (status == STATUS_OK)
            status = said_judge(work, record, said, err);
        if (status == STATUS_OK && json_object_set(work->chains.given, member_text(said, "read"), said) != 0)
            status = no_memory(err);
        json_decref(record);
    }
    return status;
}

/* Counters */

static const json_t *corrected(const struct meter_work *work, const json_t *chain, size_t index)
{
    return meter_view(&work->chains, json_array_get(chain, index), METER_CORRECTED);
}

/* Not below the last actual read, unless the counter was exchanged since. */
static enum status actual_judge(struct meter_work *work, const json_t *chain, size_t index, struct err *err)
{
    const json_t *now = corrected(work, chain, index);
    if (json_object_get(now, "replaced") != NULL)
        return STATUS_OK;
    for (size_t before = index; before-- > 0;) {
        const json_t *view = corrected(work, chain, before), *record = json_array_get(chain, before);
        if (!meter_estimated(view) && member_integer(now, "value") < member_integer(view, "value"))
            return refuse(work, "below-actual",
                          json_pack("{s:s, s:I, s:s, s:I}", "actual", member_text(record, "read"), "actual_value",
                                    (json_int_t)member_integer(view, "value"), "read",
                                    member_text(json_array_get(chain, index), "read"), "value",
                                    (json_int_t)member_integer(now, "value")),
                          err);
        if (!meter_estimated(view) || json_object_get(view, "replaced") != NULL)
            return STATUS_OK;
    }
    return STATUS_OK;
}

/* No usage runs backwards: what an earlier read was corrected to can be above a later one, or a final above or below. */
static enum status forward_judge(struct meter_work *work, const json_t *chain, size_t index, struct err *err)
{
    const json_t *now = corrected(work, chain, index), *replaced = json_object_get(now, "replaced");
    int64_t clicks;
    enum status status = meter_clicks(&work->chains, chain, index, METER_CORRECTED, &clicks, err);
    if (status != STATUS_OK || index == 0)
        return status;
    const json_t *before = corrected(work, chain, index - 1);
    bool back = replaced == NULL ? clicks < 0
                                 : member_integer(replaced, "final") < member_integer(before, "value") ||
                                       member_integer(now, "value") < member_integer(replaced, "start");
    if (!back)
        return STATUS_OK;
    return refuse(work, "below-previous",
                  json_pack("{s:s, s:I, s:s, s:I}", "previous", member_text(json_array_get(chain, index - 1), "read"),
                            "previous_value", (json_int_t)member_integer(before, "value"), "read",
                            member_text(json_array_get(chain, index), "read"), "value",
                            (json_int_t)member_integer(now, "value")),
                  err);
}

/* Bills */

/* In order by bytes: no id holds a blank or is empty, so the key orders as its parts do. */
static enum status bill_note(struct meter_work *work, const json_t *record, struct err *err)
{
    const char *device = member_text(record, "device"), *meter = member_text(record, "meter");
    const char *invoice = member_text(record, "invoice"), *line = member_text(record, "line");
    const json_t *own = meter_of_contract(work->chains.contract, device, meter);
    const char *pool = member_text(own, "pool");
    char key[BILL_KEY_BYTES];
    if (invoice == NULL)
        return STATUS_OK;
    snprintf(key, sizeof key, "%s %s %s %s %s", invoice, line != NULL ? line : "", pool != NULL ? "pool" : "device",
             pool != NULL ? pool : device, meter);
    json_t *bill = json_pack("{s:s, s:s, s:s}", "invoice", invoice, "meter", meter, pool != NULL ? "pool" : "device",
                             pool != NULL ? pool : device);
    if (bill != NULL && line != NULL)
        json_object_set_new(bill, "line", json_string(line));
    return json_object_set_new(work->bills, key, bill) == 0 ? STATUS_OK : no_memory(err);
}

static enum status row_note(struct meter_work *work, const json_t *chain, size_t index, struct err *err)
{
    const json_t *record = json_array_get(chain, index), *standing = read_standing(record);
    int64_t before, after;
    enum status status = meter_clicks(&work->chains, chain, index, METER_STANDING, &before, err);
    if (status == STATUS_OK)
        status = meter_clicks(&work->chains, chain, index, METER_CORRECTED, &after, err);
    if (status != STATUS_OK)
        return status;
    json_t *row = json_pack("{s:I, s:s, s:s, s:s, s:I, s:I, s:I}", "corrected",
                            (json_int_t)member_integer(corrected(work, chain, index), "value"), "device",
                            member_text(record, "device"), "meter", member_text(record, "meter"), "read",
                            member_text(record, "read"), "usage", (json_int_t)before, "usage_corrected",
                            (json_int_t)after, "value", (json_int_t)member_integer(standing, "value"));
    if (row != NULL && member_text(record, "invoice") != NULL)
        json_object_set(row, "invoice", json_object_get(record, "invoice"));
    if (row != NULL && member_text(record, "line") != NULL)
        json_object_set(row, "line", json_object_get(record, "line"));
    return json_array_append_new(work->outcome->rows, row) == 0 ? STATUS_OK : no_memory(err);
}

static bool row_noted(const struct meter_work *work, const char *read)
{
    for (size_t i = 0; i < json_array_size(work->outcome->rows); i++)
        if (strcmp(member_text(json_array_get(work->outcome->rows, i), "read"), read) == 0)
            return true;
    return false;
}

/* From a corrected read to the next actual one that stays, that one included. */
static enum status follow(struct meter_work *work, const json_t *said, struct err *err)
{
    json_t *first = NULL;
    const json_t *chain = NULL;
    size_t index = 0;
    bool more = true;
    enum status status = facts_read(work->chains.facts, work->claim->entity, member_text(said, "read"), &first, err);
    if (status == STATUS_OK)
        status = meter_chain(&work->chains, first, &chain, &index, err);
    json_decref(first);
    if (status == STATUS_OK)
        status = actual_judge(work, chain, index, err);
    for (size_t i = index; status == STATUS_OK && work->outcome->code == NULL && more && i < json_array_size(chain);
         i++) {
        const json_t *record = json_array_get(chain, i);
        const char *read = member_text(record, "read");
        status = forward_judge(work, chain, i, err);
        if (status == STATUS_OK && !row_noted(work, read))
            status = row_note(work, chain, i, err);
        if (status == STATUS_OK)
            status = bill_note(work, record, err);
        more =
            i == index || json_object_get(work->chains.given, read) != NULL || meter_estimated(read_standing(record));
    }
    return status;
}

void meter_outcome_done(struct meter_outcome *outcome)
{
    json_decref(outcome->inputs);
    json_decref(outcome->rows);
    json_decref(outcome->down.allocations);
    json_decref(outcome->down.charges);
    json_decref(outcome->up.allocations);
    json_decref(outcome->up.charges);
    *outcome = (struct meter_outcome){.code = NULL};
}

static enum status outcome_begin(struct meter_work *work, struct err *err)
{
    struct meter_outcome *outcome = work->outcome;
    *outcome = (struct meter_outcome){.rows = json_array(),
                                      .down = {.allocations = json_array(), .charges = json_array()},
                                      .up = {.allocations = json_array(), .charges = json_array()}};
    work->bills = json_object();
    return work->bills != NULL && outcome->rows != NULL && outcome->down.allocations != NULL &&
                   outcome->down.charges != NULL && outcome->up.allocations != NULL && outcome->up.charges != NULL
               ? STATUS_OK
               : no_memory(err);
}

enum status meter_compute(const struct facts *facts, const struct meter_claim *claim, struct meter_outcome *ret_outcome,
                          struct err *err)
{
    struct meter_work work = {.chains = {.facts = facts, .entity = claim->entity, .contract_id = claim->contract},
                              .claim = claim,
                              .outcome = ret_outcome,
                              .digits = currency_digits(claim->currency)};
    enum status status = outcome_begin(&work, err);
    if (status == STATUS_OK)
        status = meter_chains_open(&work.chains, err);
    if (status == STATUS_OK)
        status = claim_read(&work, err);
    for (size_t i = 0; status == STATUS_OK && ret_outcome->code == NULL && i < json_array_size(claim->reads); i++)
        status = follow(&work, json_array_get(claim->reads, i), err);
    if (status == STATUS_OK && ret_outcome->code == NULL)
        status = meter_charges_make(&work, err);
    if (status == STATUS_OK)
        status = meter_allocations_make(&work, &ret_outcome->down, err);
    if (status == STATUS_OK)
        status = meter_allocations_make(&work, &ret_outcome->up, err);
    json_decref(work.bills);
    meter_chains_close(&work.chains);
    return status;
}
