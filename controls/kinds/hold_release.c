/*
 * Hold release: lets one held order go although the customer's limit does not carry it (DOMAIN 1.6). It is used up by the
 * order's delivery, or expires. Off the ledger: it comes into force.
 */
#include "controls/kinds/limits.h"

static const struct field fields[] = {
    {.name = "order", .type = FIELD_ID},
    {.name = "expires", .type = FIELD_INSTANT},
};
static const struct schema schema = SCHEMA("hold release", fields, &money_schema);

static enum status measure(const json_t *document, const struct facts *facts, struct measure *ret_measure,
                           struct err *err)
{
    struct measure measured;
    enum status status = money_measure(document, facts, &measured, err);
    if (status != STATUS_OK)
        return status;
    measured.reduces = false;
    *ret_measure = measured;
    return STATUS_OK;
}

const struct kind kind_hold_release = {
    .id = KIND_HOLD_RELEASE,
    .title = "hold release",
    .schema = &schema,
    .numbered = true,
    .check = money_check,
    .measure = measure,
    .tell = exposure_tell,
};
