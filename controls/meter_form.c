/*
 * Members that contracts, reads and corrections of reads share (FORMAT.md 5.3, 5.4).
 */
#include "controls/meter_form.h"

#include "ledger/usage.h"

const char *const meter_words[] = {"bw", "colour", "large", "scan", NULL};
const char *const meter_source_words[] = {"remote", "customer", "technician", "estimated", "manual", NULL};

static const struct field replaced_fields[] = {
    {.name = "final", .type = FIELD_INTEGER, .min = 0, .max = USAGE_CLICKS_MAX},
    {.name = "start", .type = FIELD_INTEGER, .min = 0, .max = USAGE_CLICKS_MAX},
};
const struct schema meter_replaced_schema = SCHEMA("replaced counter", replaced_fields, NULL);
