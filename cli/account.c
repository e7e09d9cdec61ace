/*
 * Movements of a customer's account. Invoices and receipts are found by the list of the customer's items, corrections by
 * that of the customer's documents, and reversals, which name no customer, through what they reverse.
 */
#include "cli/account.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "controls/kind.h"
#include "ledger/instant.h"
#include "ledger/money.h"
#include "ledger/schema.h"

enum movement_order { ORDER_INVOICE = 0, ORDER_CASH = 1, ORDER_DOCUMENTS = 2 };

struct reading {
    const struct facts *facts;
    const char *entity;
    const char *customer;
    struct account *account;
};

static enum status movement_new(struct account *account, struct movement **ret_movement, struct err *err)
{
    if (account->count == MOVEMENTS_MAX)
        return err_set(err, STATUS_LIMIT, "more than %d movements of one customer", MOVEMENTS_MAX);
    if (account->count == account->room) {
        size_t room = account->room == 0 ? 64 : account->room * 2;
        struct movement *more = realloc(account->movements, room * sizeof *more);
        if (more == NULL)
            return err_set(err, STATUS_MEMORY, "no memory for a customer's account");
        account->movements = more;
        account->room = room;
    }
    *ret_movement = &account->movements[account->count++];
    **ret_movement = (struct movement){.what = ""};
    return STATUS_OK;
}

static enum status take_date(const json_t *record, int32_t *ret_days, struct err *err)
{
    const char *date = member_text(record, "date");
    if (date == NULL)
        return err_set(err, STATUS_CORRUPT, "a record of the books has no date; run rebuild");
    return date_parse(date, strlen(date), ret_days, err);
}

static enum status add_feed_record(const struct reading *reading, enum books_table table, const json_t *record,
                                   struct err *err)
{
    bool cash = table == BOOKS_RECEIPTS;
    struct movement *movement = NULL;
    const char *currency = member_text(record, "currency");
    const char *id = member_text(record, cash ? "receipt" : "invoice");
    int64_t minor = member_integer(record, "gross");
    enum status status = STATUS_OK;
    if (currency == NULL || id == NULL)
        return err_set(err, STATUS_CORRUPT, "a record of the books has no currency or id; run rebuild");
    if (cash) {
        const char *amount = member_text(record, "amount");
        status = amount == NULL ? err_set(err, STATUS_CORRUPT, "receipt %s has no amount; run rebuild", id)
                                : money_parse(amount, strlen(amount), currency_digits(currency), &minor, err);
    }
    if (status == STATUS_OK)
        status = movement_new(reading->account, &movement, err);
    if (status == STATUS_OK)
        status = take_date(record, &movement->date, err);
    if (status != STATUS_OK)
        return status;
    movement->what = cash ? "cash" : "invoice";
    movement->order = cash ? ORDER_CASH : ORDER_INVOICE;
    movement->minor = cash ? -minor : minor;
    snprintf(movement->currency, sizeof movement->currency, "%.3s", currency);
    snprintf(movement->id, sizeof movement->id, "%s", id);
    return STATUS_OK;
}

struct item_walk {
    const struct reading *reading;
    enum books_table table;
};

/* The key of a customer's item ends with its id. */
static enum status item_step(void *context, struct slice key, const json_t *item, bool *ret_more, struct err *err)
{
    const struct item_walk *walk = context;
    const uint8_t *zero = memrchr(key.bytes, 0, key.length);
    char id[ID_BYTES_MAX + 1];
    json_t *record = NULL;
    (void)item;
    (void)ret_more;
    if (zero == NULL)
        return err_set(err, STATUS_CORRUPT, "an item of a customer has no id; run rebuild");
    snprintf(id, sizeof id, "%.*s", (int)(key.bytes + key.length - zero - 1), (const char *)zero + 1);
    struct books_key record_key = books_key_pair(walk->reading->entity, id);
    enum status status = books_get(walk->reading->facts->books, walk->table, &record_key, &record, err);
    if (status == STATUS_NOT_FOUND)
        return err_set(err, STATUS_CORRUPT, "%s is listed for a customer and not in the books; run rebuild", id);
    if (status == STATUS_OK)
        status = add_feed_record(walk->reading, walk->table, record, err);
    json_decref(record);
    return status;
}

static enum status read_items(const struct reading *reading, enum books_table table, struct err *err)
{
    struct item_walk items = {.reading = reading, .table = table};
    struct books_key prefix = books_key_pair(reading->entity, reading->customer);
    books_key_add_text(&prefix, table == BOOKS_RECEIPTS ? "receipt" : "invoice");
    books_key_close(&prefix);
    const struct books_walk walk = {
        .table = BOOKS_CUSTOMER_ITEMS, .prefix = &prefix, .step = item_step, .context = &items};
    return books_each(reading->facts->books, &walk, err);
}

