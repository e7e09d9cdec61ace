/*
 * C-10 Currency neutrality: thresholds are in the base currency, so an amount in another one is converted by the journaled
 * rate of the document's date; where an entity keeps its books in another currency, the rates that its ledger lines take
 * have to be there as well. Rates come once for each day, in a base that is used; base and functional currencies stay.
 */
#include "controls/rules/common.h"
#include "ledger/instant.h"

static enum status rate_answer(const struct facts_rate *rate, struct answers *answers, struct err *err)
{
    char wanted[DATE_TEXT_BYTES], date[DATE_TEXT_BYTES];
    date_format(rate->wanted, wanted);
    date_format(rate->date, date);
    switch (rate->verdict) {
    case RATE_NONE:
        return answer_deny(answers, "C-10", "no-rate",
                           json_pack("{s:s, s:s, s:s}", "base", rate->base, "currency", rate->currency, "date", wanted),
                           err);
    case RATE_OLD:
        return answer_deny(answers, "C-10", "old-rate",
                           json_pack("{s:s, s:s, s:s, s:I, s:s, s:I, s:s}", "base", rate->base, "currency",
                                     rate->currency, "date", wanted, "days", (json_int_t)(rate->wanted - rate->date),
                                     "document", rate->document, "limit", (json_int_t)rate->days_max, "rate_date",
                                     date),
                           err);
    case RATE_SAME:
    case RATE_FOUND:
        break;
    }
    return STATUS_OK;
}

static enum status invoice_judge(const struct request *request, const struct facts *facts,
                                 const struct policy_entity *entity, const char *invoice, struct answers *answers,
                                 struct err *err)
{
    struct invoice_rates rates;
    json_t *record = NULL;
    enum status status = facts_invoice(facts, entity->entity, invoice, &record, err);
    if (status != STATUS_OK || record == NULL)
        return status; /* C-35 denies an unknown invoice */
    status = facts_invoice_rates(facts, entity->entity, entity->currency, record, request->measure.date, &rates, err);
    json_decref(record);
    if (status == STATUS_OK)
        status = rate_answer(&rates.booked, answers, err);
    return status == STATUS_OK && !answers->denied ? rate_answer(&rates.carried, answers, err) : status;
}

static enum status invoices_judge(const struct request *request, const struct facts *facts,
                                  const struct policy_entity *entity, struct answers *answers, struct err *err)
{
    const json_t *allocations = json_object_get(request->document, "allocations");
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && !answers->denied && i < json_array_size(allocations); i++)
        status =
            invoice_judge(request, facts, entity, member_text(json_array_get(allocations, i), "invoice"), answers, err);
    return status;
}

/* The rates that ledger lines in the entity's functional currency take. */
static enum status functional_judge(const struct request *request, const struct facts *facts, struct answers *answers,
                                    struct err *err)
{
    const struct measure *measure = &request->measure;
    const struct policy_entity *entity = policy_find_entity(facts->policy, measure->entity);
    struct facts_rate rate;
    if (entity == NULL || !request->kind->posts || strcmp(entity->currency, measure->currency) == 0)
        return STATUS_OK;
    const char *const own[2] = {entity->currency, measure->currency}, *const base[2] = {facts->policy->base, own[0]};
    enum status status = facts_rate(facts, entity->entity, own, measure->date, &rate, err);
    if (status == STATUS_OK)
        status = rate_answer(&rate, answers, err);
    /* Rounding of the month is held against a bound in base currency. */
    if (status == STATUS_OK && !answers->denied)
        status = facts_rate(facts, entity->entity, base, measure->date, &rate, err);
    if (status == STATUS_OK && !answers->denied)
        status = rate_answer(&rate, answers, err);
    if (status == STATUS_OK)
        status = invoices_judge(request, facts, entity, answers, err);
    if (status == STATUS_OK && request->receiving != NULL)
        status = invoices_judge(request->receiving, facts, entity, answers, err);
    return status;
}

static enum status amount_judge(const struct request *request, const struct facts *facts, struct answers *answers,
                                struct err *err)
{
    const struct measure *measure = &request->measure;
    if (measure->currency == NULL)
        return STATUS_OK;
    enum status status = rate_answer(&measure->rate, answers, err);
    if (status == STATUS_OK && !answers->denied && !measure->in_base)
        status = answer_deny(answers, "C-10", "too-large",
                             json_pack("{s:s, s:s, s:s}", "base", measure->rate.base, "currency", measure->currency,
                                       "rate", measure->rate.text),
                             err);
    return status == STATUS_OK && !answers->denied ? functional_judge(request, facts, answers, err) : status;
}

static bool base_used(const struct policy *policy, const char *base)
{
    bool used = strcmp(policy->base, base) == 0;
    for (size_t i = 0; !used && i < policy->entity_count; i++)
        used = strcmp(policy->entities[i].currency, base) == 0;
    return used;
}

static bool supersedes(const json_t *document, const char *number)
{
    const json_t *links = json_object_get(document, "links");
    for (size_t i = 0; i < json_array_size(links); i++) {
        const json_t *link = json_array_get(links, i);
        if (strcmp(member_text(link, "rel"), "supersedes") == 0 && strcmp(member_text(link, "document"), number) == 0)
            return true;
    }
    return false;
}

