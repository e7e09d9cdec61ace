/*
 * C-33 Dispute hygiene: a case has an owner who can work it, moves along its states by those who may move it, and ends with
 * an outcome that a document bears out. What is old, or disputed once more, is flagged: parking debt in disputes hides its
 * age. A correction that settles a dispute names an open one of its own customer and invoice.
 */
#include "controls/facts_work.h"
#include "controls/rules/common.h"
#include "ledger/currency.h"
#include "ledger/instant.h"
#include "ledger/text.h"

#define DAY_MS INT64_C(86400000)

/* Who owns a case has to be able to move it. */
static enum status owner_judge(const struct request *request, const struct facts *facts, struct answers *answers,
                               struct err *err)
{
    char function[FUNCTION_NAME_BYTES];
    bool may = false;
    const char *owner = member_text(request->document, "owner");
    if (owner == NULL)
        return STATUS_OK;
    kind_function(kind_by_id(KIND_CASE_NOTE), KIND_CASE_NOTE, 0, function);
    enum status status = facts_user_may(facts, owner, function, request->measure.entity, &may, err);
    return status == STATUS_OK && !may ? answer_deny(answers, "C-33", "owner",
                                                     json_pack("{s:s, s:s}", "function", function, "owner", owner), err)
                                       : status;
}

static enum status again_judge(const struct request *request, const struct facts *facts, const char *invoice,
                               struct answers *answers, struct err *err)
{
    int64_t count = 0, most = policy_parameter(facts->policy, request->measure.entity, PARAMETER_DISPUTES_MAX);
    enum status status = facts_disputes_count(facts, request->measure.entity, invoice, &count, err);
    return status == STATUS_OK && count + 1 > most
               ? answer_flag(answers, "C-33", "re-disputed",
                             json_pack("{s:I, s:s, s:I}", "count", (json_int_t)count + 1, "invoice", invoice, "limit",
                                       (json_int_t)most),
                             err)
               : status;
}

static enum status dispute_judge(const struct request *request, const struct facts *facts, struct answers *answers,
                                 struct err *err)
{
    const char *invoice = member_text(request->document, "invoice");
    const char *currency = member_text(request->document, "currency");
    json_t *record = NULL;
    if (invoice == NULL)
        return STATUS_OK;
    enum status status = facts_invoice(facts, request->measure.entity, invoice, &record, err);
    if (status != STATUS_OK)
        return status;
    if (record == NULL || !text_is(request->measure.customer, member_text(record, "customer")) ||
        (currency != NULL && !text_is(currency, member_text(record, "currency"))))
        status = answer_deny(answers, "C-33", "not-the-invoice",
                             json_pack("{s:s, s:s}", "customer", request->measure.customer, "invoice", invoice), err);
    else
        status = again_judge(request, facts, invoice, answers, err);
    json_decref(record);
    return status;
}

static bool state_closed(const char *state)
{
    return text_is(state, "CLOSED") || text_is(state, "VOID");
}

/* From a state that waits for an outcome anything but CLOSED; a resolved case is closed or taken up again. */
static bool may_follow(const char *from, const char *to)
{
    if (text_is(from, "RESOLVED"))
        return text_is(to, "CLOSED") || text_is(to, "ASSIGNED");
    return !state_closed(from) && !text_is(to, "CLOSED");
}

/* The owner works a case; another one voids it than opened it, another one closes it than resolved it. */
static enum status mover_judge(const struct request *request, const struct facts *facts, const json_t *one,
                               struct answers *answers, struct err *err)
{
    const char *to = member_text(request->document, "state"), *number = member_text(one, "number");
    struct actor owner = {.person = ""};
    json_t *record = NULL;
    bool own = false;
    if (text_is(to, "ASSIGNED"))
        return STATUS_OK;
    if (text_is(to, "CLOSED")) {
        own = acting_is(member_text(one, "resolver"), request);
    } else if (text_is(to, "VOID")) {
        enum status status = facts_document(facts, number, &record, err);
        if (status != STATUS_OK)
            return status;
        own = acting_in(json_object_get(record, "makers"), request);
        json_decref(record);
    } else {
        enum status status = facts_actor(facts, member_text(one, "owner"), &owner, err);
        if (status != STATUS_OK && status != STATUS_NOT_FOUND)
            return status;
        return acting_is(owner.person, request)
                   ? STATUS_OK
                   : answer_deny(answers, "C-33", "not-owner",
                                 json_pack("{s:s, s:s}", "case", number, "owner", member_text(one, "owner")), err);
    }
    return own ? answer_deny(answers, "C-33", "own-case", json_pack("{s:s, s:s}", "case", number, "state", to), err)
               : STATUS_OK;
}

