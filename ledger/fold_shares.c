/*
 * What documents hold beside the open amounts of invoices: the net and tax of tax codes that credits took, stated splits
 * that wait, what recoveries take of their write-off and receipt, what waits on a customer's account, and which customers
 * had debt written off. Kept in step with the documents that are alive, so that two that wait cannot both have the same.
 */
#include <string.h>

#include "ledger/books.h"
#include "ledger/currency.h"
#include "ledger/fold.h"
#include "ledger/fold_parts.h"
#include "ledger/money.h"
#include "ledger/schema.h"
#include "ledger/tax_shares.h"
#include "ledger/transfer.h"

static bool kind_is(const json_t *document, const char *kind)
{
    const char *text = member_text(document, "kind");
    return text != NULL && strcmp(text, kind) == 0;
}

static bool goes_up(const json_t *document)
{
    const char *direction = member_text(document, "direction");
    return direction != NULL && strcmp(direction, "up") == 0;
}

static enum status no_memory(struct err *err)
{
    return err_set(err, STATUS_MEMORY, "no memory to fold a document");
}

static enum status amount_of(const json_t *object, const char *name, const char *currency, int64_t *ret_minor,
                             struct err *err)
{
    const char *text = member_text(object, name);
    int digits = currency != NULL ? currency_digits(currency) : -1;
    if (text == NULL || digits < 0)
        return err_set(err, STATUS_CORRUPT, "an amount lacks its currency");
    return money_parse(text, strlen(text), digits, ret_minor, err);
}

static enum status record_get(const struct fold *fold, enum books_table table, const struct books_key *key,
                              json_t **ret_record, struct err *err)
{
    enum status status = books_get(fold->txn, table, key, ret_record, err);
    return status == STATUS_NOT_FOUND ? err_set(err, STATUS_CORRUPT, "what a document takes from is not in the books")
                                      : status;
}

static enum status integer_add(json_t *record, const char *name, int64_t delta, struct err *err)
{
    int64_t sum;
    enum status status = money_add(member_integer(record, name), delta, &sum, err);
    return status != STATUS_OK || json_object_set_new(record, name, json_integer(sum)) == 0 ? status : no_memory(err);
}

/* Kinds whose amounts are split over net and tax; the others move neither. */
static bool splits(const json_t *document)
{
    return kind_is(document, "credit-note") || kind_is(document, "correction") || kind_is(document, "rebill");
}

/* Takes one allocation from its invoice and notes the parts in `shares` of the document's record. */
static enum status allocation_take(const struct fold *fold, const json_t *document, size_t index, json_t *shares,
                                   struct err *err)
{
    const json_t *allocation = json_array_get(json_object_get(document, "allocations"), index);
    const char *id = member_text(allocation, "invoice"), *entity = member_text(document, "entity");
    struct tax_taking taking = {
        .line = member_text(allocation, "line"), .taxes = json_object_get(document, "taxes"), .up = goes_up(document)};
    struct tax_shares parts;
    json_t *invoice = NULL;
    struct books_key key = books_key_pair(entity, id);
    if (taking.taxes != NULL && index > 0)
        return STATUS_OK; /* stated for the one invoice as a whole */
    enum status status = amount_of(allocation, "amount", member_text(document, "currency"), &taking.amount_minor, err);
    if (status == STATUS_OK)
        status = record_get(fold, BOOKS_INVOICES, &key, &invoice, err);
    if (status == STATUS_OK)
        status = tax_shares_take(invoice, &taking, &parts, err);
    if (status == STATUS_OK)
        status = tax_shares_note(shares, id, &parts, taking.up ? -1 : 1, err);
    if (status == STATUS_OK)
        return books_put_new(fold->txn, BOOKS_INVOICES, &key, invoice, err);
    json_decref(invoice);
    return status;
}

enum status fold_shares_take(const struct fold *fold, json_t *record, struct err *err)
{
    const json_t *document = json_object_get(record, "document");
    size_t count = json_array_size(json_object_get(document, "allocations"));
    if (!splits(document) || count == 0)
        return STATUS_OK;
    json_t *shares = json_object();
    enum status status = shares != NULL ? STATUS_OK : no_memory(err);
    for (size_t i = 0; status == STATUS_OK && i < count; i++)
        status = allocation_take(fold, document, i, shares, err);
    if (status == STATUS_OK && json_object_set(record, "shares", shares) != 0)
        status = no_memory(err);
    json_decref(shares);
    return status;
}

enum status fold_shares_give_back(const struct fold *fold, const json_t *record, struct err *err)
{
    const char *id;
    json_t *list;
    enum status status = STATUS_OK;
    json_object_foreach(json_object_get(record, "shares"), id, list)
    {
        struct books_key key = books_key_pair(member_text(record, "entity"), id);
        struct tax_shares parts;
        json_t *invoice = NULL;
        if (status != STATUS_OK)
            break;
        tax_shares_read(list, &parts);
        status = record_get(fold, BOOKS_INVOICES, &key, &invoice, err);
        if (status == STATUS_OK)
            status = tax_shares_note(invoice, "credited", &parts, -1, err);
        if (status == STATUS_OK)
            status = books_put(fold->txn, BOOKS_INVOICES, &key, invoice, err);
        json_decref(invoice);
    }
    return status;
}

