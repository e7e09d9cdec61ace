/*
 * Documents that have waited for a signature longer than escalation_days business days of their entity (C-18). Those of
 * no entity, the officers' own, count by the first entity of the policy.
 */
#include <string.h>

#include "cli/exceptions.h"
#include "cli/waiting.h"
#include "ledger/currency.h"
#include "ledger/instant.h"
#include "ledger/money.h"
#include "ledger/schema.h"

static enum status deadline(const struct facts *facts, const json_t *record, struct exception_row *ret_row,
                            struct err *err)
{
    const struct policy *policy = facts->policy;
    const char *time = member_text(record, "time");
    const struct policy_entity *entity = policy_find_entity(policy, member_text(record, "entity"));
    enum status status = instant_parse(time, strlen(time), &ret_row->since_ms, err);
    if (status != STATUS_OK)
        return status;
    int64_t days = policy_parameter(policy, entity != NULL ? entity->entity : NULL, PARAMETER_ESCALATION_DAYS);
    ret_row->due_ms = entity_business_deadline(entity != NULL ? entity : &policy->entities[0], ret_row->since_ms, days);
    return STATUS_OK;
}

/* Its amount, where it has one. */
static enum status amount_read(const json_t *document, struct exception_row *row, struct err *err)
{
    const char *amount = member_text(document, "amount");
    const char *currency = member_text(document, "currency");
    if (amount == NULL)
        amount = member_text(document, "limit");
    if (amount == NULL || currency == NULL)
        return STATUS_OK;
    row->currency = currency;
    return money_parse(amount, strlen(amount), currency_digits(currency), &row->amount_minor, err);
}

static enum status collect(struct exceptions *asked, struct err *err)
{
    json_t *records = NULL;
    enum status status = waiting_list(asked->facts, NULL, &records, err);
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(records); i++) {
        const json_t *record = json_array_get(records, i);
        char note[32];
        struct exception_row row = {.number = member_text(record, "number"),
                                    .entity = member_text(record, "entity"),
                                    .owner = member_text(record, "preparer"),
                                    .note = note};
        snprintf(note, sizeof note, "level %d", waiting_lowest_level(record));
        status = deadline(asked->facts, record, &row, err);
        if (status == STATUS_OK)
            status = amount_read(json_object_get(record, "document"), &row, err);
        if (status == STATUS_OK && asked->facts->time_ms >= row.due_ms)
            status = exception_add(asked, &row, err);
    }
    json_decref(records);
    return status;
}

const struct exception_source exceptions_waiting = {.name = "waiting", .title = "waits too long", .collect = collect};
