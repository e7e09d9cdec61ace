/*
 * Facts about people, documents and masters, read from the books. Windows and duplicates are in facts_window.c.
 */
#include "controls/facts.h"

#include <stdio.h>
#include <string.h>

#include "controls/facts_parts.h"
#include "ledger/instant.h"
#include "ledger/schema.h"

#define DAY_MS INT64_C(86400000)

/* NOT_FOUND becomes "no record". */
enum status facts_get(const struct facts *facts, enum books_table table, const struct books_key *key,
                      json_t **ret_record, struct err *err)
{
    json_t *record = NULL;
    enum status status = books_look(facts->books, table, key, &record, err);
    if (status != STATUS_OK && status != STATUS_NOT_FOUND)
        return status;
    *ret_record = record;
    return STATUS_OK;
}

enum status facts_document(const struct facts *facts, const char *number, json_t **ret_record, struct err *err)
{
    struct books_key key = books_key(number);
    return facts_get(facts, BOOKS_DOCUMENTS, &key, ret_record, err);
}

enum status facts_customer(const struct facts *facts, const char *entity, const char *customer, json_t **ret_record,
                           struct err *err)
{
    struct books_key key = books_key_pair(entity, customer);
    return facts_get(facts, BOOKS_CUSTOMERS, &key, ret_record, err);
}

enum status facts_invoice(const struct facts *facts, const char *entity, const char *invoice, json_t **ret_record,
                          struct err *err)
{
    struct books_key key = books_key_pair(entity, invoice);
    return facts_get(facts, BOOKS_INVOICES, &key, ret_record, err);
}

enum status facts_invoice_own(const struct facts *facts, const char *entity, const char *invoice, json_t **ret_record,
                              struct err *err)
{
    json_t *record = NULL, *own = NULL;
    enum status status = facts_invoice(facts, entity, invoice, &record, err);
    if (status == STATUS_OK && record != NULL && (own = json_copy(record)) == NULL)
        status = err_set(err, STATUS_MEMORY, "no memory for an invoice");
    json_decref(record);
    if (status == STATUS_OK)
        *ret_record = own;
    return status;
}

enum status facts_user(const struct facts *facts, const char *user, json_t **ret_record, struct err *err)
{
    struct books_key key = books_key(user);
    return facts_get(facts, BOOKS_USERS, &key, ret_record, err);
}

enum status facts_key(const struct facts *facts, const char *key_text, json_t **ret_record, struct err *err)
{
    struct books_key key = books_key(key_text);
    return facts_get(facts, BOOKS_KEYS, &key, ret_record, err);
}

enum status facts_grant(const struct facts *facts, const char *number, json_t **ret_record, struct err *err)
{
    struct books_key key = books_key(number);
    return facts_get(facts, BOOKS_GRANTS, &key, ret_record, err);
}

enum status facts_actor(const struct facts *facts, const char *user, struct actor *ret_actor, struct err *err)
{
    json_t *record = NULL;
    enum status status = facts_user(facts, user, &record, err);
    if (status != STATUS_OK)
        return status;
    if (record == NULL)
        return err_set(err, STATUS_NOT_FOUND, "there is no user %s", user);
    snprintf(ret_actor->user, sizeof ret_actor->user, "%s", user);
    snprintf(ret_actor->person, sizeof ret_actor->person, "%s", member_text(record, "person"));
    snprintf(ret_actor->sort, sizeof ret_actor->sort, "%s", member_text(record, "sort"));
    json_decref(record);
    return STATUS_OK;
}

/* An optional instant of a record; ret_ms is left alone when it lacks. */
static enum status instant_member(const json_t *record, const char *name, int64_t *ret_ms, struct err *err)
{
    const char *text = member_text(record, name);
    return text == NULL ? STATUS_OK : instant_parse(text, strlen(text), ret_ms, err);
}

