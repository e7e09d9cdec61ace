/*
 * Permanent credit-limit change: states the new total (DOMAIN 1.6). Off the ledger: it comes into force. A rise is judged
 * on the new total, not on the increase (C-13); a decrease on zero, which is the first row of the authority table.
 */
#include <stdio.h>
#include <string.h>

#include "controls/kinds/common.h"
#include "ledger/currency.h"
#include "ledger/instant.h"
#include "ledger/money.h"

static const struct field fields[] = {
    {.name = "entity", .type = FIELD_CODE},       {.name = "customer", .type = FIELD_ID},
    {.name = "currency", .type = FIELD_CURRENCY}, {.name = "reason", .type = FIELD_CODE},
    {.name = "date", .type = FIELD_DATE},         {.name = "limit", .type = FIELD_AMOUNT},
    {.name = "previous", .type = FIELD_AMOUNT},
};
static const struct schema schema = SCHEMA("credit-limit change", fields, &document_schema);

static enum status check(const json_t *document, struct err *err)
{
    int64_t limit, previous;
    enum status status = money_member(document, "limit", &limit, err);
    if (status == STATUS_OK)
        status = money_member(document, "previous", &previous, err);
    if (status == STATUS_OK && (limit < 0 || previous < 0))
        status = err_set(err, STATUS_INPUT, "limit and previous: may not be below zero");
    return status;
}

static enum status measure(const json_t *document, const struct facts *facts, struct measure *ret_measure,
                           struct err *err)
{
    const char *date = member_text(document, "date");
    json_t *customer = NULL;
    int64_t limit, previous;
    struct measure measured = {.entity = member_text(document, "entity"),
                               .customer = member_text(document, "customer"),
                               .currency = member_text(document, "currency"),
                               .reason = member_text(document, "reason")};
    enum status status = date_parse(date, strlen(date), &measured.date, err);
    if (status == STATUS_OK)
        status = money_member(document, "limit", &limit, err);
    if (status == STATUS_OK)
        status = money_member(document, "previous", &previous, err);
    if (status == STATUS_OK)
        status = facts_customer(facts, measured.entity, measured.customer, &customer, err);
    if (status != STATUS_OK)
        return status;
    if (customer != NULL)
        snprintf(measured.group, sizeof measured.group, "%s", member_text(customer, "group"));
    json_decref(customer);
    measured.amount_minor = limit > previous ? limit : 0;
    *ret_measure = measured;
    return STATUS_OK;
}

const struct kind kind_credit_limit = {
    .id = KIND_CREDIT_LIMIT,
    .title = "credit-limit change",
    .schema = &schema,
    .numbered = true,
    .check = check,
    .measure = measure,
};
