/*
 * C-44 Balanced and complete: the ledger lines of a posting balance in each currency. Numbers are dense by the way in which
 * they are given (judge.c); a feed's file is complete by its manifest (feed.c).
 */
#include "controls/rules/c44_opening.h"
#include "controls/rules/common.h"
#include "ledger/currency.h"

enum { CURRENCIES_MAX = 8 }; /* currencies of one document's lines */

struct balance {
    const char *currency;
    int64_t minor;
};

static enum status line_add(struct balance balances[static CURRENCIES_MAX], const json_t *line, struct err *err)
{
    const char *currency = member_text(line, "currency"), *text = member_text(line, "amount");
    int64_t minor;
    enum status status = money_parse(text, strlen(text), currency_digits(currency), &minor, err);
    if (status != STATUS_OK)
        return status;
    for (size_t i = 0; i < CURRENCIES_MAX; i++) {
        if (balances[i].currency != NULL && strcmp(balances[i].currency, currency) != 0)
            continue;
        balances[i].currency = currency;
        return money_add(balances[i].minor, strcmp(member_text(line, "side"), "dr") == 0 ? minor : -minor,
                         &balances[i].minor, err);
    }
    return err_set(err, STATUS_LIMIT, "more than %d currencies in one document", CURRENCIES_MAX);
}

/* Functional amounts of a document's lines: all have one or none, and they balance as well. */
struct functional_sum {
    int64_t minor, rounding_minor;
    const json_t *homeless; /* a difference that the policy has no account for */
};

static enum status functional_add(const json_t *line, int digits, struct functional_sum *sum, struct err *err)
{
    const char *text = member_text(line, "functional"), *difference = member_text(line, "difference");
    int64_t minor;
    enum status status = money_parse(text, strlen(text), digits, &minor, err);
    if (status == STATUS_OK)
        status = money_add(sum->minor, strcmp(member_text(line, "side"), "dr") == 0 ? minor : -minor, &sum->minor, err);
    if (difference != NULL && member_text(line, "account")[0] == '\0')
        sum->homeless = line;
    if (status == STATUS_OK && difference != NULL && strcmp(difference, "rounding") == 0)
        status = money_add(sum->rounding_minor, minor, &sum->rounding_minor, err);
    return status;
}

/* What goes to rounding: a minor unit a line at most, and so much in a calendar month; a reversal gives back. */
static enum status rounding_judge(const struct request *request, const struct facts *facts,
                                  const struct policy_entity *entity, int64_t minor, struct answers *answers,
                                  struct err *err)
{
    const char *const pair[2] = {facts->policy->base, entity->currency};
    int64_t before = 0, limit = policy_parameter(facts->policy, entity->entity, PARAMETER_ROUNDING_MONTH_MAX), sum;
    int digits = currency_digits(entity->currency);
    struct facts_rate rate;
    if (minor == 0 || request_is_kind(request, KIND_REVERSAL))
        return STATUS_OK;
    size_t lines = json_array_size(request->lines);
    if (minor > (int64_t)lines)
        return answer_deny(answers, "C-44", "rounding",
                           json_pack("{s:o, s:I}", "amount", amount_text(minor, digits), "lines", (json_int_t)lines),
                           err);
    enum status status = facts_rounding(facts, entity->entity, request->measure.date, &before, err);
    if (status == STATUS_OK)
        status = money_add(before, minor, &sum, err);
    if (status == STATUS_OK)
        status = facts_rate(facts, entity->entity, pair, request->measure.date, &rate, err);
    if (status == STATUS_OK && rate.verdict != RATE_SAME && rate.verdict != RATE_FOUND)
        return err_set(err, STATUS_CORRUPT, "no rate of %s, which C-10 has asked for", entity->currency);
    if (status == STATUS_OK)
        status = rate_convert(&rate, sum, &sum, err);
    if (status != STATUS_OK || sum <= limit)
        return status;
    return answer_deny(answers, "C-44", "rounding-month",
                       json_pack("{s:o, s:s, s:o, s:o}", "amount", amount_text(minor, digits), "currency",
                                 entity->currency, "limit", base_text(facts, limit), "sum", base_text(facts, sum)),
                       err);
}

