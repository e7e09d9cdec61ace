/*
 * C-16 Approval expiry: an approval counts for a number of days, and only while what its giver saw holds: what the invoices
 * have open, their disputes, the customer's limit and related-party flag. Posting sets a stale approval aside, and the document
 * waits for that level again; who signs on what has changed since they looked is told to look again.
 */
#include "controls/facts_material.h"
#include "controls/rules/common.h"
#include "ledger/instant.h"

static json_t *change_inputs(const struct material_change *change, int64_t seen)
{
    return json_pack("{s:I, s:s, s:s, s:I}", "entry", (json_int_t)change->entry, "fact", change->fact, "id", change->id,
                     "seen", (json_int_t)seen);
}

static enum status signer_judge(const struct request *request, const struct facts *facts, struct answers *answers,
                                struct err *err)
{
    struct material_change change = {.fact = NULL};
    if (request->record == NULL)
        return STATUS_OK;
    const char *state = member_text(request->record, "state");
    if (strcmp(state, "lapsed") == 0)
        return answer_deny(answers, "C-16", "lapsed",
                           json_pack("{s:s}", "until", member_text(request->record, "until")), err);
    if (strcmp(state, "waiting") != 0 || request->statement->seen_hash == NULL)
        return STATUS_OK; /* C-04 denies */
    enum status status =
        facts_material(facts, request->document, request->statement->seen_seq, &change, err);
    if (status != STATUS_OK || change.fact == NULL)
        return status;
    return answer_deny(answers, "C-16", "seen-changed",
                       change_inputs(&change, (int64_t)request->statement->seen_seq), err);
}

static enum status approval_judge(const struct request *request, const struct facts *facts, const json_t *approval,
                                  struct answers *answers, struct err *err)
{
    const char *time = member_text(approval, "time"), *user = member_text(approval, "user");
    int64_t days = policy_parameter(facts->policy, request->measure.entity, PARAMETER_APPROVAL_DAYS);
    int64_t seen = member_integer(approval, "seen"), signed_ms;
    int level = (int)member_integer(approval, "level");
    struct material_change change = {.fact = NULL};
    enum status status = instant_parse(time, strlen(time), &signed_ms, err);
    if (status != STATUS_OK)
        return status;
    if (facts->time_ms - signed_ms > days * INSTANT_DAY_MS)
        return answer_again(
            answers, "C-16", "expired", level,
            json_pack("{s:I, s:s, s:s}", "days", (json_int_t)days, "signed", time, "user", user), err);
    status = facts_material(facts, request->document, (uint64_t)seen, &change, err);
    if (status != STATUS_OK || change.fact == NULL)
        return status;
    json_t *inputs = change_inputs(&change, seen);
    if (inputs != NULL)
        json_object_set_new(inputs, "user", json_string(user));
    return answer_again(answers, "C-16", "changed", level, inputs, err);
}

static enum status judge(const struct request *request, const struct facts *facts, struct answers *answers,
                         struct err *err)
{
    const json_t *approvals = json_object_get(request->record, "approvals");
    enum status status = STATUS_OK;
    if (request->stage == STAGE_APPROVE)
        return signer_judge(request, facts, answers, err);
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(approvals); i++)
        status = approval_judge(request, facts, json_array_get(approvals, i), answers, err);
    return status;
}

static const char *fact_words(const json_t *answer)
{
    const char *fact = said(answer, "fact");
    if (strcmp(fact, "open") == 0)
        return "what invoice %s has open";
    if (strcmp(fact, "dispute") == 0)
        return "the dispute of invoice %s";
    if (strcmp(fact, "limit") == 0)
        return "the limit of customer %s";
    return "the related-party flag of customer %s";
}

/* The words are ours, so the one conversion in them is filled in by hand. */
static void fact_said(const json_t *answer, char *ret_text, size_t bytes)
{
    const char *words = fact_words(answer), *hole = strstr(words, "%s");
    snprintf(ret_text, bytes, "%.*s%s%s", (int)(hole - words), words, said(answer, "id"), hole + 2);
}

static void sentence(const json_t *answer, char ret_text[static SENTENCE_BYTES])
{
    char fact[160], levels[96];
    fact_said(answer, fact, sizeof fact);
    said_levels(answer, levels, sizeof levels);
    if (code_is(answer, "lapsed"))
        snprintf(ret_text, SENTENCE_BYTES, "the document lapsed: it was to be signed until %s; submit it again",
                 said(answer, "until"));
    else if (code_is(answer, "seen-changed"))
        snprintf(ret_text, SENTENCE_BYTES,
                 "entry %lld changed %s after entry %lld, which is what you saw; look at it again and sign",
                 (long long)member_integer(answer, "entry"), fact, (long long)member_integer(answer, "seen"));
    else if (code_is(answer, "expired"))
        snprintf(ret_text, SENTENCE_BYTES,
                 "the approval that %s gave on %s counted for %lld days and is set aside: %s has to sign again",
                 said(answer, "user"), said(answer, "signed"), (long long)member_integer(answer, "days"), levels);
    else
        snprintf(ret_text, SENTENCE_BYTES,
                 "entry %lld changed %s after entry %lld, which %s saw; that approval is set aside: %s has to sign again",
                 (long long)member_integer(answer, "entry"), fact, (long long)member_integer(answer, "seen"),
                 said(answer, "user"), levels);
}

const struct control control_c16 = {
    .id = "C-16",
    .title = "Approval expiry",
    .objective = "Stale consent lapses",
    .assertion = "authorisation",
    .type = CONTROL_PREVENTIVE,
    .stages = STAGE_APPROVE | STAGE_POST,
    .engine_from = ENGINE_FIRST,
    .engine_to = ENGINE_LAST,
    .parameters = "parameters.approval_days, approval.lapse_days",
    .framework = "COSO 10; COBIT DSS06.03",
    .codes = "expired changed seen-changed lapsed",
    .judge = judge,
    .sentence = sentence,
};
