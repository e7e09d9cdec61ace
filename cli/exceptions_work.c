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

struct walk {
    const struct facts *facts;
    const char *entity;
    exception_step *step;
    void *context;
};

static enum status case_step(void *context, const json_t *one, struct err *err)
{
    const struct walk *walk = context;
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
    if (status == STATUS_OK && walk->facts->time_ms < row.due_ms)
        return STATUS_OK;
    if (status == STATUS_OK)
        status = case_amount(walk->facts, one, &has, &row.amount_minor, currency, err);
    row.currency = has ? currency : NULL;
    return status == STATUS_OK ? walk->step(walk->context, &row, err) : status;
}

static enum status cases_collect(const struct facts *facts, const char *entity, exception_step *step, void *context,
                                 struct err *err)
{
    struct walk walk = {.facts = facts, .entity = entity, .step = step, .context = context};
    return cases_each(facts, entity, false, case_step, &walk, err);
}

const struct exception_source exceptions_cases = {
    .name = "cases", .title = "case not resolved", .collect = cases_collect};

/* The entry whose file said delivered is the order's; its time is when it became an exception. */
static enum status order_step(void *context, struct slice key, const json_t *order, bool *ret_more, struct err *err)
{
    const struct walk *walk = context;
    char entity[ID_BYTES_MAX + 1];
    json_t *entry = NULL;
    size_t at = 0;
    (void)ret_more;
    enum status status = reading_key_text(key, &at, entity, err);
    if (status != STATUS_OK || !json_is_true(json_object_get(order, "unreleased")) ||
        !exception_in(walk->entity, entity))
        return status;
    struct books_key seq = books_key(NULL);
    books_key_add_number(&seq, (uint64_t)member_integer(order, "seq"));
    status = books_get(walk->facts->books, BOOKS_ENTRIES, &seq, &entry, err);
    if (status == STATUS_NOT_FOUND)
        status = err_set(err, STATUS_CORRUPT, "an order's entry is not in the books; run rebuild");
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
        status = walk->step(walk->context, &row, err);
    json_decref(entry);
    return status;
}

static enum status orders_collect(const struct facts *facts, const char *entity, exception_step *step, void *context,
                                  struct err *err)
{
    struct walk walk = {.facts = facts, .entity = entity, .step = step, .context = context};
    const struct books_walk books = {.table = BOOKS_ORDERS, .step = order_step, .context = &walk};
    return books_each(facts->books, &books, err);
}

const struct exception_source exceptions_orders = {
    .name = "orders", .title = "delivered without release", .collect = orders_collect};
