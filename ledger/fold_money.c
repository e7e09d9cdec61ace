/*
 * Ledger effects: what invoices have open and pending, what stands on customers' accounts, account totals. Believes the
 * lines of the decision; every sum is checked.
 */
#include <stdio.h>
#include <string.h>

#include "ledger/books.h"
#include "ledger/currency.h"
#include "ledger/fold.h"
#include "ledger/fold_parts.h"
#include "ledger/instant.h"
#include "ledger/money.h"
#include "ledger/schema.h"
#include "ledger/transfer.h"

static enum status amount_read(const char *text, const char *currency, int64_t *ret_minor, struct err *err)
{
    int digits = currency != NULL ? currency_digits(currency) : -1;
    if (text == NULL || digits < 0)
        return err_set(err, STATUS_CORRUPT, "an amount lacks its currency");
    return money_parse(text, strlen(text), digits, ret_minor, err);
}

static enum status integer_add(json_t *record, const char *name, int64_t delta, struct err *err)
{
    int64_t sum;
    enum status status = money_add(member_integer(record, name), delta, &sum, err);
    if (status == STATUS_OK && json_object_set_new(record, name, json_integer(sum)) != 0)
        status = err_set(err, STATUS_MEMORY, "no memory");
    return status;
}

/* Reads a record or begins one with an empty object. */
static enum status record_or_new(const struct fold *fold, enum books_table table, const struct books_key *key,
                                 json_t **ret_record, struct err *err)
{
    enum status status = books_get(fold->txn, table, key, ret_record, err);
    if (status != STATUS_NOT_FOUND)
        return status;
    *ret_record = json_object();
    return *ret_record != NULL ? STATUS_OK : err_set(err, STATUS_MEMORY, "no memory");
}

static enum status integers_add(const struct fold *fold, enum books_table table, const struct books_key *key,
                                const char *name, int64_t delta, struct err *err)
{
    json_t *record = NULL;
    enum status status = record_or_new(fold, table, key, &record, err);
    if (status == STATUS_OK)
        status = integer_add(record, name, delta, err);
    if (status == STATUS_OK)
        return books_put_new(fold->txn, table, key, record, err);
    json_decref(record);
    return status;
}

static enum status invoice_get(const struct fold *fold, const char *entity, const char *invoice, json_t **ret_record,
                               struct err *err)
{
    struct books_key key = books_key_pair(entity, invoice);
    enum status status = books_get(fold->txn, BOOKS_INVOICES, &key, ret_record, err);
    return status == STATUS_NOT_FOUND ? err_set(err, STATUS_CORRUPT, "invoice %s is not in the books", invoice)
                                      : status;
}

static enum status invoice_put(const struct fold *fold, const char *entity, const json_t *record, struct err *err)
{
    struct books_key key = books_key_pair(entity, member_text(record, "invoice"));
    return books_put(fold->txn, BOOKS_INVOICES, &key, record, err);
}

/* Only what is open stands among the open items. */
static enum status open_item_put(const struct fold *fold, const char *entity, const json_t *invoice, struct err *err)
{
    int32_t due;
    const char *due_text = member_text(invoice, "due");
    enum status status = date_parse(due_text, strlen(due_text), &due, err);
    if (status != STATUS_OK)
        return status;
    struct books_key key = books_key_pair(entity, member_text(invoice, "customer"));
    books_key_add_text(&key, member_text(invoice, "currency"));
    books_key_add_number(&key, (uint64_t)due);
    books_key_add_text(&key, member_text(invoice, "invoice"));
    int64_t open = member_integer(invoice, "open");
    if (open == 0)
        return books_delete(fold->txn, BOOKS_OPEN_ITEMS, &key, err);
    return books_put_new(fold->txn, BOOKS_OPEN_ITEMS, &key, json_pack("{s:I}", "open", (json_int_t)open), err);
}

/* The invoice itself is put by whoever has it. */
static enum status invoice_change(const struct fold *fold, const char *entity, json_t *invoice, int64_t delta_minor,
                                  struct err *err)
{
    enum status status = integer_add(invoice, "open", delta_minor, err);
    if (status == STATUS_OK)
        status = fold_moved(fold, invoice, "open", err);
    if (status == STATUS_OK)
        status = open_item_put(fold, entity, invoice, err);
    if (status != STATUS_OK)
        return status;
    struct books_key key = books_key_pair(entity, member_text(invoice, "customer"));
    books_key_add_text(&key, member_text(invoice, "currency"));
    return integers_add(fold, BOOKS_BALANCES, &key, "open", delta_minor, err);
}

