/*
 * The ERP of the generated year: on working days it answers what is on its way to it, each delivery after its own manner,
 * which the last digits of its id decide (so that the year's other walk stays as it is). Most it posts at once; some late,
 * some only after it has rejected them, some twice and takes one back, and a few it loses for good.
 */
#include "tests/support/year_steps.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "controls/facts_delivery.h"
#include "controls/policy.h"
#include "ledger/books.h"
#include "ledger/currency.h"
#include "ledger/instant.h"
#include "ledger/money.h"
#include "ledger/schema.h"
#include "ledger/tables.h"
#include "tests/support/golden.h"

enum manner { PROMPT, LATE, REJECTS, TWICE, LOSES };
enum { LATE_DAYS = 8, LATE_OF_256 = 8, REJECTED_OF_256 = 6, TWICE_OF_256 = 6, LOST_OF_256 = 4 };

static const char *const homes[] = {"US01", "EU01"}; /* what was acquired keeps an ERP of its own */

static enum manner manner_of(const json_t *delivery)
{
    const char *id = member_text(delivery, "delivery");
    long place = strtol(id + strlen(id) - 2, NULL, 16);
    const int bounds[] = {LATE_OF_256, REJECTED_OF_256, TWICE_OF_256, LOST_OF_256};
    for (size_t i = 0; i < sizeof bounds / sizeof bounds[0]; i++) {
        if (place < bounds[i])
            return (enum manner)(i + 1);
        place -= bounds[i];
    }
    return PROMPT;
}

static int64_t instant_of(const json_t *record, const char *name)
{
    int64_t ms = 0;
    struct err err;
    const char *time = member_text(record, name);
    assert_int_equal(instant_parse(time, strlen(time), &ms, &err), STATUS_OK);
    return ms;
}

/* What it says of a delivery today; NULL: nothing. again: under which number it has it once more. */
static json_t *answer_to(const struct year *year, const json_t *delivery, bool again)
{
    char amount[MONEY_TEXT_MAX], erp[64], date[16];
    const char *state = member_text(delivery, "state"), *says = "posted";
    enum manner manner = manner_of(delivery);
    bool first = strcmp(state, "open") == 0;
    if (manner == LOSES ||
        (manner == LATE && year->company.now_ms - instant_of(delivery, "since") < LATE_DAYS * INSTANT_DAY_MS))
        return NULL;
    if (strcmp(state, "twice") == 0)
        says = "reversed";
    else if (manner == REJECTS && first)
        says = "rejected";
    money_format(member_integer(delivery, "amount"), currency_digits(member_text(delivery, "currency")), amount);
    snprintf(erp, sizeof erp, "ERP-%s%s", member_text(delivery, "number"),
             again || strcmp(says, "reversed") == 0 ? "-2" : "");
    json_t *record = json_pack("{s:s, s:s, s:s, s:s}", "amount", amount, "date", year_date(year, 0, date), "delivery",
                               member_text(delivery, "delivery"), "state", says);
    json_object_set_new(record, strcmp(says, "rejected") == 0 ? "reason" : "erp",
                        json_string(strcmp(says, "rejected") == 0 ? "Account 4000 is locked for posting" : erp));
    return record;
}

struct outbox {
    struct tables_txn *txn;
    const char *entity;
    json_t *deliveries;
};

static enum status outbox_step(void *context, struct slice key, const json_t *record, bool *ret_more, struct err *err)
{
    struct outbox *outbox = context;
    json_t *delivery = NULL;
    const struct books_key at = books_key_pair(outbox->entity, member_text(record, "delivery"));
    (void)key;
    (void)ret_more;
    enum status status = books_get(outbox->txn, BOOKS_DELIVERIES, &at, &delivery, err);
    if (status == STATUS_OK)
        json_array_append_new(outbox->deliveries, delivery);
    return status;
}

/* What waits for an entity, in the order in which it was posted; new reference. */
static json_t *outbox_of(const struct year *year, const char *entity)
{
    struct outbox outbox = {.entity = entity, .deliveries = json_array()};
    struct books_key prefix = books_key(entity);
    struct err err;
    books_key_close(&prefix);
    assert_int_equal(tables_read_begin(gate_books(year->company.gate)->tables, &outbox.txn, &err), STATUS_OK);
    const struct books_walk walk = {.table = BOOKS_OUTBOX, .prefix = &prefix, .step = outbox_step, .context = &outbox};
    assert_int_equal(books_each(outbox.txn, &walk, &err), STATUS_OK);
    tables_abort(outbox.txn);
    return outbox.deliveries;
}

static void answers_bring(struct year *year, const char *entity, const char *currency, json_t *records)
{
    int64_t total = 0, minor = 0;
    char text[MONEY_TEXT_MAX];
    struct err err;
    for (size_t i = 0; i < json_array_size(records); i++) {
        const char *amount = member_text(json_array_get(records, i), "amount");
        assert_int_equal(money_parse(amount, strlen(amount), currency_digits(currency), &minor, &err), STATUS_OK);
        total += minor;
    }
    money_format(total, currency_digits(currency), text);
    const struct company_file file = {
        .user = "feede", .feed = "acknowledgements", .total = text, .entity = entity, .currency = currency};
    if (json_array_size(records) > 0)
        year_feed_of(year, &file, records);
    else
        json_decref(records);
}

