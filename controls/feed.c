/*
 * Feeds: a file is a manifest and parts in order; it counts when its last part closes it with the count and total that the
 * manifest promised. Feeds create, they never change, so an id that is there already stops the part.
 */
#include "controls/feed.h"

#include <stdint.h>
#include <string.h>

#include "ledger/currency.h"
#include "ledger/limits.h"
#include "ledger/money.h"
#include "ledger/schema.h"
#include "ledger/statement.h"

static const struct field customer_fields[] = {
    {.name = "currency", .type = FIELD_CURRENCY},
    {.name = "customer", .type = FIELD_ID},
    {.name = "group", .type = FIELD_ID},
    {.name = "limit", .type = FIELD_AMOUNT},
    {.name = "personal", .type = FIELD_HASH, .optional = true},
    {.name = "related", .type = FIELD_BOOLEAN, .optional = true},
    {.name = "terms_days", .type = FIELD_INTEGER, .min = 0, .max = 3650},
};
static const struct schema customer_schema = SCHEMA("customer", customer_fields, NULL);

static const struct field tax_fields[] = {
    {.name = "code", .type = FIELD_CODE},
    {.name = "net", .type = FIELD_AMOUNT},
    {.name = "tax", .type = FIELD_AMOUNT},
};
static const struct schema tax_schema = SCHEMA("tax", tax_fields, NULL);

static const struct field line_fields[] = {
    {.name = "code", .type = FIELD_CODE},
    {.name = "line", .type = FIELD_ID},
    {.name = "net", .type = FIELD_AMOUNT},
    {.name = "tax", .type = FIELD_AMOUNT},
};
static const struct schema line_schema = SCHEMA("invoice line", line_fields, NULL);

static const struct field invoice_fields[] = {
    {.name = "customer", .type = FIELD_ID},
    {.name = "date", .type = FIELD_DATE},
    {.name = "due", .type = FIELD_DATE},
    {.name = "gross", .type = FIELD_AMOUNT},
    {.name = "invoice", .type = FIELD_ID},
    {.name = "lines", .type = FIELD_LIST, .schema = &line_schema, .max = 5000, .optional = true},
    {.name = "taxes", .type = FIELD_LIST, .schema = &tax_schema, .min = 1, .max = 64},
};
static const struct schema invoice_schema = SCHEMA("invoice", invoice_fields, NULL);

static const struct field applied_fields[] = {
    {.name = "amount", .type = FIELD_AMOUNT_POSITIVE},
    {.name = "invoice", .type = FIELD_ID},
};
static const struct schema applied_schema = SCHEMA("application", applied_fields, NULL);

static const struct field cash_fields[] = {
    {.name = "amount", .type = FIELD_AMOUNT_POSITIVE},
    {.name = "applied", .type = FIELD_LIST, .schema = &applied_schema, .max = ALLOCATIONS_MAX},
    {.name = "customer", .type = FIELD_ID},
    {.name = "date", .type = FIELD_DATE},
    {.name = "receipt", .type = FIELD_ID},
};
static const struct schema cash_schema = SCHEMA("receipt", cash_fields, NULL);

/* A feed of engine 0: its records' schema, the member that is their id and the one that the manifest totals. */
static const struct feed_sort {
    const char *name;
    const struct schema *schema;
    const char *id;
    const char *total; /* NULL: only counted */
    enum books_table table;
} feeds[] = {
    {"customers", &customer_schema, "customer", NULL, BOOKS_CUSTOMERS},
    {"invoices", &invoice_schema, "invoice", "gross", BOOKS_INVOICES},
    {"cash", &cash_schema, "receipt", "amount", BOOKS_RECEIPTS},
};

static const struct feed_sort *feed_find(const char *name)
{
    for (size_t i = 0; i < sizeof feeds / sizeof feeds[0]; i++)
        if (strcmp(feeds[i].name, name) == 0)
            return &feeds[i];
    return NULL;
}

