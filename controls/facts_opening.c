/*
 * Opening balances; see the header.
 */
#include "controls/facts_opening.h"

#include <string.h>

#include "ledger/currency.h"
#include "ledger/money.h"
#include "ledger/schema.h"

struct opening {
    json_t *counts; /* currency -> invoices */
    json_t *sums;   /* currency -> minor units */
    int64_t customers;
};

static enum status put(json_t *object, const char *name, int64_t value, struct err *err)
{
    return json_object_set_new(object, name, json_integer(value)) == 0 ? STATUS_OK
                                                                       : err_set(err, STATUS_MEMORY, "no memory");
}

static enum status customer_step(void *context, struct slice key, const json_t *record, bool *ret_more, struct err *err)
{
    struct opening *opening = context;
    (void)key;
    (void)record;
    (void)ret_more;
    (void)err;
    opening->customers++;
    return STATUS_OK;
}

static enum status invoice_step(void *context, struct slice key, const json_t *record, bool *ret_more, struct err *err)
{
    struct opening *opening = context;
    const char *currency = member_text(record, "currency");
    (void)key;
    (void)ret_more;
    return put(opening->counts, currency, member_integer(opening->counts, currency) + 1, err);
}

/* The key is <entity, customer, currency>: the currency stands after the last zero byte. */
static enum status balance_step(void *context, struct slice key, const json_t *record, bool *ret_more, struct err *err)
{
    struct opening *opening = context;
    char currency[CURRENCY_CODE_BYTES] = "";
    int64_t sum;
    (void)ret_more;
    if (key.length < (CURRENCY_CODE_BYTES - 1))
        return err_set(err, STATUS_CORRUPT, "a balance without a currency; run rebuild");
    memcpy(currency, key.bytes + key.length - (CURRENCY_CODE_BYTES - 1), (CURRENCY_CODE_BYTES - 1));
    enum status status = money_add(member_integer(opening->sums, currency), member_integer(record, "open"), &sum, err);
    if (status == STATUS_OK)
        status = money_add(sum, member_integer(record, "account"), &sum, err);
    return status == STATUS_OK ? put(opening->sums, currency, sum, err) : status;
}

static enum status entity_walk(const struct facts *facts, const char *entity, enum books_table table, books_step *step,
                               struct opening *opening, struct err *err)
{
    struct books_key prefix = books_key(entity);
    books_key_close(&prefix);
    const struct books_walk walk = {.table = table, .prefix = &prefix, .step = step, .context = opening};
    return books_each(facts->books, &walk, err);
}

/* Puts one currency in its place, sorted. */
static enum status row_insert(json_t *rows, const char *currency, const struct opening *opening, struct err *err)
{
    char total[MONEY_TEXT_MAX];
    size_t place = 0;
    int64_t count = member_integer(opening->counts, currency), sum = member_integer(opening->sums, currency);
    if (count == 0 && sum == 0)
        return STATUS_OK;
    while (place < json_array_size(rows) && strcmp(member_text(json_array_get(rows, place), "currency"), currency) < 0)
        place++;
    if (place < json_array_size(rows) && strcmp(member_text(json_array_get(rows, place), "currency"), currency) == 0)
        return STATUS_OK;
    money_format(sum, currency_digits(currency), total);
    json_t *row = json_pack("{s:I, s:s, s:s}", "count", (json_int_t)count, "currency", currency, "total", total);
    return json_array_insert_new(rows, place, row) == 0 ? STATUS_OK : err_set(err, STATUS_MEMORY, "no memory");
}

enum status facts_opening(const struct facts *facts, const char *entity, json_t **ret_opening, struct err *err)
{
    struct opening opening = {.counts = json_object(), .sums = json_object()};
    json_t *rows = json_array(), *value;
    const char *currency;
    enum status status = opening.counts != NULL && opening.sums != NULL && rows != NULL
                             ? STATUS_OK
                             : err_set(err, STATUS_MEMORY, "no memory");
    if (status == STATUS_OK)
        status = entity_walk(facts, entity, BOOKS_CUSTOMERS, customer_step, &opening, err);
    if (status == STATUS_OK)
        status = entity_walk(facts, entity, BOOKS_INVOICES, invoice_step, &opening, err);
    if (status == STATUS_OK)
        status = entity_walk(facts, entity, BOOKS_BALANCES, balance_step, &opening, err);
    json_object_foreach(opening.counts, currency, value)
    {
        if (status == STATUS_OK)
            status = row_insert(rows, currency, &opening, err);
    }
    json_object_foreach(opening.sums, currency, value)
    {
        if (status == STATUS_OK)
            status = row_insert(rows, currency, &opening, err);
    }
    json_t *all = status == STATUS_OK
                      ? json_pack("{s:I, s:O}", "customers", (json_int_t)opening.customers, "opening", rows)
                      : NULL;
    if (status == STATUS_OK && all == NULL)
        status = err_set(err, STATUS_MEMORY, "no memory");
    json_decref(opening.counts);
    json_decref(opening.sums);
    json_decref(rows);
    if (status == STATUS_OK)
        *ret_opening = all;
    return status;
}

enum status facts_unfinished_file(const struct facts *facts, const char *entity, const char **ret_feed, struct err *err)
{
    static const char *const feeds[] = {"cash", "customers", "invoices"};
    const char *found = NULL;
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && found == NULL && i < sizeof feeds / sizeof feeds[0]; i++) {
        struct books_key key = books_key_pair(entity, feeds[i]);
        json_t *file = NULL;
        status = books_look(facts->books, BOOKS_FILES, &key, &file, err);
        if (status == STATUS_NOT_FOUND)
            status = STATUS_OK;
        if (status == STATUS_OK && json_object_get(file, "open") != NULL)
            found = feeds[i];
        json_decref(file);
    }
    if (status == STATUS_OK)
        *ret_feed = found;
    return status;
}
