/*
 * C-15 Hold release single-use: a release names one held order with its customer and amount, expires soon, and is used up
 * by the delivery; a second one for the same order is refused while one counts or was used. Many in short time ask for one
 * level more. A held order that the feed reports delivered without a release is flagged.
 */
#include "controls/facts_limits.h"
#include "controls/rules/common.h"
#include "ledger/fold.h"
#include "ledger/instant.h"
#include "ledger/window.h"

#define DAY_MS INT64_C(86400000)

static bool same(const json_t *document, const char *member, const json_t *order, const char *of_order)
{
    return strcmp(member_text(document, member), member_text(order, of_order)) == 0;
}

static enum status order_judge(const struct request *request, const struct facts *facts, struct answers *answers,
                               struct err *err)
{
    const json_t *document = request->document;
    const char *id = member_text(document, "order");
    json_t *order = NULL;
    enum status status = facts_order(facts, request->measure.entity, id, &order, err);
    if (status != STATUS_OK)
        return status;
    if (order == NULL)
        status = answer_deny(answers, "C-15", "unknown-order", json_pack("{s:s}", "order", id), err);
    else if (!same(document, "customer", order, "customer") || !same(document, "currency", order, "currency") ||
             !same(document, "amount", order, "amount_text"))
        status = answer_deny(answers, "C-15", "other-order",
                             json_pack("{s:s, s:s, s:s, s:s}", "amount", member_text(order, "amount_text"), "currency",
                                       member_text(order, "currency"), "customer", member_text(order, "customer"),
                                       "order", id),
                             err);
    else if (strcmp(member_text(order, "state"), "held") != 0)
        status = answer_deny(answers, "C-15", "not-held",
                             json_pack("{s:s, s:s}", "order", id, "state", member_text(order, "state")), err);
    json_decref(order);
    return status;
}

static enum status single_judge(const struct request *request, const struct facts *facts, struct answers *answers,
                                struct err *err)
{
    const char *id = member_text(request->document, "order");
    json_t *other = NULL;
    enum status status = facts_release(facts, request->measure.entity, id, request->number, &other, err);
    if (status == STATUS_OK && other != NULL)
        status = answer_deny(answers, "C-15", "released",
                             json_pack("{s:s, s:s, s:s}", "document", member_text(other, "number"), "order", id,
                                       "state", member_text(other, "state")),
                             err);
    json_decref(other);
    return status;
}

static enum status expiry_judge(const struct request *request, const struct facts *facts, struct answers *answers,
                                struct err *err)
{
    const char *expires = member_text(request->document, "expires");
    int64_t days = policy_parameter(facts->policy, request->measure.entity, PARAMETER_HOLD_RELEASE_DAYS_MAX);
    int64_t expires_ms = 0;
    enum status status = instant_parse(expires, strlen(expires), &expires_ms, err);
    if (status != STATUS_OK)
        return status;
    if (expires_ms <= facts->time_ms)
        return answer_deny(answers, "C-15", "expired", json_pack("{s:s}", "expires", expires), err);
    return expires_ms - request->time_ms > days * DAY_MS
               ? answer_deny(answers, "C-15", "too-long",
                             json_pack("{s:s, s:I}", "expires", expires, "limit", (json_int_t)days), err)
               : STATUS_OK;
}

struct counting {
    const struct facts *facts;
    const struct request *request;
    int64_t after_ms, count;
};

/* Releases of this customer; the window is its group's. */
static enum status count_step(void *context, struct slice key, struct slice value, bool *ret_more, struct err *err)
{
    struct counting *counting = context;
    struct window_row row;
    json_t *record = NULL;
    (void)key;
    enum status status = window_row_read(value, &row, err);
    if (status != STATUS_OK)
        return status;
    *ret_more = row.time_ms > counting->after_ms;
    if (!*ret_more || kind_from_name(row.kind) != KIND_HOLD_RELEASE ||
        (counting->request->number != NULL && strcmp(row.number, counting->request->number) == 0))
        return STATUS_OK;
    status = facts_document(counting->facts, row.number, &record, err);
    const json_t *document = json_object_get(record, "document");
    if (status == STATUS_OK && record != NULL &&
        strcmp(member_text(document, "customer"), counting->request->measure.customer) == 0 &&
        strcmp(member_text(document, "entity"), counting->request->measure.entity) == 0)
        counting->count++;
    json_decref(record);
    return status;
}

static enum status count_judge(const struct request *request, const struct facts *facts, struct answers *answers,
                               struct err *err)
{
    const char *entity = request->measure.entity;
    int64_t days = policy_parameter(facts->policy, entity, PARAMETER_HOLD_RELEASES_DAYS);
    int64_t most = policy_parameter(facts->policy, entity, PARAMETER_HOLD_RELEASES_MAX);
    struct counting counting = {
        .facts = facts, .request = request, .after_ms = request->time_ms - days * DAY_MS, .count = 1};
    struct books_key prefix, before;
    if (request->measure.group[0] == '\0')
        return STATUS_OK; /* C-34 denies an unknown customer */
    window_key_customer(&prefix, request->measure.group);
    before = prefix;
    books_key_close(&prefix);
    books_key_add_number(&before, request->seq);
    books_key_add_number(&before, request->index);
    const struct books_walk walk = {.table = BOOKS_WINDOWS,
                                    .prefix = &prefix,
                                    .backward = true,
                                    .before = &before,
                                    .bytes_step = count_step,
                                    .context = &counting};
    enum status status = books_each(facts->books, &walk, err);
    return status == STATUS_OK && counting.count > most
               ? answer_need_more(answers, "C-15", "count",
                                  json_pack("{s:I, s:I, s:I}", "count", (json_int_t)counting.count, "days",
                                            (json_int_t)days, "limit", (json_int_t)most),
                                  err)
               : status;
}

