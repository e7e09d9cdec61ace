/*
 * Limits, exposure, orders and releases, read from the books.
 */
#include "controls/facts_limits.h"

#include <stdio.h>
#include <string.h>

#include "controls/facts_parts.h"
#include "controls/functions.h"
#include "ledger/instant.h"
#include "ledger/money.h"
#include "ledger/schema.h"
#include "ledger/text.h"
#include "ledger/window.h"

enum status facts_order(const struct facts *facts, const char *entity, const char *order, json_t **ret_record,
                        struct err *err)
{
    struct books_key key = books_key_pair(entity, order);
    return facts_get(facts, BOOKS_ORDERS, &key, ret_record, err);
}

enum status facts_release_counts(const struct facts *facts, const json_t *record, bool *ret_counts, struct err *err)
{
    const char *expires = member_text(json_object_get(record, "document"), "expires");
    int64_t expires_ms = 0;
    enum status status = instant_parse(expires, strlen(expires), &expires_ms, err);
    if (status == STATUS_OK)
        *ret_counts = text_is(member_text(record, "state"), "in-force") && facts->time_ms < expires_ms;
    return status;
}

struct release_find {
    const struct facts *facts;
    const char *not_number;
    json_t *record;
};

static enum status release_step(void *context, struct slice key, const json_t *row, bool *ret_more, struct err *err)
{
    struct release_find *find = context;
    const char *number = member_text(row, "number");
    json_t *record = NULL;
    bool counts = false;
    (void)key;
    if (find->not_number != NULL && strcmp(find->not_number, number) == 0)
        return STATUS_OK;
    enum status status = facts_document(find->facts, number, &record, err);
    if (status == STATUS_OK && record == NULL)
        status = err_set(err, STATUS_CORRUPT, "books: release %s is not there", number);
    if (status == STATUS_OK)
        status = facts_release_counts(find->facts, record, &counts, err);
    if (status == STATUS_OK && (counts || text_is(member_text(record, "state"), "waiting") ||
                                text_is(member_text(record, "state"), "consumed"))) {
        find->record = json_incref(record);
        *ret_more = false;
    }
    json_decref(record);
    return status;
}

enum status facts_release(const struct facts *facts, const char *entity, const char *order, const char *not_number,
                          json_t **ret_record, struct err *err)
{
    struct release_find find = {.facts = facts, .not_number = not_number};
    struct books_key prefix = books_key_pair(entity, order);
    books_key_close(&prefix);
    const struct books_walk walk = {.table = BOOKS_RELEASES, .prefix = &prefix, .step = release_step, .context = &find};
    enum status status = books_each(facts->books, &walk, err);
    if (status == STATUS_OK)
        *ret_record = find.record;
    else
        json_decref(find.record);
    return status;
}

enum status facts_temporary_each(const struct facts *facts, const char *entity, const char *customer, books_step *step,
                                 void *context, struct err *err)
{
    struct books_key prefix = books_key_pair(entity, customer);
    books_key_close(&prefix);
    const struct books_walk walk = {.table = BOOKS_TEMPORARY, .prefix = &prefix, .step = step, .context = context};
    return books_each(facts->books, &walk, err);
}

struct exposing {
    const struct facts *facts;
    const char *entity;
    int32_t today;
    struct exposure *exposure;
    size_t prefix_length;
};