/* A rate is given once; only a document that names the one before takes its place. */
static enum status rates_judge(const struct request *request, const struct facts *facts, struct answers *answers,
                               struct err *err)
{
    const json_t *rates = json_object_get(request->document, "rates");
    const char *base = member_text(request->document, "base"), *date = member_text(request->document, "date");
    int32_t days;
    enum status status = date_parse(date, strlen(date), &days, err);
    if (status == STATUS_OK && !base_used(facts->policy, base))
        status = answer_deny(answers, "C-10", "other-base", json_pack("{s:s}", "base", base), err);
    for (size_t i = 0; status == STATUS_OK && !answers->denied && i < json_array_size(rates); i++) {
        const char *const pair[2] = {base, member_text(json_array_get(rates, i), "currency")};
        struct facts_rate there;
        status = facts_rate(facts, NULL, pair, days, &there, err);
        if (status == STATUS_OK && there.verdict == RATE_FOUND && there.date == days &&
            !supersedes(request->document, there.document))
            status = answer_deny(answers, "C-10", "rate-exists",
                                 json_pack("{s:s, s:s, s:s, s:s, s:s}", "base", base, "currency", pair[1], "date", date,
                                           "document", there.document, "rate", there.text),
                                 err);
    }
    return status;
}

static enum status currency_stays(const char *entity, const char *before, const char *after, struct answers *answers,
                                  struct err *err)
{
    if (after == NULL || strcmp(before, after) == 0)
        return STATUS_OK;
    return answer_deny(answers, "C-10", "currency-changes",
                       json_pack("{s:s, s:s, s:s}", "after", after, "before", before, "entity", entity), err);
}

/* Sums of earlier documents stand in the currencies that were: they cannot be held against thresholds in another one. */
static enum status policy_judge(const struct request *request, const struct facts *facts, struct answers *answers,
                                struct err *err)
{
    const json_t *compiled = json_object_get(request->document, "compiled");
    const json_t *entities = json_object_get(compiled, "entities");
    enum status status = currency_stays("", facts->policy->base, member_text(compiled, "base"), answers, err);
    for (size_t i = 0; status == STATUS_OK && !answers->denied && i < json_array_size(entities); i++) {
        const json_t *one = json_array_get(entities, i);
        const char *name = member_text(one, "entity");
        const struct policy_entity *before = name != NULL ? policy_find_entity(facts->policy, name) : NULL;
        if (before != NULL)
            status = currency_stays(name, before->currency, member_text(one, "currency"), answers, err);
    }
    return status;
}

static enum status judge(const struct request *request, const struct facts *facts, struct answers *answers,
                         struct err *err)
{
    if (request_is_kind(request, KIND_RATES))
        return rates_judge(request, facts, answers, err);
    if (request_is_kind(request, KIND_POLICY))
        return policy_judge(request, facts, answers, err);
    return request_governs(request) ? STATUS_OK : amount_judge(request, facts, answers, err);
}

static void sentence(const json_t *answer, char ret_text[static SENTENCE_BYTES])
{
    const char *base = said(answer, "base"), *currency = said(answer, "currency"), *date = said(answer, "date");
    if (code_is(answer, "no-rate"))
        snprintf(ret_text, SENTENCE_BYTES,
                 "there is no rate of %s in %s for %s or before in the book; two officers bring one in", currency, base,
                 date);
    else if (code_is(answer, "old-rate"))
        snprintf(ret_text, SENTENCE_BYTES,
                 "the latest rate of %s in %s before %s is of %s (%s): %lld days old, it counts for %lld; two officers "
                 "bring in a younger one",
                 currency, base, date, said(answer, "rate_date"), said(answer, "document"),
                 (long long)member_integer(answer, "days"), (long long)member_integer(answer, "limit"));
    else if (code_is(answer, "too-large"))
        snprintf(ret_text, SENTENCE_BYTES, "the amount in %s is too large to be counted in %s at %s", currency, base,
                 said(answer, "rate"));
    else if (code_is(answer, "other-base"))
        snprintf(ret_text, SENTENCE_BYTES,
                 "%s is neither the policy's base currency nor the functional currency of an entity", base);
    else if (code_is(answer, "rate-exists"))
        snprintf(ret_text, SENTENCE_BYTES,
                 "%s gave the rate of %s in %s for %s, %s; only a document that supersedes it changes it",
                 said(answer, "document"), currency, base, date, said(answer, "rate"));
    else
        snprintf(ret_text, SENTENCE_BYTES,
                 "%s%s is %s and stays so, not %s: sums of earlier documents stand in it; begin another book",
                 said(answer, "entity")[0] != '\0' ? "the functional currency of " : "the base currency",
                 said(answer, "entity"), said(answer, "before"), said(answer, "after"));
}

const struct control control_c10 = {
    .id = "C-10",
    .title = "Currency neutrality",
    .objective = "No threshold gaming by currency",
    .assertion = "valuation",
    .type = CONTROL_PREVENTIVE,
    .stages = STAGE_DOCUMENT,
    .engine_from = ENGINE_FIRST,
    .engine_to = ENGINE_LAST,
    .parameters = "base_currency, entities, rate_days_max",
    .framework = "COSO 10, 13; COBIT DSS06.02",
    .codes = "no-rate old-rate too-large other-base rate-exists currency-changes",
    .judge = judge,
    .sentence = sentence,
};
