/*
 * Periods and entities in the books: which entities have their opening balances tied out, which months were closed or
 * opened, who is excepted, and which hard closings by calendar each policy brings. That is noted with the policy, because a
 * month that was closed for good under one policy stays so under every later one (FORMAT.md 6.3).
 */
#include <string.h>

#include "ledger/books.h"
#include "ledger/fold.h"
#include "ledger/fold_parts.h"
#include "ledger/instant.h"
#include "ledger/schema.h"
#include "ledger/statement.h"

static const char hard_days[] = "period_hard_days";

static enum status no_memory(struct err *err)
{
    return err_set(err, STATUS_MEMORY, "no memory to fold a period");
}

json_t *fold_hard_days(const json_t *compiled)
{
    const json_t *entities = json_object_get(compiled, "entities");
    int64_t everywhere = member_integer(json_object_get(compiled, "parameters"), hard_days);
    json_t *days = json_object();
    for (size_t i = 0; days != NULL && i < json_array_size(entities); i++) {
        const json_t *entity = json_array_get(entities, i);
        const json_t *own = json_object_get(json_object_get(entity, "parameters"), hard_days);
        int64_t value = own != NULL ? (int64_t)json_integer_value(own) : everywhere;
        if (value != 0 && json_object_set_new(days, member_text(entity, "entity"), json_integer(value)) != 0) {
            json_decref(days);
            return NULL;
        }
    }
    return days;
}

static enum status entity_put(const struct fold *fold, const char *entity, const char *number, struct err *err)
{
    char time[INSTANT_TEXT_BYTES];
    instant_format(fold->time_ms, time);
    struct books_key key = books_key(entity);
    return books_put_new(
        fold->txn, BOOKS_ENTITIES, &key,
        json_pack("{s:s, s:I, s:s}", "number", number, "seq", (json_int_t)fold->seq, "time", time), err);
}

enum status fold_entities_first(const struct fold *fold, const json_t *compiled, struct err *err)
{
    const json_t *entities = json_object_get(compiled, "entities");
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(entities); i++)
        status = entity_put(fold, member_text(json_array_get(entities, i), "entity"), "", err);
    return status;
}

enum status fold_entity(const struct fold *fold, const json_t *record, struct err *err)
{
    return entity_put(fold, member_text(json_object_get(record, "document"), "entity"), member_text(record, "number"),
                      err);
}

/* A month's word, replaced by each document; exceptions that were given before a closing end with it (books_periods). */
enum status fold_period(const struct fold *fold, const json_t *record, struct err *err)
{
    const json_t *document = json_object_get(record, "document");
    const char *user = member_text(document, "user"), *number = member_text(record, "number");
    char time[INSTANT_TEXT_BYTES];
    instant_format(fold->time_ms, time);
    struct books_key key = books_key_pair(member_text(document, "entity"), member_text(document, "period"));
    if (user == NULL)
        return books_put_new(fold->txn, BOOKS_PERIODS, &key,
                             json_pack("{s:s, s:I, s:s, s:s}", "number", number, "seq", (json_int_t)fold->seq, "state",
                                       member_text(document, "state"), "time", time),
                             err);
    books_key_add_text(&key, user);
    books_key_add_text(&key, number);
    json_t *exception =
        json_pack("{s:s, s:I, s:s, s:s, s:s}", "number", number, "seq", (json_int_t)fold->seq, "time", time, "until",
                  member_text(document, "until"), "user", user);
    return exception != NULL ? books_put_new(fold->txn, BOOKS_EXCEPTIONS, &key, exception, err) : no_memory(err);
}