/* One file of a currency; and where it has something twice, a second one that says so. */
static void currency_answer(struct year *year, const char *entity, const char *currency, const json_t *deliveries)
{
    json_t *records = json_array(), *again = json_array();
    for (size_t i = 0; i < json_array_size(deliveries); i++) {
        const json_t *delivery = json_array_get(deliveries, i);
        if (strcmp(member_text(delivery, "currency"), currency) != 0)
            continue;
        json_t *record = answer_to(year, delivery, false);
        if (record == NULL)
            continue;
        json_array_append_new(records, record);
        if (manner_of(delivery) == TWICE && strcmp(member_text(delivery, "state"), "open") == 0)
            json_array_append_new(again, answer_to(year, delivery, true));
    }
    answers_bring(year, entity, currency, records);
    answers_bring(year, entity, currency, again);
}

void year_step_feed_acknowledgements(struct year *year)
{
    static const char *const currencies[] = {"USD", "EUR", "GBP", "JPY", "KWD"};
    int weekday = (year->begins + year->day + 4) % 7; /* 0: Sunday; 1970-01-01 was a Thursday */
    if (weekday == 0 || weekday == 6 || year->day % 19 == 0)
        return; /* nobody posts at weekends, and now and then its interface is down */
    for (size_t i = 0; i < sizeof homes / sizeof homes[0]; i++) {
        json_t *deliveries = outbox_of(year, homes[i]);
        for (size_t k = 0; k < sizeof currencies / sizeof currencies[0]; k++)
            currency_answer(year, homes[i], currencies[k], deliveries);
        json_decref(deliveries);
    }
}

/* What became of deliveries. due: as C-44 dates them by the policy, from when they waited. */
struct tally {
    const struct policy *policy;
    int64_t now_ms;
    int64_t oldest_ms; /* posted first of what is not there; -1: all is */
    unsigned count, prompt, late, overdue, under_way, rejected, twice, waits;
};

static enum status tally_step(void *context, struct slice key, const json_t *delivery, bool *ret_more, struct err *err)
{
    struct tally *tally = context;
    const char *entity = (const char *)key.bytes, *state = member_text(delivery, "state");
    const struct policy_entity *place = policy_find_entity(tally->policy, entity);
    int64_t days = policy_parameter(tally->policy, entity, PARAMETER_ACKNOWLEDGEMENT_DAYS);
    (void)ret_more;
    (void)err;
    if (strcmp(state, "acknowledged") != 0) {
        int64_t posted = instant_of(delivery, "time");
        tally->waits++;
        tally->oldest_ms = tally->oldest_ms < 0 || posted < tally->oldest_ms ? posted : tally->oldest_ms;
    }
    if (days == 0)
        return STATUS_OK;
    int64_t due = entity_business_deadline(place, instant_of(delivery, "since"), days);
    tally->count++;
    tally->rejected += strcmp(state, "rejected") == 0;
    tally->twice += strcmp(state, "twice") == 0;
    if (strcmp(state, "acknowledged") == 0) {
        bool late = instant_of(json_object_get(delivery, "acknowledged"), "time") >= due;
        *(late ? &tally->late : &tally->prompt) += 1;
        /* Nothing that it answers at once is late, but for a day on which its interface was down; what it is slow with is. */
        assert_true(manner_of(delivery) != LATE || late);
        assert_true(manner_of(delivery) != LOSES);
    } else if (strcmp(state, "open") == 0) {
        *(tally->now_ms >= due ? &tally->overdue : &tally->under_way) += 1;
        assert_true(tally->now_ms < due || manner_of(delivery) == LATE || manner_of(delivery) == LOSES);
    }
    return STATUS_OK;
}

bool year_deliveries_complete(struct year *year)
{
    char path[VARIANT_PATH_BYTES];
    struct tables_txn *txn = NULL;
    struct err err;
    year_policy_make(true, path);
    struct policy *policy = company_policy(path);
    variant_done(path);
    struct tally tally = {.policy = policy, .now_ms = year->company.now_ms, .oldest_ms = -1};
    struct outbox_depth depth;
    const struct books_walk walk = {.table = BOOKS_DELIVERIES, .step = tally_step, .context = &tally};
    assert_int_equal(tables_read_begin(gate_books(year->company.gate)->tables, &txn, &err), STATUS_OK);
    assert_int_equal(books_each(txn, &walk, &err), STATUS_OK);
    const struct facts facts = {.books = txn, .policy = policy};
    assert_int_equal(facts_outbox_depth(&facts, &depth, &err), STATUS_OK);
    assert_true(depth.count == tally.waits && depth.oldest_ms == tally.oldest_ms);
    tables_abort(txn);
    policy_free(policy);
    print_message("deliveries: %u, acknowledged %u in time, %u late; %u overdue, %u under way, %u rejected, %u twice\n",
                  tally.count, tally.prompt, tally.late, tally.overdue, tally.under_way, tally.rejected, tally.twice);
    return tally.prompt > tally.late && tally.late > 0 && tally.overdue > 0;
}
