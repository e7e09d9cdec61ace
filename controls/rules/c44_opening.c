/*
 * C-44, whole books: an entity that came after the charter makes no document until two officers have tied out what its feeds
 * brought; where the policy says how old a feed may be, credits wait for invoices and write-offs for cash.
 */
#include "controls/rules/c44_opening.h"

#include "controls/facts_opening.h"
#include "controls/facts_period.h"
#include "controls/rules/common.h"
#include "ledger/currency.h"
#include "ledger/instant.h"

static const json_t *row_of(const json_t *rows, const char *currency)
{
    for (size_t i = 0; i < json_array_size(rows); i++)
        if (strcmp(member_text(json_array_get(rows, i), "currency"), currency) == 0)
            return json_array_get(rows, i);
    return NULL;
}

static enum status total_of(const json_t *row, int digits, int64_t *ret_minor, struct err *err)
{
    const char *text = row != NULL ? member_text(row, "total") : NULL;
    *ret_minor = 0;
    return text != NULL ? money_parse(text, strlen(text), digits, ret_minor, err) : STATUS_OK;
}

/* One currency as stated and as loaded. */
static enum status row_judge(const char *currency, const json_t *stated, const json_t *loaded, struct answers *answers,
                             struct err *err)
{
    int digits = currency_digits(currency);
    int64_t said_minor, there_minor, difference;
    int64_t said_count = member_integer(stated, "count"), there_count = member_integer(loaded, "count");
    enum status status = total_of(stated, digits, &said_minor, err);
    if (status == STATUS_OK)
        status = total_of(loaded, digits, &there_minor, err);
    if (status == STATUS_OK)
        status = money_sub(said_minor, there_minor, &difference, err);
    if (status != STATUS_OK || (said_count == there_count && difference == 0))
        return status;
    return answer_deny(answers, "C-44", "opening-differs",
                       json_pack("{s:I, s:s, s:o, s:o, s:I, s:o}", "count", (json_int_t)said_count, "currency",
                                 currency, "difference", amount_text(difference, digits), "loaded",
                                 amount_text(there_minor, digits), "loaded_count", (json_int_t)there_count, "total",
                                 amount_text(said_minor, digits)),
                       err);
}

static enum status rows_judge(const json_t *rows, const json_t *stated, const json_t *loaded, struct answers *answers,
                              struct err *err)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && !answers->denied && i < json_array_size(rows); i++) {
        const char *currency = member_text(json_array_get(rows, i), "currency");
        status = row_judge(currency, row_of(stated, currency), row_of(loaded, currency), answers, err);
    }
    return status;
}

static enum status balances_judge(const struct request *request, const struct facts *facts, struct answers *answers,
                                  struct err *err)
{
    const char *entity = member_text(request->document, "entity"), *unfinished = NULL;
    const json_t *stated = json_object_get(request->document, "opening");
    json_t *loaded = NULL;
    enum status status = facts_unfinished_file(facts, entity, &unfinished, err);
    if (status == STATUS_OK && unfinished != NULL)
        return answer_deny(answers, "C-44", "opening-unfinished", json_pack("{s:s}", "feed", unfinished), err);
    if (status == STATUS_OK)
        status = facts_opening(facts, entity, &loaded, err);
    if (status != STATUS_OK)
        return status;
    int64_t said_customers = member_integer(request->document, "customers");
    int64_t there_customers = member_integer(loaded, "customers");
    if (said_customers != there_customers)
        status = answer_deny(answers, "C-44", "opening-customers",
                             json_pack("{s:I, s:I}", "customers", (json_int_t)said_customers, "loaded_count",
                                       (json_int_t)there_customers),
                             err);
    const json_t *rows = json_object_get(loaded, "opening");
    if (status == STATUS_OK)
        status = rows_judge(stated, stated, rows, answers, err);
    if (status == STATUS_OK)
        status = rows_judge(rows, stated, rows, answers, err);
    json_decref(loaded);
    return status;
}

static enum status entity_judge(const struct request *request, const struct facts *facts, struct answers *answers,
                                struct err *err)
{
    const char *code = member_text(request->document, "entity");
    const char *currency = member_text(request->document, "currency");
    const struct policy_entity *entity = policy_find_entity(facts->policy, code);
    bool opened = false;
    if (entity == NULL)
        return answer_deny(answers, "C-44", "unknown-entity", json_pack("{s:s}", "entity", code), err);
    if (strcmp(entity->currency, currency) != 0)
        return answer_deny(answers, "C-44", "entity-currency",
                           json_pack("{s:s, s:s}", "currency", entity->currency, "entity", code), err);
    enum status status = facts_entity_opened(facts, code, &opened, err);
    if (status == STATUS_OK && opened)
        return answer_deny(answers, "C-44", "opened-already", json_pack("{s:s}", "entity", code), err);
    return status == STATUS_OK ? balances_judge(request, facts, answers, err) : status;
}