static enum status functional_judge(const struct request *request, const struct facts *facts, struct answers *answers,
                                    struct err *err)
{
    const struct policy_entity *entity = policy_find_entity(facts->policy, request->measure.entity);
    struct functional_sum sum = {.minor = 0};
    size_t with = 0, count = json_array_size(request->lines);
    enum status status = STATUS_OK;
    if (entity == NULL)
        return STATUS_OK; /* C-02 denies */
    int digits = currency_digits(entity->currency);
    for (size_t i = 0; status == STATUS_OK && i < count; i++) {
        const json_t *line = json_array_get(request->lines, i);
        if (member_text(line, "functional") == NULL)
            continue;
        with++;
        status = functional_add(line, digits, &sum, err);
    }
    if (status != STATUS_OK || with == 0)
        return status;
    if (with != count || sum.minor != 0)
        return answer_deny(
            answers, "C-44", "unbalanced",
            json_pack("{s:s, s:o}", "currency", entity->currency, "difference", amount_text(sum.minor, digits)), err);
    if (sum.homeless != NULL)
        return answer_deny(answers, "C-44", "no-account",
                           json_pack("{s:s, s:s, s:s}", "amount", member_text(sum.homeless, "functional"), "currency",
                                     entity->currency, "difference", member_text(sum.homeless, "difference")),
                           err);
    return rounding_judge(request, facts, entity, sum.rounding_minor, answers, err);
}

static enum status balanced_judge(const struct request *request, const struct facts *facts, struct answers *answers,
                                  struct err *err)
{
    struct balance balances[CURRENCIES_MAX] = {{.currency = NULL}};
    for (size_t i = 0; i < json_array_size(request->lines); i++) {
        enum status status = line_add(balances, json_array_get(request->lines, i), err);
        if (status != STATUS_OK)
            return status;
    }
    for (size_t i = 0; i < CURRENCIES_MAX; i++)
        if (balances[i].currency != NULL && balances[i].minor != 0)
            return answer_deny(answers, "C-44", "unbalanced",
                               json_pack("{s:s, s:o}", "currency", balances[i].currency, "difference",
                                         amount_text(balances[i].minor, currency_digits(balances[i].currency))),
                               err);
    return functional_judge(request, facts, answers, err);
}

static enum status lines_judge(const struct request *request, const struct facts *facts, struct answers *answers,
                               struct err *err)
{
    enum status status = balanced_judge(request, facts, answers, err);
    return status == STATUS_LIMIT ? answer_deny(answers, "C-44", "lines-too-large", NULL, err) : status;
}

static enum status judge(const struct request *request, const struct facts *facts, struct answers *answers,
                         struct err *err)
{
    return request->stage == STAGE_LINES ? lines_judge(request, facts, answers, err)
                                         : opening_judge(request, facts, answers, err);
}

static bool rebill_sentence(const json_t *answer, char ret_text[static SENTENCE_BYTES])
{
    long long record = (long long)member_integer(answer, "record");
    if (code_is(answer, "unknown-rebill"))
        snprintf(ret_text, SENTENCE_BYTES, "record %lld: no posted rebill intends an invoice of the reference %s",
                 record, said(answer, "id"));
    else if (code_is(answer, "rebill-closed"))
        snprintf(ret_text, SENTENCE_BYTES, "record %lld: another invoice has closed the rebill of reference %s", record,
                 said(answer, "id"));
    else if (code_is(answer, "rebill-differs"))
        snprintf(
            ret_text, SENTENCE_BYTES,
            "record %lld: invoice %s has another %s than %s intended; bill as approved, or reverse that and rebill",
            record, said(answer, "id"), said(answer, "member"), said(answer, "document"));
    else
        return false;
    return true;
}