static enum status amount_of(const json_t *object, const char *name, int digits, int64_t *ret_minor, struct err *err)
{
    const char *text = member_text(object, name);
    enum status status = money_parse(text, strlen(text), digits, ret_minor, err);
    if (status != STATUS_OK)
        err_prefix(err, "%s: ", name);
    return status;
}

/* Sum of net and tax over a list. */
static enum status parts_sum(const json_t *list, int digits, int64_t *ret_sum, struct err *err)
{
    *ret_sum = 0;
    for (size_t i = 0; i < json_array_size(list); i++) {
        int64_t net, tax;
        enum status status = amount_of(json_array_get(list, i), "net", digits, &net, err);
        if (status == STATUS_OK)
            status = amount_of(json_array_get(list, i), "tax", digits, &tax, err);
        if (status == STATUS_OK)
            status = money_add(*ret_sum, net, ret_sum, err);
        if (status == STATUS_OK)
            status = money_add(*ret_sum, tax, ret_sum, err);
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}

static enum status invoice_form(const json_t *record, int digits, struct err *err)
{
    int64_t gross, sum;
    enum status status = amount_of(record, "gross", digits, &gross, err);
    if (status == STATUS_OK)
        status = parts_sum(json_object_get(record, "taxes"), digits, &sum, err);
    if (status == STATUS_OK && sum != gross)
        status = err_set(err, STATUS_INPUT, "gross: is not the sum of net and tax in taxes");
    if (status == STATUS_OK && json_object_get(record, "lines") != NULL) {
        status = parts_sum(json_object_get(record, "lines"), digits, &sum, err);
        if (status == STATUS_OK && sum != gross)
            status = err_set(err, STATUS_INPUT, "gross: is not the sum of net and tax in lines");
    }
    return status;
}

static enum status cash_form(const json_t *record, int digits, struct err *err)
{
    const json_t *applied = json_object_get(record, "applied");
    int64_t left, part;
    enum status status = amount_of(record, "amount", digits, &left, err);
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(applied); i++) {
        status = amount_of(json_array_get(applied, i), "amount", digits, &part, err);
        if (status == STATUS_OK)
            status = money_sub(left, part, &left, err);
    }
    if (status == STATUS_OK && left < 0)
        status = err_set(err, STATUS_INPUT, "applied: adds up to more than the amount");
    return status;
}

static enum status record_form(const struct feed_sort *feed, const json_t *record, int digits, struct err *err)
{
    int64_t limit;
    if (feed->table == BOOKS_INVOICES)
        return invoice_form(record, digits, err);
    if (feed->table == BOOKS_RECEIPTS)
        return cash_form(record, digits, err);
    enum status status = amount_of(record, "limit", currency_digits(member_text(record, "currency")), &limit, err);
    if (status == STATUS_OK && limit < 0)
        status = err_set(err, STATUS_INPUT, "limit: may not be below zero");
    return status;
}

enum status feed_check_form(const struct statement *statement, struct err *err)
{
    const char *name = member_text(statement->body, "feed");
    const struct feed_sort *feed = feed_find(name);
    const json_t *file = json_object_get(statement->body, "file");
    const json_t *records = json_object_get(statement->body, "records");
    const char *currency = member_text(file, "currency"), *total = member_text(file, "total");
    int64_t minor;
    if (feed == NULL)
        return err_set(err, STATUS_INPUT, "body.feed: engine 0 does not have the feed %s yet", name);
    if ((feed->total != NULL) != (currency != NULL && total != NULL) ||
        (feed->total == NULL && (currency != NULL || total != NULL)))
        return err_set(err, STATUS_INPUT,
                       "body.file: invoices and cash have currency and total, customers have neither");
    int digits = currency != NULL ? currency_digits(currency) : 0;
    enum status status = total != NULL ? amount_of(file, "total", digits, &minor, err) : STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(records); i++) {
        char path[64];
        snprintf(path, sizeof path, "body.records[%zu]", i);
        status = schema_check(feed->schema, json_array_get(records, i), path, err);
        if (status != STATUS_OK)
            return status;
        status = record_form(feed, json_array_get(records, i), digits, err);
        if (status != STATUS_OK)
            err_prefix(err, "%s.", path);
    }
    return status;
}

