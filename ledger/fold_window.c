/*
 * What a document adds to the windows that cumulative rules scan (BOOKS_WINDOWS): by customer group, by each of its makers
 * and by each invoice from its submission on (a transfer by the groups and invoices of both its sides); by each of its makers again when it was posted without a second signature;
 * by who approved it (by both persons where one did so for another), and by each pair of maker and approver. Rows go away when it ends without effect. A reversal leaves
 * its reason in the rows of what it reverses: whether they go on counting is the policy's word.
 */
#include <stdio.h>
#include <string.h>

#include "ledger/books.h"
#include "ledger/currency.h"
#include "ledger/fold.h"
#include "ledger/fold_parts.h"
#include "ledger/instant.h"
#include "ledger/limits.h"
#include "ledger/money.h"
#include "ledger/schema.h"
#include "ledger/transfer.h"
#include "ledger/window.h"

void window_key_invoice(struct books_key *ret_key, const char *entity, const char *invoice)
{
    *ret_key = books_key_pair("i", entity);
    books_key_add_text(ret_key, invoice);
}

void window_key_customer(struct books_key *ret_key, const char *group)
{
    *ret_key = books_key_pair("c", group);
}

void window_key_preparer(struct books_key *ret_key, const char *person)
{
    *ret_key = books_key_pair("p", person);
}

void window_key_automatic(struct books_key *ret_key, const char *person)
{
    *ret_key = books_key_pair("t", person);
}

void window_key_approver(struct books_key *ret_key, const char *person)
{
    *ret_key = books_key_pair("a", person);
}

void window_key_approved(struct books_key *ret_key, const char *person)
{
    *ret_key = books_key_pair("w", person);
}

void window_key_pair(struct books_key *ret_key, const char *person, const char *approver)
{
    *ret_key = books_key_pair("v", person);
    books_key_add_text(ret_key, approver);
}

/* One row: whose, where, when, how much. */
struct addition {
    const json_t *record;
    uint64_t seq, index;
    const char *time;
    const char *amount_text;
    bool there;
};

static struct addition addition_of(const json_t *record, bool there)
{
    return (struct addition){.record = record,
                             .seq = (uint64_t)member_integer(record, "seq"),
                             .index = (uint64_t)member_integer(record, "index"),
                             .time = member_text(record, "time"),
                             .amount_text = member_text(record, "base_text"),
                             .there = there};
}

static enum status window_mark(const struct fold *fold, struct books_key *key, const struct addition *addition,
                               struct err *err)
{
    const char *reversal = member_text(addition->record, "reversed_for");
    struct window_row row = {.amount_text = addition->amount_text,
                             .kind = member_text(addition->record, "kind"),
                             .number = member_text(addition->record, "number"),
                             .reversal = reversal != NULL ? reversal : ""};
    books_key_add_number(key, addition->seq);
    books_key_add_number(key, addition->index);
    if (!addition->there)
        return books_delete(fold->txn, BOOKS_WINDOWS, key, err);
    enum status status = instant_parse(addition->time, strlen(addition->time), &row.time_ms, err);
    return status == STATUS_OK ? window_row_put(fold->txn, key, &row, err) : status;
}

/* An invoice's part in base currency, by the rate of the decision. */
static enum status part_in_base(const json_t *record, int64_t minor, char ret_text[static MONEY_TEXT_MAX],
                                struct err *err)
{
    const char *currency = member_text(json_object_get(record, "document"), "currency");
    const json_t *rate = json_object_get(record, "rate");
    struct money_rate money = {.digits_from = currency_digits(currency)};
    if (rate == NULL) {
        money_format(minor, money.digits_from, ret_text);
        return STATUS_OK;
    }
    const char *text = member_text(rate, "rate");
    money.digits_to = currency_digits(member_text(rate, "base"));
    enum status status = money_parse_rate(text, strlen(text), &money.trillionths, err);
    if (status == STATUS_OK)
        status = money_convert(minor, &money, &minor, err);
    if (status == STATUS_OK)
        money_format(minor, money.digits_to, ret_text);
    return status;
}

/* One row for each invoice; several lines of one invoice add up. */
static enum status invoice_windows(const struct fold *fold, const json_t *record, const json_t *document, bool there,
                                   struct err *err)
{
    const char *invoice;
    json_t *sums = NULL, *sum;
    enum status status = allocations_sum(document, &sums, err);
    json_object_foreach(sums, invoice, sum)
    {
        struct books_key key;
        char amount[MONEY_TEXT_MAX];
        if (status == STATUS_OK)
            status = part_in_base(record, json_integer_value(sum), amount, err);
        if (status != STATUS_OK)
            break;
        window_key_invoice(&key, member_text(document, "entity"), invoice);
        struct addition addition = addition_of(record, there);
        addition.amount_text = amount;
        status = window_mark(fold, &key, &addition, err);
    }
    json_decref(sums);
    return status;
}

static enum status customer_window(const struct fold *fold, const json_t *record, const json_t *document, bool there,
                                   struct err *err)
{
    char group[ID_BYTES_MAX + 1];
    struct books_key key;
    enum status status = fold_customer_group(fold, document, group, err);
    if (status != STATUS_OK)
        return status;
    window_key_customer(&key, group);
    const struct addition addition = addition_of(record, there);
    return window_mark(fold, &key, &addition, err);
}

