/*
 * Feeds in the books: records of an unfinished file are staged, and enter the books when its last part closes it
 * (FORMAT.md 5.4). Part 1 clears what an unfinished file left.
 */
#include <string.h>

#include "ledger/books.h"
#include "ledger/currency.h"
#include "ledger/fold.h"
#include "ledger/fold_parts.h"
#include "ledger/limits.h"
#include "ledger/money.h"
#include "ledger/schema.h"
#include "ledger/statement.h"
#include "ledger/tables.h"

struct feed {
    const struct fold *fold;
    const char *entity;
    const char *feed;
    const char *currency; /* of the file; NULL for customers */
};

static const char *record_id(const struct feed *feed, const json_t *record)
{
    if (strcmp(feed->feed, "customers") == 0)
        return member_text(record, "customer");
    return member_text(record, strcmp(feed->feed, "invoices") == 0 ? "invoice" : "receipt");
}

static struct books_key staged_prefix(const struct feed *feed)
{
    struct books_key key = books_key_pair(feed->entity, feed->feed);
    books_key_close(&key);
    return key;
}

static enum status customer_enter(const struct feed *feed, const json_t *record, struct err *err)
{
    json_t *customer = json_deep_copy(record);
    if (customer == NULL)
        return err_set(err, STATUS_MEMORY, "no memory");
    json_object_set(customer, "limit_text", json_object_get(record, "limit"));
    json_object_del(customer, "limit");
    struct books_key key = books_key_pair(feed->entity, member_text(record, "customer"));
    return books_put_new(feed->fold->txn, BOOKS_CUSTOMERS, &key, customer, err);
}

static enum status amount_read(const struct feed *feed, const json_t *record, const char *member, int64_t *ret_minor,
                               struct err *err)
{
    const char *text = member_text(record, member);
    int digits = feed->currency != NULL ? currency_digits(feed->currency) : -1;
    if (text == NULL || digits < 0)
        return err_set(err, STATUS_CORRUPT, "a %s record without %s or currency", feed->feed, member);
    return money_parse(text, strlen(text), digits, ret_minor, err);
}

static enum status item_note(const struct feed *feed, const json_t *record, const char *what, struct err *err)
{
    struct books_key key = books_key_pair(feed->entity, member_text(record, "customer"));
    books_key_add_text(&key, what);
    books_key_add_text(&key, member_text(record, what));
    return books_put_new(feed->fold->txn, BOOKS_CUSTOMER_ITEMS, &key, json_object(), err);
}

static enum status invoice_enter(const struct feed *feed, const json_t *record, struct err *err)
{
    int64_t gross;
    enum status status = amount_read(feed, record, "gross", &gross, err);
    if (status != STATUS_OK)
        return status;
    json_t *invoice = json_deep_copy(record);
    if (invoice == NULL)
        return err_set(err, STATUS_MEMORY, "no memory");
    json_object_set_new(invoice, "currency", json_string(feed->currency));
    json_object_set_new(invoice, "gross_text", json_string(member_text(record, "gross")));
    json_object_set_new(invoice, "gross", json_integer(gross));
    json_object_set_new(invoice, "open", json_integer(0));
    json_object_set_new(invoice, "pending", json_integer(0));
    status = fold_invoice_enter(feed->fold, feed->entity, invoice, gross, err);
    if (status == STATUS_OK)
        status = item_note(feed, record, "invoice", err);
    json_decref(invoice);
    return status;
}

static enum status cash_enter(const struct feed *feed, const json_t *record, struct err *err)
{
    const json_t *applied = json_object_get(record, "applied");
    int64_t rest, part;
    enum status status = amount_read(feed, record, "amount", &rest, err);
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(applied); i++) {
        const json_t *one = json_array_get(applied, i);
        status = amount_read(feed, one, "amount", &part, err);
        if (status == STATUS_OK)
            status = fold_invoice_open(feed->fold, feed->entity, member_text(one, "invoice"), -part, err);
        if (status == STATUS_OK)
            status = money_sub(rest, part, &rest, err);
    }
    if (status == STATUS_OK && rest != 0)
        status = fold_customer_account(feed->fold, feed->entity, member_text(record, "customer"), feed->currency, -rest,
                                       err);
    if (status != STATUS_OK)
        return status;
    json_t *receipt = json_copy((json_t *)record);
    if (receipt == NULL || json_object_set_new(receipt, "currency", json_string(feed->currency)) != 0) {
        json_decref(receipt);
        return err_set(err, STATUS_MEMORY, "no memory");
    }
    struct books_key key = books_key_pair(feed->entity, member_text(record, "receipt"));
    status = fold_customer_cash(feed->fold, feed->entity, receipt, err);
    if (status == STATUS_OK)
        status = books_put(feed->fold->txn, BOOKS_RECEIPTS, &key, receipt, err);
    json_decref(receipt);
    return status == STATUS_OK ? item_note(feed, record, "receipt", err) : status;
}

