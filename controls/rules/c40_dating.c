/*
 * C-40 Honest dates, by the entity's local calendar: a document takes effect today or earlier, and not before the invoices
 * or the document that it corrects; one that goes further back than the policy's days, counted from the day on which it was
 * entered, takes one level more and is flagged.
 */
#include "controls/rules/common.h"
#include "controls/rules/rebill.h"
#include "ledger/instant.h"

static enum status dated_before(const struct request *request, const char *about, const char *about_date,
                                struct answers *answers, struct err *err)
{
    int32_t date;
    enum status status = date_parse(about_date, strlen(about_date), &date, err);
    if (status != STATUS_OK || request->measure.date >= date)
        return status;
    return answer_deny(answers, "C-40", "before-original",
                       json_pack("{s:s, s:s, s:s}", "date", member_text(request->document, "date"), "original", about,
                                 "original_date", about_date),
                       err);
}

static enum status invoices_judge(const struct request *request, const struct facts *facts, struct answers *answers,
                                  struct err *err)
{
    const json_t *allocations = json_object_get(request->document, "allocations");
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && !answers->denied && i < json_array_size(allocations); i++) {
        const char *id = member_text(json_array_get(allocations, i), "invoice");
        json_t *record = NULL;
        status = facts_invoice(facts, request->measure.entity, id, &record, err);
        if (status == STATUS_OK && record != NULL) /* C-35 denies one that is not there */
            status = dated_before(request, id, member_text(record, "date"), answers, err);
        json_decref(record);
    }
    return status;
}

static enum status originals_judge(const struct request *request, const struct facts *facts, struct answers *answers,
                                   struct err *err)
{
    const char *reverses = member_text(request->document, "reverses");
    json_t *record = NULL;
    enum status status = STATUS_OK;
    if (reverses == NULL) {
        status = invoices_judge(request, facts, answers, err);
        return status == STATUS_OK && !answers->denied && request->receiving != NULL
                   ? invoices_judge(request->receiving, facts, answers, err)
                   : status;
    }
    status = facts_document(facts, reverses, &record, err);
    const char *date = record != NULL ? member_text(json_object_get(record, "document"), "date") : NULL;
    if (status == STATUS_OK && date != NULL)
        status = dated_before(request, reverses, date, answers, err);
    json_decref(record);
    return status;
}

static json_t *lag_inputs(const struct request *request, int64_t days, int64_t bound)
{
    return json_pack("{s:I, s:s, s:I}", "bound", (json_int_t)bound, "date", member_text(request->document, "date"),
                     "days", (json_int_t)days);
}

static enum status backdating_judge(const struct request *request, const struct facts *facts,
                                    const struct policy_entity *entity, struct answers *answers, struct err *err)
{
    /* From the day of the version, also when it is posted: waiting makes no document older. */
    int64_t days = (int64_t)entity_date(entity, request->time_ms) - request->measure.date;
    int64_t bound = policy_parameter(facts->policy, entity->entity, PARAMETER_BACKDATE_DAYS);
    if (days <= bound)
        return STATUS_OK;
    enum status status = answer_need_more(answers, "C-40", "backdated", lag_inputs(request, days, bound), err);
    return status == STATUS_OK ? answer_flag(answers, "C-40", "late-entry", lag_inputs(request, days, bound), err)
                               : status;
}

static enum status judge(const struct request *request, const struct facts *facts, struct answers *answers,
                         struct err *err)
{
    char today[DATE_TEXT_BYTES];
    const struct policy_entity *entity =
        request->measure.entity != NULL ? policy_find_entity(facts->policy, request->measure.entity) : NULL;
    if (entity == NULL || member_text(request->document, "date") == NULL)
        return STATUS_OK;
    if (request->measure.date > entity_date(entity, facts->time_ms)) {
        date_format(entity_date(entity, facts->time_ms), today);
        return answer_deny(answers, "C-40", "forward-dated",
                           json_pack("{s:s, s:s}", "date", member_text(request->document, "date"), "today", today),
                           err);
    }
    enum status status = originals_judge(request, facts, answers, err);
    if (status == STATUS_OK)
        status = rebill_age_judge(request, facts, answers, err);
    return status == STATUS_OK ? backdating_judge(request, facts, entity, answers, err) : status;
}

static void sentence(const json_t *answer, char ret_text[static SENTENCE_BYTES])
{
    const char *date = said(answer, "date");
    long long days = (long long)member_integer(answer, "days"), bound = (long long)member_integer(answer, "bound");
    if (code_is(answer, "forward-dated"))
        snprintf(ret_text, SENTENCE_BYTES, "the date %s is after today, %s", date, said(answer, "today"));
    else if (code_is(answer, "before-original"))
        snprintf(ret_text, SENTENCE_BYTES, "the date %s is before that of %s, which it corrects: %s", date,
                 said(answer, "original"), said(answer, "original_date"));
    else if (code_is(answer, "re-aged"))
        snprintf(ret_text, SENTENCE_BYTES, "the new invoice is of %s due %s, invoice %s was of %s due %s: re-aged",
                 date, said(answer, "due"), said(answer, "invoice"), said(answer, "was"), said(answer, "was_due"));
    else if (code_is(answer, "backdated"))
        snprintf(ret_text, SENTENCE_BYTES,
                 "the date %s was %lld days back when it was entered, more than %lld: one level more has to sign", date,
                 days, bound);
    else
        snprintf(ret_text, SENTENCE_BYTES, "for review: entered %lld days after its date %s, more than %lld", days,
                 date, bound);
}

const struct control control_c40 = {
    .id = "C-40",
    .title = "Backdating and forward-dating",
    .objective = "Honest time",
    .assertion = "cut-off",
    .type = CONTROL_BOTH,
    .stages = STAGE_DOCUMENT,
    .engine_from = ENGINE_FIRST,
    .engine_to = ENGINE_LAST,
    .parameters = "entities, backdate_days",
    .framework = "COSO 10; COBIT DSS06.02",
    .codes = "forward-dated before-original re-aged backdated late-entry",
    .judge = judge,
    .sentence = sentence,
};