static enum status temporary_step(void *context, struct slice key, const json_t *row, bool *ret_more, struct err *err)
{
    struct exposing *exposing = context;
    struct exposure *exposure = exposing->exposure;
    json_t *record = NULL;
    int32_t from = 0, to = 0;
    int64_t limit = 0;
    (void)key;
    (void)ret_more;
    enum status status = facts_document(exposing->facts, member_text(row, "number"), &record, err);
    const json_t *document = json_object_get(record, "document");
    if (status == STATUS_OK && record == NULL)
        status = err_set(err, STATUS_CORRUPT, "books: limit %s is not there", member_text(row, "number"));
    if (status == STATUS_OK)
        status = date_parse(member_text(document, "from"), DATE_TEXT_BYTES - 1, &from, err);
    if (status == STATUS_OK)
        status = date_parse(member_text(document, "to"), DATE_TEXT_BYTES - 1, &to, err);
    const char *text = member_text(document, "limit"), *currency = member_text(document, "currency");
    if (status == STATUS_OK)
        status = money_parse(text, strlen(text), currency_digits(currency), &limit, err);
    if (status == STATUS_OK && text_is(member_text(record, "state"), "in-force") && from <= exposing->today &&
        exposing->today <= to && text_is(currency, exposure->currency) && limit > exposure->temporary_minor) {
        exposure->temporary_minor = limit;
        snprintf(exposure->temporary, sizeof exposure->temporary, "%s", member_text(record, "number"));
    }
    json_decref(record);
    return status;
}

static enum status held_step(void *context, struct slice key, const json_t *row, bool *ret_more, struct err *err)
{
    struct exposing *exposing = context;
    struct exposure *exposure = exposing->exposure;
    json_t *order = NULL, *release = NULL;
    bool counts = false;
    char id[ID_BYTES_MAX + 1];
    (void)row;
    (void)ret_more;
    snprintf(id, sizeof id, "%.*s", (int)(key.length - exposing->prefix_length),
             (const char *)key.bytes + exposing->prefix_length);
    enum status status = facts_order(exposing->facts, exposing->entity, id, &order, err);
    if (status == STATUS_OK && order == NULL)
        status = err_set(err, STATUS_CORRUPT, "books: order %s is not there", id);
    if (status == STATUS_OK && text_is(member_text(order, "currency"), exposure->currency)) {
        status = money_add(exposure->held_minor, member_integer(order, "amount"), &exposure->held_minor, err);
        if (status == STATUS_OK)
            status = facts_release(exposing->facts, exposing->entity, id, NULL, &release, err);
        if (status == STATUS_OK && release != NULL)
            status = facts_release_counts(exposing->facts, release, &counts, err);
        if (status == STATUS_OK && counts)
            status =
                money_add(exposure->released_minor, member_integer(order, "amount"), &exposure->released_minor, err);
    }
    json_decref(release);
    json_decref(order);
    return status;
}

static enum status balance_read(const struct facts *facts, const char *entity, const char *customer,
                                struct exposure *exposure, struct err *err)
{
    json_t *balance = NULL;
    struct books_key key = books_key_pair(entity, customer);
    books_key_add_text(&key, exposure->currency);
    enum status status = facts_get(facts, BOOKS_BALANCES, &key, &balance, err);
    if (status != STATUS_OK)
        return status;
    exposure->open_minor = member_integer(balance, "open");
    exposure->account_minor = member_integer(balance, "account");
    json_decref(balance);
    return STATUS_OK;
}

enum status facts_exposure(const struct facts *facts, const char *entity, const char *customer,
                           struct exposure *ret_exposure, struct err *err)
{
    const struct policy_entity *known = policy_find_entity(facts->policy, entity);
    struct exposure exposure = {.temporary_minor = -1};
    json_t *record = NULL;
    enum status status = facts_customer(facts, entity, customer, &record, err);
    if (status == STATUS_OK && record == NULL)
        return err_set(err, STATUS_NOT_FOUND, "customer %s is not in the books of %s", customer, entity);
    if (status != STATUS_OK)
        return status;
    const char *limit = member_text(record, "limit_text");
    snprintf(exposure.currency, sizeof exposure.currency, "%.3s", member_text(record, "currency"));
    status = money_parse(limit, strlen(limit), currency_digits(exposure.currency), &exposure.limit_minor, err);
    json_decref(record);
    if (status == STATUS_OK)
        status = balance_read(facts, entity, customer, &exposure, err);
    struct books_key prefix = books_key_pair(entity, customer);
    books_key_close(&prefix);
    struct exposing exposing = {.facts = facts,
                                .entity = entity,
                                .today = known != NULL ? entity_date(known, facts->time_ms)
                                                       : date_from_instant(facts->time_ms, 0),
                                .exposure = &exposure,
                                .prefix_length = prefix.length};
    const struct books_walk held = {.table = BOOKS_HELD, .prefix = &prefix, .step = held_step, .context = &exposing};
    if (status == STATUS_OK)
        status = facts_temporary_each(facts, entity, customer, temporary_step, &exposing, err);
    if (status == STATUS_OK)
        status = books_each(facts->books, &held, err);
    if (status == STATUS_OK)
        *ret_exposure = exposure;
    return status;
}

