/*
 * Small questions to the books' tables that several reading commands ask.
 */
#include "cli/reading.h"

#include <string.h>

#include "cli/session.h"
#include "ledger/currency.h"
#include "ledger/instant.h"
#include "ledger/schema.h"
#include "ledger/tables.h"
#include "ledger/text.h"

enum { ENTITIES_MAX = 10000 }; /* far above what a policy may name over a book's life */

enum status reading_key_text(struct slice key, size_t *at, char ret_text[static ID_BYTES_MAX + 1], struct err *err)
{
    size_t length = 0;
    while (*at + length < key.length && key.bytes[*at + length] != '\0')
        length++;
    if (length > ID_BYTES_MAX)
        return err_set(err, STATUS_CORRUPT, "a key of the books holds no id; run rebuild");
    memcpy(ret_text, key.bytes + *at, length);
    ret_text[length] = '\0';
    *at += length + 1;
    return STATUS_OK;
}

/* Steps from entity to entity over the customers, without looking at each customer. */
static enum status collect_entities(struct tables_cursor *cursor, json_t *entities, struct err *err)
{
    struct tables_record record;
    enum status status = tables_first(cursor, &record, err);
    for (int bound = 0; status == STATUS_OK && bound < ENTITIES_MAX; bound++) {
        char entity[ID_BYTES_MAX + 1];
        size_t at = 0;
        status = reading_key_text(record.key, &at, entity, err);
        if (status != STATUS_OK)
            return status;
        if (json_array_append_new(entities, json_string(entity)) != 0)
            return err_set(err, STATUS_MEMORY, "no memory for the entities");
        struct books_key beyond = books_key(entity);
        beyond.bytes[beyond.length++] = 1; /* after every key of the entity, whose name a zero byte closes */
        status = tables_from(cursor, slice_of(beyond.bytes, beyond.length), &record, err);
    }
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

/* What is not there is told only to who may read where it would stand; no id is "~". */
enum status reading_table_check(const struct facts *facts, enum books_table table, struct err *err)
{
    json_t *record = NULL;
    struct books_key key = books_key("~");
    enum status status = books_get(facts->books, table, &key, &record, err);
    json_decref(record);
    if (status == STATUS_PERMISSION)
        return err_set(err, STATUS_PERMISSION, "this is not for you to read: it takes a function that you do not hold");
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

enum status reading_entity_check(const struct facts *facts, const char *entity, struct err *err)
{
    json_t *record = NULL;
    struct books_key key = books_key_pair(entity, "");
    enum status status = books_get(facts->books, BOOKS_CUSTOMERS, &key, &record, err);
    json_decref(record);
    if (status == STATUS_PERMISSION)
        return err_set(err, STATUS_PERMISSION, "the books of %s are not for you to read", entity);
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

enum status reading_entities(const struct facts *facts, const char *entity, json_t **ret_entities, struct err *err)
{
    struct tables_cursor *cursor = NULL;
    json_t *entities = json_array();
    enum status status = entities != NULL ? STATUS_OK : err_set(err, STATUS_MEMORY, "no memory for entities");
    if (status == STATUS_OK && entity != NULL) {
        json_array_append_new(entities, json_string(entity));
        status = reading_entity_check(facts, entity, err);
    } else if (status == STATUS_OK) {
        status = tables_scan(facts->books, BOOKS_CUSTOMERS, slice_of("", 0), &cursor, err);
        if (status == STATUS_OK)
            status = collect_entities(cursor, entities, err);
        tables_scan_close(cursor);
    }
    if (status == STATUS_OK)
        *ret_entities = entities;
    else
        json_decref(entities);
    return status;
}

int32_t reading_date(const struct facts *facts, const char *entity, int64_t time_ms)
{
    const struct policy_entity *known = policy_find_entity(facts->policy, entity);
    return known != NULL ? entity_date(known, time_ms) : date_from_instant(time_ms, 0);
}

enum status reading_as_of(const struct facts *facts, const struct options *options, int64_t *ret_ms, struct err *err)
{
    const char *text = options_text(options, "as-of");
    json_t *entry = NULL;
    enum status status;
    if (text != NULL) {
        status = session_read_time(text, ret_ms, err);
        if (status != STATUS_OK)
            err_prefix(err, "--as-of: ");
        return status;
    }
    struct books_key key = books_key(NULL);
    books_key_add_number(&key, facts->seq - 1);
    status = books_get(facts->books, BOOKS_ENTRIES, &key, &entry, err);
    if (status == STATUS_NOT_FOUND)
        return err_set(err, STATUS_CORRUPT, "the last entry is not in the books; run rebuild");
    const char *time = member_text(entry, "time");
    if (status == STATUS_OK)
        status = instant_parse(time, strlen(time), ret_ms, err);
    json_decref(entry);
    return status;
}

enum status reading_date_option(const struct options *options, const char *name, int32_t *ret_days, struct err *err)
{
    const char *text = options_text(options, name);
    if (text == NULL)
        return STATUS_OK;
    enum status status = date_parse(text, strlen(text), ret_days, err);
    return status == STATUS_OK ? status : err_set(err, STATUS_INPUT, "--%s: a date is written YYYY-MM-DD", name);
}

enum status reading_id_option(const struct options *options, const char *name, const char **ret_id, struct err *err)
{
    const char *text = options_text(options, name);
    if (text != NULL && !text_is_id(text, strlen(text)))
        return err_set(err, STATUS_INPUT, "--%s: letters, digits and . _ : / @ -, at most %d", name, ID_BYTES_MAX);
    *ret_id = text;
    return STATUS_OK;
}

enum status reading_code_option(const struct options *options, const char *name, const char **ret_code, struct err *err)
{
    const char *text = options_text(options, name);
    if (text != NULL && !text_is_code(text, strlen(text)))
        return err_set(err, STATUS_INPUT, "--%s: a code of A-Z, 0-9, - and _, at most %d", name, TEXT_CODE_BYTES_MAX);
    *ret_code = text;
    return STATUS_OK;
}

static int digits_of(const char *currency)
{
    int digits = currency != NULL ? currency_digits(currency) : 0;
    return digits >= 0 ? digits : 0;
}

void reading_texts(const json_t *list, char *ret_text, size_t room)
{
    size_t used = 0;
    ret_text[0] = '\0';
    for (size_t i = 0; i < json_array_size(list) && used < room; i++)
        used += (size_t)snprintf(ret_text + used, room - used, "%s%s", i > 0 ? ", " : "",
                                 json_string_value(json_array_get(list, i)));
}

const char *reading_amount(int64_t minor, const char *currency, char ret_text[static MONEY_TEXT_MAX])
{
    money_format(minor, digits_of(currency), ret_text);
    return ret_text;
}

const char *reading_grouped(int64_t minor, const char *currency, char ret_text[static MONEY_TEXT_MAX])
{
    money_format_grouped(minor, digits_of(currency), ret_text);
    return ret_text;
}

enum status reading_no_customer(const char *customer, const char *entity, struct err *err)
{
    return err_set(err, STATUS_NOT_FOUND, "customer %s is not in the books%s%s", customer, entity != NULL ? " of " : "",
                   entity != NULL ? entity : "");
}
