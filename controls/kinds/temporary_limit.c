/*
 * Temporary credit limit: a higher total for some days (DOMAIN 1.6). It lapses by itself: from the end of its last day,
 * whoever asks for the limit finds the permanent one again. Off the ledger: it comes into force.
 */
#include <string.h>

#include "controls/kinds/limits.h"

static const struct field fields[] = {
    {.name = "entity", .type = FIELD_CODE},       {.name = "customer", .type = FIELD_ID},
    {.name = "currency", .type = FIELD_CURRENCY}, {.name = "reason", .type = FIELD_CODE},
    {.name = "date", .type = FIELD_DATE},         {.name = "limit", .type = FIELD_AMOUNT},
    {.name = "previous", .type = FIELD_AMOUNT},   {.name = "from", .type = FIELD_DATE},
    {.name = "to", .type = FIELD_DATE},
};
static const struct schema schema = SCHEMA("temporary limit", fields, &document_schema);

static enum status check(const json_t *document, struct err *err)
{
    const char *from = member_text(document, "from");
    if (strcmp(from, member_text(document, "date")) < 0)
        return err_set(err, STATUS_INPUT, "from: may not be before the date");
    if (strcmp(member_text(document, "to"), from) < 0)
        return err_set(err, STATUS_INPUT, "to: may not be before from");
    return limit_check(document, err);
}

const struct kind kind_temporary_limit = {
    .id = KIND_TEMPORARY_LIMIT,
    .title = "temporary limit",
    .schema = &schema,
    .numbered = true,
    .check = check,
    .measure = limit_measure,
    .tell = exposure_tell,
};
