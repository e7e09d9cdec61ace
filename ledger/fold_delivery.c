/*
 * The outbox in the books: each posted document's ledger lines are a delivery to the ERP, with an id made of its legal number
 * and its lines, until the ERP's feed has acknowledged it once and no more (FORMAT.md 5.4). No decision asks for it but that
 * about the feed itself.
 */
#include <stdio.h>
#include <string.h>

#include "ledger/books.h"
#include "ledger/canon.h"
#include "ledger/currency.h"
#include "ledger/fold.h"
#include "ledger/fold_feed.h"
#include "ledger/fold_parts.h"
#include "ledger/instant.h"
#include "ledger/money.h"
#include "ledger/schema.h"

enum { ID_HEX_CHARS = 16 };

static struct books_key delivery_key(const char *entity, const char *delivery)
{
    return books_key_pair(entity, delivery);
}

static enum status outbox_mark(const struct fold *fold, const char *entity, const json_t *delivery, bool there,
                               struct err *err)
{
    struct books_key key = books_key(entity);
    books_key_add_number(&key, (uint64_t)member_integer(delivery, "seq"));
    books_key_add_text(&key, member_text(delivery, "number"));
    return there ? books_put_new(fold->txn, BOOKS_OUTBOX, &key,
                                 json_pack("{s:s}", "delivery", member_text(delivery, "delivery")), err)
                 : books_delete(fold->txn, BOOKS_OUTBOX, &key, err);
}

/* What is debited, in the currency of the document's lines. */
static enum status debits_sum(const json_t *lines, const char *currency, int64_t *ret_minor, struct err *err)
{
    int64_t sum = 0;
    for (size_t i = 0; i < json_array_size(lines); i++) {
        const json_t *line = json_array_get(lines, i);
        const char *text = member_text(line, "amount");
        int64_t minor;
        if (strcmp(member_text(line, "side"), "dr") != 0 || strcmp(member_text(line, "currency"), currency) != 0)
            continue;
        enum status status = money_parse(text, strlen(text), currency_digits(currency), &minor, err);
        if (status == STATUS_OK)
            status = money_add(sum, minor, &sum, err);
        if (status != STATUS_OK)
            return status;
    }
    *ret_minor = sum;
    return STATUS_OK;
}

/* "US01-CN-2026-000001.3fa9c1d2e4b5a697" */
static enum status delivery_id(const json_t *record, char ret_id[static ID_BYTES_MAX + 1], struct err *err)
{
    char hex[HASH_HEX_CHARS + 1];
    struct hash hash;
    json_t *about = json_pack("{s:s, s:O, s:s}", "entity", member_text(record, "entity"), "lines",
                              json_object_get(record, "lines"), "number", member_text(record, "legal"));
    enum status status =
        about != NULL ? canon_hash(about, &hash, err) : err_set(err, STATUS_MEMORY, "no memory for a delivery");
    json_decref(about);
    if (status != STATUS_OK)
        return status;
    hash_to_hex(&hash, hex);
    /* The longest legal number leaves few digits of the hash; it alone tells deliveries apart. */
    hex[ID_HEX_CHARS] = '\0';
    snprintf(ret_id, ID_BYTES_MAX + 1, "%s.%s", member_text(record, "legal"), hex);
    return STATUS_OK;
}

