/*
 * C-43 Reversal discipline: a posted document is reversed once, whole, as its exact mirror, at the levels it took or more,
 * by other approvers than its own. What others built on it is undone first, and the same amount soon after on another
 * customer or account is flagged.
 */
#include "controls/facts_money.h"
#include "controls/rules/common.h"
#include "ledger/currency.h"
#include "ledger/fold.h"

/* What was recovered of a write-off, or waits to be, is undone first: it would be the customer's twice. */
static enum status recovered_judge(const json_t *original, struct answers *answers, struct err *err)
{
    const char *invoice, *currency = member_text(json_object_get(original, "document"), "currency");
    json_t *sum;
    json_object_foreach(json_object_get(original, "recovering"), invoice, sum)
    {
        if (json_integer_value(sum) > 0)
            return answer_deny(answers, "C-43", "recovered",
                               json_pack("{s:o, s:s, s:s}", "amount",
                                         amount_text(json_integer_value(sum), currency_digits(currency)), "document",
                                         member_text(original, "number"), "invoice", invoice),
                               err);
    }
    return STATUS_OK;
}

/* Another customer, or for another reason: not the mend of a slip, but the same amount elsewhere. */
static bool elsewhere(const json_t *original, const json_t *document)
{
    const json_t *reversed = json_object_get(original, "document");
    const char *customer = member_text(reversed, "customer"), *reason = member_text(reversed, "reason");
    return customer != NULL && reason != NULL &&
           (strcmp(customer, member_text(document, "customer")) != 0 ||
            strcmp(reason, member_text(document, "reason")) != 0);
}

static enum status reposting_judge(const struct request *request, const struct facts *facts, struct answers *answers,
                                   struct err *err)
{
    char number[ID_BYTES_MAX + 1];
    int64_t days = policy_parameter(facts->policy, request->measure.entity, PARAMETER_REPOST_DAYS);
    if (request->stage != STAGE_SUBMIT || days == 0)
        return STATUS_OK;
    enum status status = facts_reversed_within(facts, request->document, days, elsewhere, number, err);
    if (status == STATUS_OK && number[0] != '\0')
        status = answer_flag(answers, "C-43", "reposted",
                             json_pack("{s:I, s:s}", "days", (json_int_t)days, "document", number), err);
    return status;
}

static enum status original_judge(const struct request *request, const struct facts *facts, const json_t *original,
                                  struct answers *answers, struct err *err)
{
    char other[ID_BYTES_MAX + 1];
    struct books_key key;
    const char *number = member_text(request->document, "reverses");
    if (original == NULL)
        return answer_deny(answers, "C-43", "unknown-document", json_pack("{s:s}", "document", number), err);
    const struct kind *kind = kind_find(member_text(original, "kind"));
    if (kind == NULL || !kind->posts || kind->id == KIND_REVERSAL)
        return answer_deny(answers, "C-43", "not-reversible", json_pack("{s:s}", "document", number), err);
    if (strcmp(member_text(original, "entity"), request->measure.entity) != 0)
        return answer_deny(answers, "C-43", "other-entity",
                           json_pack("{s:s, s:s}", "document", number, "entity", member_text(original, "entity")), err);
    if (strcmp(member_text(original, "state"), "posted") != 0)
        return answer_deny(answers, "C-43", "not-posted",
                           json_pack("{s:s, s:s}", "document", number, "state", member_text(original, "state")), err);
    if (json_object_get(original, "rebilled") != NULL)
        return answer_deny(answers, "C-43", "rebilled",
                           json_pack("{s:s, s:s}", "document", number, "invoice",
                                     member_text(json_object_get(original, "rebilled"), "invoice")),
                           err);
    enum status status = recovered_judge(original, answers, err);
    if (status != STATUS_OK || answers->denied)
        return status;
    reversal_key(number, &key);
    status = facts_duplicate(facts, &key, request->number, other, err);
    if (status == STATUS_OK && other[0] != '\0')
        status = answer_deny(answers, "C-43", "reversal-waits", json_pack("{s:s}", "document", other), err);
    return status;
}