enum status fold_invoice_open(const struct fold *fold, const char *entity, const char *invoice, int64_t delta_minor,
                              struct err *err)
{
    json_t *record = NULL;
    struct books_key key = books_key_pair(entity, invoice);
    enum status status = invoice_get(fold, entity, invoice, &record, err);
    if (status == STATUS_OK)
        status = invoice_change(fold, entity, record, delta_minor, err);
    if (status == STATUS_OK)
        return books_put_new(fold->txn, BOOKS_INVOICES, &key, record, err);
    json_decref(record);
    return status;
}

enum status fold_invoice_enter(const struct fold *fold, const char *entity, json_t *record, int64_t gross_minor,
                               struct err *err)
{
    enum status status = invoice_change(fold, entity, record, gross_minor, err);
    return status == STATUS_OK ? invoice_put(fold, entity, record, err) : status;
}

enum status fold_customer_account(const struct fold *fold, const char *entity, const char *customer,
                                  const char *currency, int64_t delta_minor, struct err *err)
{
    struct books_key key = books_key_pair(entity, customer);
    books_key_add_text(&key, currency);
    return integers_add(fold, BOOKS_BALANCES, &key, "account", delta_minor, err);
}

enum status fold_customer_cash(const struct fold *fold, const char *entity, const json_t *receipt, struct err *err)
{
    json_t *balance = NULL;
    const char *date = member_text(receipt, "date"), *last;
    struct books_key key = books_key_pair(entity, member_text(receipt, "customer"));
    books_key_add_text(&key, member_text(receipt, "currency"));
    enum status status = record_or_new(fold, BOOKS_BALANCES, &key, &balance, err);
    if (status != STATUS_OK)
        return status;
    last = member_text(json_object_get(balance, "cash"), "date");
    if (last != NULL && strcmp(last, date) >= 0) {
        json_decref(balance);
        return STATUS_OK;
    }
    json_object_set_new(balance, "cash",
                        json_pack("{s:s, s:s}", "date", date, "receipt", member_text(receipt, "receipt")));
    return books_put_new(fold->txn, BOOKS_BALANCES, &key, balance, err);
}

/* Whether its allocations take from what their invoices have open: a recovery reinstates and pays in one. */
static bool document_reduces(const json_t *document)
{
    const char *direction = member_text(document, "direction"), *kind = member_text(document, "kind");
    return (direction == NULL || strcmp(direction, "up") != 0) && (kind == NULL || strcmp(kind, "recovery") != 0);
}

static enum status side_pending(const struct fold *fold, const json_t *document, int sign, struct err *err)
{
    const char *entity = member_text(document, "entity"), *id;
    json_t *sums = NULL, *sum;
    if (!document_reduces(document))
        return STATUS_OK;
    enum status status = allocations_sum(document, &sums, err);
    json_object_foreach(sums, id, sum)
    {
        json_t *invoice = NULL;
        if (status == STATUS_OK)
            status = invoice_get(fold, entity, id, &invoice, err);
        if (status == STATUS_OK)
            status = integer_add(invoice, "pending", sign * json_integer_value(sum), err);
        if (status == STATUS_OK)
            status = invoice_put(fold, entity, invoice, err);
        json_decref(invoice);
    }
    json_decref(sums);
    return status;
}

enum status fold_pending(const struct fold *fold, const json_t *document, int sign, struct err *err)
{
    json_t *receiving = NULL;
    enum status status = side_pending(fold, document, sign, err);
    if (status == STATUS_OK)
        status = transfer_receiving(document, &receiving, err);
    if (status == STATUS_OK && receiving != NULL)
        status = side_pending(fold, receiving, sign, err);
    json_decref(receiving);
    return status;
}

/* Adds an allocation to what is used of its line, in the invoice's record. */
static enum status line_use(const json_t *document, const json_t *allocation, int sign, json_t *invoice,
                            struct err *err)
{
    int64_t amount;
    enum status status =
        amount_read(member_text(allocation, "amount"), member_text(document, "currency"), &amount, err);
    json_t *used = json_object_get(invoice, "lines_used");
    if (status != STATUS_OK)
        return status;
    if (used == NULL) {
        used = json_object();
        if (json_object_set_new(invoice, "lines_used", used) != 0)
            return err_set(err, STATUS_MEMORY, "no memory");
    }
    return integer_add(used, member_text(allocation, "line"), sign * amount, err);
}

/* The invoice of an allocation, from those that are at hand or from the books. Lends while they are at hand. */
static enum status invoice_at_hand(const struct fold *fold, const char *entity, const char *id, json_t *at_hand,
                                   json_t **ret_invoice, struct err *err)
{
    json_t *invoice = json_object_get(at_hand, id);
    enum status status = STATUS_OK;
    if (invoice == NULL) {
        status = invoice_get(fold, entity, id, &invoice, err);
        if (status == STATUS_OK && json_object_set_new(at_hand, id, invoice) != 0)
            status = err_set(err, STATUS_MEMORY, "no memory");
    }
    if (status == STATUS_OK)
        *ret_invoice = invoice;
    return status;
}

