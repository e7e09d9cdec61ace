/*
 * Bills from reads: the clicks of a term on an invoice line, what they cost, the difference to what was billed so far, and
 * the tax that goes with it. Those that fall go to one side and those that rise to the other, never netted (C-11).
 */
#include <stdlib.h>
#include <string.h>

#include "controls/meter_parts.h"
#include "ledger/currency.h"
#include "ledger/money.h"
#include "ledger/schema.h"
#include "ledger/usage.h"

static enum status no_memory(struct err *err)
{
    return err_set(err, STATUS_MEMORY, "no memory to recompute bills");
}

static bool same_term(const struct meter_work *work, const json_t *record, const json_t *bill)
{
    const json_t *own =
        meter_of_contract(work->chains.contract, member_text(record, "device"), member_text(record, "meter"));
    const char *pool = member_text(own, "pool"), *name = pool != NULL ? "pool" : "device";
    const char *billed = member_text(bill, name);
    return billed != NULL && strcmp(billed, pool != NULL ? pool : member_text(record, "device")) == 0 &&
           strcmp(member_text(bill, "meter"), member_text(record, "meter")) == 0;
}

/* Sum of the clicks of all reads of the bill's term. */
static enum status bill_clicks(struct meter_work *work, const struct meter_bill *at, const json_t *bill,
                               int64_t ret_clicks[static 3], struct err *err)
{
    json_t *reads = NULL;
    enum status status = facts_bill_reads(work->chains.facts, at, &reads, err);
    ret_clicks[METER_AS_CAME] = ret_clicks[METER_CORRECTED] = 0;
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(reads); i++) {
        const json_t *record = json_array_get(reads, i), *chain = NULL;
        size_t index = 0;
        if (!same_term(work, record, bill))
            continue;
        status = meter_chain(&work->chains, record, &chain, &index, err);
        for (int view = METER_AS_CAME; status == STATUS_OK && view <= METER_CORRECTED; view += METER_CORRECTED) {
            int64_t clicks;
            status = meter_clicks(&work->chains, chain, index, (enum meter_view)view, &clicks, err);
            if (status == STATUS_OK)
                status = money_add(ret_clicks[view], clicks, &ret_clicks[view], err);
        }
    }
    json_decref(reads);
    return status;
}

static const json_t *bill_term(const struct meter_work *work, const json_t *bill)
{
    const json_t *contract = work->chains.contract;
    const char *device = member_text(bill, "device");
    if (device != NULL)
        return meter_of_contract(contract, device, member_text(bill, "meter"));
    const json_t *pools = json_object_get(contract, "pools");
    for (size_t i = 0; i < json_array_size(pools); i++) {
        const json_t *pool = json_array_get(pools, i);
        if (strcmp(member_text(pool, "pool"), member_text(bill, "pool")) == 0 &&
            strcmp(member_text(pool, "meter"), member_text(bill, "meter")) == 0)
            return pool;
    }
    return NULL;
}

static enum status rate_of(const struct meter_work *work, const json_t *bill, struct usage_rate *ret_rate,
                           struct err *err)
{
    const json_t *term = bill_term(work, bill);
    const char *text = member_text(term, "rate");
    *ret_rate = (struct usage_rate){.allowance = member_integer(term, "allowance"), .digits = work->digits};
    return text != NULL ? usage_parse_rate(text, strlen(text), &ret_rate->trillionths, err)
                        : err_set(err, STATUS_CORRUPT, "a bill has no term in contract %s", work->chains.contract_id);
}

struct amounts {
    int64_t clicks[3];
    int64_t billed_minor, corrected_minor;
};

