/*
 * Facts about money documents; see the header.
 */
#include "controls/facts_money.h"

#include <stdio.h>
#include <string.h>

#include "controls/facts_parts.h"
#include "ledger/fold.h"
#include "ledger/instant.h"
#include "ledger/schema.h"
#include "ledger/text.h"

#define DAY_MS INT64_C(86400000)

enum status facts_receipt(const struct facts *facts, const char *entity, const char *receipt, json_t **ret_record,
                          struct err *err)
{
    struct books_key key = books_key_pair(entity, receipt);
    return facts_get(facts, BOOKS_RECEIPTS, &key, ret_record, err);
}

enum status facts_balance(const struct facts *facts, const char *entity, const char *customer, const char *currency,
                          json_t **ret_record, struct err *err)
{
    struct books_key key = books_key_pair(entity, customer);
    books_key_add_text(&key, currency);
    return facts_get(facts, BOOKS_BALANCES, &key, ret_record, err);
}

enum status facts_rebill(const struct facts *facts, const char *entity, const char *ref, json_t **ret_record,
                         struct err *err)
{
    json_t *rebill = NULL;
    struct books_key key = books_key_pair(entity, ref);
    enum status status = facts_get(facts, BOOKS_REBILLS, &key, &rebill, err);
    *ret_record = NULL;
    if (status == STATUS_OK && rebill != NULL)
        status = facts_document(facts, member_text(rebill, "document"), ret_record, err);
    json_decref(rebill);
    return status;
}

enum status facts_file_rebills(const struct facts *facts, const char *entity, bool *ret_has, struct err *err)
{
    json_t *file = NULL;
    struct books_key key = books_key_pair(entity, "invoices");
    enum status status = facts_get(facts, BOOKS_FILES, &key, &file, err);
    if (status == STATUS_OK)
        *ret_has = json_is_true(json_object_get(json_object_get(file, "open"), "rebills"));
    json_decref(file);
    return status;
}

struct rebill_walk {
    const struct facts *facts;
    books_step *step;
    void *context;
};

static enum status rebill_step(void *context, struct slice key, const json_t *record, bool *ret_more, struct err *err)
{
    struct rebill_walk *walk = context;
    json_t *rebill = NULL;
    enum status status = facts_document(walk->facts, member_text(record, "document"), &rebill, err);
    if (status == STATUS_OK && rebill == NULL)
        status = err_set(err, STATUS_CORRUPT, "books: rebill %s is not there", member_text(record, "document"));
    if (status == STATUS_OK)
        status = walk->step(walk->context, key, rebill, ret_more, err);
    json_decref(rebill);
    return status;
}

enum status facts_open_rebills(const struct facts *facts, const char *entity, books_step *step, void *context,
                               struct err *err)
{
    struct rebill_walk rebills = {.facts = facts, .step = step, .context = context};
    struct books_key prefix = books_key(entity);
    if (entity != NULL)
        books_key_close(&prefix);
    const struct books_walk walk = {.table = BOOKS_OPEN_REBILLS,
                                    .prefix = entity != NULL ? &prefix : NULL,
                                    .step = rebill_step,
                                    .context = &rebills};
    return books_each(facts->books, &walk, err);
}

static enum status cash_step(void *context, struct slice key, const json_t *record, bool *ret_more, struct err *err)
{
    struct latest_cash *latest = context;
    const json_t *cash = json_object_get(record, "cash");
    const char *date = member_text(cash, "date");
    int32_t days;
    (void)key;
    (void)ret_more;
    if (cash == NULL)
        return STATUS_OK;
    enum status status = date_parse(date, strlen(date), &days, err);
    if (status == STATUS_OK && (latest->receipt[0] == '\0' || days > latest->date)) {
        latest->date = days;
        snprintf(latest->receipt, sizeof latest->receipt, "%s", member_text(cash, "receipt"));
    }
    return status;
}

enum status facts_latest_cash(const struct facts *facts, const char *entity, const char *customer,
                              struct latest_cash *ret_cash, struct err *err)
{
    struct latest_cash latest = {.receipt = ""};
    struct books_key prefix = books_key_pair(entity, customer);
    books_key_close(&prefix);
    const struct books_walk walk = {.table = BOOKS_BALANCES, .prefix = &prefix, .step = cash_step, .context = &latest};
    enum status status = books_each(facts->books, &walk, err);
    if (status == STATUS_OK)
        *ret_cash = latest;
    return status;
}

struct contact_walk {
    int32_t today;
    int64_t days;
    char today_text[DATE_TEXT_BYTES];
    struct contact_count count;
};

static enum status contact_step(void *context, struct slice key, const json_t *record, bool *ret_more, struct err *err)
{
    struct contact_walk *walk = context;
    const char *date = member_text(record, "date"), *until = member_text(record, "until");
    int32_t days;
    (void)key;
    (void)ret_more;
    enum status status = date_parse(date, strlen(date), &days, err);
    if (status != STATUS_OK || days > walk->today)
        return status;
    if (walk->today - days < walk->days)
        walk->count.count++;
    if (until != NULL && strcmp(until, walk->today_text) >= 0 && strcmp(until, walk->count.until) > 0) {
        snprintf(walk->count.until, sizeof walk->count.until, "%s", until);
        snprintf(walk->count.promise, sizeof walk->count.promise, "%s", member_text(record, "contact"));
    }
    return STATUS_OK;
}