/* Which kinds of case can come to which outcome. */
static bool outcome_fits(const char *kind, const char *outcome)
{
    static const struct {
        const char *outcome, *kind;
    } others[] = {{"ANSWERED", "inquiry"}, {"CORRECTED", "exception"}, {"ACCEPTED", "exception"}};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        if (strcmp(others[i].outcome, outcome) == 0)
            return strcmp(others[i].kind, kind) == 0;
    return strcmp(kind, "dispute") == 0;
}

/* Whether a document of this kind can bear out the outcome; a rise is no credit. */
static bool kind_settles(const char *outcome, const json_t *document)
{
    const char *kind = member_text(document, "kind");
    if (strncmp(outcome, "CREDIT_", 7) == 0)
        return text_is(kind, "credit-note") ||
               (text_is(kind, "correction") && text_is(member_text(document, "direction"), "down"));
    if (strcmp(outcome, "REBILL") == 0)
        return text_is(kind, "rebill");
    if (strcmp(outcome, "WRITTEN_OFF") == 0)
        return text_is(kind, "write-off");
    return true;
}

/* In full: all posted credits that name the dispute together make what it is of. */
static enum status full_judge(const struct facts *facts, const char *number, struct answers *answers, struct err *err)
{
    struct dispute_credit credit;
    enum status status = facts_dispute_credit(facts, number, &credit, err);
    if (status != STATUS_OK || !credit.known || credit.nothing_left || credit.credited_minor >= credit.whole_minor)
        return status;
    int digits = currency_digits(credit.currency);
    return answer_deny(answers, "C-33", "not-full",
                       json_pack("{s:s, s:o, s:s, s:o}", "case", number, "credited",
                                 amount_text(credit.credited_minor, digits), "currency", credit.currency, "whole",
                                 amount_text(credit.whole_minor, digits)),
                       err);
}

/* The document that settled a dispute is posted, of the outcome's kind, and names the dispute. */
static enum status outcome_judge(const struct request *request, const struct facts *facts, const json_t *one,
                                 struct answers *answers, struct err *err)
{
    const char *outcome = member_text(request->document, "outcome");
    const char *settled_by = member_text(request->document, "settled_by");
    json_t *record = NULL;
    if (outcome == NULL)
        return STATUS_OK;
    if (!outcome_fits(member_text(one, "kind"), outcome))
        return answer_deny(answers, "C-33", "other-outcome",
                           json_pack("{s:s, s:s}", "kind", member_text(one, "kind"), "outcome", outcome), err);
    if (settled_by == NULL)
        return STATUS_OK;
    enum status status = facts_document(facts, settled_by, &record, err);
    if (status == STATUS_OK && (record == NULL || !text_is(member_text(record, "state"), "posted") ||
                                !kind_settles(outcome, json_object_get(record, "document")) ||
                                !document_settles(json_object_get(record, "document"), member_text(one, "number"))))
        status = answer_deny(answers, "C-33", "not-settled",
                             json_pack("{s:s, s:s, s:s}", "case", member_text(one, "number"), "document", settled_by,
                                       "outcome", outcome),
                             err);
    else if (status == STATUS_OK && strcmp(outcome, "CREDIT_FULL") == 0)
        status = full_judge(facts, member_text(one, "number"), answers, err);
    json_decref(record);
    return status;
}

