/*
 * C-28 Dormant accounts: a user that has signed nothing for so long is suspended from that moment on, until a reactivation is
 * in force. Any entry that was not wholly refused keeps an account alive; refusals and acts on reactivations do not. A
 * dormant user may ask for his own reactivation and, being an officer or manager, sign another's: else a book whose
 * officers all slept could never be woken; it still takes two persons.
 */
#include "controls/facts_people.h"
#include "controls/rules/common.h"
#include "ledger/instant.h"

/* A document of that kind, or an item about one: the prefix of a request number is the kind's alone (FORMAT.md 5.3). */
static bool about_reactivation(const struct statement *statement, size_t index)
{
    const json_t *one = json_array_get(statement_list(statement), index);
    const char *prefix = kind_prefix(KIND_REACTIVATION), *kind, *number;
    switch (statement->verb) {
    case VERB_SUBMIT:
        kind = member_text(one, "kind");
        return kind != NULL && kind_from_name(kind) == KIND_REACTIVATION;
    case VERB_APPROVE:
        number = member_text(one, "document");
        return strncmp(number, prefix, strlen(prefix)) == 0 && number[strlen(prefix)] == '-';
    case VERB_CHARTER:
    case VERB_AMEND:
    case VERB_WITHDRAW:
    case VERB_REJECT:
    case VERB_RETURN:
    case VERB_FEED:
    case VERB_RECOVER:
    case VERB_CLOCK:
    case VERB_RESTORE:
    case VERB_COUNT:
        break;
    }
    return false;
}

static bool only_reactivations(const struct statement *statement)
{
    size_t count = json_array_size(statement_list(statement));
    for (size_t i = 0; i < count; i++)
        if (!about_reactivation(statement, i))
            return false;
    return count > 0;
}

static enum status user_judge(const struct request *request, const struct facts *facts, struct answers *answers,
                              struct err *err)
{
    json_t *user = NULL;
    const char *name = member_text(request->document, "user");
    enum status status = facts_user(facts, name, &user, err);
    if (status == STATUS_OK && user == NULL)
        status = answer_deny(answers, "C-28", "unknown-user", json_pack("{s:s}", "user", name), err);
    json_decref(user);
    return status;
}

static enum status judge(const struct request *request, const struct facts *facts, struct answers *answers,
                         struct err *err)
{
    const char *user = request->actor.user;
    char last[INSTANT_TEXT_BYTES];
    int64_t last_ms = 0;
    uint64_t seq = 0;
    bool dormant = false;
    if (request->stage != STAGE_STATEMENT)
        return request_is_kind(request, KIND_REACTIVATION) ? user_judge(request, facts, answers, err) : STATUS_OK;
    /* The recovery keys say who acts, it may be somebody new; and what kept officers awake may be what was lost. */
    if (request->statement->verb == VERB_RECOVER || request->statement->verb == VERB_RESTORE)
        return STATUS_OK;
    enum status status = facts_dormant(facts, user, request->actor.sort, &dormant, err);
    if (status != STATUS_OK || !dormant || only_reactivations(request->statement))
        return status;
    status = facts_last_act(facts, user, &last_ms, &seq, err);
    if (status != STATUS_OK)
        return status;
    bool bot = strcmp(request->actor.sort, "bot") == 0;
    instant_format(last_ms, last);
    return answer_deny(answers, "C-28", "dormant",
                       json_pack("{s:I, s:s, s:I, s:s}", "days",
                                 (json_int_t)policy_parameter(
                                     facts->policy, NULL, bot ? PARAMETER_DORMANT_BOT_DAYS : PARAMETER_DORMANT_DAYS),
                                 "last", last, "seq", (json_int_t)seq, "user", user),
                       err);
}

static void sentence(const json_t *answer, char ret_text[static SENTENCE_BYTES])
{
    if (code_is(answer, "unknown-user"))
        snprintf(ret_text, SENTENCE_BYTES, "there is no user %s", said(answer, "user"));
    else
        snprintf(ret_text, SENTENCE_BYTES,
                 "%s has signed nothing since %.10s (entry %lld), more than %lld days: suspended until the manager or "
                 "an officer "
                 "approves a reactivation",
                 said(answer, "user"), said(answer, "last"), (long long)member_integer(answer, "seq"),
                 (long long)member_integer(answer, "days"));
}

const struct control control_c28 = {
    .id = "C-28",
    .title = "Dormant accounts",
    .objective = "An account that nobody uses cannot be used by somebody else",
    .assertion = "authorisation",
    .type = CONTROL_PREVENTIVE,
    .stages = STAGE_STATEMENT | STAGE_DOCUMENT,
    .engine_from = ENGINE_FIRST,
    .engine_to = ENGINE_LAST,
    .parameters = "dormant_days, dormant_bot_days",
    .framework = "COSO 11; COBIT DSS05.04",
    .codes = "dormant unknown-user",
    .judge = judge,
    .sentence = sentence,
};
