/*
 * Permanent credit-limit change: states the new total (DOMAIN 1.6). Off the ledger: it comes into force. A rise is judged
 * on the new total, not on the increase; a fall takes one signature, whatever its height (C-13).
 */
#include <stdio.h>
#include <string.h>

#include "controls/facts_limits.h"
#include "controls/kinds/limits.h"
#include "ledger/instant.h"
#include "ledger/money.h"

static const struct field fields[] = {
    {.name = "entity", .type = FIELD_CODE},       {.name = "customer", .type = FIELD_ID},
    {.name = "currency", .type = FIELD_CURRENCY}, {.name = "reason", .type = FIELD_CODE},
    {.name = "date", .type = FIELD_DATE},         {.name = "limit", .type = FIELD_AMOUNT},
    {.name = "previous", .type = FIELD_AMOUNT},   {.name = "review", .type = FIELD_DATE},
};
static const struct schema schema = SCHEMA("credit-limit change", fields, &document_schema);

enum status limit_check(const json_t *document, struct err *err)
{
    int64_t limit, previous;
    enum status status = money_member(document, "limit", &limit, err);
    if (status == STATUS_OK)
        status = money_member(document, "previous", &previous, err);
    if (status == STATUS_OK && (limit < 0 || previous < 0))
        status = err_set(err, STATUS_INPUT, "limit and previous: may not be below zero");
    return status;
}

/* Dates of the form compare as text. */
static enum status check(const json_t *document, struct err *err)
{
    if (strcmp(member_text(document, "review"), member_text(document, "date")) <= 0)
        return err_set(err, STATUS_INPUT, "review: has to be after the date");
    return limit_check(document, err);
}

enum status limit_measure(const json_t *document, const struct facts *facts, struct measure *ret_measure,
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
    measured.no_row = limit <= previous;
    *ret_measure = measured;
    return STATUS_OK;
}

static void amount_put(json_t *object, const char *name, int64_t minor, const struct exposure *exposure)
{
    char text[MONEY_TEXT_MAX];
    money_format(minor, currency_digits(exposure->currency), text);
    (void)json_object_set_new(object, name, json_string(text));
}

enum status exposure_tell(const json_t *document, const struct facts *facts, json_t *result, struct err *err)
{
    struct exposure exposure;
    enum status status =
        facts_exposure(facts, member_text(document, "entity"), member_text(document, "customer"), &exposure, err);
    if (status == STATUS_NOT_FOUND)
        return STATUS_OK; /* C-34 has denied it */
    json_t *told = status == STATUS_OK ? json_object() : NULL;
    if (status != STATUS_OK)
        return status;
    amount_put(told, "account", exposure.account_minor, &exposure);
    amount_put(told, "held", exposure.held_minor, &exposure);
    amount_put(told, "limit", exposure.limit_minor, &exposure);
    amount_put(told, "open", exposure.open_minor, &exposure);
    if (exposure.temporary_minor >= 0)
        amount_put(told, "temporary", exposure.temporary_minor, &exposure);
    return json_object_set_new(result, "exposure", told) == 0 ? STATUS_OK : err_set(err, STATUS_MEMORY, "no memory");
}

const struct kind kind_credit_limit = {
    .id = KIND_CREDIT_LIMIT,
    .title = "credit-limit change",
    .schema = &schema,
    .numbered = true,
    .check = check,
    .measure = limit_measure,
    .tell = exposure_tell,
};
