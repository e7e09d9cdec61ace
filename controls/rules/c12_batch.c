/*
 * C-12 Batch: one signature over a list names each document's content; each is judged alone, and a list is only so long
 * that it can be looked at. Of an atomic statement all documents are admitted or none: the others then say so here.
 */
#include "controls/rules/common.h"

static enum status judge(const struct request *request, const struct facts *facts, struct answers *answers,
                         struct err *err)
{
    size_t count = json_array_size(statement_list(request->statement));
    if (request->statement->verb != VERB_APPROVE || count <= facts->policy->approve_list_max)
        return STATUS_OK;
    return answer_deny(
        answers, "C-12", "list-too-long",
        json_pack("{s:I, s:I}", "count", (json_int_t)count, "limit", (json_int_t)facts->policy->approve_list_max), err);
}

static void sentence(const json_t *answer, char ret_text[static SENTENCE_BYTES])
{
    if (code_is(answer, "atomic"))
        snprintf(ret_text, SENTENCE_BYTES,
                 "another document of this statement was refused, and it was to be all or none");
    else
        snprintf(ret_text, SENTENCE_BYTES,
                 "%lld documents in one approval; at most %lld are allowed, so sign them in several lists",
                 (long long)member_integer(answer, "count"), (long long)member_integer(answer, "limit"));
}

const struct control control_c12 = {
    .id = "C-12",
    .title = "Batch",
    .objective = "Bulk approval is not blind approval",
    .assertion = "authorisation",
    .type = CONTROL_PREVENTIVE,
    .stages = STAGE_STATEMENT,
    .engine_from = ENGINE_FIRST,
    .engine_to = ENGINE_LAST,
    .parameters = "approval",
    .framework = "COSO 10; COBIT DSS06.02",
    .codes = "list-too-long atomic",
    .judge = judge,
    .sentence = sentence,
};
