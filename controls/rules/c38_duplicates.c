/*
 * C-38 Duplicates: the same amount for the same reason on the same invoice (and line) is admitted once while the document
 * lives; withdrawn, rejected, lapsed and reversed ones do not count. Who means it names the other document and takes one
 * level more. The idempotency key of a document, its ref, is kept here too.
 */
#include "controls/facts_money.h"
#include "controls/rules/common.h"
#include "ledger/fold.h"

static bool acknowledged(const json_t *document, const char *number)
{
    const json_t *links = json_object_get(document, "links");
    for (size_t i = 0; i < json_array_size(links); i++) {
        const json_t *link = json_array_get(links, i);
        if (strcmp(member_text(link, "rel"), "duplicate-of") == 0 && strcmp(member_text(link, "document"), number) == 0)
            return true;
    }
    return false;
}

/* One living rebill for one reference, or an invoice would close the wrong one. */
static enum status rebill_judge(const struct request *request, const struct facts *facts, struct answers *answers,
                                struct err *err)
{
    const char *ref = member_text(json_object_get(request->document, "invoice"), "ref");
    json_t *other = NULL;
    enum status status = facts_rebill(facts, request->measure.entity, ref, &other, err);
    if (status == STATUS_OK && other != NULL &&
        (request->number == NULL || strcmp(member_text(other, "number"), request->number) != 0))
        status = answer_deny(answers, "C-38", "rebill-ref",
                             json_pack("{s:s, s:s}", "document", member_text(other, "number"), "ref", ref), err);
    json_decref(other);
    return status;
}

static enum status judge(const struct request *request, const struct facts *facts, struct answers *answers,
                         struct err *err)
{
    const json_t *allocations = json_object_get(request->document, "allocations");
    json_t *meant = NULL; /* the first that is acknowledged: one level more for all of them */
    enum status status = STATUS_OK;
    if (!request->kind->posts || allocations == NULL)
        return STATUS_OK;
    if (request_is_kind(request, KIND_REBILL)) {
        status = rebill_judge(request, facts, answers, err);
        if (status != STATUS_OK || answers->denied)
            return status;
    }
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(allocations); i++) {
        const json_t *allocation = json_array_get(allocations, i);
        struct books_key key;
        char number[ID_BYTES_MAX + 1];
        duplicate_key(request->document, allocation, &key);
        status = facts_duplicate(facts, &key, request->number, number, err);
        if (status != STATUS_OK || number[0] == '\0' || (meant != NULL && acknowledged(request->document, number)))
            continue;
        json_t *inputs = json_pack("{s:s, s:s, s:s}", "amount", member_text(allocation, "amount"), "document", number,
                                   "invoice", member_text(allocation, "invoice"));
        if (!acknowledged(request->document, number)) {
            json_decref(meant);
            return answer_deny(answers, "C-38", "duplicate", inputs, err);
        }
        meant = inputs;
    }
    if (status == STATUS_OK && meant != NULL)
        return answer_need_more(answers, "C-38", "acknowledged", meant, err);
    json_decref(meant);
    return status;
}

static void sentence(const json_t *answer, char ret_text[static SENTENCE_BYTES])
{
    char amount[MONEY_TEXT_MAX];
    if (code_is(answer, "duplicate"))
        snprintf(ret_text, SENTENCE_BYTES,
                 "%s has the same amount %s and reason on invoice %s; if it is meant, say --duplicate-of %s (one level "
                 "more)",
                 said(answer, "document"), said_amount(answer, "amount", amount), said(answer, "invoice"),
                 said(answer, "document"));
    else if (code_is(answer, "rebill-ref"))
        snprintf(ret_text, SENTENCE_BYTES, "%s is a rebill of the reference %s already; give this one another",
                 said(answer, "document"), said(answer, "ref"));
    else if (code_is(answer, "acknowledged"))
        snprintf(ret_text, SENTENCE_BYTES, "a second one like %s, %s on invoice %s: one level more",
                 said(answer, "document"), said_amount(answer, "amount", amount), said(answer, "invoice"));
    else
        snprintf(ret_text, SENTENCE_BYTES,
                 "the ref %s stands for %s, which has another content; give this one a ref of its own",
                 said(answer, "ref"), said(answer, "document"));
}

const struct control control_c38 = {
    .id = "C-38",
    .title = "Duplicate detection",
    .objective = "No correction is made twice",
    .assertion = "existence",
    .type = CONTROL_BOTH,
    .stages = STAGE_DOCUMENT,
    .engine_from = ENGINE_FIRST,
    .engine_to = ENGINE_LAST,
    .parameters = "",
    .framework = "COSO 10; COBIT DSS06.02",
    .codes = "duplicate rebill-ref acknowledged ref-taken",
    .judge = judge,
    .sentence = sentence,
};
