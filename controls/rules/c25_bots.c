/*
 * C-25 Bots prepare, never approve: an account that is no human being signs nothing off, governs nothing, holds no role
 * that would let it, and prepares within limits of its own. Feeds only feed, and only feeds do.
 */
#include "controls/rules/common.h"

/* What of its work no bot does by this policy, as the code of the answer; NULL: nothing. */
static const char *work_wrong(const struct request *request, const struct policy *policy)
{
    const char *reason = request->measure.reason;
    bool known = reason == NULL || policy->bot_reason_count == 0;
    if ((policy->bot_kinds >> request->kind->id & 1) == 0)
        return "bot-kind";
    for (size_t i = 0; !known && i < policy->bot_reason_count; i++)
        known = strcmp(policy->bot_reasons[i], reason) == 0;
    if (!known)
        return "bot-reason";
    return policy->bot_run && json_object_get(request->document, "run") == NULL ? "bot-run" : NULL;
}

static json_t *work_inputs(const struct request *request, const char *code)
{
    if (strcmp(code, "bot-kind") == 0)
        return json_pack("{s:s}", "kind", kind_name(request->kind->id));
    return strcmp(code, "bot-reason") == 0 ? json_pack("{s:s}", "reason", request->measure.reason) : NULL;
}

/* What was let in on this day, however it ended, and this: taking one back makes no room for the next. */
static enum status sum_judge(const struct request *request, const struct facts *facts, struct answers *answers,
                             bool *ret_denied, struct err *err)
{
    int64_t limit = facts->policy->bot_sum_minor_max, amount = request->measure.amount_minor, today, sum;
    if (limit == INT64_MAX || amount == 0)
        return STATUS_OK;
    enum status status = facts_prepared_today(facts, request->actor.user, &today, err);
    if (status != STATUS_OK)
        return status;
    if (money_add(today, amount, &sum, NULL) != STATUS_OK)
        sum = INT64_MAX;
    if (sum <= limit)
        return STATUS_OK;
    *ret_denied = true;
    return answer_deny(answers, "C-25", "bot-sum",
                       json_pack("{s:o, s:o, s:o}", "amount", base_text(facts, amount), "limit",
                                 base_text(facts, limit), "sum", base_text(facts, sum)),
                       err);
}

static enum status bot_judge(const struct request *request, const struct facts *facts, struct answers *answers,
                             struct err *err)
{
    int64_t today;
    bool denied = false;
    const char *wrong = work_wrong(request, facts->policy);
    if (wrong != NULL)
        return answer_deny(answers, "C-25", wrong, work_inputs(request, wrong), err);
    if (request->measure.amount_minor > facts->policy->bot_document_minor_max)
        return answer_deny(answers, "C-25", "bot-amount",
                           json_pack("{s:o, s:o}", "amount", base_text(facts, request->measure.amount_minor), "limit",
                                     base_text(facts, facts->policy->bot_document_minor_max)),
                           err);
    enum status status = sum_judge(request, facts, answers, &denied, err);
    if (status != STATUS_OK || denied)
        return status;
    status = facts_documents_today(facts, request->actor.user, &today, err);
    if (status != STATUS_OK)
        return status;
    int64_t count = today + (int64_t)request->index + 1;
    if (count <= facts->policy->bot_documents_per_day_max)
        return STATUS_OK;
    return answer_deny(answers, "C-25", "bot-count",
                       json_pack("{s:I, s:I}", "count", (json_int_t)count, "limit",
                                 (json_int_t)facts->policy->bot_documents_per_day_max),
                       err);
}

/* Which roles an account that is no human may hold, and that no human holds a feed's. */
static enum status role_judge(const struct request *request, const struct facts *facts, struct answers *answers,
                              struct err *err)
{
    struct actor user;
    const struct policy_role *role = policy_find_role(facts->policy, member_text(request->document, "role"));
    enum status status = facts_actor(facts, member_text(request->document, "user"), &user, err);
    if (status == STATUS_NOT_FOUND || role == NULL)
        return STATUS_OK; /* C-20 denies */
    for (size_t i = 0; status == STATUS_OK && i < role->function_count; i++) {
        enum function_class class = function_class(role->functions[i], NULL, NULL);
        bool feeds = class == FUNCTION_FEED, reads = class == FUNCTION_READ;
        bool fits = strcmp(user.sort, "feed") == 0  ? feeds
                    : strcmp(user.sort, "bot") == 0 ? class == FUNCTION_PREPARE || reads
                                                    : !feeds;
        if (!fits)
            return answer_deny(answers, "C-25", "role",
                               json_pack("{s:s, s:s}", "function", role->functions[i], "sort", user.sort), err);
    }
    return status;
}

