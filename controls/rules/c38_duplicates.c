/*
 * C-38 Duplicates. Hard: the same amount for the same reason on the same invoice (and line) is admitted once while the
 * document lives; withdrawn, rejected, lapsed and reversed ones do not count. Who means it names the other document and takes
 * one level more. Soft: what only looks like an earlier correction of the customer, by its amount or by the customer's own
 * reference, is let in and flagged, for the approver and for who looks through them later. The idempotency key of a
 * document, its ref, is kept here too.
 */
#include "controls/facts_money.h"
#include "controls/policy_parameters.h"
#include "controls/rules/common.h"
#include "ledger/alike.h"
#include "ledger/fold.h"
#include "ledger/instant.h"

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

/* Corrections that are the same in all that counts. ret_same: the one that was answered for; "": none. */
static enum status same_judge(const struct request *request, const struct facts *facts, struct answers *answers,
                              char ret_same[static ID_BYTES_MAX + 1], struct err *err)
{
    const json_t *allocations = json_object_get(request->document, "allocations");
    json_t *meant = NULL; /* the first that is acknowledged: one level more for all of them */
    enum status status = STATUS_OK;
    ret_same[0] = '\0';
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
        snprintf(ret_same, ID_BYTES_MAX + 1, "%s", number);
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

/* What the customer has that looks like this one, by a key. */
struct alike_case {
    const struct books_key *key;
    const char *same; /* dealt with already */
    const char *code;
    json_t *inputs; /* stolen */
};

static enum status alike_judge(const struct request *request, const struct facts *facts, const struct alike_case *one,
                               struct answers *answers, struct err *err)
{
    const int64_t days =
        policy_parameter(facts->policy, member_text(request->document, "entity"), PARAMETER_DUPLICATE_DAYS);
    const struct alike_query query = {.key = one->key,
                                      .before_seq = request->seq,
                                      .before_index = request->index,
                                      .after_ms = request->time_ms - days * INSTANT_DAY_MS,
                                      .not_number = request->number,
                                      .not_same = one->same};
    struct alike_found found = {.count = 0};
    enum status status = one->inputs != NULL ? STATUS_OK : err_set(err, STATUS_MEMORY, "no memory");
    if (status == STATUS_OK && days > 0)
        status = facts_alike(facts, &query, &found, err);
    if (status != STATUS_OK || found.count == 0) {
        json_decref(one->inputs);
        return status;
    }
    json_object_set_new(one->inputs, "count", json_integer(found.count));
    json_object_set_new(one->inputs, "days", json_integer(days));
    json_object_set_new(one->inputs, "document", json_string(found.number));
    return answer_flag(answers, "C-38", one->code, one->inputs, err);
}

/* same: the document that the hard half has answered for. */
static enum status both_judge(const struct request *request, const struct facts *facts, const char *same,
                              struct answers *answers, struct err *err)
{
    const json_t *document = request->document;
    struct books_key key;
    struct alike_case one = {.key = &key, .same = same};
    enum status status = STATUS_OK;
    if (alike_amount_key(document, &key)) {
        one.code = "same-amount";
        one.inputs = json_pack("{s:s, s:s}", "amount", member_text(document, "amount"), "currency",
                               member_text(document, "currency"));
        status = alike_judge(request, facts, &one, answers, err);
    }
    if (status == STATUS_OK && alike_reference_key(document, &key)) {
        one.code = "same-reference";
        one.inputs = json_pack("{s:s}", "reference", member_text(document, "customer_ref"));
        status = alike_judge(request, facts, &one, answers, err);
    }
    return status;
}

static enum status judge(const struct request *request, const struct facts *facts, struct answers *answers,
                         struct err *err)
{
    char same[ID_BYTES_MAX + 1];
    enum status status = same_judge(request, facts, answers, same, err);
    /* It looks back from where the document was submitted, so asking again when it is posted would tell nothing new. */
    return status == STATUS_OK && request->stage == STAGE_SUBMIT ? both_judge(request, facts, same, answers, err)
                                                                 : status;
}

/* " and 2 more" of what looks alike. */
static void said_more(const json_t *answer, char *ret_text, size_t bytes)
{
    long long more = (long long)member_integer(answer, "count") - 1;
    ret_text[0] = '\0';
    if (more > 0)
        snprintf(ret_text, bytes, " and %lld more", more);
}

static void alike_sentence(const json_t *answer, char ret_text[static SENTENCE_BYTES])
{
    char amount[MONEY_TEXT_MAX], what[160], more[40];
    said_more(answer, more, sizeof more);
    if (code_is(answer, "same-amount"))
        snprintf(what, sizeof what, "amount %s %s", said_amount(answer, "amount", amount), said(answer, "currency"));
    else
        snprintf(what, sizeof what, "reference of theirs, %s", said(answer, "reference"));
    snprintf(ret_text, SENTENCE_BYTES,
             "may be a duplicate: %s%s of this customer within %lld days, with the same %s; if it is, withdraw or "
             "reverse it",
             said(answer, "document"), more, (long long)member_integer(answer, "days"), what);
}

static void sentence(const json_t *answer, char ret_text[static SENTENCE_BYTES])
{
    char amount[MONEY_TEXT_MAX];
    if (code_is(answer, "same-amount") || code_is(answer, "same-reference"))
        alike_sentence(answer, ret_text);
    else if (code_is(answer, "duplicate"))
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
    .parameters = "duplicate_days",
    .framework = "COSO 10; COBIT DSS06.02",
    .codes = "duplicate rebill-ref acknowledged ref-taken same-amount same-reference",
    .judge = judge,
    .sentence = sentence,
};