static enum status bill_amounts(struct meter_work *work, const json_t *bill, struct amounts *ret_amounts,
                                struct err *err)
{
    const struct meter_bill at = {.entity = work->chains.entity,
                                  .contract = work->chains.contract_id,
                                  .invoice = member_text(bill, "invoice"),
                                  .line = member_text(bill, "line")};
    struct usage_rate rate;
    int64_t settled = 0;
    enum status status = rate_of(work, bill, &rate, err);
    if (status == STATUS_OK)
        status = bill_clicks(work, &at, bill, ret_amounts->clicks, err);
    if (status == STATUS_OK)
        status = usage_charge(ret_amounts->clicks[METER_AS_CAME], &rate, &ret_amounts->billed_minor, err);
    if (status == STATUS_OK)
        status = usage_charge(ret_amounts->clicks[METER_CORRECTED], &rate, &ret_amounts->corrected_minor, err);
    if (status == STATUS_OK)
        status = facts_bill_settled(work->chains.facts, &at, bill, &settled, err);
    return status == STATUS_OK ? money_add(ret_amounts->billed_minor, settled, &ret_amounts->billed_minor, err)
                               : status;
}

static enum status charge_add(struct meter_work *work, const json_t *bill, const struct amounts *amounts,
                              struct err *err)
{
    char billed[MONEY_TEXT_MAX], right[MONEY_TEXT_MAX];
    bool up = amounts->corrected_minor > amounts->billed_minor;
    struct meter_side *side = up ? &work->outcome->up : &work->outcome->down;
    if (amounts->corrected_minor == amounts->billed_minor)
        return STATUS_OK;
    json_t *charge = json_deep_copy(bill);
    money_format(amounts->billed_minor, work->digits, billed);
    money_format(amounts->corrected_minor, work->digits, right);
    if (charge == NULL || json_object_set_new(charge, "billed", json_string(billed)) != 0 ||
        json_object_set_new(charge, "corrected", json_string(right)) != 0) {
        json_decref(charge);
        return no_memory(err);
    }
    return json_array_append_new(side->charges, charge) == 0 ? STATUS_OK : no_memory(err);
}

static int key_compare(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

enum status meter_charges_make(struct meter_work *work, struct err *err)
{
    size_t count = json_object_size(work->bills), at = 0;
    const char **keys = calloc(count + 1, sizeof *keys), *key;
    json_t *bill;
    enum status status = keys != NULL ? STATUS_OK : no_memory(err);
    json_object_foreach(work->bills, key, bill)
    {
        if (keys != NULL)
            keys[at++] = key;
    }
    if (keys != NULL)
        qsort(keys, count, sizeof *keys, key_compare);
    for (size_t i = 0; status == STATUS_OK && i < count; i++) {
        struct amounts amounts = {.billed_minor = 0};
        bill = json_object_get(work->bills, keys[i]);
        status = bill_amounts(work, bill, &amounts, err);
        if (status == STATUS_OK)
            status = charge_add(work, bill, &amounts, err);
    }
    free(keys);
    return status;
}

/* Allocations: net differences of an invoice line together, and the tax that goes with them */

static enum status member_add(const json_t *object, const char *name, int digits, int64_t *sum, struct err *err)
{
    const char *text = member_text(object, name);
    int64_t minor;
    enum status status = money_parse(text, strlen(text), digits, &minor, err);
    return status == STATUS_OK ? money_add(*sum, minor, sum, err) : status;
}

/* Net and tax of the invoice's line, or of the whole invoice. */
static enum status tax_base(const struct meter_work *work, const json_t *charge, int64_t *ret_net, int64_t *ret_tax,
                            struct err *err)
{
    const char *line = member_text(charge, "line");
    json_t *invoice = NULL;
    enum status status =
        facts_invoice(work->chains.facts, work->claim->entity, member_text(charge, "invoice"), &invoice, err);
    const json_t *list = json_object_get(invoice, line != NULL ? "lines" : "taxes");
    *ret_net = *ret_tax = 0;
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(list); i++) {
        const json_t *one = json_array_get(list, i);
        if (line != NULL && strcmp(member_text(one, "line"), line) != 0)
            continue;
        status = member_add(one, "net", work->digits, ret_net, err);
        if (status == STATUS_OK)
            status = member_add(one, "tax", work->digits, ret_tax, err);
    }
    json_decref(invoice);
    return status;
}