/* What a document's ledger lines do to the customer: lines that name him, and perhaps an invoice. */
static enum status lines_sum(const json_t *lines, const char *customer, const char **ret_currency, int64_t *ret_minor,
                             struct err *err)
{
    int64_t sum = 0;
    for (size_t i = 0; i < json_array_size(lines); i++) {
        const json_t *line = json_array_get(lines, i);
        const char *amount = member_text(line, "amount"), *side = member_text(line, "side");
        int64_t minor;
        if (member_text(line, "customer") == NULL || strcmp(member_text(line, "customer"), customer) != 0)
            continue;
        *ret_currency = member_text(line, "currency");
        if (amount == NULL || side == NULL || *ret_currency == NULL)
            return err_set(err, STATUS_CORRUPT, "a ledger line lacks a member; run rebuild");
        enum status status = money_parse(amount, strlen(amount), currency_digits(*ret_currency), &minor, err);
        if (status == STATUS_OK)
            status = money_add(sum, side[0] == 'd' ? minor : -minor, &sum, err);
        if (status != STATUS_OK)
            return status;
    }
    *ret_minor = sum;
    return STATUS_OK;
}

static enum status add_document(const struct reading *reading, const json_t *record, struct err *err)
{
    const json_t *lines = json_object_get(record, "lines");
    const char *currency = NULL, *legal = member_text(record, "legal"), *kind_text = member_text(record, "kind");
    const struct kind *kind = kind_text != NULL ? kind_find(kind_text) : NULL;
    struct movement *movement = NULL;
    int64_t minor = 0;
    enum status status = lines_sum(lines, reading->customer, &currency, &minor, err);
    if (status != STATUS_OK || currency == NULL)
        return status;
    status = movement_new(reading->account, &movement, err);
    if (status == STATUS_OK)
        status = take_date(json_object_get(record, "document"), &movement->date, err);
    if (status != STATUS_OK)
        return status;
    movement->order = ORDER_DOCUMENTS + (uint64_t)member_integer(json_object_get(record, "posted"), "seq");
    movement->what = kind != NULL ? kind->title : "document";
    movement->minor = minor;
    snprintf(movement->currency, sizeof movement->currency, "%.3s", currency);
    snprintf(movement->id, sizeof movement->id, "%s", member_text(record, "number"));
    snprintf(movement->legal, sizeof movement->legal, "%s", legal != NULL ? legal : "");
    return STATUS_OK;
}

static enum status document_step(void *context, struct slice key, const json_t *listed, bool *ret_more, struct err *err)
{
    const struct reading *reading = context;
    json_t *record = NULL, *reversal = NULL;
    (void)key;
    (void)ret_more;
    enum status status = facts_document(reading->facts, member_text(listed, "number"), &record, err);
    if (status == STATUS_OK && record != NULL)
        status = add_document(reading, record, err);
    const char *reversed_by = record != NULL ? member_text(record, "reversed_by") : NULL;
    if (status == STATUS_OK && reversed_by != NULL)
        status = facts_document(reading->facts, reversed_by, &reversal, err);
    if (status == STATUS_OK && reversal != NULL)
        status = add_document(reading, reversal, err);
    json_decref(reversal);
    json_decref(record);
    return status;
}

static int compare(const void *a, const void *b)
{
    const struct movement *one = a, *other = b;
    int by_currency = strcmp(one->currency, other->currency);
    if (by_currency != 0)
        return by_currency;
    if (one->date != other->date)
        return one->date < other->date ? -1 : 1;
    if (one->order != other->order)
        return one->order < other->order ? -1 : 1;
    return strcmp(one->id, other->id);
}

enum status account_read(const struct facts *facts, const char *entity, const char *customer, struct account *account,
                         struct err *err)
{
    struct reading reading = {.facts = facts, .entity = entity, .customer = customer, .account = account};
    struct books_key prefix = books_key_pair(entity, customer);
    books_key_close(&prefix);
    const struct books_walk walk = {
        .table = BOOKS_CUSTOMER_DOCS, .prefix = &prefix, .step = document_step, .context = &reading};
    enum status status = read_items(&reading, BOOKS_INVOICES, err);
    if (status == STATUS_OK)
        status = read_items(&reading, BOOKS_RECEIPTS, err);
    if (status == STATUS_OK)
        status = books_each(facts->books, &walk, err);
    if (status == STATUS_OK && account->count > 0)
        qsort(account->movements, account->count, sizeof account->movements[0], compare);
    return status;
}

void account_done(struct account *account)
{
    free(account->movements);
    *account = (struct account){.count = 0};
}
