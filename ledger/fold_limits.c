/*
 * Credit limits, hold releases and orders in the books. A permanent limit stands in the customer's record; temporary
 * limits and releases stay documents, listed by customer and by order, and whoever asks looks at the time: nothing lapses
 * here. A release is used up when its order is delivered.
 */
#include <stdio.h>
#include <string.h>

#include "ledger/books.h"
#include "ledger/fold.h"
#include "ledger/fold_feed.h"
#include "ledger/fold_parts.h"
#include "ledger/instant.h"
#include "ledger/limits.h"
#include "ledger/schema.h"
#include "ledger/text.h"

/* The customer's limit changed; what an approval saw of it no longer holds. permanent: the document that sets it, or NULL. */
static enum status limit_change(const struct fold *fold, const json_t *record, const json_t *permanent, struct err *err)
{
    const json_t *document = json_object_get(record, "document");
    json_t *customer = NULL;
    struct books_key key;
    enum status status = fold_customer_of(fold, document, &key, &customer, err);
    if (status != STATUS_OK)
        return status;
    if (permanent != NULL) {
        json_object_set(customer, "limit_text", json_object_get(permanent, "limit"));
        json_object_set(customer, "limit_review", json_object_get(permanent, "review"));
        json_object_set_new(customer, "limit_seq", json_integer((json_int_t)fold->seq));
        json_object_set_new(customer, "limit_index", json_integer((json_int_t)member_integer(record, "index")));
    }
    status = fold_moved(fold, customer, "limit", err);
    if (status == STATUS_OK)
        status = books_put(fold->txn, BOOKS_CUSTOMERS, &key, customer, err);
    json_decref(customer);
    return status;
}

enum status fold_limit_set(const struct fold *fold, const json_t *record, struct err *err)
{
    return limit_change(fold, record, json_object_get(record, "document"), err);
}

enum status fold_limit_kept(const struct fold *fold, const json_t *record, struct err *err)
{
    return text_is(member_text(record, "kind"), "temporary-limit") ? limit_change(fold, record, NULL, err) : STATUS_OK;
}

enum status fold_limits_mark(const struct fold *fold, const json_t *record, bool there, struct err *err)
{
    const json_t *document = json_object_get(record, "document");
    const char *kind = member_text(record, "kind"), *number = member_text(record, "number");
    bool release = text_is(kind, "hold-release");
    if (!release && !text_is(kind, "temporary-limit"))
        return STATUS_OK;
    enum books_table table = release ? BOOKS_RELEASES : BOOKS_TEMPORARY;
    struct books_key key =
        books_key_pair(member_text(document, "entity"), member_text(document, release ? "order" : "customer"));
    books_key_add_text(&key, number);
    return there ? books_put_new(fold->txn, table, &key, json_pack("{s:s}", "number", number), err)
                 : books_delete(fold->txn, table, &key, err);
}

enum status fold_release_consume(const struct fold *fold, const char *number, const char *order, struct err *err)
{
    json_t *record = NULL;
    char time[INSTANT_TEXT_BYTES];
    struct books_key key = books_key(number);
    instant_format(fold->time_ms, time);
    enum status status = books_get(fold->txn, BOOKS_DOCUMENTS, &key, &record, err);
    if (status == STATUS_NOT_FOUND)
        return err_set(err, STATUS_CORRUPT, "document %s is not in the books", number);
    if (status != STATUS_OK)
        return status;
    json_object_set_new(record, "state", json_string("consumed"));
    json_object_set_new(record, "consumed",
                        json_pack("{s:s, s:I, s:s}", "order", order, "seq", (json_int_t)fold->seq, "time", time));
    return books_put_new(fold->txn, BOOKS_DOCUMENTS, &key, record, err);
}

struct release_find {
    const struct fold *fold;
    char number[ID_BYTES_MAX + 1];
};

/* In force and not expired at the entry's time. */
static enum status release_step(void *context, struct slice key, const json_t *row, bool *ret_more, struct err *err)
{
    struct release_find *find = context;
    json_t *record = NULL;
    int64_t expires_ms = 0;
    struct books_key document = books_key(member_text(row, "number"));
    (void)key;
    enum status status = books_get(find->fold->txn, BOOKS_DOCUMENTS, &document, &record, err);
    if (status == STATUS_NOT_FOUND)
        return err_set(err, STATUS_CORRUPT, "document %s is not in the books", member_text(row, "number"));
    const char *expires = member_text(json_object_get(record, "document"), "expires");
    if (status == STATUS_OK)
        status = instant_parse(expires, strlen(expires), &expires_ms, err);
    if (status == STATUS_OK && text_is(member_text(record, "state"), "in-force") && find->fold->time_ms < expires_ms) {
        snprintf(find->number, sizeof find->number, "%s", member_text(record, "number"));
        *ret_more = false;
    }
    json_decref(record);
    return status;
}

static enum status order_release(const struct fold_file *file, const char *order, json_t *record, struct err *err)
{
    struct release_find find = {.fold = file->fold};
    struct books_key prefix = books_key_pair(file->entity, order);
    books_key_close(&prefix);
    const struct books_walk walk = {.table = BOOKS_RELEASES, .prefix = &prefix, .step = release_step, .context = &find};
    enum status status = books_each(file->fold->txn, &walk, err);
    if (status != STATUS_OK)
        return status;
    if (find.number[0] == '\0') {
        json_object_set_new(record, "unreleased", json_true());
        return STATUS_OK;
    }
    json_object_set_new(record, "release", json_string(find.number));
    return fold_release_consume(file->fold, find.number, order, err);
}

static enum status held_mark(const struct fold_file *file, const json_t *record, struct err *err)
{
    struct books_key key = books_key_pair(file->entity, member_text(record, "customer"));
    books_key_add_text(&key, member_text(record, "order"));
    return text_is(member_text(record, "state"), "held")
               ? books_put_new(file->fold->txn, BOOKS_HELD, &key, json_object(), err)
               : books_delete(file->fold->txn, BOOKS_HELD, &key, err);
}

enum status fold_feed_order(const struct fold_file *file, const json_t *record, struct err *err)
{
    const char *order = member_text(record, "order");
    json_t *before = NULL, *now = NULL;
    int64_t amount;
    struct books_key key = books_key_pair(file->entity, order);
    enum status status = books_get(file->fold->txn, BOOKS_ORDERS, &key, &before, err);
    if (status != STATUS_OK && status != STATUS_NOT_FOUND)
        return status;
    bool held = before != NULL && text_is(member_text(before, "state"), "held");
    json_decref(before);
    status = fold_feed_amount(file, record, "amount", &amount, err);
    if (status != STATUS_OK)
        return status;
    now = json_deep_copy(record);
    if (now == NULL)
        return err_set(err, STATUS_MEMORY, "no memory");
    json_object_set_new(now, "amount", json_integer(amount));
    json_object_set(now, "amount_text", json_object_get(record, "amount"));
    json_object_set_new(now, "currency", json_string(file->currency));
    json_object_set_new(now, "seq", json_integer((json_int_t)file->fold->seq));
    if (held && text_is(member_text(record, "state"), "delivered"))
        status = order_release(file, order, now, err);
    if (status == STATUS_OK)
        status = held_mark(file, now, err);
    if (status == STATUS_OK)
        status = books_put(file->fold->txn, BOOKS_ORDERS, &key, now, err);
    json_decref(now);
    return status;
}