enum status facts_contacts(const struct facts *facts, const char *entity, const char *customer, int32_t today,
                           int64_t days, struct contact_count *ret_count, struct err *err)
{
    struct contact_walk contacts = {.today = today, .days = days};
    struct books_key prefix = books_key_pair(entity, customer);
    books_key_close(&prefix);
    const struct books_walk walk = {
        .table = BOOKS_CUSTOMER_CONTACTS, .prefix = &prefix, .step = contact_step, .context = &contacts};
    date_format(today, contacts.today_text);
    enum status status = books_each(facts->books, &walk, err);
    if (status == STATUS_OK)
        *ret_count = contacts.count;
    return status;
}

struct written_off_walk {
    const struct policy *policy;
    facts_reason_keep *keep;
    char number[ID_BYTES_MAX + 1];
};

static enum status written_off_step(void *context, struct slice key, const json_t *record, bool *ret_more,
                                    struct err *err)
{
    struct written_off_walk *walk = context;
    if (!walk->keep(walk->policy, member_text(record, "reason")))
        return STATUS_OK;
    const uint8_t *zero = memchr(key.bytes, 0, key.length);
    if (zero == NULL)
        return err_set(err, STATUS_CORRUPT, "books: a write-off has no number");
    snprintf(walk->number, sizeof walk->number, "%.*s", (int)(key.length - (size_t)(zero + 1 - key.bytes)),
             (const char *)zero + 1);
    *ret_more = false;
    return STATUS_OK;
}

enum status facts_written_off(const struct facts *facts, const char *group, facts_reason_keep *keep,
                              char ret_number[static ID_BYTES_MAX + 1], struct err *err)
{
    struct written_off_walk off = {.policy = facts->policy, .keep = keep};
    struct books_key prefix = books_key(group);
    books_key_close(&prefix);
    const struct books_walk walk = {
        .table = BOOKS_WRITTEN_OFF, .prefix = &prefix, .step = written_off_step, .context = &off};
    enum status status = books_each(facts->books, &walk, err);
    if (status == STATUS_OK)
        snprintf(ret_number, ID_BYTES_MAX + 1, "%s", off.number);
    return status;
}

struct reversed_walk {
    const struct facts *facts;
    const json_t *document;
    int64_t after_ms;
    facts_reversed_keep *keep;
    char number[ID_BYTES_MAX + 1];
};

static enum status reversed_step(void *context, struct slice key, const json_t *record, bool *ret_more, struct err *err)
{
    struct reversed_walk *walk = context;
    const char *time = member_text(record, "time");
    json_t *original = NULL;
    int64_t time_ms;
    (void)key;
    enum status status = instant_parse(time, strlen(time), &time_ms, err);
    if (status != STATUS_OK)
        return status;
    if (time_ms <= walk->after_ms) {
        *ret_more = false;
        return STATUS_OK;
    }
    status = facts_document(walk->facts, member_text(record, "document"), &original, err);
    if (status == STATUS_OK && original != NULL && walk->keep(original, walk->document)) {
        snprintf(walk->number, sizeof walk->number, "%s", member_text(original, "number"));
        *ret_more = false;
    }
    json_decref(original);
    return status;
}

enum status facts_reversed_within(const struct facts *facts, const json_t *document, int64_t days,
                                  facts_reversed_keep *keep, char ret_number[static ID_BYTES_MAX + 1], struct err *err)
{
    struct reversed_walk reversed = {
        .facts = facts, .document = document, .after_ms = facts->time_ms - days * DAY_MS, .keep = keep};
    struct books_key prefix;
    reposting_key(document, &prefix);
    books_key_close(&prefix);
    const struct books_walk walk = {
        .table = BOOKS_REVERSALS, .prefix = &prefix, .backward = true, .step = reversed_step, .context = &reversed};
    enum status status = books_each(facts->books, &walk, err);
    if (status == STATUS_OK)
        snprintf(ret_number, ID_BYTES_MAX + 1, "%s", reversed.number);
    return status;
}

struct alike_walk {
    const struct alike_query *query;
    struct alike_found found;
};

static enum status alike_step(void *context, struct slice key, const json_t *record, bool *ret_more, struct err *err)
{
    struct alike_walk *alike = context;
    const char *number = member_text(record, "number"), *time = member_text(record, "time");
    int64_t time_ms;
    (void)key;
    enum status status = instant_parse(time, strlen(time), &time_ms, err);
    if (status != STATUS_OK)
        return status;
    if (time_ms <= alike->query->after_ms) {
        *ret_more = false;
        return STATUS_OK;
    }
    if (text_is(alike->query->not_number, number) || text_is(alike->query->not_same, number))
        return STATUS_OK;
    if (alike->found.count == 0)
        snprintf(alike->found.number, sizeof alike->found.number, "%s", number);
    alike->found.count++;
    return STATUS_OK;
}

enum status facts_alike(const struct facts *facts, const struct alike_query *query, struct alike_found *ret_found,
                        struct err *err)
{
    struct alike_walk alike = {.query = query};
    struct books_key prefix = *query->key, before = *query->key;
    books_key_close(&prefix);
    books_key_add_number(&before, query->before_seq);
    books_key_add_number(&before, query->before_index);
    const struct books_walk walk = {.table = BOOKS_ALIKE,
                                    .prefix = &prefix,
                                    .backward = true,
                                    .before = &before,
                                    .step = alike_step,
                                    .context = &alike};
    enum status status = books_each(facts->books, &walk, err);
    if (status == STATUS_OK)
        *ret_found = alike.found;
    return status;
}
