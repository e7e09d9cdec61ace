/*
 * C-09 Cumulative, pair: of what somebody prepares and others approve, how much goes by one approver. Counted over the
 * preparer's documents that somebody has approved, in a window over their submission: what posts without a second
 * signature has no approver, and counting it would hide the pair. Each of a document's makers is asked for, and a delegate's
 * approval counts for both persons.
 */
#include "controls/rules/common.h"
#include "ledger/fold.h"

#define DAY_MS INT64_C(86400000)

static enum status pair_count(const struct request *request, const struct facts *facts, const struct books_key *group,
                              int64_t days, int64_t *ret_count, struct err *err)
{
    const struct window_query query = {.group = group,
                                       .kinds = UINT64_MAX,
                                       .after_ms = facts->time_ms - days * DAY_MS,
                                       .before_seq = facts->seq,
                                       .before_index = request->act_index,
                                       .not_number = request->number,
                                       .count_only = true};
    struct window_sum sum;
    enum status status = facts_window(facts, &query, 0, &sum, err);
    if (status == STATUS_OK)
        *ret_count = (int64_t)sum.count;
    return status;
}

struct pair {
    const char *person, *approver;
};

static enum status pair_judge(const struct request *request, const struct facts *facts, const struct pair *pair,
                              struct answers *answers, struct err *err)
{
    const char *entity = request->measure.entity, *person = pair->person, *approver = pair->approver;
    int64_t days = policy_parameter(facts->policy, entity, PARAMETER_PAIR_DAYS);
    int64_t flag = policy_parameter(facts->policy, entity, PARAMETER_PAIR_FLAG_PERCENT);
    int64_t need = policy_parameter(facts->policy, entity, PARAMETER_PAIR_NEED_PERCENT);
    int64_t all = 0, theirs = 0;
    struct books_key group;
    window_key_approved(&group, person);
    enum status status = pair_count(request, facts, &group, days, &all, err);
    if (status != STATUS_OK || all < policy_parameter(facts->policy, entity, PARAMETER_PAIR_COUNT_MIN))
        return status;
    window_key_pair(&group, person, approver);
    status = pair_count(request, facts, &group, days, &theirs, err);
    bool refused = theirs * 100 > all * need;
    if (status != STATUS_OK || (!refused && theirs * 100 <= all * flag))
        return status;
    json_t *inputs = json_pack("{s:s, s:I, s:I, s:I, s:s, s:I}", "approver", approver, "count", (json_int_t)theirs,
                               "days", (json_int_t)days, "of", (json_int_t)all, "person", person, "percent",
                               (json_int_t)(refused ? need : flag));
    return refused ? answer_deny(answers, "C-09", "pair-refused", inputs, err)
                   : answer_flag(answers, "C-09", "pair", inputs, err);
}

static enum status judge(const struct request *request, const struct facts *facts, struct answers *answers,
                         struct err *err)
{
    json_t *makers = NULL, *ignored;
    const char *person;
    if (request->document == NULL || request_governs(request))
        return STATUS_OK;
    enum status status = request_makers(request, &makers, err);
    json_object_foreach(makers, person, ignored)
    {
        const struct pair own = {.person = person, .approver = request->actor.person};
        const struct pair behalf = {.person = person, .approver = request->behalf.person};
        if (status == STATUS_OK)
            status = pair_judge(request, facts, &own, answers, err);
        if (status == STATUS_OK && request->behalf.user[0] != '\0')
            status = pair_judge(request, facts, &behalf, answers, err);
    }
    json_decref(makers);
    return status;
}

static void sentence(const json_t *answer, char ret_text[static SENTENCE_BYTES])
{
    snprintf(ret_text, SENTENCE_BYTES,
             "of %lld documents that %s prepared and others approved in %lld days, %lld go by %s with this one, above "
             "%lld percent%s",
             (long long)member_integer(answer, "of"), said(answer, "person"), (long long)member_integer(answer, "days"),
             (long long)member_integer(answer, "count"), said(answer, "approver"),
             (long long)member_integer(answer, "percent"),
             code_is(answer, "pair-refused") ? "; another approver has to sign" : "");
}

const struct control control_c09 = {
    .id = "C-09",
    .title = "Cumulative, pair",
    .objective = "A preparer and an approver who always go together are seen, and stopped",
    .assertion = "authorisation, existence",
    .type = CONTROL_BOTH,
    .stages = STAGE_APPROVE,
    .engine_from = ENGINE_FIRST,
    .engine_to = ENGINE_LAST,
    .parameters = "pair_days, pair_count_min, pair_flag_percent, pair_need_percent",
    .framework = "COSO 8, 10; COBIT DSS06.03",
    .codes = "pair pair-refused",
    .judge = judge,
    .sentence = sentence,
};
