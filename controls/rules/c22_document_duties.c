/*
 * C-22 Dynamic segregation of duties, document: one person does not act twice, in duties kept apart, on documents that are
 * linked to each other (a correction and its reversal, a credit and what it duplicates), however long the chain.
 */
#include "controls/rules/common.h"

enum { CHAIN_MAX = 200 }; /* documents of one chain: more than anybody can look at, so more are refused */

struct chain {
    char numbers[CHAIN_MAX][ID_BYTES_MAX + 1];
    size_t count;
    bool full; /* there would have been more */
};

static void chain_add(struct chain *chain, const char *number)
{
    if (number == NULL)
        return;
    for (size_t i = 0; i < chain->count; i++)
        if (strcmp(chain->numbers[i], number) == 0)
            return;
    chain->full = chain->count == CHAIN_MAX;
    if (!chain->full)
        snprintf(chain->numbers[chain->count++], ID_BYTES_MAX + 1, "%s", number);
}

static void chain_add_links(struct chain *chain, const json_t *document)
{
    const json_t *links = json_object_get(document, "links");
    for (size_t i = 0; i < json_array_size(links); i++)
        chain_add(chain, member_text(json_array_get(links, i), "document"));
    chain_add(chain, member_text(document, "reverses"));
    chain_add(chain, member_text(document, "recovers"));
    chain_add(chain, member_text(document, "case"));
    chain_add(chain, member_text(document, "settled_by"));
}

static bool kept_apart(const struct policy *policy, const char *a, const char *b)
{
    for (size_t i = 0; i < policy->conflict_count; i++) {
        const struct policy_conflict *conflict = &policy->conflicts[i];
        if (conflict->mode != CONFLICT_MITIGATED && conflict_joins(conflict, a, b))
            return true;
    }
    return false;
}

/* What the person did on a document of the chain that is kept apart from doing now; "" when nothing. */
static void act_find(const struct request *request, const struct policy *policy, const json_t *record, const char *now,
                     char ret_function[static FUNCTION_NAME_BYTES])
{
    const struct kind *kind = kind_find(member_text(record, "kind"));
    const json_t *approvals = json_object_get(record, "approvals");
    ret_function[0] = '\0';
    if (kind == NULL || kind->govern != NULL)
        return;
    if (acting_in(json_object_get(record, "makers"), request)) {
        kind_function(kind, kind->id, 0, ret_function);
        if (kept_apart(policy, now, ret_function))
            return;
    }
    for (size_t i = 0; i < json_array_size(approvals); i++) {
        const json_t *approval = json_array_get(approvals, i);
        if (strcmp(member_text(approval, "person"), request->actor.person) != 0)
            continue;
        kind_function(kind, kind->id, (int)member_integer(approval, "level"), ret_function);
        if (kept_apart(policy, now, ret_function))
            return;
    }
    ret_function[0] = '\0';
}

static enum status judge(const struct request *request, const struct facts *facts, struct answers *answers,
                         struct err *err)
{
    struct chain chain = {.count = 0};
    char now[FUNCTION_NAME_BYTES], then[FUNCTION_NAME_BYTES];
    enum kind_id authority = KIND_UNKNOWN;
    if (request_governs(request) || request->document == NULL)
        return STATUS_OK;
    enum status status = kind_authority(request->kind, request->document, facts, &authority, err);
    if (status != STATUS_OK || authority == KIND_UNKNOWN)
        return status;
    kind_function(request->kind, authority, request->stage == STAGE_APPROVE ? request->level : 0, now);
    chain_add_links(&chain, request->document);
    for (size_t i = 0; i < chain.count && !chain.full; i++) {
        json_t *record = NULL;
        status = facts_document(facts, chain.numbers[i], &record, err);
        if (status != STATUS_OK)
            return status;
        if (record == NULL)
            continue; /* C-43 and C-38 deny what has to be there */
        chain_add_links(&chain, json_object_get(record, "document"));
        act_find(request, facts->policy, record, now, then);
        json_decref(record);
        if (then[0] != '\0')
            return answer_deny(
                answers, "C-22", "same-person",
                json_pack("{s:s, s:s, s:s}", "document", chain.numbers[i], "function", now, "then", then), err);
    }
    return chain.full ? answer_deny(answers, "C-22", "chain-too-long", json_pack("{s:i}", "limit", CHAIN_MAX), err)
                      : STATUS_OK;
}

static void sentence(const json_t *answer, char ret_text[static SENTENCE_BYTES])
{
    if (code_is(answer, "chain-too-long")) {
        snprintf(ret_text, SENTENCE_BYTES,
                 "this document is linked to more than %lld others; leave out links that say nothing",
                 (long long)member_integer(answer, "limit"));
        return;
    }
    snprintf(ret_text, SENTENCE_BYTES,
             "you acted on %s, which this document is linked to (%s); %s takes another person",
             said(answer, "document"), said(answer, "then"), said(answer, "function"));
}

const struct control control_c22 = {
    .id = "C-22",
    .title = "Dynamic segregation of duties, document",
    .objective = "The same person does not act twice on one object",
    .assertion = "authorisation",
    .type = CONTROL_PREVENTIVE,
    .stages = STAGE_SUBMIT | STAGE_APPROVE,
    .engine_from = ENGINE_FIRST,
    .engine_to = ENGINE_LAST,
    .parameters = "duties, conflicts",
    .framework = "COSO 10; COBIT DSS06.03",
    .codes = "same-person chain-too-long",
    .judge = judge,
    .sentence = sentence,
};