static enum status allocation_add(const struct meter_work *work, struct meter_side *side, const json_t *charge,
                                  int64_t net_minor, struct err *err)
{
    const char *line = member_text(charge, "line");
    char amount[MONEY_TEXT_MAX];
    int64_t net, tax, gross;
    enum status status = tax_base(work, charge, &net, &tax, err);
    if (status == STATUS_OK)
        status = usage_tax(net_minor, net, tax, &gross, err);
    if (status == STATUS_OK)
        status = money_add(net_minor, gross, &gross, err);
    if (status == STATUS_OK)
        status = money_add(side->amount_minor, gross, &side->amount_minor, err);
    if (status != STATUS_OK)
        return status;
    money_format(gross, work->digits, amount);
    json_t *allocation = json_pack("{s:s, s:s}", "amount", amount, "invoice", member_text(charge, "invoice"));
    if (allocation != NULL && line != NULL)
        json_object_set_new(allocation, "line", json_string(line));
    return json_array_append_new(side->allocations, allocation) == 0 ? STATUS_OK : no_memory(err);
}

static bool same_line(const json_t *a, const json_t *b)
{
    return json_equal(json_object_get(a, "invoice"), json_object_get(b, "invoice")) &&
           (json_object_get(a, "line") == json_object_get(b, "line") ||
            json_equal(json_object_get(a, "line"), json_object_get(b, "line")));
}

enum status meter_allocations_make(const struct meter_work *work, struct meter_side *side, struct err *err)
{
    enum status status = STATUS_OK;
    int64_t net = 0;
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(side->charges); i++) {
        const json_t *charge = json_array_get(side->charges, i);
        int64_t difference = 0;
        status = member_add(charge, "corrected", work->digits, &difference, err);
        if (status == STATUS_OK)
            status = money_sub(0, difference, &difference, err);
        if (status == STATUS_OK)
            status = member_add(charge, "billed", work->digits, &difference, err);
        if (status == STATUS_OK)
            status = money_abs(difference, &difference, err);
        if (status == STATUS_OK)
            status = money_add(net, difference, &net, err);
        if (status != STATUS_OK || same_line(charge, json_array_get(side->charges, i + 1)))
            continue;
        status = allocation_add(work, side, charge, net, err);
        net = 0;
    }
    return status;
}

enum status meter_billed(const struct facts *facts, const struct meter_bill *bill, const json_t *term,
                         struct meter_billed *ret_billed, struct err *err)
{
    const char *device = member_text(term, "device");
    struct meter_work work = {.chains = {.facts = facts, .entity = bill->entity, .contract_id = bill->contract}};
    struct amounts amounts = {.billed_minor = 0};
    json_t *whole = json_pack("{s:s, s:s, s:s}", "invoice", bill->invoice, "meter", member_text(term, "meter"),
                              device != NULL ? "device" : "pool", device != NULL ? device : member_text(term, "pool"));
    if (whole != NULL && bill->line != NULL)
        json_object_set_new(whole, "line", json_string(bill->line));
    enum status status = meter_chains_open(&work.chains, err);
    if (status == STATUS_OK && whole == NULL)
        status = no_memory(err);
    if (status == STATUS_OK) {
        work.digits = currency_digits(member_text(work.chains.contract, "currency"));
        status = bill_amounts(&work, whole, &amounts, err);
    }
    if (status == STATUS_OK)
        *ret_billed = (struct meter_billed){.clicks = amounts.clicks[METER_CORRECTED],
                                            .billed_minor = amounts.billed_minor,
                                            .corrected_minor = amounts.corrected_minor};
    json_decref(whole);
    meter_chains_close(&work.chains);
    return status;
}