/* index SIZE_MAX: a record of an earlier part, told as record 0. */
static enum status record_deny(struct answers *answers, const char *code, size_t index, const char *id, struct err *err)
{
    return answer_deny(answers, "C-44", code, json_pack("{s:s, s:I}", "id", id, "record", (json_int_t)(index + 1)),
                       err);
}

/* What receipts apply to each invoice, added up: over the part, and over the whole file when it is to be closed. */
struct applying {
    const struct facts *facts;
    const struct request *request;
    json_t *sums; /* invoice -> minor units */
    struct answers *answers;
};

static enum status application_judge(struct applying *applying, const json_t *record, const json_t *one, size_t index,
                                     struct err *err)
{
    const json_t *body = applying->request->statement->body;
    const char *currency = member_text(json_object_get(body, "file"), "currency"), *id = member_text(one, "invoice");
    json_t *invoice = NULL;
    int64_t amount, sum;
    enum status status = facts_invoice(applying->facts, member_text(body, "entity"), id, &invoice, err);
    if (status == STATUS_OK)
        status = amount_of(one, "amount", currency_digits(currency), &amount, err);
    if (status == STATUS_OK)
        status = money_add(member_integer(applying->sums, id), amount, &sum, err);
    if (status == STATUS_OK && json_object_set_new(applying->sums, id, json_integer(sum)) != 0)
        status = err_set(err, STATUS_MEMORY, "no memory");
    if (status == STATUS_LIMIT)
        status = record_deny(applying->answers, "over-applied", index, id, err);
    else if (status != STATUS_OK)
        ;
    else if (invoice == NULL || strcmp(member_text(invoice, "currency"), currency) != 0)
        status = record_deny(applying->answers, "unknown-invoice", index, id, err);
    else if (strcmp(member_text(invoice, "customer"), member_text(record, "customer")) != 0)
        status = record_deny(applying->answers, "other-customer", index, id, err);
    else if (sum > member_integer(invoice, "open"))
        status = record_deny(applying->answers, "over-applied", index, id, err);
    json_decref(invoice);
    return status;
}

static enum status applied_judge(struct applying *applying, const json_t *record, size_t index, struct err *err)
{
    const json_t *applied = json_object_get(record, "applied");
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && !applying->answers->denied && i < json_array_size(applied); i++)
        status = application_judge(applying, record, json_array_get(applied, i), index, err);
    return status;
}

static enum status staged_step(void *context, struct slice key, const json_t *record, bool *ret_more, struct err *err)
{
    struct applying *applying = context;
    (void)key;
    enum status status = applied_judge(applying, record, SIZE_MAX, err);
    *ret_more = !applying->answers->denied;
    return status;
}

/* Cash that is applied twice over, within a part or between parts, or to what was credited since it was staged. */
static enum status applications_judge(const struct request *request, const struct facts *facts, struct answers *answers,
                                      struct err *err)
{
    const json_t *body = request->statement->body, *records = json_object_get(body, "records");
    struct applying applying = {.facts = facts, .request = request, .sums = json_object(), .answers = answers};
    enum status status = applying.sums != NULL ? STATUS_OK : err_set(err, STATUS_MEMORY, "no memory");
    if (status == STATUS_OK && member_integer(body, "part") > 1 && json_is_true(json_object_get(body, "last")))
        status = facts_staged_each(facts, member_text(body, "entity"), "cash", staged_step, &applying, err);
    for (size_t i = 0; status == STATUS_OK && !answers->denied && i < json_array_size(records); i++)
        status = applied_judge(&applying, json_array_get(records, i), i, err);
    json_decref(applying.sums);
    return status;
}

