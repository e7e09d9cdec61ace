/*
 * The customer beside a document: limit, what is open, and what was corrected for it in the last twelve months.
 */
#include "cli/present_customer.h"

#include <string.h>

#include "cli/present.h"
#include "controls/kind.h"
#include "ledger/instant.h"
#include "ledger/schema.h"

#define TWELVE_MONTHS_MS (365 * INSTANT_DAY_MS)

struct history {
    const struct facts *facts;
    const char *not_number;
    int64_t after_ms;
    size_t seen;
    json_t *documents;
};

static enum status history_step(void *context, struct slice key, const json_t *row, bool *ret_more, struct err *err)
{
    struct history *history = context;
    const char *number = member_text(row, "number");
    json_t *record = NULL;
    int64_t time_ms = 0;
    (void)key;
    enum status status = facts_document(history->facts, number, &record, err);
    if (status != STATUS_OK || record == NULL)
        return status;
    const char *time = member_text(record, "time");
    status = instant_parse(time, strlen(time), &time_ms, err);
    *ret_more = status == STATUS_OK && time_ms > history->after_ms && ++history->seen < CUSTOMER_DOCUMENTS_MAX;
    if (status == STATUS_OK && time_ms > history->after_ms && strcmp(number, history->not_number) != 0)
        json_array_append(history->documents, record);
    json_decref(record);
    return status;
}

static enum status read_history(const struct facts *facts, const json_t *record, json_t **ret_documents,
                                struct err *err)
{
    struct history history = {.facts = facts,
                              .not_number = member_text(record, "number"),
                              .after_ms = facts->time_ms - TWELVE_MONTHS_MS,
                              .documents = json_array()};
    const json_t *document = json_object_get(record, "document");
    struct books_key prefix = books_key_pair(member_text(record, "entity"), member_text(document, "customer"));
    books_key_close(&prefix);
    const struct books_walk walk = {
        .table = BOOKS_CUSTOMER_DOCS, .prefix = &prefix, .backward = true, .step = history_step, .context = &history};
    if (history.documents == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for a customer's documents");
    enum status status = books_each(facts->books, &walk, err);
    if (status == STATUS_OK)
        *ret_documents = history.documents;
    else
        json_decref(history.documents);
    return status;
}

static enum status read_balance(const struct facts *facts, const char *entity, const json_t *customer,
                                json_t **ret_balance, struct err *err)
{
    json_t *balance = NULL;
    struct books_key key = books_key_pair(entity, member_text(customer, "customer"));
    books_key_add_text(&key, member_text(customer, "currency"));
    enum status status = books_get(facts->books, BOOKS_BALANCES, &key, &balance, err);
    if (status != STATUS_OK && status != STATUS_NOT_FOUND)
        return status;
    *ret_balance = balance != NULL ? balance : json_object();
    return STATUS_OK;
}

static void print_history(struct block *block, const json_t *documents)
{
    size_t count = json_array_size(documents);
    block_line(block, "12 months", "%zu other document%s%s", count, count == 1 ? "" : "s",
               count == CUSTOMER_DOCUMENTS_MAX - 1 ? " or more" : "");
    for (size_t i = 0; i < count && i < CUSTOMER_DOCUMENTS_SHOWN; i++) {
        const json_t *record = json_array_get(documents, i);
        const json_t *document = json_object_get(record, "document");
        const char *name = member_text(record, "kind");
        const struct kind *kind = name != NULL ? kind_find(name) : NULL;
        const char *amount = member_text(document, "amount"), *reason = member_text(document, "reason");
        char money[MONEY_SHOWN_BYTES];
        present_money(amount != NULL ? amount : member_text(document, "limit"), member_text(document, "currency"),
                      money);
        block_line(block, "", "%.10s  %s  %s  %s  %s  %s", member_text(record, "time"), member_text(record, "number"),
                   kind != NULL ? kind->title : "", money, reason != NULL ? reason : "", member_text(record, "state"));
    }
    if (count > CUSTOMER_DOCUMENTS_SHOWN)
        block_line(block, "", "and %zu before them", count - CUSTOMER_DOCUMENTS_SHOWN);
}

static void print_customer(struct block *block, const json_t *customer, const json_t *balance, const json_t *documents)
{
    const char *currency = member_text(customer, "currency");
    const char *group = member_text(customer, "group");
    const char *id = member_text(customer, "customer");
    char open[MONEY_SHOWN_BYTES], account[MONEY_SHOWN_BYTES], limit[MONEY_SHOWN_BYTES];
    present_minor(member_integer(balance, "open"), currency, open);
    present_minor(member_integer(balance, "account"), currency, account);
    present_money(member_text(customer, "limit_text"), currency, limit);
    block_line(block, "customer", "%s%s%s%s   open %s   on account %s   limit %s", id,
               group != NULL && strcmp(group, id) != 0 ? "   group " : "",
               group != NULL && strcmp(group, id) != 0 ? group : "",
               json_is_true(json_object_get(customer, "related")) ? "   RELATED PARTY" : "", open, account, limit);
    print_history(block, documents);
}

enum status present_customer(struct block *block, const struct facts *facts, const json_t *record,
                             json_t **ret_customer, struct err *err)
{
    const char *entity = member_text(record, "entity");
    const char *id = member_text(json_object_get(record, "document"), "customer");
    json_t *customer = NULL, *balance = NULL, *documents = NULL;
    enum status status = STATUS_OK;
    if (id != NULL)
        status = facts_customer(facts, entity, id, &customer, err);
    if (status != STATUS_OK)
        return status;
    if (customer == NULL) {
        *ret_customer = json_null();
        return STATUS_OK;
    }
    status = read_balance(facts, entity, customer, &balance, err);
    if (status == STATUS_OK)
        status = read_history(facts, record, &documents, err);
    if (status == STATUS_OK && block != NULL)
        print_customer(block, customer, balance, documents);
    if (status == STATUS_OK) {
        *ret_customer = json_pack("{s:O, s:s, s:O, s:O}", "balance", balance, "customer", id, "documents", documents,
                                  "record", customer);
        if (*ret_customer == NULL)
            status = err_set(err, STATUS_MEMORY, "no memory for a customer");
    }
    json_decref(documents);
    json_decref(balance);
    json_decref(customer);
    return status;
}
