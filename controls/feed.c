/*
 * Feeds: a file is a manifest and parts in order; it counts when its last part closes it with the count and total that the
 * manifest promised. Feeds create, they never change, so an id that is there already stops the part. What one feed asks
 * of its own records stands in its file under feeds/.
 */
#include "controls/feed.h"

#include <stdint.h>
#include <string.h>

#include "controls/feed_sort.h"
#include "controls/feeds/common.h"
#include "ledger/currency.h"
#include "ledger/money.h"
#include "ledger/schema.h"
#include "ledger/statement.h"

enum status feed_check_form(const struct statement *statement, struct err *err)
{
    const char *name = member_text(statement->body, "feed");
    const struct feed_sort *feed = feed_sort_find(name);
    const json_t *file = json_object_get(statement->body, "file");
    const json_t *records = json_object_get(statement->body, "records");
    const char *currency = member_text(file, "currency"), *total = member_text(file, "total");
    int64_t minor;
    if (feed == NULL)
        return err_set(err, STATUS_INPUT, "body.feed: there is no feed %s", name);
    if ((feed->total != NULL) != (currency != NULL && total != NULL) ||
        (feed->total == NULL && (currency != NULL || total != NULL)))
        return err_set(err, STATUS_INPUT,
                       feed->total != NULL ? "body.file: files of %s have currency and total"
                                           : "body.file: files of %s have neither currency nor total",
                       name);
    int digits = currency != NULL ? currency_digits(currency) : 0;
    enum status status = total != NULL ? feed_amount(file, "total", digits, &minor, err) : STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(records); i++) {
        char path[64];
        snprintf(path, sizeof path, "body.records[%zu]", i);
        status = schema_check(feed->schema, json_array_get(records, i), path, err);
        if (status != STATUS_OK)
            return status;
        if (feed->check != NULL)
            status = feed->check(json_array_get(records, i), digits, err);
        if (status != STATUS_OK)
            err_prefix(err, "%s.", path);
    }
    return status;
}

static enum status record_judge(const struct feed_part *part, const struct feed_sort *feed, size_t index,
                                struct err *err)
{
    const json_t *record = feed_part_record(part, index);
    const char *entity = feed_part_entity(part), *id = member_text(record, feed->id);
    json_t *customer = NULL;
    bool there = false, staged = false;
    struct books_key key = books_key_pair(entity, id);
    enum status status = books_has(part->facts->books, feed->table, &key, &there, err);
    if (status == STATUS_OK && member_integer(part->request->statement->body, "part") > 1)
        status = facts_staged(part->facts, entity, feed->name, id, &staged, err);
    if (status == STATUS_OK && ((there && !feed->follows) || staged))
        return feed_deny(part->answers, "exists", index, id, err);
    if (status == STATUS_OK && feed->of_customer) {
        status = facts_customer(part->facts, entity, member_text(record, "customer"), &customer, err);
        if (status == STATUS_OK && customer == NULL)
            return feed_deny(part->answers, "unknown-customer", index, member_text(record, "customer"), err);
        json_decref(customer);
    }
    return status == STATUS_OK && feed->judge_record != NULL ? feed->judge_record(part, index, err) : status;
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
            status = feed_deny(answers, "exists", i, id, err);
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
    enum status status = books_look(facts->books, BOOKS_FILES, &key, &file, err);
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
            status = feed_amount(open, "total", currency_digits(member_text(manifest, "currency")),
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
        status = feed_amount(json_array_get(records, i), feed->total, currency_digits(currency), &minor, err);
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
    enum status status = feed_amount(manifest, "total", digits, &total, err);
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
    const struct feed_sort *feed = feed_sort_find(member_text(body, "feed"));
    struct answers answers = {.list = NULL};
    const struct feed_part part = {.request = request, .facts = facts, .answers = &answers};
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
        status = record_judge(&part, feed, i, err);
    if (status == STATUS_OK && !answers.denied && feed->judge_part != NULL)
        status = feed->judge_part(&part, err);
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