enum status facts_key_end(const struct facts *facts, const json_t *record, int64_t *ret_ms, struct err *err)
{
    int64_t until = INT64_MAX, from = 0, longest = INT64_MAX;
    int64_t days = policy_parameter(facts->policy, NULL, PARAMETER_KEY_DAYS_MAX);
    enum status status = instant_member(record, "until", &until, err);
    if (status == STATUS_OK)
        status = instant_member(record, "from", &from, err);
    if (status == STATUS_OK && days > 0)
        status = instant_add(from, days * DAY_MS, &longest, err);
    if (status == STATUS_OK)
        *ret_ms = until < longest ? until : longest;
    return status;
}

enum status facts_key_valid(const struct facts *facts, const char *key_text, const char *user, bool *ret_valid,
                            struct err *err)
{
    json_t *record = NULL;
    int64_t until = INT64_MAX;
    enum status status = facts_key(facts, key_text, &record, err);
    if (status == STATUS_OK && record != NULL)
        status = facts_key_end(facts, record, &until, err);
    if (status == STATUS_OK)
        *ret_valid = record != NULL && strcmp(member_text(record, "user"), user) == 0 &&
                     json_object_get(record, "revoked") == NULL && facts->time_ms < until;
    json_decref(record);
    return status;
}

bool facts_text_in(const json_t *list, const char *text)
{
    for (size_t i = 0; i < json_array_size(list); i++)
        if (strcmp(json_string_value(json_array_get(list, i)), text) == 0)
            return true;
    return false;
}

enum status facts_last_number(const struct facts *facts, const char *series, int64_t *ret_last, struct err *err)
{
    json_t *record = NULL;
    struct books_key key = books_key(series);
    enum status status = facts_get(facts, BOOKS_NUMBERS, &key, &record, err);
    if (status == STATUS_OK)
        *ret_last = member_integer(record, "last");
    json_decref(record);
    return status;
}

/* One member of the user's counter of this day, of UTC; 0 where nothing was counted. */
static enum status counted_today(const struct facts *facts, const char *user, const char *name, int64_t *ret_value,
                                 struct err *err)
{
    char day[DATE_TEXT_BYTES];
    json_t *record = NULL;
    date_format(date_from_instant(facts->time_ms, 0), day);
    struct books_key key = books_key_pair(user, day);
    enum status status = facts_get(facts, BOOKS_COUNTERS, &key, &record, err);
    if (status == STATUS_OK)
        *ret_value = member_integer(record, name);
    json_decref(record);
    return status;
}

enum status facts_prepared_today(const struct facts *facts, const char *user, int64_t *ret_minor, struct err *err)
{
    return counted_today(facts, user, "sum", ret_minor, err);
}

enum status facts_documents_today(const struct facts *facts, const char *user, int64_t *ret_count, struct err *err)
{
    return counted_today(facts, user, "documents", ret_count, err);
}

enum status facts_entry_hash(const struct facts *facts, uint64_t seq, char ret_hex[static 65], struct err *err)
{
    json_t *record = NULL;
    struct books_key key = books_key(NULL);
    books_key_add_number(&key, seq);
    enum status status = facts_get(facts, BOOKS_ENTRIES, &key, &record, err);
    if (status == STATUS_OK)
        snprintf(ret_hex, 65, "%s", record != NULL ? member_text(record, "hash") : "");
    json_decref(record);
    return status;
}

enum status facts_staged(const struct facts *facts, const char *entity, const char *feed, const char *id,
                         bool *ret_staged, struct err *err)
{
    struct books_key key = books_key_pair(entity, feed);
    books_key_add_text(&key, id);
    return books_has(facts->books, BOOKS_STAGED, &key, ret_staged, err);
}

enum status facts_staged_each(const struct facts *facts, const char *entity, const char *feed, books_step *step,
                              void *context, struct err *err)
{
    struct books_key prefix = books_key_pair(entity, feed);
    books_key_close(&prefix);
    const struct books_walk walk = {.table = BOOKS_STAGED, .prefix = &prefix, .step = step, .context = context};
    return books_each(facts->books, &walk, err);
}
