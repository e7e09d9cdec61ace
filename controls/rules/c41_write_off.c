/*
 * C-41 Write-off preconditions: before debt is given up, its reason's precondition holds. Bad debt is long past due, effort
 * was made, nobody promised to pay, nothing is in dispute, no cash came in; a small balance is small and past due; an
 * insolvency names its case. Each condition that fails answers for itself. Days are those of the entity's calendar.
 */
#include "controls/facts_money.h"
#include "controls/facts_work.h"
#include "controls/rules/common.h"
#include "ledger/currency.h"
#include "ledger/fold.h"
#include "ledger/instant.h"

struct giving_up {
    const struct request *request;
    const struct facts *facts;
    int32_t today;
};

static int64_t parameter_of(const struct giving_up *giving, enum policy_parameter parameter)
{
    return policy_parameter(giving->facts->policy, giving->request->measure.entity, parameter);
}

/* The first invoice that is not so long past due. */
static enum status due_judge(const struct giving_up *giving, enum policy_parameter parameter, struct answers *answers,
                             struct err *err)
{
    const json_t *allocations = json_object_get(giving->request->document, "allocations");
    int64_t wanted = parameter_of(giving, parameter);
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(allocations); i++) {
        const char *id = member_text(json_array_get(allocations, i), "invoice"), *text;
        json_t *invoice = NULL;
        int32_t due = 0;
        status = facts_invoice(giving->facts, giving->request->measure.entity, id, &invoice, err);
        text = member_text(invoice, "due");
        if (status == STATUS_OK && text != NULL)
            status = date_parse(text, strlen(text), &due, err);
        bool early = status == STATUS_OK && text != NULL && (int64_t)giving->today - due < wanted;
        json_decref(invoice);
        if (early)
            return answer_deny(answers, "C-41", "not-due",
                               json_pack("{s:I, s:s, s:I}", "days", (json_int_t)((int64_t)giving->today - due),
                                         "invoice", id, "wanted", (json_int_t)wanted),
                               err);
    }
    return status;
}

static enum status effort_judge(const struct giving_up *giving, struct answers *answers, struct err *err)
{
    const struct measure *measure = &giving->request->measure;
    int64_t days = parameter_of(giving, PARAMETER_WRITE_OFF_CONTACT_DAYS);
    int64_t wanted = parameter_of(giving, PARAMETER_WRITE_OFF_CONTACTS_MIN);
    struct contact_count contacts;
    enum status status =
        facts_contacts(giving->facts, measure->entity, measure->customer, giving->today, days, &contacts, err);
    if (status == STATUS_OK && contacts.count < wanted)
        status = answer_deny(answers, "C-41", "contacts",
                             json_pack("{s:I, s:s, s:I, s:I}", "count", (json_int_t)contacts.count, "customer",
                                       measure->customer, "days", (json_int_t)days, "wanted", (json_int_t)wanted),
                             err);
    if (status == STATUS_OK && contacts.promise[0] != '\0')
        status = answer_deny(answers, "C-41", "promise",
                             json_pack("{s:s, s:s, s:s}", "contact", contacts.promise, "customer", measure->customer,
                                       "until", contacts.until),
                             err);
    return status;
}

static enum status dispute_judge(const struct giving_up *giving, struct answers *answers, struct err *err)
{
    const json_t *allocations = json_object_get(giving->request->document, "allocations");
    for (size_t i = 0; i < json_array_size(allocations); i++) {
        const char *id = member_text(json_array_get(allocations, i), "invoice");
        char dispute[ID_BYTES_MAX + 1];
        enum status status = facts_dispute_open(giving->facts, giving->request->measure.entity, id, dispute, err);
        if (status != STATUS_OK)
            return status;
        if (dispute[0] != '\0')
            return answer_deny(answers, "C-41", "open-dispute",
                               json_pack("{s:s, s:s}", "dispute", dispute, "invoice", id), err);
    }
    return STATUS_OK;
}

static enum status cash_judge(const struct giving_up *giving, struct answers *answers, struct err *err)
{
    const struct measure *measure = &giving->request->measure;
    int64_t days = parameter_of(giving, PARAMETER_WRITE_OFF_CASH_DAYS);
    struct latest_cash cash;
    char date[DATE_TEXT_BYTES];
    enum status status = facts_latest_cash(giving->facts, measure->entity, measure->customer, &cash, err);
    if (status != STATUS_OK || cash.receipt[0] == '\0' || (int64_t)giving->today - cash.date >= days)
        return status;
    date_format(cash.date, date);
    return answer_deny(answers, "C-41", "cash",
                       json_pack("{s:s, s:s, s:I, s:s}", "customer", measure->customer, "date", date, "days",
                                 (json_int_t)days, "receipt", cash.receipt),
                       err);
}

static enum status bad_debt_judge(const struct giving_up *giving, struct answers *answers, struct err *err)
{
    enum status status = due_judge(giving, PARAMETER_WRITE_OFF_DUE_DAYS, answers, err);
    if (status == STATUS_OK)
        status = effort_judge(giving, answers, err);
    if (status == STATUS_OK)
        status = dispute_judge(giving, answers, err);
    return status == STATUS_OK ? cash_judge(giving, answers, err) : status;
}