static bool delivery_sentence(const json_t *answer, char ret_text[static SENTENCE_BYTES])
{
    long long record = (long long)member_integer(answer, "record");
    if (code_is(answer, "unknown-delivery"))
        snprintf(ret_text, SENTENCE_BYTES,
                 "record %lld: nothing was posted here as %s; find out what the ERP posted, and take it back there",
                 record, said(answer, "id"));
    else if (code_is(answer, "delivery-differs"))
        snprintf(ret_text, SENTENCE_BYTES,
                 "record %lld: %s is of %s %s, the ERP has %s %s; correct it there, then acknowledge what stands",
                 record, said(answer, "id"), said(answer, "amount"), said(answer, "currency"),
                 said(answer, "acknowledged"), said(answer, "says"));
    else if (code_is(answer, "unknown-erp"))
        snprintf(ret_text, SENTENCE_BYTES,
                 "record %lld: the ERP takes back %s of %s, under which it never acknowledged it", record,
                 said(answer, "erp"), said(answer, "id"));
    else if (code_is(answer, "erp-twice"))
        snprintf(ret_text, SENTENCE_BYTES,
                 "record %lld: %s is in the ERP twice, as %s and as %s; one of them has to be reversed there", record,
                 said(answer, "id"), said(answer, "there"), said(answer, "erp"));
    else
        return false;
    return true;
}