/* Held, and no release that counts. */
static enum status delivered_ask(const struct facts *facts, const char *entity, const char *id, bool *ret_unreleased,
                                 struct err *err)
{
    json_t *order = NULL, *release = NULL;
    bool counts = false;
    enum status status = facts_order(facts, entity, id, &order, err);
    bool held = order != NULL && strcmp(member_text(order, "state"), "held") == 0;
    json_decref(order);
    if (status == STATUS_OK && held)
        status = facts_release(facts, entity, id, NULL, &release, err);
    if (status == STATUS_OK && release != NULL)
        status = facts_release_counts(facts, release, &counts, err);
    json_decref(release);
    *ret_unreleased = held && !counts;
    return status;
}

static enum status feed_judge(const struct request *request, const struct facts *facts, struct answers *answers,
                              struct err *err)
{
    const json_t *body = request->statement->body, *records = json_object_get(body, "records");
    const char *first = NULL;
    int64_t count = 0;
    if (strcmp(member_text(body, "feed"), "orders") != 0)
        return STATUS_OK;
    for (size_t i = 0; i < json_array_size(records); i++) {
        const char *id = member_text(json_array_get(records, i), "order");
        bool unreleased = false;
        if (strcmp(member_text(json_array_get(records, i), "state"), "delivered") != 0)
            continue;
        enum status status = delivered_ask(facts, member_text(body, "entity"), id, &unreleased, err);
        if (status != STATUS_OK)
            return status;
        first = unreleased && first == NULL ? id : first;
        count += unreleased;
    }
    return count > 0 ? answer_flag(answers, "C-15", "not-released",
                                   json_pack("{s:I, s:s}", "count", (json_int_t)count, "order", first), err)
                     : STATUS_OK;
}

static enum status judge(const struct request *request, const struct facts *facts, struct answers *answers,
                         struct err *err)
{
    if (request->stage == STAGE_FEED)
        return feed_judge(request, facts, answers, err);
    if (!request_is_kind(request, KIND_HOLD_RELEASE))
        return STATUS_OK;
    enum status status = order_judge(request, facts, answers, err);
    if (status == STATUS_OK)
        status = single_judge(request, facts, answers, err);
    if (status == STATUS_OK)
        status = expiry_judge(request, facts, answers, err);
    return status == STATUS_OK ? count_judge(request, facts, answers, err) : status;
}

static void sentence(const json_t *answer, char ret_text[static SENTENCE_BYTES])
{
    char amount[MONEY_TEXT_MAX];
    if (code_is(answer, "unknown-order"))
        snprintf(ret_text, SENTENCE_BYTES, "order %s is not in the books; the feed of orders brings it",
                 said(answer, "order"));
    else if (code_is(answer, "other-order"))
        snprintf(ret_text, SENTENCE_BYTES, "order %s is customer %s's over %s %s; a release names exactly that",
                 said(answer, "order"), said(answer, "customer"), said_amount(answer, "amount", amount),
                 said(answer, "currency"));
    else if (code_is(answer, "not-held"))
        snprintf(ret_text, SENTENCE_BYTES, "order %s is %s, there is nothing to release", said(answer, "order"),
                 said(answer, "state"));
    else if (code_is(answer, "released"))
        snprintf(ret_text, SENTENCE_BYTES, "%s %s order %s already; a release is given once", said(answer, "document"),
                 strcmp(said(answer, "state"), "consumed") == 0 ? "released" : "releases", said(answer, "order"));
    else if (code_is(answer, "expired"))
        snprintf(ret_text, SENTENCE_BYTES, "the release expired at %s", said(answer, "expires"));
    else if (code_is(answer, "too-long"))
        snprintf(ret_text, SENTENCE_BYTES, "a release expires within %lld days; %s is later",
                 (long long)member_integer(answer, "limit"), said(answer, "expires"));
    else if (code_is(answer, "count"))
        snprintf(ret_text, SENTENCE_BYTES,
                 "the %lld. release for this customer in %lld days, more than %lld: one level more",
                 (long long)member_integer(answer, "count"), (long long)member_integer(answer, "days"),
                 (long long)member_integer(answer, "limit"));
    else
        snprintf(ret_text, SENTENCE_BYTES, "%lld held orders were delivered without a release, first %s",
                 (long long)member_integer(answer, "count"), said(answer, "order"));
}

const struct control control_c15 = {
    .id = "C-15",
    .title = "Hold release single-use",
    .objective = "Each override of the limit is bounded and used once",
    .assertion = "authorisation, valuation",
    .type = CONTROL_BOTH,
    .stages = STAGE_DOCUMENT | STAGE_FEED,
    .engine_from = ENGINE_FIRST,
    .engine_to = ENGINE_LAST,
    .parameters = "hold_release_days_max, hold_releases_days, hold_releases_max",
    .framework = "COSO 10; COBIT DSS06.02",
    .codes = "unknown-order other-order not-held released expired too-long count not-released",
    .judge = judge,
    .sentence = sentence,
};
