/*
 * Cases past the day on which the policy wants them resolved, and held orders that were delivered without a release.
 */
#include <string.h>

#include "cli/cases.h"
#include "cli/exceptions.h"
#include "cli/reading.h"
#include "controls/facts_work.h"
#include "ledger/instant.h"
#include "ledger/schema.h"

static enum status case_step(void *context, const json_t *one, struct err *err)
{
    const struct exceptions *asked = context;
    const char *opened = member_text(one, "opened"), *due = member_text(one, "due");
    char currency[4] = "", note[ID_BYTES_MAX + 32];
    bool has = false;
    const char *invoice = member_text(one, "invoice");
    snprintf(note, sizeof note, "%s%s%s", member_text(one, "state"), invoice != NULL ? ", invoice " : "",
             invoice != NULL ? invoice : "");
    struct exception_row row = {.number = member_text(one, "number"),
                                .entity = member_text(one, "entity"),
                                .owner = member_text(one, "owner"),
                                .note = note};
    if (!case_is_open(one) || due == NULL)
        return STATUS_OK;
    enum status status = instant_parse(opened, strlen(opened), &row.since_ms, err);
    if (status == STATUS_OK)
        status = instant_parse(due, strlen(due), &row.due_ms, err);
    if (status == STATUS_OK && asked->facts->time_ms < row.due_ms)
        return STATUS_OK;
    if (status == STATUS_OK)
        status = case_amount(asked->facts, one, &has, &row.amount_minor, currency, err);
    row.currency = has ? currency : NULL;
    return status == STATUS_OK ? exception_add(asked, &row, err) : status;
}

static enum status cases_collect(struct exceptions *asked, struct err *err)
{
    return cases_each(asked->facts, asked->entity, false, case_step, asked, err);
}

const struct exception_source exceptions_cases = {
    .name = "cases", .title = "case not resolved", .collect = cases_collect};

/* The entry whose file said delivered is the order's; its time is when it became an exception. */
static enum status order_step(void *context, struct slice key, const json_t *order, bool *ret_more, struct err *err)
{
    const struct exceptions *asked = context;
    char entity[ID_BYTES_MAX + 1];
    json_t *entry = NULL;
    size_t at = 0;
    (void)ret_more;
    enum status status = reading_key_text(key, &at, entity, err);
    if (status != STATUS_OK || !json_is_true(json_object_get(order, "unreleased")))
        return status;
    status = exception_entry(asked, (uint64_t)member_integer(order, "seq"), &entry, err);
    const char *time = member_text(entry, "time");
    struct exception_row row = {.number = member_text(order, "order"),
                                .entity = entity,
                                .owner = member_text(entry, "actor"),
                                .amount_minor = member_integer(order, "amount"),
                                .currency = member_text(order, "currency"),
                                .note = member_text(order, "customer")};
    if (status == STATUS_OK)
        status = instant_parse(time, strlen(time), &row.since_ms, err);
    if (status == STATUS_OK)
        status = exception_add(asked, &row, err);
    json_decref(entry);
    return status;
}

static enum status orders_collect(struct exceptions *asked, struct err *err)
{
    const struct books_walk walk = {.table = BOOKS_ORDERS, .step = order_step, .context = asked};
    return books_each(asked->facts->books, &walk, err);
}

const struct exception_source exceptions_orders = {
    .name = "orders", .title = "delivered without release", .collect = orders_collect};