/* A stated split that waits holds its parts, since nothing else may take them. */
static enum status stated_hold(const struct fold *fold, const json_t *document, int sign, struct err *err)
{
    const json_t *first = json_array_get(json_object_get(document, "allocations"), 0);
    const struct tax_taking taking = {.taxes = json_object_get(document, "taxes")};
    struct tax_shares parts;
    json_t *invoice = NULL, *held = NULL;
    if (taking.taxes == NULL || first == NULL || goes_up(document))
        return STATUS_OK;
    struct books_key key = books_key_pair(member_text(document, "entity"), member_text(first, "invoice"));
    enum status status = record_get(fold, BOOKS_INVOICES, &key, &invoice, err);
    if (status == STATUS_OK && (held = json_deep_copy(invoice)) == NULL)
        status = no_memory(err);
    if (status == STATUS_OK)
        status = tax_shares_take(held, &taking, &parts, err);
    if (status == STATUS_OK)
        status = tax_shares_note(invoice, "stated", &parts, sign, err);
    if (status == STATUS_OK)
        status = books_put(fold->txn, BOOKS_INVOICES, &key, invoice, err);
    json_decref(held);
    json_decref(invoice);
    return status;
}

/* What a document takes from what stands on its customer's account: a recovery, a credit balance given up or moved. */
static bool takes_account(const json_t *document)
{
    const char *charge = member_text(document, "charge");
    return kind_is(document, "recovery") || (charge != NULL && strcmp(charge, "credit-balance") == 0) ||
           transfer_of_credit(document);
}

static enum status account_hold(const struct fold *fold, const json_t *document, int sign, struct err *err)
{
    json_t *balance = NULL;
    const char *currency = member_text(document, "currency");
    int64_t amount;
    if (!takes_account(document))
        return STATUS_OK;
    struct books_key key = books_key_pair(member_text(document, "entity"), member_text(document, "customer"));
    books_key_add_text(&key, currency);
    enum status status = amount_of(document, "amount", currency, &amount, err);
    if (status == STATUS_OK)
        status = record_get(fold, BOOKS_BALANCES, &key, &balance, err);
    if (status == STATUS_OK)
        status = integer_add(balance, "pending", sign * amount, err);
    if (status == STATUS_OK)
        status = books_put(fold->txn, BOOKS_BALANCES, &key, balance, err);
    json_decref(balance);
    return status;
}

enum status fold_shares_hold(const struct fold *fold, const json_t *document, int sign, struct err *err)
{
    enum status status = stated_hold(fold, document, sign, err);
    return status == STATUS_OK ? account_hold(fold, document, sign, err) : status;
}

/* Adds what a recovery takes to `recovering` of its write-off, by invoice. */
static enum status write_off_use(const struct fold *fold, const json_t *document, int sign, struct err *err)
{
    const char *invoice;
    json_t *write_off = NULL, *sums = NULL, *sum;
    struct books_key key = books_key(member_text(document, "recovers"));
    enum status status = record_get(fold, BOOKS_DOCUMENTS, &key, &write_off, err);
    if (status == STATUS_OK)
        status = allocations_sum(document, &sums, err);
    json_t *recovering = json_object_get(write_off, "recovering");
    if (status == STATUS_OK && recovering == NULL) {
        recovering = json_object();
        if (json_object_set_new(write_off, "recovering", recovering) != 0)
            status = no_memory(err);
    }
    json_object_foreach(sums, invoice, sum)
    {
        if (status == STATUS_OK)
            status = integer_add(recovering, invoice, sign * json_integer_value(sum), err);
    }
    if (status == STATUS_OK)
        status = books_put(fold->txn, BOOKS_DOCUMENTS, &key, write_off, err);
    json_decref(sums);
    json_decref(write_off);
    return status;
}

enum status fold_recovery_use(const struct fold *fold, const json_t *document, int sign, struct err *err)
{
    json_t *receipt = NULL;
    int64_t amount;
    if (!kind_is(document, "recovery"))
        return STATUS_OK;
    struct books_key key = books_key_pair(member_text(document, "entity"), member_text(document, "receipt"));
    enum status status = write_off_use(fold, document, sign, err);
    if (status == STATUS_OK)
        status = amount_of(document, "amount", member_text(document, "currency"), &amount, err);
    if (status == STATUS_OK)
        status = record_get(fold, BOOKS_RECEIPTS, &key, &receipt, err);
    if (status == STATUS_OK)
        status = integer_add(receipt, "recovering", sign * amount, err);
    if (status == STATUS_OK)
        status = books_put(fold->txn, BOOKS_RECEIPTS, &key, receipt, err);
    json_decref(receipt);
    return status;
}