static enum status age_judge(const struct facts *facts, const json_t *one, struct answers *answers, struct err *err)
{
    const char *opened = member_text(one, "opened");
    int64_t opened_ms, most = policy_parameter(facts->policy, member_text(one, "entity"), PARAMETER_DISPUTE_DAYS_MAX);
    if (!text_is(member_text(one, "kind"), "dispute") || !case_is_open(one))
        return STATUS_OK;
    enum status status = instant_parse(opened, strlen(opened), &opened_ms, err);
    return status == STATUS_OK && facts->time_ms - opened_ms > most * DAY_MS
               ? answer_flag(answers, "C-33", "too-old",
                             json_pack("{s:s, s:I, s:I}", "case", member_text(one, "number"), "days",
                                       (json_int_t)((facts->time_ms - opened_ms) / DAY_MS), "limit", (json_int_t)most),
                             err)
               : status;
}

static enum status note_judge(const struct request *request, const struct facts *facts, struct answers *answers,
                              struct err *err)
{
    const char *number = member_text(request->document, "case"), *to = member_text(request->document, "state");
    json_t *one = NULL;
    enum status status = facts_case(facts, number, &one, err);
    if (status != STATUS_OK)
        return status;
    if (one == NULL || !text_is(member_text(one, "entity"), request->measure.entity)) {
        status = answer_deny(answers, "C-33", "no-case", json_pack("{s:s}", "case", number), err);
    } else if (!may_follow(member_text(one, "state"), to)) {
        status = answer_deny(
            answers, "C-33", "state",
            json_pack("{s:s, s:s, s:s}", "case", number, "from", member_text(one, "state"), "state", to), err);
    } else {
        status = mover_judge(request, facts, one, answers, err);
        if (status == STATUS_OK)
            status = outcome_judge(request, facts, one, answers, err);
        if (status == STATUS_OK)
            status = age_judge(facts, one, answers, err);
    }
    json_decref(one);
    return status;
}

static bool allocates_to(const json_t *document, const char *invoice)
{
    const json_t *allocations = json_object_get(document, "allocations");
    for (size_t i = 0; i < json_array_size(allocations); i++)
        if (text_is(member_text(json_array_get(allocations, i), "invoice"), invoice))
            return true;
    return false;
}

/* A link `dispute` names an open one of the same customer, and of an invoice that the document is about. */
static enum status links_judge(const struct request *request, const struct facts *facts, struct answers *answers,
                               struct err *err)
{
    const json_t *links = json_object_get(request->document, "links");
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(links); i++) {
        const char *number = member_text(json_array_get(links, i), "document");
        json_t *one = NULL;
        if (!text_is(member_text(json_array_get(links, i), "rel"), "dispute"))
            continue;
        status = facts_case(facts, number, &one, err);
        if (status != STATUS_OK)
            return status;
        const char *invoice = one != NULL ? member_text(one, "invoice") : NULL;
        if (one == NULL || !text_is(member_text(one, "kind"), "dispute") || !case_is_open(one) ||
            !text_is(member_text(one, "entity"), request->measure.entity) ||
            !text_is(member_text(one, "customer"), request->measure.customer) ||
            (invoice != NULL && !allocates_to(request->document, invoice)))
            status = answer_deny(answers, "C-33", "other-dispute", json_pack("{s:s}", "dispute", number), err);
        json_decref(one);
    }
    return status;
}

static enum status judge(const struct request *request, const struct facts *facts, struct answers *answers,
                         struct err *err)
{
    enum status status = STATUS_OK;
    if (request_governs(request) || request->kind == NULL)
        return STATUS_OK;
    if (request_is_kind(request, KIND_DISPUTE))
        status = dispute_judge(request, facts, answers, err);
    else if (request_is_kind(request, KIND_CASE_NOTE))
        status = note_judge(request, facts, answers, err);
    else if (request->measure.customer != NULL)
        status = links_judge(request, facts, answers, err);
    if (status == STATUS_OK && (kind_is_case(request->kind->id) || request_is_kind(request, KIND_CASE_NOTE)))
        status = owner_judge(request, facts, answers, err);
    return status;
}

