/*
 * Customers, invoices and receipts enter the books: masters, open items, what stands on a customer's account.
 */
#include <string.h>

#include "ledger/books.h"
#include "ledger/currency.h"
#include "ledger/fold.h"
#include "ledger/fold_feed.h"
#include "ledger/fold_parts.h"
#include "ledger/instant.h"
#include "ledger/money.h"
#include "ledger/schema.h"

enum status fold_feed_customer(const struct fold_file *file, const json_t *record, struct err *err)
{
    char since[INSTANT_TEXT_BYTES];
    json_t *customer = json_deep_copy(record);
    if (customer == NULL)
        return err_set(err, STATUS_MEMORY, "no memory");
    json_object_set(customer, "limit_text", json_object_get(record, "limit"));
    json_object_del(customer, "limit");
    instant_format(file->fold->time_ms, since);
    json_object_set_new(customer, "since", json_string(since));
    struct books_key key = books_key_pair(file->entity, member_text(record, "customer"));
    return books_put_new(file->fold->txn, BOOKS_CUSTOMERS, &key, customer, err);
}

enum status fold_feed_amount(const struct fold_file *file, const json_t *record, const char *member, int64_t *ret_minor,
                             struct err *err)
{
    const char *text = member_text(record, member);
    int digits = file->currency != NULL ? currency_digits(file->currency) : -1;
    if (text == NULL || digits < 0)
        return err_set(err, STATUS_CORRUPT, "a %s record without %s or currency", file->feed, member);
    return money_parse(text, strlen(text), digits, ret_minor, err);
}

enum status fold_feed_item(const struct fold_file *file, const json_t *record, const char *what, struct err *err)
{
    struct books_key key = books_key_pair(file->entity, member_text(record, "customer"));
    books_key_add_text(&key, what);
    books_key_add_text(&key, member_text(record, what));
    return books_put_new(file->fold->txn, BOOKS_CUSTOMER_ITEMS, &key, json_object(), err);
}

enum status fold_feed_invoice(const struct fold_file *file, const json_t *record, struct err *err)
{
    int64_t gross;
    enum status status = fold_feed_amount(file, record, "gross", &gross, err);
    if (status != STATUS_OK)
        return status;
    json_t *invoice = json_deep_copy(record);
    if (invoice == NULL)
        return err_set(err, STATUS_MEMORY, "no memory");
    json_object_set_new(invoice, "currency", json_string(file->currency));
    json_object_set_new(invoice, "gross_text", json_string(member_text(record, "gross")));
    json_object_set_new(invoice, "gross", json_integer(gross));
    json_object_set_new(invoice, "open", json_integer(0));
    json_object_set_new(invoice, "pending", json_integer(0));
    status = fold_invoice_enter(file->fold, file->entity, invoice, gross, err);
    if (status == STATUS_OK)
        status = fold_feed_item(file, record, "invoice", err);
    json_decref(invoice);
    return status;
}

enum status fold_feed_receipt(const struct fold_file *file, const json_t *record, struct err *err)
{
    const json_t *applied = json_object_get(record, "applied");
    int64_t rest, part;
    enum status status = fold_feed_amount(file, record, "amount", &rest, err);
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(applied); i++) {
        const json_t *one = json_array_get(applied, i);
        status = fold_feed_amount(file, one, "amount", &part, err);
        if (status == STATUS_OK)
            status = fold_invoice_open(file->fold, file->entity, member_text(one, "invoice"), -part, err);
        if (status == STATUS_OK)
            status = money_sub(rest, part, &rest, err);
    }
    if (status == STATUS_OK && rest != 0)
        status = fold_customer_account(file->fold, file->entity, member_text(record, "customer"), file->currency, -rest,
                                       err);
    if (status != STATUS_OK)
        return status;
    json_t *receipt = json_copy((json_t *)record);
    if (receipt == NULL || json_object_set_new(receipt, "currency", json_string(file->currency)) != 0) {
        json_decref(receipt);
        return err_set(err, STATUS_MEMORY, "no memory");
    }
    struct books_key key = books_key_pair(file->entity, member_text(record, "receipt"));
    status = books_put_new(file->fold->txn, BOOKS_RECEIPTS, &key, receipt, err);
    return status == STATUS_OK ? fold_feed_item(file, record, "receipt", err) : status;
}