/* What is given up, in base currency, and what each invoice has open beside it: a large debt is not small in pieces. */
static enum status small_judge(const struct giving_up *giving, struct answers *answers, struct err *err)
{
    const struct measure *measure = &giving->request->measure;
    const json_t *allocations = json_object_get(giving->request->document, "allocations");
    int64_t limit = parameter_of(giving, PARAMETER_SMALL_BALANCE_MAX);
    enum status status = due_judge(giving, PARAMETER_SMALL_BALANCE_DUE_DAYS, answers, err);
    if (status == STATUS_OK && measure->amount_minor > limit)
        return answer_deny(answers, "C-41", "not-small",
                           json_pack("{s:o, s:o}", "amount", base_text(giving->facts, measure->amount_minor), "limit",
                                     base_text(giving->facts, limit)),
                           err);
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(allocations); i++) {
        const json_t *one = json_array_get(allocations, i);
        const char *id = member_text(one, "invoice");
        int digits = currency_digits(measure->currency);
        json_t *invoice = NULL;
        int64_t amount;
        status = money_member_of(one, "amount", digits, &amount, err);
        if (status == STATUS_OK)
            status = facts_invoice(giving->facts, measure->entity, id, &invoice, err);
        int64_t open = member_integer(invoice, "open");
        bool part = status == STATUS_OK && invoice != NULL && amount < open;
        json_decref(invoice);
        if (part)
            return answer_deny(answers, "C-41", "not-whole",
                               json_pack("{s:o, s:s, s:o}", "amount", amount_text(amount, digits), "invoice", id,
                                         "open", amount_text(open, digits)),
                               err);
    }
    return status;
}

static enum status judge(const struct request *request, const struct facts *facts, struct answers *answers,
                         struct err *err)
{
    const struct policy_entity *entity =
        request->measure.entity != NULL ? policy_find_entity(facts->policy, request->measure.entity) : NULL;
    const struct policy_reason *reason =
        request->measure.reason != NULL ? policy_find_reason(facts->policy, request->measure.reason) : NULL;
    const char *direction = member_text(request->document, "direction");
    bool gives_up = request_is_kind(request, KIND_WRITE_OFF) ||
                    (request_is_kind(request, KIND_ADJUSTMENT) && direction != NULL && strcmp(direction, "down") == 0);
    if (!gives_up || entity == NULL || reason == NULL)
        return STATUS_OK; /* C-02, C-37 */
    const struct giving_up giving = {.request = request, .facts = facts, .today = entity_date(entity, facts->time_ms)};
    switch (reason->precondition) {
    case PRECONDITION_BAD_DEBT:
        return bad_debt_judge(&giving, answers, err);
    case PRECONDITION_SMALL_BALANCE:
        return small_judge(&giving, answers, err);
    case PRECONDITION_CASE:
        return member_text(request->document, "case") == NULL
                   ? answer_deny(answers, "C-41", "no-case", json_pack("{s:s}", "reason", reason->reason), err)
                   : STATUS_OK;
    case PRECONDITION_NONE:
    case PRECONDITION_COUNT:
        break;
    }
    return STATUS_OK;
}

static void sentence(const json_t *answer, char ret_text[static SENTENCE_BYTES])
{
    char amount[MONEY_TEXT_MAX], other[MONEY_TEXT_MAX];
    long long days = (long long)member_integer(answer, "days"), wanted = (long long)member_integer(answer, "wanted");
    if (code_is(answer, "not-due"))
        snprintf(ret_text, SENTENCE_BYTES, "invoice %s is %lld days past due, such a debt %lld at least",
                 said(answer, "invoice"), days, wanted);
    else if (code_is(answer, "contacts"))
        snprintf(ret_text, SENTENCE_BYTES,
                 "customer %s was contacted %lld times in %lld days, %lld show effort; load them",
                 said(answer, "customer"), (long long)member_integer(answer, "count"), days, wanted);
    else if (code_is(answer, "promise"))
        snprintf(ret_text, SENTENCE_BYTES, "customer %s promised to pay by %s (contact %s); wait until then",
                 said(answer, "customer"), said(answer, "until"), said(answer, "contact"));
    else if (code_is(answer, "open-dispute"))
        snprintf(ret_text, SENTENCE_BYTES, "invoice %s is in dispute (%s); resolve that first", said(answer, "invoice"),
                 said(answer, "dispute"));
    else if (code_is(answer, "cash"))
        snprintf(ret_text, SENTENCE_BYTES, "customer %s paid on %s (receipt %s), within the last %lld days",
                 said(answer, "customer"), said(answer, "date"), said(answer, "receipt"), days);
    else if (code_is(answer, "not-small"))
        snprintf(ret_text, SENTENCE_BYTES, "%s is no small balance, those end at %s; it takes another reason",
                 said_amount(answer, "amount", amount), said_amount(answer, "limit", other));
    else if (code_is(answer, "not-whole"))
        snprintf(ret_text, SENTENCE_BYTES, "gives up %s of invoice %s, which has %s open: a small balance goes whole",
                 said_amount(answer, "amount", amount), said(answer, "invoice"), said_amount(answer, "open", other));
    else
        snprintf(ret_text, SENTENCE_BYTES, "reason %s wants the case named: --case with court and file number",
                 said(answer, "reason"));
}

const struct control control_c41 = {
    .id = "C-41",
    .title = "Write-off preconditions",
    .objective = "Debt is given up after real effort",
    .assertion = "valuation, existence",
    .type = CONTROL_PREVENTIVE,
    .stages = STAGE_DOCUMENT,
    .engine_from = ENGINE_FIRST,
    .engine_to = ENGINE_LAST,
    .parameters = "reasons, small_balance_due_days, small_balance_max, write_off_cash_days, write_off_contact_days, "
                  "write_off_contacts_min, write_off_due_days",
    .framework = "COSO 10, 13; COBIT DSS06.02",
    .codes = "not-due contacts promise open-dispute cash not-small not-whole no-case",
    .judge = judge,
    .sentence = sentence,
};
