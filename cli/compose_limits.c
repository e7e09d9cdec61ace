/*
 * Limits and hold releases as a person writes them. Dates that are not given are the latest that the policy allows; a
 * release takes customer, currency and amount from its order.
 */
#include <stdio.h>
#include <string.h>

#include "cli/compose_parts.h"
#include "cli/session.h"
#include "controls/facts_limits.h"
#include "ledger/instant.h"
#include "ledger/schema.h"

#define DAY_MS INT64_C(86400000)

static int64_t parameter(const struct compose *compose, const json_t *document, enum policy_parameter which)
{
    return policy_parameter(compose->facts->policy, member_text(document, "entity"), which);
}

static enum status set_day(struct compose *compose, json_t *document, enum compose_field field, const char *otherwise,
                           struct err *err)
{
    const char *text = compose_given(compose, field);
    int32_t days;
    compose->wrong = field;
    if (text != NULL && date_parse(text, strlen(text), &days, err) != STATUS_OK)
        return STATUS_INPUT;
    return compose_set_plain(compose, document, field, otherwise, err);
}

enum status compose_fill_permanent(struct compose *compose, json_t *document, struct err *err)
{
    char review[DATE_TEXT_BYTES];
    int32_t date = 0;
    enum status status = compose_fill_limit(compose, document, err);
    if (status == STATUS_OK)
        status = compose_set_date(compose, document, err);
    const char *text = member_text(document, "date");
    if (status == STATUS_OK)
        status = date_parse(text, strlen(text), &date, err);
    if (status != STATUS_OK)
        return status;
    int64_t latest = date + parameter(compose, document, PARAMETER_LIMIT_REVIEW_DAYS);
    date_format(latest < DATE_MAX ? (int32_t)latest : DATE_MAX, review);
    return set_day(compose, document, COMPOSE_REVIEW, review, err);
}

enum status compose_fill_temporary(struct compose *compose, json_t *document, struct err *err)
{
    enum status status = compose_fill_limit(compose, document, err);
    if (status == STATUS_OK)
        status = compose_set_date(compose, document, err);
    if (status == STATUS_OK)
        status = set_day(compose, document, COMPOSE_FROM, member_text(document, "date"), err);
    if (status == STATUS_OK)
        status = set_day(compose, document, COMPOSE_TO, NULL, err);
    if (status == STATUS_OK && member_text(document, "to") == NULL)
        status = compose_wrong(compose, COMPOSE_TO, err, "what is its last day?");
    return status;
}

static enum status set_expiry(struct compose *compose, json_t *document, struct err *err)
{
    const char *text = compose_given(compose, COMPOSE_EXPIRES);
    char expires[INSTANT_TEXT_BYTES];
    int64_t expires_ms = 0;
    if (text == NULL && member_text(document, "expires") != NULL)
        return STATUS_OK;
    if (text == NULL && compose->first != NULL && member_text(compose->first, "expires") != NULL)
        return compose_set_text(document, "expires", member_text(compose->first, "expires"), err);
    compose->wrong = COMPOSE_EXPIRES;
    enum status status =
        text != NULL
            ? session_read_time(text, &expires_ms, err)
            : instant_add(compose->facts->time_ms,
                          parameter(compose, document, PARAMETER_HOLD_RELEASE_DAYS_MAX) * DAY_MS, &expires_ms, err);
    if (status != STATUS_OK)
        return status;
    instant_format(expires_ms, expires);
    return compose_set_text(document, "expires", expires, err);
}

static enum status take_from_order(struct compose *compose, json_t *document, struct err *err)
{
    const char *id = member_text(document, "order");
    json_t *order = NULL;
    compose->wrong = COMPOSE_ORDER;
    enum status status = facts_order(compose->facts, member_text(document, "entity"), id, &order, err);
    if (status == STATUS_OK && order == NULL)
        status = compose_wrong(compose, COMPOSE_ORDER, err, "order %s is not in the books of %s", id,
                               member_text(document, "entity"));
    if (status == STATUS_OK && member_text(document, "customer") == NULL)
        status = compose_set_text(document, "customer", member_text(order, "customer"), err);
    if (status == STATUS_OK && member_text(document, "currency") == NULL)
        status = compose_set_text(document, "currency", member_text(order, "currency"), err);
    if (status == STATUS_OK && member_text(document, "amount") == NULL)
        status = compose_set_text(document, "amount", member_text(order, "amount_text"), err);
    json_decref(order);
    return status;
}

enum status compose_fill_release(struct compose *compose, json_t *document, struct err *err)
{
    const char *order = compose_given(compose, COMPOSE_ORDER), *amount = compose_given(compose, COMPOSE_AMOUNT);
    if (order == NULL && member_text(document, "order") == NULL)
        return compose_wrong(compose, COMPOSE_ORDER, err, "which order?");
    enum status status = order != NULL ? compose_check_id(compose, COMPOSE_ORDER, order, err) : STATUS_OK;
    if (status == STATUS_OK)
        status = compose_set_plain(compose, document, COMPOSE_ORDER, NULL, err);
    if (status == STATUS_OK)
        status = take_from_order(compose, document, err);
    if (status == STATUS_OK && amount != NULL)
        status = compose_set_amount(compose, document, COMPOSE_AMOUNT, amount, err);
    return status == STATUS_OK ? set_expiry(compose, document, err) : status;
}
