/*
 * The reads of meters in order, seen as they came, as they stand and as a claim would have them, and the clicks between
 * them: a counter that was exchanged counts up to its final value and from the start of the new one.
 */
#include <stdio.h>
#include <string.h>

#include "controls/meter_parts.h"
#include "ledger/money.h"
#include "ledger/schema.h"

enum { METER_KEY_BYTES = ID_BYTES_MAX + 16 };

static enum status no_memory(struct err *err)
{
    return err_set(err, STATUS_MEMORY, "no memory to recompute reads");
}

enum status meter_chains_open(struct meter_chains *chains, struct err *err)
{
    chains->chains = json_object();
    chains->given = json_object();
    enum status status = chains->chains != NULL && chains->given != NULL ? STATUS_OK : no_memory(err);
    return status == STATUS_OK
               ? facts_contract(chains->facts, chains->entity, chains->contract_id, &chains->contract, err)
               : status;
}

void meter_chains_close(struct meter_chains *chains)
{
    json_decref(chains->contract);
    json_decref(chains->chains);
    json_decref(chains->given);
}

enum status meter_chain(struct meter_chains *chains, const json_t *record, const json_t **ret_chain, size_t *ret_index,
                        struct err *err)
{
    const struct meter_place place = {.entity = chains->entity,
                                      .contract = chains->contract_id,
                                      .device = member_text(record, "device"),
                                      .meter = member_text(record, "meter")};
    char key[METER_KEY_BYTES];
    enum status status = STATUS_OK;
    snprintf(key, sizeof key, "%s %s", place.device, place.meter);
    json_t *chain = json_object_get(chains->chains, key);
    if (chain == NULL) {
        status = facts_meter_reads(chains->facts, &place, &chain, err);
        if (status == STATUS_OK && json_object_set_new(chains->chains, key, chain) != 0)
            status = no_memory(err);
    }
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(chain); i++)
        if (strcmp(member_text(json_array_get(chain, i), "read"), member_text(record, "read")) == 0) {
            *ret_chain = chain;
            *ret_index = i;
            return STATUS_OK;
        }
    return status != STATUS_OK
               ? status
               : err_set(err, STATUS_CORRUPT, "read %s is not among its meter's", member_text(record, "read"));
}

const json_t *meter_view(const struct meter_chains *chains, const json_t *record, enum meter_view view)
{
    const json_t *given = json_object_get(chains->given, member_text(record, "read"));
    if (view == METER_AS_CAME)
        return record;
    return view == METER_CORRECTED && given != NULL ? given : read_standing(record);
}

enum status meter_clicks(const struct meter_chains *chains, const json_t *chain, size_t index, enum meter_view view,
                         int64_t *ret_clicks, struct err *err)
{
    *ret_clicks = 0;
    if (index == 0)
        return STATUS_OK;
    const json_t *now = meter_view(chains, json_array_get(chain, index), view);
    const json_t *before = meter_view(chains, json_array_get(chain, index - 1), view);
    const json_t *replaced = json_object_get(now, "replaced");
    int64_t old = 0;
    if (replaced == NULL)
        return money_sub(member_integer(now, "value"), member_integer(before, "value"), ret_clicks, err);
    enum status status = money_sub(member_integer(replaced, "final"), member_integer(before, "value"), &old, err);
    if (status == STATUS_OK)
        status = money_sub(member_integer(now, "value"), member_integer(replaced, "start"), ret_clicks, err);
    return status == STATUS_OK ? money_add(old, *ret_clicks, ret_clicks, err) : status;
}

bool meter_estimated(const json_t *view)
{
    return strcmp(member_text(view, "source"), "estimated") == 0;
}