static void sentence(const json_t *answer, char ret_text[static SENTENCE_BYTES])
{
    if (opening_sentence(answer, ret_text) || rebill_sentence(answer, ret_text) || delivery_sentence(answer, ret_text))
        return;
    if (code_is(answer, "unbalanced"))
        snprintf(ret_text, SENTENCE_BYTES, "the ledger lines do not balance: %s %s", said(answer, "difference"),
                 said(answer, "currency"));
    else if (code_is(answer, "lines-too-large"))
        snprintf(
            ret_text, SENTENCE_BYTES,
            "the ledger lines have more tax codes, or larger sums, than can be counted; make several documents of it");
    else if (code_is(answer, "no-account"))
        snprintf(ret_text, SENTENCE_BYTES,
                 "%s %s of %s come of it, and the policy names no account for them: postings has to have %s",
                 said(answer, "amount"), said(answer, "currency"),
                 strcmp(said(answer, "difference"), "fx") == 0 ? "exchange differences" : "rounding",
                 said(answer, "difference"));
    else if (code_is(answer, "rounding"))
        snprintf(
            ret_text, SENTENCE_BYTES,
            "%s would go to rounding, over %lld lines: one minor unit a line at most; make several documents of it",
            said(answer, "amount"), (long long)member_integer(answer, "lines"));
    else if (code_is(answer, "rounding-month"))
        snprintf(ret_text, SENTENCE_BYTES,
                 "with %s %s here %s go to rounding in this month, above %s; look at what makes them",
                 said(answer, "amount"), said(answer, "currency"), said(answer, "sum"), said(answer, "limit"));
    else if (code_is(answer, "books-too-large"))
        snprintf(ret_text, SENTENCE_BYTES, "a total in the books would become too large to be counted");
    else if (code_is(answer, "total-too-large"))
        snprintf(ret_text, SENTENCE_BYTES, "the records add up to more than can be counted");
    else if (code_is(answer, "file-sequence"))
        snprintf(ret_text, SENTENCE_BYTES, "the file has sequence %lld, %lld is next; load the missing file first",
                 (long long)member_integer(answer, "sequence"), (long long)member_integer(answer, "expected"));
    else if (code_is(answer, "file-part"))
        snprintf(ret_text, SENTENCE_BYTES, "part %lld does not follow; begin the file again with part 1",
                 (long long)member_integer(answer, "part"));
    else if (code_is(answer, "file-manifest"))
        snprintf(ret_text, SENTENCE_BYTES, "the manifest is not that of the file's first part");
    else if (code_is(answer, "file-count"))
        snprintf(ret_text, SENTENCE_BYTES, "the file has %lld records, its manifest says %lld",
                 (long long)member_integer(answer, "count"), (long long)member_integer(answer, "manifest"));
    else if (code_is(answer, "file-total"))
        snprintf(ret_text, SENTENCE_BYTES, "the file adds up to %s, its manifest says %s", said(answer, "total"),
                 said(answer, "manifest"));
    else if (code_is(answer, "exists"))
        snprintf(ret_text, SENTENCE_BYTES, "record %lld: %s is there already; feeds create and never change",
                 (long long)member_integer(answer, "record"), said(answer, "id"));
    else if (code_is(answer, "order-differs"))
        snprintf(ret_text, SENTENCE_BYTES, "record %lld: order %s differs from what was brought before",
                 (long long)member_integer(answer, "record"), said(answer, "id"));
    else if (code_is(answer, "unknown-customer"))
        snprintf(ret_text, SENTENCE_BYTES, "record %lld: customer %s is not in the master",
                 (long long)member_integer(answer, "record"), said(answer, "id"));
    else if (code_is(answer, "unknown-invoice"))
        snprintf(ret_text, SENTENCE_BYTES, "record %lld: there is no invoice %s",
                 (long long)member_integer(answer, "record"), said(answer, "id"));
    else if (code_is(answer, "other-customer"))
        snprintf(ret_text, SENTENCE_BYTES, "record %lld: invoice %s is another customer's",
                 (long long)member_integer(answer, "record"), said(answer, "id"));
    else if (code_is(answer, "unknown-contract"))
        snprintf(ret_text, SENTENCE_BYTES, "record %lld: there is no contract %s; load the contracts first",
                 (long long)member_integer(answer, "record"), said(answer, "id"));
    else if (code_is(answer, "unknown-meter"))
        snprintf(ret_text, SENTENCE_BYTES, "record %lld: read %s is of a meter that its contract does not have",
                 (long long)member_integer(answer, "record"), said(answer, "id"));
    else if (code_is(answer, "unknown-line"))
        snprintf(ret_text, SENTENCE_BYTES, "record %lld: the invoice has no line %s",
                 (long long)member_integer(answer, "record"), said(answer, "id"));
    else if (code_is(answer, "read-order"))
        snprintf(ret_text, SENTENCE_BYTES,
                 "record %lld: read %s is not after the last read of its meter, or before its contract begins",
                 (long long)member_integer(answer, "record"), said(answer, "id"));
    else
        snprintf(ret_text, SENTENCE_BYTES, "record %lld%s: with it more is applied to invoice %s than it has open",
                 (long long)member_integer(answer, "record"),
                 member_integer(answer, "record") == 0 ? " (of an earlier part)" : "", said(answer, "id"));
}

const struct control control_c44 = {
    .id = "C-44",
    .title = "Balanced and complete",
    .objective = "Postings balance, numbers are dense, files and opening balances are whole",
    .assertion = "completeness, accuracy",
    .type = CONTROL_BOTH,
    .stages = STAGE_DOCUMENT | STAGE_LINES,
    .engine_from = ENGINE_FIRST,
    .engine_to = ENGINE_LAST,
    .parameters = "entities, postings, acknowledgement_days, feed_days_max, rounding_month_max",
    .framework = "COSO 10, 13; COBIT DSS06.02",
    .codes = "unbalanced lines-too-large no-account rounding rounding-month books-too-large total-too-large "
             "file-sequence file-part file-manifest file-count file-total exists "
             "order-differs unknown-customer unknown-invoice other-customer over-applied entity-not-opened "
             "opening-differs opening-customers opening-unfinished opened-already unknown-entity entity-currency "
             "feed-stale feed-missing unknown-rebill rebill-closed rebill-differs unknown-contract unknown-meter "
             "unknown-line read-order unknown-delivery delivery-differs unknown-erp erp-twice",
    .judge = judge,
    .sentence = sentence,
};
