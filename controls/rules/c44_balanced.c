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

static enum status lines_judge(const struct request *request, struct answers *answers, struct err *err)
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
    return STATUS_OK;
}

static enum status judge(const struct request *request, const struct facts *facts, struct answers *answers,
                         struct err *err)
{
    return request->stage == STAGE_LINES ? lines_judge(request, answers, err)
                                         : opening_judge(request, facts, answers, err);
}

static void sentence(const json_t *answer, char ret_text[static SENTENCE_BYTES])
{
    if (opening_sentence(answer, ret_text))
        return;
    if (code_is(answer, "unbalanced"))
        snprintf(ret_text, SENTENCE_BYTES, "the ledger lines do not balance: %s %s", said(answer, "difference"),
                 said(answer, "currency"));
    else if (code_is(answer, "lines-too-large"))
        snprintf(
            ret_text, SENTENCE_BYTES,
            "the ledger lines have more tax codes, or larger sums, than can be counted; make several documents of it");
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
    .parameters = "entities, feed_days_max",
    .framework = "COSO 10, 13; COBIT DSS06.02",
    .codes = "unbalanced lines-too-large file-sequence file-part file-manifest file-count file-total exists "
             "order-differs unknown-customer unknown-invoice other-customer over-applied entity-not-opened "
             "opening-differs opening-customers opening-unfinished opened-already unknown-entity entity-currency "
             "feed-stale feed-missing",
    .judge = judge,
    .sentence = sentence,
};