static void full_sentence(const json_t *answer, char ret_text[static SENTENCE_BYTES])
{
    char whole[MONEY_TEXT_MAX], credited[MONEY_TEXT_MAX];
    snprintf(
        ret_text, SENTENCE_BYTES,
        "%s is of %s %s, of which the credits posted for it make %s; credit the rest, or resolve it as CREDIT_PARTIAL",
        said(answer, "case"), said_amount(answer, "whole", whole), said(answer, "currency"),
        said_amount(answer, "credited", credited));
}

static void sentence(const json_t *answer, char ret_text[static SENTENCE_BYTES])
{
    if (code_is(answer, "not-full"))
        full_sentence(answer, ret_text);
    else if (code_is(answer, "re-disputed"))
        snprintf(ret_text, SENTENCE_BYTES, "invoice %s is disputed for the %lld. time, more often than %lld",
                 said(answer, "invoice"), (long long)member_integer(answer, "count"),
                 (long long)member_integer(answer, "limit"));
    else if (code_is(answer, "too-old"))
        snprintf(ret_text, SENTENCE_BYTES, "dispute %s has been open for %lld days, longer than %lld",
                 said(answer, "case"), (long long)member_integer(answer, "days"),
                 (long long)member_integer(answer, "limit"));
    else if (code_is(answer, "owner"))
        snprintf(ret_text, SENTENCE_BYTES, "%s cannot own a case here: give it to somebody who holds %s",
                 said(answer, "owner"), said(answer, "function"));
    else if (code_is(answer, "not-the-invoice"))
        snprintf(ret_text, SENTENCE_BYTES, "invoice %s is not in the books as one of customer %s in this currency",
                 said(answer, "invoice"), said(answer, "customer"));
    else if (code_is(answer, "no-case"))
        snprintf(ret_text, SENTENCE_BYTES, "%s is no dispute, inquiry or exception of this entity",
                 said(answer, "case"));
    else if (code_is(answer, "state"))
        snprintf(ret_text, SENTENCE_BYTES, "%s is %s and cannot become %s", said(answer, "case"), said(answer, "from"),
                 said(answer, "state"));
    else if (code_is(answer, "not-owner"))
        snprintf(ret_text, SENTENCE_BYTES, "%s is %s's; have it assigned to you first", said(answer, "case"),
                 said(answer, "owner"));
    else if (code_is(answer, "own-case"))
        snprintf(ret_text, SENTENCE_BYTES, "you %s %s; another person has to make it %s",
                 strcmp(said(answer, "state"), "VOID") == 0 ? "opened" : "resolved", said(answer, "case"),
                 said(answer, "state"));
    else if (code_is(answer, "other-outcome"))
        snprintf(ret_text, SENTENCE_BYTES, "%s is no outcome of a case of the kind %s", said(answer, "outcome"),
                 said(answer, "kind"));
    else if (code_is(answer, "not-settled"))
        snprintf(ret_text, SENTENCE_BYTES,
                 "%s does not bear out %s: it has to be posted, and to name %s as its dispute",
                 said(answer, "document"), said(answer, "outcome"), said(answer, "case"));
    else
        snprintf(ret_text, SENTENCE_BYTES, "%s is no open dispute of this customer and invoice",
                 said(answer, "dispute"));
}

const struct control control_c33 = {
    .id = "C-33",
    .title = "Dispute hygiene",
    .objective = "Disputes and other cases are worked, and hide no age",
    .assertion = "valuation, existence",
    .type = CONTROL_BOTH,
    .stages = STAGE_DOCUMENT,
    .engine_from = ENGINE_FIRST,
    .engine_to = ENGINE_LAST,
    .parameters = "dispute_days_max, disputes_max, sla_dispute_days, sla_exception_days, sla_inquiry_days",
    .framework = "COSO 10, 16; COBIT DSS06.02",
    .codes = "owner not-the-invoice re-disputed no-case state not-owner own-case other-outcome not-settled not-full "
             "too-old other-dispute",
    .judge = judge,
    .sentence = sentence,
};