static enum status record_enter(const struct feed *feed, const json_t *record, struct err *err)
{
    if (strcmp(feed->feed, "customers") == 0)
        return customer_enter(feed, record, err);
    if (strcmp(feed->feed, "invoices") == 0)
        return invoice_enter(feed, record, err);
    if (strcmp(feed->feed, "cash") == 0)
        return cash_enter(feed, record, err);
    return err_set(err, STATUS_CORRUPT, "engine 0 has no feed %s", feed->feed);
}

static enum status staged_first(void *context, struct slice key, const json_t *record, bool *ret_more, struct err *err)
{
    json_t **ret_record = context;
    (void)key;
    *ret_more = false;
    *ret_record = json_deep_copy(record);
    return *ret_record != NULL ? STATUS_OK : err_set(err, STATUS_MEMORY, "no memory");
}

/* Takes the staged records one by one: into the books, or away. */
static enum status staged_empty(const struct feed *feed, bool enter, struct err *err)
{
    const struct books_key prefix = staged_prefix(feed);
    uint64_t staged = 0;
    enum status status = tables_count(feed->fold->txn, BOOKS_STAGED, &staged, err);
    for (; status == STATUS_OK; staged--) {
        json_t *record = NULL;
        const struct books_walk walk = {
            .table = BOOKS_STAGED, .prefix = &prefix, .step = staged_first, .context = &record};
        status = books_each(feed->fold->txn, &walk, err);
        if (status != STATUS_OK || record == NULL)
            return status;
        invariant(staged > 0); /* each step took one away */
        struct books_key key = books_key_pair(feed->entity, feed->feed);
        books_key_add_text(&key, record_id(feed, record));
        status = books_delete(feed->fold->txn, BOOKS_STAGED, &key, err);
        if (status == STATUS_OK && enter)
            status = record_enter(feed, record, err);
        json_decref(record);
    }
    return status;
}

static enum status records_take(const struct feed *feed, const json_t *body, struct err *err)
{
    const json_t *records = json_object_get(body, "records");
    bool last = json_is_true(json_object_get(body, "last"));
    bool whole = last && member_integer(body, "part") == 1;
    for (size_t i = 0; i < json_array_size(records); i++) {
        const json_t *record = json_array_get(records, i);
        struct books_key key = books_key_pair(feed->entity, feed->feed);
        books_key_add_text(&key, record_id(feed, record));
        enum status status =
            whole ? record_enter(feed, record, err) : books_put(feed->fold->txn, BOOKS_STAGED, &key, record, err);
        if (status != STATUS_OK)
            return status;
    }
    return last && !whole ? staged_empty(feed, true, err) : STATUS_OK;
}

static enum status file_note(const struct feed *feed, const json_t *body, const json_t *result, struct err *err)
{
    json_t *file = NULL;
    struct books_key key = books_key_pair(feed->entity, feed->feed);
    enum status status = books_get(feed->fold->txn, BOOKS_FILES, &key, &file, err);
    if (status == STATUS_NOT_FOUND) {
        file = json_pack("{s:i}", "closed", 0);
        status = STATUS_OK;
    }
    if (status != STATUS_OK)
        return status;
    json_t *manifest = json_object_get(body, "file");
    if (json_is_true(json_object_get(body, "last"))) {
        json_object_set_new(file, "closed", json_integer(member_integer(manifest, "sequence")));
        json_object_set_new(file, "closed_seq", json_integer((json_int_t)feed->fold->seq));
        json_object_del(file, "open");
    } else {
        json_t *open = json_pack("{s:I, s:O, s:I}", "count", (json_int_t)member_integer(result, "count"), "file",
                                 manifest, "part", (json_int_t)member_integer(body, "part"));
        json_object_set(open, "total", json_object_get(result, "total"));
        json_object_set_new(file, "open", open);
    }
    return books_put_new(feed->fold->txn, BOOKS_FILES, &key, file, err);
}

enum status fold_feed(const struct fold *fold, const json_t *result, struct err *err)
{
    const json_t *body = fold->statement->body;
    const struct feed feed = {.fold = fold,
                              .entity = member_text(body, "entity"),
                              .feed = member_text(body, "feed"),
                              .currency = member_text(json_object_get(body, "file"), "currency")};
    enum status status = STATUS_OK;
    if (member_integer(body, "part") == 1)
        status = staged_empty(&feed, false, err);
    if (status == STATUS_OK)
        status = records_take(&feed, body, err);
    return status == STATUS_OK ? file_note(&feed, body, result, err) : status;
}