static enum status judge(const struct request *request, const struct facts *facts, struct answers *answers,
                         struct err *err)
{
    json_t *original = NULL;
    if (!request_is_kind(request, KIND_REVERSAL))
        return request->kind != NULL && request->kind->posts && request->stage != STAGE_APPROVE
                   ? reposting_judge(request, facts, answers, err)
                   : STATUS_OK;
    enum status status = facts_document(facts, member_text(request->document, "reverses"), &original, err);
    if (status != STATUS_OK)
        return status;
    if (request->stage == STAGE_APPROVE) {
        if (acting_in(json_object_get(original, "approvals"), request))
            status = answer_deny(answers, "C-43", "same-approver",
                                 json_pack("{s:s}", "document", member_text(request->document, "reverses")), err);
    } else {
        status = original_judge(request, facts, original, answers, err);
        if (status == STATUS_OK && !answers->denied)
            status = answer_need(answers, "C-43", "mirror", request->measure.levels_before | 1, NULL, err);
    }
    json_decref(original);
    return status;
}

static void sentence(const json_t *answer, char ret_text[static SENTENCE_BYTES])
{
    char levels[96], amount[MONEY_TEXT_MAX];
    said_levels(answer, levels, sizeof levels);
    if (code_is(answer, "mirror"))
        snprintf(ret_text, SENTENCE_BYTES, "a reversal takes the levels of what it reverses, one at least: %s", levels);
    else if (code_is(answer, "unknown-document"))
        snprintf(ret_text, SENTENCE_BYTES, "there is no document %s to reverse", said(answer, "document"));
    else if (code_is(answer, "not-reversible"))
        snprintf(ret_text, SENTENCE_BYTES, "%s is of a kind that is not reversed; correct it with a new document",
                 said(answer, "document"));
    else if (code_is(answer, "not-posted"))
        snprintf(ret_text, SENTENCE_BYTES, "%s is %s; only what is posted can be reversed, and once",
                 said(answer, "document"), said(answer, "state"));
    else if (code_is(answer, "reversal-waits"))
        snprintf(ret_text, SENTENCE_BYTES, "%s waits to reverse the same document", said(answer, "document"));
    else if (code_is(answer, "rebilled"))
        snprintf(ret_text, SENTENCE_BYTES, "invoice %s has come in for %s; credit that one", said(answer, "invoice"),
                 said(answer, "document"));
    else if (code_is(answer, "recovered"))
        snprintf(ret_text, SENTENCE_BYTES,
                 "%s of invoice %s is recovered of %s, or waits to be; withdraw or reverse that first",
                 said_amount(answer, "amount", amount), said(answer, "invoice"), said(answer, "document"));
    else if (code_is(answer, "reposted"))
        snprintf(ret_text, SENTENCE_BYTES,
                 "%s of the same amount was reversed less than %lld days ago; this goes to another customer or account",
                 said(answer, "document"), (long long)member_integer(answer, "days"));
    else if (code_is(answer, "other-entity"))
        snprintf(ret_text, SENTENCE_BYTES, "%s belongs to %s", said(answer, "document"), said(answer, "entity"));
    else
        snprintf(ret_text, SENTENCE_BYTES, "you approved %s; its reversal takes another approver",
                 said(answer, "document"));
}

const struct control control_c43 = {
    .id = "C-43",
    .title = "Reversal discipline",
    .objective = "Reverse once, as a mirror, by others",
    .assertion = "existence, authorisation",
    .type = CONTROL_BOTH,
    .stages = STAGE_DOCUMENT | STAGE_APPROVE,
    .engine_from = ENGINE_FIRST,
    .engine_to = ENGINE_LAST,
    .parameters = "repost_days",
    .framework = "COSO 10; COBIT DSS06.02",
    .codes = "mirror unknown-document not-reversible not-posted reversal-waits other-entity same-approver "
             "rebilled recovered reposted",
    .judge = judge,
    .sentence = sentence,
};