static enum status judge(const struct request *request, const struct facts *facts, struct answers *answers,
                         struct err *err)
{
    const char *sort = request->actor.sort;
    bool bot = strcmp(sort, "bot") == 0, feed = strcmp(sort, "feed") == 0;
    if (request->stage == STAGE_FEED)
        return feed ? STATUS_OK : answer_deny(answers, "C-25", "not-a-feed", json_pack("{s:s}", "sort", sort), err);
    if (feed && request->stage != STAGE_POST)
        return answer_deny(answers, "C-25", "feed-acts", NULL, err);
    if (bot && (request->stage == STAGE_APPROVE ||
                (request->stage == STAGE_ITEM && request->statement->verb != VERB_WITHDRAW &&
                 request->statement->verb != VERB_AMEND)))
        return answer_deny(answers, "C-25", "bot-approves", NULL, err);
    if (bot && request->stage == STAGE_SUBMIT && request_governs(request))
        return answer_deny(answers, "C-25", "bot-governs", NULL, err);
    if (request->stage != STAGE_APPROVE && request->stage != STAGE_ITEM && request_is_kind(request, KIND_GRANT))
        return role_judge(request, facts, answers, err);
    return bot && request->stage == STAGE_SUBMIT ? bot_judge(request, facts, answers, err) : STATUS_OK;
}

static void sentence(const json_t *answer, char ret_text[static SENTENCE_BYTES])
{
    char amount[MONEY_TEXT_MAX], limit[MONEY_TEXT_MAX], sum[MONEY_TEXT_MAX];
    if (code_is(answer, "bot-kind"))
        snprintf(ret_text, SENTENCE_BYTES, "a bot prepares no %s by this policy (bots.kinds); its owner can prepare it",
                 said(answer, "kind"));
    else if (code_is(answer, "bot-reason"))
        snprintf(ret_text, SENTENCE_BYTES,
                 "a bot gives no reason %s by this policy (bots.reasons); its owner can prepare it",
                 said(answer, "reason"));
    else if (code_is(answer, "bot-run"))
        snprintf(ret_text, SENTENCE_BYTES,
                 "a bot's document names its run by this policy (bots.run): an id, and the hash of its code and "
                 "configuration");
    else if (code_is(answer, "bot-sum"))
        snprintf(ret_text, SENTENCE_BYTES,
                 "a bot prepares up to %s a day, %s here makes it %s; its owner can prepare it, or the bot tomorrow",
                 said_amount(answer, "limit", limit), said_amount(answer, "amount", amount),
                 said_amount(answer, "sum", sum));
    else if (code_is(answer, "bot-amount"))
        snprintf(ret_text, SENTENCE_BYTES,
                 "a bot prepares documents up to %s, this one is %s; its owner can prepare it",
                 said_amount(answer, "limit", limit), said_amount(answer, "amount", amount));
    else if (code_is(answer, "bot-count"))
        snprintf(ret_text, SENTENCE_BYTES,
                 "a bot prepares up to %lld documents a day, this would be number %lld; its owner can prepare it",
                 (long long)member_integer(answer, "limit"), (long long)member_integer(answer, "count"));
    else if (code_is(answer, "role"))
        snprintf(ret_text, SENTENCE_BYTES, "a %s user may not hold %s", said(answer, "sort"), said(answer, "function"));
    else if (code_is(answer, "not-a-feed"))
        snprintf(ret_text, SENTENCE_BYTES, "files come from users of the sort feed, this one is %s",
                 said(answer, "sort"));
    else if (code_is(answer, "feed-acts"))
        snprintf(ret_text, SENTENCE_BYTES, "a feed's user brings files and does nothing else");
    else
        snprintf(ret_text, SENTENCE_BYTES, "a bot prepares and never %s; a person has to",
                 code_is(answer, "bot-governs") ? "governs" : "approves");
}

const struct control control_c25 = {
    .id = "C-25",
    .title = "Bots prepare, never approve",
    .objective = "Robots are bounded, and answered for by their owner",
    .assertion = "authorisation",
    .type = CONTROL_PREVENTIVE,
    .stages = STAGE_SUBMIT | STAGE_POST | STAGE_APPROVE | STAGE_ITEM | STAGE_FEED,
    .engine_from = ENGINE_FIRST,
    .engine_to = ENGINE_LAST,
    .parameters = "bots",
    .framework = "COSO 10, 11; COBIT DSS06.03",
    .codes =
        "bot-approves bot-governs bot-kind bot-reason bot-run bot-amount bot-sum bot-count role not-a-feed feed-acts",
    .judge = judge,
    .sentence = sentence,
};