/* The feed that a kind's documents rely on; NULL: none. */
static const char *feed_of(enum kind_id kind)
{
    static const char *const feeds[KIND_COUNT] = {
        [KIND_CREDIT_NOTE] = "invoices", [KIND_CORRECTION] = "invoices", [KIND_REBILL] = "invoices",
        [KIND_ADJUSTMENT] = "invoices",  [KIND_WRITE_OFF] = "cash",      [KIND_RECOVERY] = "cash",
    };
    return feeds[kind];
}

static enum status feed_judge(const struct request *request, const struct facts *facts, struct answers *answers,
                              struct err *err)
{
    const char *feed = feed_of(request->kind->id), *entity = request->measure.entity;
    int64_t days = policy_parameter(facts->policy, entity, PARAMETER_FEED_DAYS_MAX), closed_ms = -1;
    char closed[INSTANT_TEXT_BYTES] = "";
    if (feed == NULL || days == 0)
        return STATUS_OK;
    enum status status = facts_feed_closed(facts, entity, feed, &closed_ms, err);
    if (status != STATUS_OK)
        return status;
    if (closed_ms == -1)
        return answer_deny(answers, "C-44", "feed-missing", json_pack("{s:s, s:s}", "entity", entity, "feed", feed),
                           err);
    if (facts->time_ms - closed_ms <= days * INSTANT_DAY_MS)
        return STATUS_OK;
    instant_format(closed_ms, closed);
    return answer_deny(
        answers, "C-44", "feed-stale",
        json_pack("{s:s, s:I, s:s, s:s}", "closed", closed, "days", (json_int_t)days, "entity", entity, "feed", feed),
        err);
}

enum status opening_judge(const struct request *request, const struct facts *facts, struct answers *answers,
                          struct err *err)
{
    bool opened = false;
    if (request_is_kind(request, KIND_ENTITY))
        return entity_judge(request, facts, answers, err);
    if (request_governs(request) || request->measure.entity == NULL ||
        policy_find_entity(facts->policy, request->measure.entity) == NULL)
        return STATUS_OK; /* C-02 denies */
    enum status status = facts_entity_opened(facts, request->measure.entity, &opened, err);
    if (status == STATUS_OK && !opened)
        return answer_deny(answers, "C-44", "entity-not-opened", json_pack("{s:s}", "entity", request->measure.entity),
                           err);
    return status == STATUS_OK ? feed_judge(request, facts, answers, err) : status;
}

static void feed_sentence(const json_t *answer, char ret_text[static SENTENCE_BYTES])
{
    if (code_is(answer, "feed-stale"))
        snprintf(
            ret_text, SENTENCE_BYTES,
            "the feed of %s for %s is stale: its last file was closed %s, %lld days are allowed; load the next one",
            said(answer, "feed"), said(answer, "entity"), said(answer, "closed"),
            (long long)member_integer(answer, "days"));
    else
        snprintf(ret_text, SENTENCE_BYTES, "no file of the feed of %s for %s was ever closed; load it first",
                 said(answer, "feed"), said(answer, "entity"));
}

bool opening_sentence(const json_t *answer, char ret_text[static SENTENCE_BYTES])
{
    char total[MONEY_TEXT_MAX], loaded[MONEY_TEXT_MAX], difference[MONEY_TEXT_MAX];
    if (code_is(answer, "entity-not-opened"))
        snprintf(ret_text, SENTENCE_BYTES,
                 "the opening balances of %s are not tied out yet: two officers have to sign them (entity open)",
                 said(answer, "entity"));
    else if (code_is(answer, "opening-differs"))
        snprintf(ret_text, SENTENCE_BYTES,
                 "%s: %lld invoices and %s are stated, the feeds brought %lld and %s; the difference is %s",
                 said(answer, "currency"), (long long)member_integer(answer, "count"),
                 said_amount(answer, "total", total), (long long)member_integer(answer, "loaded_count"),
                 said_amount(answer, "loaded", loaded), said_amount(answer, "difference", difference));
    else if (code_is(answer, "opening-customers"))
        snprintf(ret_text, SENTENCE_BYTES, "%lld customers are stated, the feeds brought %lld",
                 (long long)member_integer(answer, "customers"), (long long)member_integer(answer, "loaded_count"));
    else if (code_is(answer, "opening-unfinished"))
        snprintf(ret_text, SENTENCE_BYTES, "a file of the feed of %s is not finished; load its last part first",
                 said(answer, "feed"));
    else if (code_is(answer, "opened-already"))
        snprintf(ret_text, SENTENCE_BYTES, "%s is open for documents already", said(answer, "entity"));
    else if (code_is(answer, "unknown-entity"))
        snprintf(ret_text, SENTENCE_BYTES, "the policy in force has no entity %s; put it there first",
                 said(answer, "entity"));
    else if (code_is(answer, "entity-currency"))
        snprintf(ret_text, SENTENCE_BYTES, "the policy has %s in %s", said(answer, "entity"), said(answer, "currency"));
    else if (strncmp(said(answer, "code"), "feed-", 5) == 0)
        feed_sentence(answer, ret_text);
    else
        return false;
    return true;
}