/* The windows of a document's customer and invoices; document: its own, or the side of it that receives. */
static enum status side_windows(const struct fold *fold, const json_t *record, const json_t *document, bool there,
                                struct err *err)
{
    enum status status = customer_window(fold, record, document, there, err);
    return status == STATUS_OK ? invoice_windows(fold, record, document, there, err) : status;
}

/* Customers of one group share its row: a document counts there once. */
static enum status sides_windows(const struct fold *fold, const json_t *record, bool there, struct err *err)
{
    const json_t *document = json_object_get(record, "document");
    json_t *receiving = NULL;
    enum status status = side_windows(fold, record, document, there, err);
    if (status == STATUS_OK)
        status = transfer_receiving(document, &receiving, err);
    if (status == STATUS_OK && receiving != NULL)
        status = side_windows(fold, record, receiving, there, err);
    json_decref(receiving);
    return status;
}

/* The person of makers[i]; NULL when it stands among the ones before. */
static const char *maker_first(const json_t *makers, size_t i)
{
    const char *person = member_text(json_array_get(makers, i), "person");
    for (size_t k = 0; k < i; k++)
        if (strcmp(member_text(json_array_get(makers, k), "person"), person) == 0)
            return NULL;
    return person;
}

typedef void maker_key(struct books_key *ret_key, const char *person);

/* A row for each person who made the document. */
static enum status maker_windows(const struct fold *fold, const json_t *record, maker_key *name, bool there,
                                 struct err *err)
{
    const json_t *makers = json_object_get(record, "makers");
    const struct addition addition = addition_of(record, there);
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(makers); i++) {
        const char *person = maker_first(makers, i);
        struct books_key key;
        if (person == NULL)
            continue;
        name(&key, person);
        status = window_mark(fold, &key, &addition, err);
    }
    return status;
}

static bool counts(const json_t *record)
{
    return member_text(record, "base_text") != NULL;
}

enum status fold_window_automatic(const struct fold *fold, const json_t *record, struct err *err)
{
    return counts(record) ? maker_windows(fold, record, window_key_automatic, true, err) : STATUS_OK;
}

/* What a person approves, alone and with each of the makers. */
static enum status approver_windows(const struct fold *fold, const json_t *record, const json_t *approval,
                                    const char *approver, bool there, struct err *err)
{
    const json_t *makers = json_object_get(record, "makers");
    struct addition addition = addition_of(record, there);
    enum status status = STATUS_OK;
    struct books_key key;
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(makers); i++) {
        const char *person = maker_first(makers, i);
        if (person == NULL)
            continue;
        window_key_pair(&key, person, approver);
        status = window_mark(fold, &key, &addition, err);
    }
    /* It counts from the approval on, not from the submission. */
    addition.seq = (uint64_t)member_integer(approval, "seq");
    addition.index = (uint64_t)member_integer(approval, "index");
    addition.time = member_text(approval, "time");
    window_key_approver(&key, approver);
    return status == STATUS_OK ? window_mark(fold, &key, &addition, err) : status;
}

enum status fold_window_approval(const struct fold *fold, const json_t *record, const json_t *approval, bool there,
                                 struct err *err)
{
    const char *behalf = member_text(json_object_get(approval, "behalf"), "person");
    if (!counts(record))
        return STATUS_OK;
    enum status status = maker_windows(fold, record, window_key_approved, there, err);
    if (status == STATUS_OK)
        status = approver_windows(fold, record, approval, member_text(approval, "person"), there, err);
    return status == STATUS_OK && behalf != NULL ? approver_windows(fold, record, approval, behalf, there, err)
                                                 : status;
}

enum status fold_windows(const struct fold *fold, const json_t *record, bool there, struct err *err)
{
    const json_t *approvals = json_object_get(record, "approvals");
    enum status status = STATUS_OK;
    if (!counts(record))
        return STATUS_OK;
    if (member_text(json_object_get(record, "document"), "customer") != NULL) {
        status = sides_windows(fold, record, there, err);
        if (status == STATUS_OK)
            status = maker_windows(fold, record, window_key_preparer, there, err);
    }
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(approvals); i++)
        status = fold_window_approval(fold, record, json_array_get(approvals, i), there, err);
    return status;
}

enum status fold_windows_reversed(const struct fold *fold, json_t *record, const char *reason, struct err *err)
{
    if (json_object_set_new(record, "reversed_for", json_string(reason)) != 0)
        return err_set(err, STATUS_MEMORY, "no memory to fold a document");
    enum status status = fold_windows(fold, record, true, err);
    if (status == STATUS_OK && json_array_size(json_object_get(record, "approvals")) == 0)
        status = fold_window_automatic(fold, record, err);
    return status;
}

enum status fold_windows_aside(const struct fold *fold, const json_t *record, struct err *err)
{
    const json_t *aside = json_object_get(record, "aside"), *approvals = json_object_get(record, "approvals");
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(aside); i++)
        status = fold_window_approval(fold, record, json_array_get(aside, i), false, err);
    /* Rows that they shared with those that count come back. */
    for (size_t i = 0; status == STATUS_OK && json_array_size(aside) > 0 && i < json_array_size(approvals); i++)
        status = fold_window_approval(fold, record, json_array_get(approvals, i), true, err);
    return status;
}