static enum status lines_change(const struct fold *fold, const json_t *document, int sign, struct err *err)
{
    const json_t *allocations = json_object_get(document, "allocations");
    const char *entity = member_text(document, "entity"), *id;
    json_t *at_hand = json_object(), *invoice = NULL;
    enum status status = at_hand != NULL ? STATUS_OK : err_set(err, STATUS_MEMORY, "no memory");
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(allocations); i++) {
        const json_t *allocation = json_array_get(allocations, i);
        if (member_text(allocation, "line") == NULL)
            continue;
        status = invoice_at_hand(fold, entity, member_text(allocation, "invoice"), at_hand, &invoice, err);
        if (status == STATUS_OK)
            status = line_use(document, allocation, sign, invoice, err);
    }
    json_object_foreach(at_hand, id, invoice)
    {
        if (status == STATUS_OK)
            status = invoice_put(fold, entity, invoice, err);
    }
    json_decref(at_hand);
    return status;
}

enum status fold_lines_used(const struct fold *fold, const json_t *document, int sign, struct err *err)
{
    return document_reduces(document) ? lines_change(fold, document, sign, err) : STATUS_OK;
}

enum status fold_lines_raised(const struct fold *fold, const json_t *document, int sign, struct err *err)
{
    return document_reduces(document) ? STATUS_OK : lines_change(fold, document, -sign, err);
}

/* A line's functional amount; its decimals say its digits. */
static enum status functional_read(const json_t *line, int64_t *ret_minor, struct err *err)
{
    const char *text = member_text(line, "functional"), *dot = strchr(text, '.');
    size_t length = strlen(text), digits = dot != NULL ? length - (size_t)(dot - text) - 1 : 0;
    if (digits > CURRENCY_DIGITS_MAX)
        return err_set(err, STATUS_CORRUPT, "a functional amount of %zu decimals", digits);
    return money_parse(text, length, (int)digits, ret_minor, err);
}

enum status fold_rounding(const struct fold *fold, const json_t *record, struct err *err)
{
    const json_t *lines = json_object_get(record, "lines");
    char month[sizeof "YYYY-MM"];
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(lines); i++) {
        const json_t *line = json_array_get(lines, i);
        const char *difference = member_text(line, "difference");
        int64_t minor;
        if (difference == NULL || strcmp(difference, "rounding") != 0)
            continue;
        snprintf(month, sizeof month, "%s", member_text(json_object_get(record, "document"), "date"));
        struct books_key key = books_key_pair(member_text(record, "entity"), month);
        status = functional_read(line, &minor, err);
        if (status == STATUS_OK)
            status = integers_add(fold, BOOKS_ROUNDING, &key, "minor", minor, err);
    }
    return status;
}

/* A line's account and, where it names no invoice, its customer. What it does to an invoice is added to deltas. */
static enum status ledger_line_fold(const struct fold *fold, const char *entity, const json_t *line, json_t *deltas,
                                    struct err *err)
{
    const char *currency = member_text(line, "currency");
    const char *invoice = member_text(line, "invoice");
    const char *customer = member_text(line, "customer");
    bool debit = strcmp(member_text(line, "side"), "dr") == 0;
    int64_t amount, functional;
    enum status status = amount_read(member_text(line, "amount"), currency, &amount, err);
    if (status != STATUS_OK)
        return status;
    struct books_key key = books_key_pair(entity, member_text(line, "account"));
    books_key_add_text(&key, currency);
    status = integers_add(fold, BOOKS_ACCOUNTS, &key, debit ? "dr" : "cr", amount, err);
    if (status == STATUS_OK && member_text(line, "functional") != NULL) {
        status = functional_read(line, &functional, err);
        if (status == STATUS_OK)
            status =
                integers_add(fold, BOOKS_ACCOUNTS, &key, debit ? "functional_dr" : "functional_cr", functional, err);
    }
    if (status != STATUS_OK)
        return status;
    if (invoice != NULL)
        return integer_add(deltas, invoice, debit ? amount : -amount, err);
    if (customer != NULL)
        return fold_customer_account(fold, entity, customer, currency, debit ? amount : -amount, err);
    return STATUS_OK;
}

enum status fold_ledger_lines(const struct fold *fold, const char *entity, const json_t *lines, struct err *err)
{
    json_t *deltas = json_object(), *delta;
    const char *invoice;
    enum status status = deltas != NULL ? STATUS_OK : err_set(err, STATUS_MEMORY, "no memory");
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(lines); i++)
        status = ledger_line_fold(fold, entity, json_array_get(lines, i), deltas, err);
    json_object_foreach(deltas, invoice, delta)
    {
        if (status == STATUS_OK)
            status = fold_invoice_open(fold, entity, invoice, json_integer_value(delta), err);
    }
    json_decref(deltas);
    return status;
}
