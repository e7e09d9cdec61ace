/*
 * Reads of meters: what a counter showed on a date, and the invoice on which the usage since the read before was billed.
 * Reads of one meter come in order of their dates, so that no usage that was billed changes behind its invoice.
 */
#include <string.h>

#include "controls/facts_meter.h"
#include "controls/feed_sort.h"
#include "controls/feeds/common.h"
#include "controls/meter_form.h"
#include "ledger/usage.h"

static const struct field fields[] = {
    {.name = "contract", .type = FIELD_ID},
    {.name = "date", .type = FIELD_DATE},
    {.name = "device", .type = FIELD_ID},
    {.name = "invoice", .type = FIELD_ID, .optional = true},
    {.name = "line", .type = FIELD_ID, .optional = true},
    {.name = "meter", .type = FIELD_WORD, .words = meter_words},
    {.name = "read", .type = FIELD_ID},
    {.name = "replaced", .type = FIELD_OBJECT, .schema = &meter_replaced_schema, .optional = true},
    {.name = "source", .type = FIELD_WORD, .words = meter_source_words},
    {.name = "value", .type = FIELD_INTEGER, .min = 0, .max = USAGE_CLICKS_MAX},
};
static const struct schema schema = SCHEMA("read", fields, NULL);

static enum status check(const json_t *record, int digits, struct err *err)
{
    (void)digits;
    if (member_text(record, "line") != NULL && member_text(record, "invoice") == NULL)
        return err_set(err, STATUS_INPUT, "line: of which invoice?");
    return STATUS_OK;
}

static bool line_known(const json_t *invoice, const char *line)
{
    const json_t *lines = json_object_get(invoice, "lines");
    for (size_t i = 0; i < json_array_size(lines); i++)
        if (strcmp(member_text(json_array_get(lines, i), "line"), line) == 0)
            return true;
    return false;
}

static enum status invoice_judge(const struct feed_part *part, size_t index, const json_t *contract, struct err *err)
{
    const json_t *record = feed_part_record(part, index);
    const char *id = member_text(record, "invoice"), *line = member_text(record, "line");
    json_t *invoice = NULL;
    enum status status = facts_invoice(part->facts, feed_part_entity(part), id, &invoice, err);
    if (status != STATUS_OK)
        return status;
    if (invoice == NULL || strcmp(member_text(invoice, "currency"), member_text(contract, "currency")) != 0)
        status = feed_deny(part->answers, "unknown-invoice", index, id, err);
    else if (strcmp(member_text(invoice, "customer"), member_text(contract, "customer")) != 0)
        status = feed_deny(part->answers, "other-customer", index, id, err);
    else if (line != NULL && !line_known(invoice, line))
        status = feed_deny(part->answers, "unknown-line", index, line, err);
    json_decref(invoice);
    return status;
}

/* A read of the contract's meter, after those that are there. */
static enum status order_judge(const struct feed_part *part, size_t index, const json_t *contract, struct err *err)
{
    const json_t *record = feed_part_record(part, index);
    const struct meter_place place = {.entity = feed_part_entity(part),
                                      .contract = member_text(record, "contract"),
                                      .device = member_text(record, "device"),
                                      .meter = member_text(record, "meter")};
    char last[DATE_TEXT_BYTES];
    const char *date = member_text(record, "date"), *id = member_text(record, "read");
    if (meter_of_contract(contract, place.device, place.meter) == NULL)
        return feed_deny(part->answers, "unknown-meter", index, id, err);
    enum status status = facts_meter_last(part->facts, &place, last, err);
    if (status == STATUS_OK && (strcmp(date, member_text(contract, "from")) < 0 || strcmp(date, last) <= 0))
        status = feed_deny(part->answers, "read-order", index, id, err);
    return status;
}

static enum status judge_record(const struct feed_part *part, size_t index, struct err *err)
{
    const json_t *record = feed_part_record(part, index);
    json_t *contract = NULL;
    enum status status =
        facts_contract(part->facts, feed_part_entity(part), member_text(record, "contract"), &contract, err);
    if (status == STATUS_OK && contract == NULL)
        status = feed_deny(part->answers, "unknown-contract", index, member_text(record, "contract"), err);
    else if (status == STATUS_OK)
        status = order_judge(part, index, contract, err);
    if (status == STATUS_OK && !part->answers->denied && member_text(record, "invoice") != NULL)
        status = invoice_judge(part, index, contract, err);
    json_decref(contract);
    return status;
}

const struct feed_sort feed_sort_reads = {
    .name = "reads",
    .schema = &schema,
    .id = "read",
    .table = BOOKS_READS,
    .check = check,
    .judge_record = judge_record,
};
