/*
 * C-25 Bots prepare, never approve: an account that is no human being signs nothing off, governs nothing, holds no role
 * that would let it, and prepares within limits of its own. Feeds only feed, and only feeds do.
 */
#include "controls/rules/common.h"

static enum status bot_judge(const struct request *request, const struct facts *facts, struct answers *answers,
                             struct err *err)
{
    int64_t today;
    if (request->measure.amount_minor > facts->policy->bot_document_minor_max)
        return answer_deny(answers, "C-25", "bot-amount",
                           json_pack("{s:o, s:o}", "amount", base_text(facts, request->measure.amount_minor), "limit",
                                     base_text(facts, facts->policy->bot_document_minor_max)),
                           err);
    enum status status = facts_documents_today(facts, request->actor.user, &today, err);
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
    char amount[MONEY_TEXT_MAX], limit[MONEY_TEXT_MAX];
    if (code_is(answer, "bot-amount"))
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
    .codes = "bot-approves bot-governs bot-amount bot-count role not-a-feed feed-acts",
    .judge = judge,
    .sentence = sentence,
};
