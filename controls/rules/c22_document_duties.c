/*
 * C-22 Dynamic segregation of duties, document: who acted on one document of a linked chain does not act on another one of it
 * in a duty that the policy keeps apart, be it kept apart always or only on one document. The chain goes both ways: to the
 * documents that this one names, and to those that name it (dispute, credit note, rebill, write-off, recovery, reversal,
 * duplicate). Persons count, by every version that they made or asked for, and every approval that they gave.
 */
#include <stdlib.h>

#include "controls/facts_history.h"
#include "controls/rules/common.h"
#include "ledger/fold.h"

enum { CHAIN_MAX = 200 }; /* documents of one chain: more than anybody can look at, so more are refused */

struct chain {
    char numbers[CHAIN_MAX][ID_BYTES_MAX + 1];
    size_t count;
    bool full;       /* there would have been more */
    const char *own; /* the document that is judged: NULL at its first submission */
};

static void chain_add(struct chain *chain, const char *number)
{
    if (number == NULL || (chain->own != NULL && strcmp(chain->own, number) == 0))
        return;
    for (size_t i = 0; i < chain->count; i++)
        if (strcmp(chain->numbers[i], number) == 0)
            return;
    chain->full = chain->full || chain->count == CHAIN_MAX;
    if (!chain->full)
        snprintf(chain->numbers[chain->count++], ID_BYTES_MAX + 1, "%s", number);
}

static void chain_add_links(struct chain *chain, const json_t *document)
{
    const json_t *links = json_object_get(document, "links");
    for (size_t i = 0; i < json_array_size(links); i++)
        chain_add(chain, member_text(json_array_get(links, i), "document"));
    for (size_t i = 0; document_naming[i] != NULL; i++)
        chain_add(chain, member_text(document, document_naming[i]));
}

static enum status linked_step(void *context, const char *number, bool *ret_more, struct err *err)
{
    struct chain *chain = context;
    (void)err;
    chain_add(chain, number);
    *ret_more = !chain->full;
    return STATUS_OK;
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

/* One document of the chain, and what is about to be done. */
struct asked {
    const struct request *request;
    const struct facts *facts;
    const char *now;
};

/* What the person did on a document of the chain that is kept apart from doing now; "" when nothing. */
static enum status act_find(const struct asked *asked, const json_t *record,
                            char ret_function[static FUNCTION_NAME_BYTES], struct err *err)
{
    const struct kind *kind = kind_find(member_text(record, "kind"));
    const json_t *approvals = json_object_get(record, "approvals");
    enum kind_id authority = KIND_UNKNOWN;
    ret_function[0] = '\0';
    if (kind == NULL || kind->govern != NULL)
        return STATUS_OK;
    enum status status = kind_authority(kind, json_object_get(record, "document"), asked->facts, &authority, err);
    if (status != STATUS_OK || authority == KIND_UNKNOWN)
        return status;
    if (acting_in(json_object_get(record, "makers"), asked->request)) {
        kind_function(kind, authority, 0, ret_function);
        if (kept_apart(asked->facts->policy, asked->now, ret_function))
            return STATUS_OK;
    }
    for (size_t i = 0; i < json_array_size(approvals); i++) {
        const json_t *approval = json_array_get(approvals, i);
        if (!acting_as(approval, asked->request))
            continue;
        kind_function(kind, authority, (int)member_integer(approval, "level"), ret_function);
        if (kept_apart(asked->facts->policy, asked->now, ret_function))
            return STATUS_OK;
    }
    ret_function[0] = '\0';
    return STATUS_OK;
}

/* One member of the chain: what it leads to, and whether the person acted on it. */
static enum status member_judge(const struct asked *asked, struct chain *chain, size_t i, struct answers *answers,
                                struct err *err)
{
    char then[FUNCTION_NAME_BYTES] = "";
    json_t *record = NULL;
    enum status status = facts_document(asked->facts, chain->numbers[i], &record, err);
    if (status != STATUS_OK || record == NULL)
        return status; /* C-43 and C-38 deny what has to be there */
    chain_add_links(chain, json_object_get(record, "document"));
    status = facts_linked(asked->facts, chain->numbers[i], linked_step, chain, err);
    if (status == STATUS_OK)
        status = act_find(asked, record, then, err);
    json_decref(record);
    return status != STATUS_OK || then[0] == '\0'
               ? status
               : answer_deny(
                     answers, "C-22", "same-person",
                     json_pack("{s:s, s:s, s:s}", "document", chain->numbers[i], "function", asked->now, "then", then),
                     err);
}

static enum status chain_judge(const struct asked *asked, struct chain *chain, struct answers *answers, struct err *err)
{
    bool before = answers->denied;
    enum status status = STATUS_OK;
    answers->denied = false;
    chain_add_links(chain, asked->request->document);
    if (chain->own != NULL)
        status = facts_linked(asked->facts, chain->own, linked_step, chain, err);
    for (size_t i = 0; status == STATUS_OK && !answers->denied && i < chain->count && !chain->full; i++)
        status = member_judge(asked, chain, i, answers, err);
    if (status == STATUS_OK && chain->full && !answers->denied)
        status = answer_deny(answers, "C-22", "chain-too-long", json_pack("{s:i}", "limit", CHAIN_MAX), err);
    answers->denied = answers->denied || before;
    return status;
}

static enum status judge(const struct request *request, const struct facts *facts, struct answers *answers,
                         struct err *err)
{
    char now[FUNCTION_NAME_BYTES];
    enum kind_id authority = KIND_UNKNOWN;
    if (request_governs(request) || request->document == NULL)
        return STATUS_OK;
    enum status status = kind_authority(request->kind, request->document, facts, &authority, err);
    if (status != STATUS_OK || authority == KIND_UNKNOWN)
        return status;
    kind_function(request->kind, authority, request->stage == STAGE_APPROVE ? request->level : 0, now);
    struct chain *chain = calloc(1, sizeof *chain);
    if (chain == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for a chain of documents");
    chain->own = request->number;
    const struct asked asked = {.request = request, .facts = facts, .now = now};
    status = chain_judge(&asked, chain, answers, err);
    free(chain);
    return status;
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
