/*
 * C-43 Reversal discipline: a posted document is reversed once, whole, as its exact mirror, at the levels it took or more,
 * by other approvers than its own.
 */
#include "controls/rules/common.h"
#include "ledger/fold.h"

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
    reversal_key(number, &key);
    enum status status = facts_duplicate(facts, &key, request->number, other, err);
    if (status == STATUS_OK && other[0] != '\0')
        status = answer_deny(answers, "C-43", "reversal-waits", json_pack("{s:s}", "document", other), err);
    return status;
}

static enum status judge(const struct request *request, const struct facts *facts, struct answers *answers,
                         struct err *err)
{
    json_t *original = NULL;
    if (!request_is_kind(request, KIND_REVERSAL))
        return STATUS_OK;
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
    char levels[96];
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
    .type = CONTROL_PREVENTIVE,
    .stages = STAGE_DOCUMENT | STAGE_APPROVE,
    .engine_from = ENGINE_FIRST,
    .engine_to = ENGINE_LAST,
    .parameters = "",
    .framework = "COSO 10; COBIT DSS06.02",
    .codes = "mirror unknown-document not-reversible not-posted reversal-waits other-entity same-approver",
    .judge = judge,
    .sentence = sentence,
};
