/*
 * Postings that are not in the ERP as they should: rejected there, there twice, or not acknowledged within
 * acknowledgement_days business days of the entity.
 */
#include "cli/delivery.h"
#include "cli/exceptions.h"
#include "cli/reading.h"
#include "controls/facts_delivery.h"
#include "ledger/schema.h"

#include <string.h>

static enum status delivery_step(void *context, struct slice key, const json_t *delivery, bool *ret_more,
                                 struct err *err)
{
    struct exceptions *asked = context;
    char entity[ID_BYTES_MAX + 1], note[DELIVERY_STATE_BYTES];
    json_t *record = NULL;
    size_t at = 0;
    (void)ret_more;
    struct exception_row row = {.number = member_text(delivery, "document"),
                                .entity = entity,
                                .amount_minor = member_integer(delivery, "amount"),
                                .currency = member_text(delivery, "currency"),
                                .note = note};
    enum status status = reading_key_text(key, &at, entity, err);
    if (status == STATUS_OK)
        status = delivery_since(delivery, &row.since_ms, err);
    if (status != STATUS_OK)
        return status;
    row.due_ms = delivery_due(asked->facts, entity, row.since_ms);
    bool open = strcmp(member_text(delivery, "state"), "open") == 0;
    if (open && (row.due_ms == 0 || asked->facts->time_ms < row.due_ms))
        return STATUS_OK;
    delivery_state(delivery, note);
    status = facts_document(asked->facts, row.number, &record, err);
    row.owner = member_text(record, "preparer");
    if (status == STATUS_OK)
        status = exception_add(asked, &row, err);
    json_decref(record);
    return status;
}

static enum status collect(struct exceptions *asked, struct err *err)
{
    return facts_outbox(asked->facts, asked->entity, delivery_step, asked, err);
}

const struct exception_source exceptions_deliveries = {
    .name = "deliveries", .title = "not in the ERP", .collect = collect};
