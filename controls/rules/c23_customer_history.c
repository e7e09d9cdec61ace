/*
 * C-23 Dynamic segregation of duties, customer history: who made or approved a change of a customer's limit, or applied the
 * customer's cash, within history_days does not prepare or approve credits, write-offs and the like on that customer's group
 * where the policy keeps the two duties apart. Acts without effect (withdrawn, rejected, lapsed) do not count.
 */
#include "controls/facts_history.h"
#include "controls/rules/common.h"

#define DAY_MS INT64_C(86400000)

/* Documents that take from, or give to, what a customer owes, and releases of a customer's orders. */
static const enum kind_id barred[] = {KIND_CREDIT_NOTE, KIND_CORRECTION, KIND_WRITE_OFF,  KIND_REVERSAL,
                                      KIND_REBILL,      KIND_RECOVERY,   KIND_ADJUSTMENT, KIND_HOLD_RELEASE};

static bool is_barred(const struct request *request)
{
    for (size_t i = 0; i < sizeof barred / sizeof barred[0]; i++)
        if (request_is_kind(request, barred[i]))
            return true;
    return false;
}

struct looking {
    const struct request *request;
    const struct facts *facts;
    struct answers *answers;
    const char *now;
    int64_t days;
};

static bool apart(const struct policy *policy, const char *a, const char *b)
{
    for (size_t i = 0; i < policy->conflict_count; i++)
        if (policy->conflicts[i].mode != CONFLICT_MITIGATED && conflict_joins(&policy->conflicts[i], a, b))
            return true;
    return false;
}

/* Whether a document ended without effect. */
static enum status without_effect(const struct facts *facts, const char *number, bool *ret_without, struct err *err)
{
    static const char *const ends[] = {"withdrawn", "rejected", "lapsed"};
    json_t *record = NULL;
    enum status status = facts_document(facts, number, &record, err);
    *ret_without = record == NULL;
    for (size_t i = 0; status == STATUS_OK && record != NULL && i < sizeof ends / sizeof ends[0]; i++)
        *ret_without = *ret_without || strcmp(member_text(record, "state"), ends[i]) == 0;
    json_decref(record);
    return status;
}

static enum status past_judge(void *context, const struct past_act *act, bool *ret_more, struct err *err)
{
    struct looking *looking = context;
    bool without = false;
    enum status status = STATUS_OK;
    if (!apart(looking->facts->policy, looking->now, act->function))
        return STATUS_OK;
    if (act->document != NULL)
        status = without_effect(looking->facts, act->document, &without, err);
    if (status != STATUS_OK || without)
        return status;
    json_t *inputs =
        json_pack("{s:s, s:I, s:I, s:s, s:s, s:s}", "customer", act->customer, "days", (json_int_t)looking->days,
                  "entry", (json_int_t)act->seq, "function", looking->now, "then", act->function, "time", act->time);
    if (act->document != NULL)
        json_object_set_new(inputs, "document", json_string(act->document));
    else
        json_object_set_new(inputs, "file", json_integer(act->sequence));
    *ret_more = false;
    return answer_deny(looking->answers, "C-23", act->document != NULL ? "limit-history" : "cash-history", inputs, err);
}

static enum status judge(const struct request *request, const struct facts *facts, struct answers *answers,
                         struct err *err)
{
    char now[FUNCTION_NAME_BYTES];
    enum kind_id authority = KIND_UNKNOWN;
    json_t *customer = NULL;
    if (request->document == NULL || !is_barred(request))
        return STATUS_OK;
    struct looking looking = {.request = request,
                              .facts = facts,
                              .answers = answers,
                              .now = now,
                              .days = policy_parameter(facts->policy, request->measure.entity, PARAMETER_HISTORY_DAYS)};
    if (looking.days == 0)
        return STATUS_OK;
    enum status status = kind_authority(request->kind, request->document, facts, &authority, err);
    if (status != STATUS_OK || authority == KIND_UNKNOWN)
        return status;
    kind_function(request->kind, authority, request->stage == STAGE_APPROVE ? request->level : 0, now);
    status = facts_customer_of(facts, request->document, &customer, err);
    if (status == STATUS_OK && customer != NULL)
        status = facts_history(facts, request->actor.person, member_text(customer, "group"),
                               facts->time_ms - looking.days * DAY_MS, past_judge, &looking, err);
    json_decref(customer);
    return status;
}

static void sentence(const json_t *answer, char ret_text[static SENTENCE_BYTES])
{
    char what[ID_BYTES_MAX + 32];
    if (code_is(answer, "limit-history"))
        snprintf(what, sizeof what, "acted on limit change %s", said(answer, "document"));
    else
        snprintf(what, sizeof what, "applied cash by file %lld", (long long)member_integer(answer, "file"));
    snprintf(
        ret_text, SENTENCE_BYTES,
        "you %s of customer %s (%s, entry %lld, %.10s), of the same group; within %lld days of that %s takes another "
        "person",
        what, said(answer, "customer"), said(answer, "then"), (long long)member_integer(answer, "entry"),
        said(answer, "time"), (long long)member_integer(answer, "days"), said(answer, "function"));
}

const struct control control_c23 = {
    .id = "C-23",
    .title = "Dynamic segregation of duties, customer history",
    .objective = "Who moved a customer's limit or cash does not soon after forgive what it owes",
    .assertion = "authorisation",
    .type = CONTROL_PREVENTIVE,
    .stages = STAGE_SUBMIT | STAGE_APPROVE,
    .receiving = RECEIVING_CUSTOMER,
    .engine_from = ENGINE_FIRST,
    .engine_to = ENGINE_LAST,
    .parameters = "duties, conflicts, history_days",
    .framework = "COSO 10; COBIT DSS06.03",
    .codes = "limit-history cash-history",
    .judge = judge,
    .sentence = sentence,
};
