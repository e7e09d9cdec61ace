/*
 * Exchange rates of one day in one base currency, by two officers (C-10, C-31): base units for one unit of currency, as
 * decimal text of at most 12 decimals. In force they stand in the books' rates, by base, currency and date.
 */
#include <string.h>

#include "controls/kinds/common.h"
#include "ledger/money.h"

enum { RATES_MAX = 200 }; /* there are fewer currencies */

static const struct field rate_fields[] = {
    {.name = "currency", .type = FIELD_CURRENCY},
    {.name = "rate", .type = FIELD_TEXT, .min = 1, .max = MONEY_TEXT_MAX},
};
static const struct schema rate_schema = SCHEMA("rate", rate_fields, NULL);

static const struct field fields[] = {
    {.name = "base", .type = FIELD_CURRENCY},
    {.name = "date", .type = FIELD_DATE},
    {.name = "rates", .type = FIELD_LIST, .schema = &rate_schema, .min = 1, .max = RATES_MAX},
};
static const struct schema schema = SCHEMA("exchange rates", fields, &document_schema);

static enum status check(const json_t *document, struct err *err)
{
    const json_t *rates = json_object_get(document, "rates");
    const char *base = member_text(document, "base");
    for (size_t i = 0; i < json_array_size(rates); i++) {
        const json_t *rate = json_array_get(rates, i);
        const char *currency = member_text(rate, "currency"), *text = member_text(rate, "rate");
        int64_t trillionths;
        enum status status = money_parse_rate(text, strlen(text), &trillionths, err);
        if (status != STATUS_OK) {
            err_prefix(err, "rates[%zu].", i);
            return status;
        }
        if (strcmp(currency, base) == 0)
            return err_set(err, STATUS_INPUT, "rates[%zu].currency: %s is the base itself", i, base);
        if (i > 0 && strcmp(member_text(json_array_get(rates, i - 1), "currency"), currency) >= 0)
            return err_set(err, STATUS_INPUT, "rates[%zu].currency: %s stands twice, or the list is not sorted", i,
                           currency);
    }
    return STATUS_OK;
}

const struct kind kind_rates = {
    .id = KIND_RATES,
    .title = "exchange rates",
    .schema = &schema,
    .govern = "govern.policy",
    .two_persons = true,
    .check = check,
};