enum status fold_delivery(const struct fold *fold, json_t *record, struct err *err)
{
    const json_t *lines = json_object_get(record, "lines");
    const char *currency = member_text(json_array_get(lines, 0), "currency"), *entity = member_text(record, "entity");
    char id[ID_BYTES_MAX + 1], time[INSTANT_TEXT_BYTES];
    int64_t amount = 0;
    if (json_array_size(lines) == 0 || member_text(record, "legal") == NULL)
        return STATUS_OK;
    if (currency == NULL || currency_digits(currency) < 0)
        return err_set(err, STATUS_CORRUPT, "a line of %s lacks its currency", member_text(record, "number"));
    enum status status = delivery_id(record, id, err);
    if (status == STATUS_OK)
        status = debits_sum(lines, currency, &amount, err);
    if (status != STATUS_OK)
        return status;
    instant_format(fold->time_ms, time);
    json_t *delivery = json_pack("{s:I, s:s, s:s, s:s, s:[], s:s, s:I, s:s, s:s, s:s}", "amount", (json_int_t)amount,
                                 "currency", currency, "delivery", id, "document", member_text(record, "number"), "erp",
                                 "number", member_text(record, "legal"), "seq", (json_int_t)fold->seq, "since", time,
                                 "state", "open", "time", time);
    if (delivery == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for a delivery");
    json_object_set_new(record, "delivery", json_string(id));
    status = outbox_mark(fold, entity, delivery, true, err);
    struct books_key key = delivery_key(entity, id);
    if (status == STATUS_OK)
        status = books_put(fold->txn, BOOKS_DELIVERIES, &key, delivery, err);
    json_decref(delivery);
    return status;
}

static size_t erp_find(const json_t *numbers, const char *erp)
{
    size_t i = 0;
    while (i < json_array_size(numbers) && strcmp(json_string_value(json_array_get(numbers, i)), erp) != 0)
        i++;
    return i;
}

/* What the ERP says, entered: the numbers under which it has the delivery, or why it has it not. */
static void answer_enter(const struct fold_file *file, const json_t *record, json_t *delivery)
{
    const char *state = member_text(record, "state"), *erp = member_text(record, "erp");
    json_t *numbers = json_object_get(delivery, "erp");
    char time[INSTANT_TEXT_BYTES];
    instant_format(file->fold->time_ms, time);
    if (strcmp(state, "rejected") == 0) {
        if (json_array_size(numbers) == 0) /* what it has, it has: this one came once more */
            json_object_set_new(delivery, "rejected",
                                json_pack("{s:s, s:s, s:s}", "date", member_text(record, "date"), "reason",
                                          member_text(record, "reason"), "time", time));
    } else if (strcmp(state, "posted") == 0) {
        json_object_del(delivery, "rejected");
        if (erp_find(numbers, erp) == json_array_size(numbers))
            json_array_append_new(numbers, json_string(erp));
        json_object_set_new(delivery, "acknowledged",
                            json_pack("{s:s, s:I, s:s}", "date", member_text(record, "date"), "seq",
                                      (json_int_t)file->fold->seq, "time", time));
    } else {
        json_array_remove(numbers, erp_find(numbers, erp));
        if (json_array_size(numbers) == 0) {
            json_object_del(delivery, "acknowledged");
            json_object_set_new(delivery, "since", json_string(time));
        }
    }
    size_t count = json_array_size(numbers);
    json_object_set_new(delivery, "state",
                        json_string(count == 1                                      ? "acknowledged"
                                    : count > 1                                     ? "twice"
                                    : json_object_get(delivery, "rejected") != NULL ? "rejected"
                                                                                    : "open"));
}

static bool is_done(const json_t *delivery)
{
    return strcmp(member_text(delivery, "state"), "acknowledged") == 0;
}

enum status fold_feed_acknowledgement(const struct fold_file *file, const json_t *record, struct err *err)
{
    json_t *delivery = NULL;
    struct books_key key = delivery_key(file->entity, member_text(record, "delivery"));
    enum status status = books_get(file->fold->txn, BOOKS_DELIVERIES, &key, &delivery, err);
    if (status == STATUS_NOT_FOUND)
        return err_set(err, STATUS_CORRUPT, "delivery %s is not in the books", member_text(record, "delivery"));
    if (status != STATUS_OK)
        return status;
    bool was_done = is_done(delivery);
    answer_enter(file, record, delivery);
    if (was_done != is_done(delivery))
        status = outbox_mark(file->fold, file->entity, delivery, was_done, err);
    if (status == STATUS_OK)
        status = books_put(file->fold->txn, BOOKS_DELIVERIES, &key, delivery, err);
    json_decref(delivery);
    return status;
}