static enum status record_judge(const struct facts *facts, const struct request *request, const struct feed_sort *feed,
                                size_t index, struct answers *answers, struct err *err)
{
    const json_t *body = request->statement->body;
    const json_t *record = json_array_get(json_object_get(body, "records"), index);
    const char *entity = member_text(body, "entity"), *id = member_text(record, feed->id);
    json_t *customer = NULL;
    bool there = false, staged = false;
    struct books_key key = books_key_pair(entity, id);
    enum status status = books_has(facts->books, feed->table, &key, &there, err);
    if (status == STATUS_OK && member_integer(body, "part") > 1)
        status = facts_staged(facts, entity, feed->name, id, &staged, err);
    if (status == STATUS_OK && (there || staged))
        return record_deny(answers, "exists", index, id, err);
    if (status != STATUS_OK || feed->table == BOOKS_CUSTOMERS)
        return status;
    status = facts_customer(facts, entity, member_text(record, "customer"), &customer, err);
    if (status == STATUS_OK && customer == NULL)
        return record_deny(answers, "unknown-customer", index, member_text(record, "customer"), err);
    json_decref(customer);
    return status;
}

/* An id that stands twice in one part: the second is the one to name. */
static enum status doubles_judge(const json_t *records, const struct feed_sort *feed, struct answers *answers,
                                 struct err *err)
{
    json_t *seen = json_object();
    enum status status = seen != NULL ? STATUS_OK : err_set(err, STATUS_MEMORY, "no memory");
    for (size_t i = 0; status == STATUS_OK && !answers->denied && i < json_array_size(records); i++) {
        const char *id = member_text(json_array_get(records, i), feed->id);
        if (json_object_get(seen, id) != NULL)
            status = record_deny(answers, "exists", i, id, err);
        else if (json_object_set_new(seen, id, json_true()) != 0)
            status = err_set(err, STATUS_MEMORY, "no memory");
    }
    json_decref(seen);
    return status;
}

struct running {
    int64_t count;
    int64_t total_minor;
};

/* Order of parts and sequence against what the books know of this feed. */
static enum status order_judge(const struct request *request, const struct facts *facts, struct running *ret_before,
                               struct answers *answers, struct err *err)
{
    const json_t *body = request->statement->body;
    const json_t *manifest = json_object_get(body, "file");
    json_t *file = NULL;
    struct books_key key = books_key_pair(member_text(body, "entity"), member_text(body, "feed"));
    enum status status = books_get(facts->books, BOOKS_FILES, &key, &file, err);
    if (status != STATUS_OK && status != STATUS_NOT_FOUND)
        return status;
    status = STATUS_OK;
    int64_t expected = member_integer(file, "closed") + 1, sequence = member_integer(manifest, "sequence");
    int64_t part = member_integer(body, "part");
    const json_t *open = json_object_get(file, "open");
    *ret_before = (struct running){.count = 0};
    if (sequence != expected)
        status = answer_deny(
            answers, "C-44", "file-sequence",
            json_pack("{s:I, s:I}", "expected", (json_int_t)expected, "sequence", (json_int_t)sequence), err);
    else if (part > 1 && (open == NULL || member_integer(open, "part") + 1 != part))
        status = answer_deny(answers, "C-44", "file-part", json_pack("{s:I}", "part", (json_int_t)part), err);
    else if (part > 1 && !json_equal(json_object_get(open, "file"), manifest))
        status = answer_deny(answers, "C-44", "file-manifest", NULL, err);
    else if (part > 1) {
        ret_before->count = member_integer(open, "count");
        if (member_text(open, "total") != NULL)
            status = amount_of(open, "total", currency_digits(member_text(manifest, "currency")),
                               &ret_before->total_minor, err);
    }
    json_decref(file);
    return status;
}