int64_t exposure_limit(const struct exposure *exposure)
{
    return exposure->temporary_minor > exposure->limit_minor ? exposure->temporary_minor : exposure->limit_minor;
}

enum status exposure_total(const struct exposure *exposure, int64_t *ret_minor, struct err *err)
{
    int64_t sum;
    enum status status = money_add(exposure->open_minor, exposure->account_minor, &sum, err);
    return status == STATUS_OK ? money_add(sum, exposure->held_minor, ret_minor, err) : status;
}

enum status base_share(int64_t base_minor, int64_t part_minor, int64_t whole_minor, int64_t *ret_minor, struct err *err)
{
    __int128 product = (__int128)base_minor * part_minor;
    __int128 share = product / whole_minor;
    if (product % whole_minor > 0)
        share++;
    if (share > INT64_MAX || share < INT64_MIN)
        return err_set(err, STATUS_LIMIT, "an amount leaves 64 bits");
    *ret_minor = (int64_t)share;
    return STATUS_OK;
}

struct granted_walk {
    const struct facts *facts;
    struct window_sum sum;
};

/* What a temporary limit is above the permanent one that it stood over, in base currency. */
static enum status excess_of(const struct facts *facts, const char *number, int64_t base_minor, int64_t *ret_minor,
                             struct err *err)
{
    json_t *record = NULL;
    int64_t limit = 0, previous = 0;
    enum status status = facts_document(facts, number, &record, err);
    if (status == STATUS_OK && record == NULL)
        status = err_set(err, STATUS_CORRUPT, "books: limit %s is not there", number);
    const json_t *document = json_object_get(record, "document");
    const char *text = member_text(document, "limit"), *before = member_text(document, "previous");
    if (status == STATUS_OK)
        status = money_parse(text, strlen(text), currency_digits(member_text(document, "currency")), &limit, err);
    if (status == STATUS_OK)
        status =
            money_parse(before, strlen(before), currency_digits(member_text(document, "currency")), &previous, err);
    if (status == STATUS_OK && limit > 0)
        status = base_share(base_minor, limit - previous, limit, ret_minor, err);
    json_decref(record);
    return status;
}

static enum status granted_step(void *context, const struct row_place *place, const struct window_row *row,
                                struct err *err)
{
    struct granted_walk *walk = context;
    int64_t minor = 0;
    (void)place;
    enum status status =
        money_parse(row->amount_text, strlen(row->amount_text), walk->facts->policy->base_digits, &minor, err);
    if (status == STATUS_OK && kind_from_name(row->kind) == KIND_TEMPORARY_LIMIT)
        status = excess_of(walk->facts, row->number, minor, &minor, err);
    if (status == STATUS_OK)
        status = money_add(walk->sum.sum_minor, minor, &walk->sum.sum_minor, err);
    walk->sum.count++;
    return status;
}

enum status facts_limits_granted(const struct facts *facts, const struct window_query *query,
                                 struct window_sum *ret_sum, struct err *err)
{
    struct granted_walk walk = {.facts = facts};
    enum status status = facts_window_rows(facts, query, granted_step, &walk, err);
    if (status == STATUS_OK)
        *ret_sum = walk.sum;
    return status;
}
