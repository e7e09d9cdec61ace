/*
 * Ledger effects: what invoices have open and pending, what stands on customers' accounts, account totals. Believes the
 * lines of the decision; every sum is checked.
 */
#include <string.h>

#include "ledger/books.h"
#include "ledger/currency.h"
#include "ledger/fold.h"
#include "ledger/fold_parts.h"
#include "ledger/instant.h"
#include "ledger/money.h"
#include "ledger/schema.h"

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
        status = books_put(fold->txn, table, key, record, err);
    json_decref(record);
    return status;
}

static enum status invoice_get(const struct fold *fold, const char *entity, const char *invoice, json_t **ret_record,
                               struct err *err)
{
    struct books_key key = books_key_pair(entity, invoice);
    enum status status = books_get(fold->txn, BOOKS_INVOICES, &key, ret_record, err);
    return status == STATUS_NOT_FOUND ? err_set(err, STATUS_CORRUPT, "invoice %s is not in the books", invoice) : status;
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

static enum status invoice_change(const struct fold *fold, const char *entity, json_t *invoice, int64_t delta_minor,
                                  struct err *err)
{
    enum status status = integer_add(invoice, "open", delta_minor, err);
    if (status == STATUS_OK)
        status = invoice_put(fold, entity, invoice, err);
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
    enum status status = invoice_get(fold, entity, invoice, &record, err);
    if (status == STATUS_OK)
        status = invoice_change(fold, entity, record, delta_minor, err);
    json_decref(record);
    return status;
}

enum status fold_invoice_enter(const struct fold *fold, const char *entity, json_t *record, int64_t gross_minor,
                               struct err *err)
{
    return invoice_change(fold, entity, record, gross_minor, err);
}

enum status fold_customer_account(const struct fold *fold, const char *entity, const char *customer, const char *currency,
                                  int64_t delta_minor, struct err *err)
{
    struct books_key key = books_key_pair(entity, customer);
    books_key_add_text(&key, currency);
    return integers_add(fold, BOOKS_BALANCES, &key, "account", delta_minor, err);
}

static bool document_reduces(const json_t *document)
{
    const char *direction = member_text(document, "direction");
    return direction == NULL || strcmp(direction, "up") != 0;
}

enum status fold_pending(const struct fold *fold, const json_t *document, int sign, struct err *err)
{
    const json_t *allocations = json_object_get(document, "allocations");
    if (!document_reduces(document))
        return STATUS_OK;
    for (size_t i = 0; i < json_array_size(allocations); i++) {
        const json_t *allocation = json_array_get(allocations, i);
        json_t *invoice = NULL;
        int64_t amount;
        enum status status = amount_read(member_text(allocation, "amount"), member_text(document, "currency"), &amount, err);
        if (status == STATUS_OK)
            status = invoice_get(fold, member_text(document, "entity"), member_text(allocation, "invoice"), &invoice, err);
        if (status == STATUS_OK)
            status = integer_add(invoice, "pending", sign * amount, err);
        if (status == STATUS_OK)
            status = invoice_put(fold, member_text(document, "entity"), invoice, err);
        json_decref(invoice);
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}

static enum status line_use(const struct fold *fold, const json_t *document, const json_t *allocation, int sign,
                            struct err *err)
{
    json_t *invoice = NULL;
    int64_t amount;
    enum status status = amount_read(member_text(allocation, "amount"), member_text(document, "currency"), &amount, err);
    if (status == STATUS_OK)
        status = invoice_get(fold, member_text(document, "entity"), member_text(allocation, "invoice"), &invoice, err);
    if (status != STATUS_OK)
        return status;
    json_t *used = json_object_get(invoice, "lines_used");
    if (used == NULL) {
        used = json_object();
        json_object_set_new(invoice, "lines_used", used);
    }
    status = integer_add(used, member_text(allocation, "line"), sign * amount, err);
    if (status == STATUS_OK)
        status = invoice_put(fold, member_text(document, "entity"), invoice, err);
    json_decref(invoice);
    return status;
}

enum status fold_lines_used(const struct fold *fold, const json_t *document, int sign, struct err *err)
{
    const json_t *allocations = json_object_get(document, "allocations");
    enum status status = STATUS_OK;
    if (!document_reduces(document))
        return STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(allocations); i++) {
        const json_t *allocation = json_array_get(allocations, i);
        if (member_text(allocation, "line") != NULL)
            status = line_use(fold, document, allocation, sign, err);
    }
    return status;
}

static enum status ledger_line_fold(const struct fold *fold, const char *entity, const json_t *line, struct err *err)
{
    const char *currency = member_text(line, "currency");
    const char *invoice = member_text(line, "invoice");
    const char *customer = member_text(line, "customer");
    bool debit = strcmp(member_text(line, "side"), "dr") == 0;
    int64_t amount;
    enum status status = amount_read(member_text(line, "amount"), currency, &amount, err);
    if (status != STATUS_OK)
        return status;
    struct books_key key = books_key_pair(entity, member_text(line, "account"));
    books_key_add_text(&key, currency);
    status = integers_add(fold, BOOKS_ACCOUNTS, &key, debit ? "dr" : "cr", amount, err);
    if (status != STATUS_OK)
        return status;
    if (invoice != NULL)
        return fold_invoice_open(fold, entity, invoice, debit ? amount : -amount, err);
    if (customer != NULL)
        return fold_customer_account(fold, entity, customer, currency, debit ? amount : -amount, err);
    return STATUS_OK;
}

enum status fold_ledger_lines(const struct fold *fold, const char *entity, const json_t *lines, struct err *err)
{
    for (size_t i = 0; i < json_array_size(lines); i++) {
        enum status status = ledger_line_fold(fold, entity, json_array_get(lines, i), err);
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}