static enum status totals_add(const struct request *request, const struct feed_sort *feed, struct running *running,
                              struct err *err)
{
    const json_t *body = request->statement->body;
    const json_t *records = json_object_get(body, "records");
    const char *currency = member_text(json_object_get(body, "file"), "currency");
    enum status status = STATUS_OK;
    running->count += (int64_t)json_array_size(records);
    for (size_t i = 0; feed->total != NULL && status == STATUS_OK && i < json_array_size(records); i++) {
        int64_t minor;
        status = amount_of(json_array_get(records, i), feed->total, currency_digits(currency), &minor, err);
        if (status == STATUS_OK)
            status = money_add(running->total_minor, minor, &running->total_minor, err);
    }
    return status;
}

static enum status totals_judge(const struct request *request, const struct feed_sort *feed,
                                const struct running *running, struct answers *answers, struct err *err)
{
    const json_t *manifest = json_object_get(request->statement->body, "file");
    int64_t total = 0;
    if (running->count != member_integer(manifest, "count"))
        return answer_deny(answers, "C-44", "file-count",
                           json_pack("{s:I, s:I}", "count", (json_int_t)running->count, "manifest",
                                     (json_int_t)member_integer(manifest, "count")),
                           err);
    if (feed->total == NULL)
        return STATUS_OK;
    int digits = currency_digits(member_text(manifest, "currency"));
    enum status status = amount_of(manifest, "total", digits, &total, err);
    if (status != STATUS_OK || total == running->total_minor)
        return status;
    char text[MONEY_TEXT_MAX];
    money_format(running->total_minor, digits, text);
    return answer_deny(answers, "C-44", "file-total",
                       json_pack("{s:s, s:s}", "manifest", member_text(manifest, "total"), "total", text), err);
}

static json_t *feed_result(const struct request *request, const struct feed_sort *feed, const struct running *running,
                           const struct answers *answers)
{
    const json_t *body = request->statement->body;
    const char *outcome = answers->denied ? "refused" : json_is_true(json_object_get(body, "last")) ? "closed" : "open";
    json_t *result = json_pack("{s:O, s:I, s:s}", "controls", answers->list, "count", (json_int_t)running->count,
                               "outcome", outcome);
    if (result != NULL && feed->total != NULL) {
        char text[MONEY_TEXT_MAX];
        money_format(running->total_minor, currency_digits(member_text(json_object_get(body, "file"), "currency")),
                     text);
        json_object_set_new(result, "total", json_string(text));
    }
    return result;
}

enum status feed_judge(const struct request *request, const struct facts *facts, json_t **ret_result, struct err *err)
{
    const json_t *body = request->statement->body;
    const struct feed_sort *feed = feed_find(member_text(body, "feed"));
    struct answers answers = {.list = NULL};
    struct running running = {.count = 0};
    enum status status = answers_init(&answers, err);
    if (status == STATUS_OK)
        status = controls_judge(request, facts, &answers, err);
    if (status == STATUS_OK && !answers.denied)
        status = order_judge(request, facts, &running, &answers, err);
    if (status == STATUS_OK && !answers.denied)
        status = doubles_judge(json_object_get(body, "records"), feed, &answers, err);
    for (size_t i = 0; status == STATUS_OK && !answers.denied && i < json_array_size(json_object_get(body, "records"));
         i++)
        status = record_judge(facts, request, feed, i, &answers, err);
    if (status == STATUS_OK && !answers.denied && feed->table == BOOKS_RECEIPTS)
        status = applications_judge(request, facts, &answers, err);
    const struct running before = running;
    if (status == STATUS_OK)
        status = totals_add(request, feed, &running, err);
    if (status == STATUS_LIMIT) {
        running.total_minor = before.total_minor;
        status = answer_deny(&answers, "C-44", "total-too-large", NULL, err);
    }
    if (status == STATUS_OK && !answers.denied && json_is_true(json_object_get(body, "last")))
        status = totals_judge(request, feed, &running, &answers, err);
    if (status == STATUS_OK) {
        *ret_result = feed_result(request, feed, &running, &answers);
        if (*ret_result == NULL)
            status = err_set(err, STATUS_MEMORY, "no memory");
    }
    answers_done(&answers);
    return status;
}
