/*
 * C-37 Mandatory reason and evidence: each document has a reason of the policy that serves its kind, the note and the kinds
 * of evidence that the reason demands. The same evidence on another living document is flagged, not refused.
 */
#include "controls/rules/common.h"

static bool has_evidence(const json_t *document, const char *kind)
{
    const json_t *evidence = json_object_get(document, "evidence");
    for (size_t i = 0; i < json_array_size(evidence); i++)
        if (strcmp(member_text(json_array_get(evidence, i), "kind"), kind) == 0)
            return true;
    return false;
}

static bool reason_serves(const struct policy_reason *reason, enum kind_id kind)
{
    return kind != KIND_UNKNOWN && (reason->kinds >> kind & 1) != 0;
}

static enum status reuse_judge(const struct request *request, const struct facts *facts, struct answers *answers,
                               struct err *err)
{
    const json_t *evidence = json_object_get(request->document, "evidence");
    for (size_t i = 0; i < json_array_size(evidence); i++) {
        char number[ID_BYTES_MAX + 1];
        const char *sha256 = member_text(json_array_get(evidence, i), "sha256");
        enum status status = facts_evidence_user(facts, sha256, request->number, number, err);
        if (status != STATUS_OK)
            return status;
        if (number[0] != '\0')
            return answer_flag(answers, "C-37", "evidence-reused",
                               json_pack("{s:s, s:s}", "document", number, "sha256", sha256), err);
    }
    return STATUS_OK;
}

static bool has_dispute(const json_t *document)
{
    const json_t *links = json_object_get(document, "links");
    for (size_t i = 0; i < json_array_size(links); i++)
        if (strcmp(member_text(json_array_get(links, i), "rel"), "dispute") == 0)
            return true;
    return false;
}

static enum status demands_judge(const struct request *request, const struct policy_reason *reason,
                                 struct answers *answers, struct err *err)
{
    const char *note = member_text(request->document, "note");
    if (reason->note_bytes_min > 0 && (note == NULL || strlen(note) < reason->note_bytes_min))
        return answer_deny(
            answers, "C-37", "note",
            json_pack("{s:I, s:s}", "bytes", (json_int_t)reason->note_bytes_min, "reason", reason->reason), err);
    for (size_t i = 0; i < reason->evidence_count; i++)
        if (!has_evidence(request->document, reason->evidence[i]))
            return answer_deny(answers, "C-37", "evidence",
                               json_pack("{s:s, s:s}", "evidence", reason->evidence[i], "reason", reason->reason), err);
    if (reason->dispute_required && !has_dispute(request->document))
        return answer_deny(answers, "C-37", "dispute", json_pack("{s:s}", "reason", reason->reason), err);
    return STATUS_OK;
}

static enum status judge(const struct request *request, const struct facts *facts, struct answers *answers,
                         struct err *err)
{
    enum kind_id authority = KIND_UNKNOWN;
    if (request->measure.reason == NULL)
        return STATUS_OK;
    const struct policy_reason *reason = policy_find_reason(facts->policy, request->measure.reason);
    if (reason == NULL)
        return answer_deny(answers, "C-37", "unknown-reason", json_pack("{s:s}", "reason", request->measure.reason),
                           err);
    enum status status = kind_authority(request->kind, request->document, facts, &authority, err);
    if (status != STATUS_OK)
        return status;
    /* A reversal gives a reason of its original's kind; the original's evidence stands. */
    if (!reason_serves(reason, request->kind->id) && !reason_serves(reason, authority))
        return answer_deny(answers, "C-37", "other-kind",
                           json_pack("{s:s, s:s}", "kind", kind_name(request->kind->id), "reason", reason->reason),
                           err);
    /* A claim is not supported yet when a case takes it up. */
    if (!request_is_kind(request, KIND_REVERSAL) && !kind_is_case(request->kind->id))
        status = demands_judge(request, reason, answers, err);
    return status == STATUS_OK && request->stage == STAGE_SUBMIT ? reuse_judge(request, facts, answers, err) : status;
}

static void sentence(const json_t *answer, char ret_text[static SENTENCE_BYTES])
{
    if (code_is(answer, "evidence"))
        snprintf(ret_text, SENTENCE_BYTES, "reason %s wants evidence of the kind %s, none given",
                 said(answer, "reason"), said(answer, "evidence"));
    else if (code_is(answer, "evidence-reused"))
        snprintf(ret_text, SENTENCE_BYTES, "the same evidence stands on %s", said(answer, "document"));
    else if (code_is(answer, "note"))
        snprintf(ret_text, SENTENCE_BYTES, "reason %s wants a note of at least %lld characters", said(answer, "reason"),
                 (long long)member_integer(answer, "bytes"));
    else if (code_is(answer, "dispute"))
        snprintf(ret_text, SENTENCE_BYTES, "reason %s wants the dispute that it settles: link an open one",
                 said(answer, "reason"));
    else if (code_is(answer, "other-kind"))
        snprintf(ret_text, SENTENCE_BYTES, "reason %s does not serve a %s", said(answer, "reason"),
                 said(answer, "kind"));
    else
        snprintf(ret_text, SENTENCE_BYTES, "the policy has no reason %s; amend the document to one that it has", said(answer, "reason"));
}

const struct control control_c37 = {
    .id = "C-37",
    .title = "Mandatory reason and evidence",
    .objective = "Every correction is supportable",
    .assertion = "existence",
    .type = CONTROL_BOTH,
    .stages = STAGE_DOCUMENT,
    .engine_from = ENGINE_FIRST,
    .engine_to = ENGINE_LAST,
    .parameters = "reasons",
    .framework = "COSO 10, 13; COBIT DSS06.02",
    .codes = "dispute evidence evidence-reused note unknown-reason other-kind",
    .judge = judge,
    .sentence = sentence,
};
