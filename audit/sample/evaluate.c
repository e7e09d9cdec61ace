/*
 * Evaluation; see the header. Every selected item has to have its result: what was not tested is not left out but asked
 * for, since the limits hold for the sample that was drawn and no other. What is too little in the book is never set off
 * against what is too much.
 */
#include "audit/sample/evaluate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/currency.h"
#include "ledger/money.h"
#include "ledger/schema.h"

struct evaluation {
    const struct sample_file *file;
    const struct sample_tested *tested;
    size_t count;
    size_t *result_of; /* of each item: place in tested */
    struct sample_outcome *outcome;
};

static enum status match(struct evaluation *evaluation, struct err *err)
{
    json_t *places = json_object();
    size_t items = json_array_size(evaluation->file->items), *seen = evaluation->result_of;
    enum status status = places == NULL ? err_set(err, STATUS_MEMORY, "no memory for results") : STATUS_OK;
    for (size_t i = 0; i < items; i++) {
        const char *id = member_text(json_array_get(evaluation->file->items, i), "item");
        seen[i] = SIZE_MAX;
        if (json_object_set_new(places, id, json_integer((json_int_t)i)) != 0)
            status = err_set(err, STATUS_MEMORY, "no memory for results");
    }
    for (size_t i = 0; status == STATUS_OK && i < evaluation->count; i++) {
        const struct sample_tested *tested = &evaluation->tested[i];
        const json_t *place = json_object_get(places, tested->item);
        if (place == NULL)
            status = err_set(err, STATUS_INPUT, "line %lld: %.64s is not in the selection", (long long)tested->line,
                             tested->item);
        else if (seen[json_integer_value(place)] != SIZE_MAX)
            status = err_set(err, STATUS_INPUT, "line %lld: %.64s has a result in line %lld already",
                             (long long)tested->line, tested->item,
                             (long long)evaluation->tested[seen[json_integer_value(place)]].line);
        else
            seen[json_integer_value(place)] = i;
    }
    for (size_t i = 0; status == STATUS_OK && i < items; i++)
        if (seen[i] == SIZE_MAX)
            status =
                err_set(err, STATUS_INPUT,
                        "%.64s was selected and has no result: every item has to be tested, or counts as a deviation",
                        member_text(json_array_get(evaluation->file->items, i), "item"));
    json_decref(places);
    return status;
}

static bool is_top(const json_t *item)
{
    return json_is_true(json_object_get(item, "top"));
}

static enum status count_deviations(struct evaluation *evaluation, struct err *err)
{
    struct sample_outcome *outcome = evaluation->outcome;
    for (size_t i = 0; i < json_array_size(evaluation->file->items); i++) {
        const json_t *item = json_array_get(evaluation->file->items, i);
        const struct sample_tested *tested = &evaluation->tested[evaluation->result_of[i]];
        if (!tested->has_deviation)
            return err_set(err, STATUS_INPUT, "line %lld: %.64s: deviation has to be yes or no",
                           (long long)tested->line, tested->item);
        *(is_top(item) ? &outcome->top_tested : &outcome->tested) += 1;
        *(is_top(item) ? &outcome->top_deviations : &outcome->deviations) += tested->deviation;
    }
    return STATUS_OK;
}

/* Percent of the plan as millionths; 0 where it has none. */
static enum status plan_percent(const struct sample_file *file, const char *name, int32_t *ret_ppm, struct err *err)
{
    const char *text = member_text(json_object_get(file->header, "plan"), name);
    *ret_ppm = 0;
    return text == NULL ? STATUS_OK : sample_percent_parse(text, ret_ppm, err);
}

static enum status read_risk(const struct evaluation *evaluation, const struct sample_criteria *criteria,
                             struct err *err)
{
    struct sample_outcome *outcome = evaluation->outcome;
    int32_t confidence_ppm = 0;
    enum status status = plan_percent(evaluation->file, "confidence", &confidence_ppm, err);
    if (status != STATUS_OK)
        return status;
    outcome->risk_ppm = criteria->risk_ppm > 0 ? criteria->risk_ppm
                        : confidence_ppm > 0   ? PROBABILITY_ONE - confidence_ppm
                                               : 0;
    return outcome->risk_ppm > 0
               ? STATUS_OK
               : err_set(err, STATUS_INPUT, "with which confidence? the selection names none: give --confidence");
}

static enum status bound_rate(struct evaluation *evaluation, const struct sample_criteria *criteria, struct err *err)
{
    struct sample_outcome *outcome = evaluation->outcome;
    int32_t planned_ppm = 0;
    enum status status = plan_percent(evaluation->file, "tolerable_rate", &planned_ppm, err);
    if (status == STATUS_OK)
        status = read_risk(evaluation, criteria, err);
    if (status != STATUS_OK)
        return status;
    outcome->population =
        member_integer(json_object_get(evaluation->file->header, "population"), "count") - outcome->top_tested;
    outcome->tolerable_ppm = criteria->tolerable_ppm > 0 ? criteria->tolerable_ppm : planned_ppm;
    if (outcome->tested > outcome->population)
        return err_set(err, STATUS_INPUT, "the selection holds more items than its population");
    const struct attribute_result result = {
        .size = outcome->tested, .deviations = outcome->deviations, .population = outcome->population};
    for (enum sample_distribution i = SAMPLE_BINOMIAL; i < SAMPLE_DISTRIBUTIONS && outcome->tested > 0; i++)
        outcome->upper_ppm[i] = sample_upper_ppm(i, &result, outcome->risk_ppm);
    outcome->bounded = true;
    outcome->has_verdict = outcome->tolerable_ppm > 0;
    outcome->supported = outcome->upper_ppm[SAMPLE_BINOMIAL] <= outcome->tolerable_ppm;
    return STATUS_OK;
}

static enum status plan_amount(const struct evaluation *evaluation, const char *name, int64_t *ret_minor,
                               struct err *err)
{
    const char *text = member_text(json_object_get(evaluation->file->header, "plan"), name);
    *ret_minor = 0;
    return text == NULL ? STATUS_OK : money_parse(text, strlen(text), evaluation->outcome->digits, ret_minor, err);
}

/* Errors of one direction: those of top items are added, the others are taints. */
struct direction {
    struct mus_result result;
    int64_t *count, *found_minor;
};

static enum status add_error(struct direction *direction, const json_t *item, int64_t book_minor, int64_t error_minor,
                             struct err *err)
{
    *direction->count += 1;
    enum status status = money_add(*direction->found_minor, error_minor, direction->found_minor, err);
    if (status == STATUS_OK && is_top(item))
        return money_add(direction->result.top_error_minor, error_minor, &direction->result.top_error_minor, err);
    if (status == STATUS_OK)
        direction->result.taints[direction->result.taint_count++] =
            (struct taint){.book_minor = book_minor, .error_minor = error_minor};
    return status;
}

static enum status take_audited(struct evaluation *evaluation, struct direction *over, struct direction *under,
                                struct err *err)
{
    struct sample_outcome *outcome = evaluation->outcome;
    for (size_t i = 0; i < json_array_size(evaluation->file->items); i++) {
        const json_t *item = json_array_get(evaluation->file->items, i);
        const struct sample_tested *tested = &evaluation->tested[evaluation->result_of[i]];
        const char *text = member_text(item, "amount");
        int64_t book_minor = 0, error_minor = 0;
        if (!tested->has_audited)
            return err_set(err, STATUS_INPUT, "line %lld: %.64s has no audited amount", (long long)tested->line,
                           tested->item);
        enum status status = text == NULL ? err_set(err, STATUS_INPUT, "%.64s has no amount", tested->item)
                                          : money_parse(text, strlen(text), outcome->digits, &book_minor, err);
        if (status == STATUS_OK && book_minor <= 0)
            status = err_set(err, STATUS_INPUT, "%.64s: only amounts above zero are drawn by money", tested->item);
        if (status == STATUS_OK)
            status = money_sub(book_minor, tested->audited_minor, &error_minor, err);
        *(is_top(item) ? &outcome->top_tested : &outcome->tested) += 1;
        if (status == STATUS_OK && error_minor > 0)
            status = add_error(over, item, book_minor, error_minor, err);
        else if (status == STATUS_OK && error_minor < 0)
            status = add_error(under, item, book_minor, -error_minor, err);
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}

static enum status bound_money(struct evaluation *evaluation, const struct sample_criteria *criteria, struct err *err)
{
    struct sample_outcome *outcome = evaluation->outcome;
    size_t items = json_array_size(evaluation->file->items);
    struct direction over = {.count = &outcome->over_count, .found_minor = &outcome->over_minor};
    struct direction under = {.count = &outcome->under_count, .found_minor = &outcome->under_minor};
    over.result.taints = calloc(items + 1, sizeof *over.result.taints);
    under.result.taints = calloc(items + 1, sizeof *under.result.taints);
    enum status status = over.result.taints == NULL || under.result.taints == NULL
                             ? err_set(err, STATUS_MEMORY, "no memory for errors")
                             : read_risk(evaluation, criteria, err);
    if (status == STATUS_OK)
        status = plan_amount(evaluation, "interval", &outcome->interval_minor, err);
    if (status == STATUS_OK && outcome->interval_minor <= 0)
        status = err_set(err, STATUS_INPUT, "the selection has no interval");
    if (status == STATUS_OK)
        status = plan_amount(evaluation, "tolerable_amount", &outcome->tolerable_minor, err);
    if (status == STATUS_OK)
        status = take_audited(evaluation, &over, &under, err);
    over.result.interval_minor = under.result.interval_minor = outcome->interval_minor;
    if (status == STATUS_OK)
        status = sample_mus_limit(&over.result, outcome->risk_ppm, &outcome->over, err);
    if (status == STATUS_OK)
        status = sample_mus_limit(&under.result, outcome->risk_ppm, &outcome->under, err);
    free(over.result.taints);
    free(under.result.taints);
    if (status != STATUS_OK)
        return status;
    if (criteria->tolerable_minor > 0)
        outcome->tolerable_minor = criteria->tolerable_minor;
    outcome->bounded = true;
    outcome->has_verdict = outcome->tolerable_minor > 0;
    outcome->supported =
        outcome->over.upper_minor <= outcome->tolerable_minor && outcome->under.upper_minor <= outcome->tolerable_minor;
    return STATUS_OK;
}

enum status sample_evaluate(const struct sample_file *file, const struct sample_tested *tested, size_t count,
                            const struct sample_criteria *criteria, struct sample_outcome *ret_outcome, struct err *err)
{
    const char *currency = member_text(json_object_get(file->header, "population"), "currency");
    struct sample_outcome outcome = {.method = sample_method_find(member_text(file->header, "method")), .digits = -1};
    struct evaluation evaluation = {.file = file, .tested = tested, .count = count, .outcome = &outcome};
    snprintf(outcome.currency, sizeof outcome.currency, "%.3s", currency == NULL ? "" : currency);
    outcome.digits = currency_digits(outcome.currency);
    if (outcome.digits < 0)
        return err_set(err, STATUS_INPUT, "the selection is in no currency of ISO 4217");
    evaluation.result_of = calloc(json_array_size(file->items) + 1, sizeof *evaluation.result_of);
    enum status status =
        evaluation.result_of == NULL ? err_set(err, STATUS_MEMORY, "no memory for results") : match(&evaluation, err);
    if (status == STATUS_OK && outcome.method == SAMPLE_MUS)
        status = bound_money(&evaluation, criteria, err);
    else if (status == STATUS_OK)
        status = count_deviations(&evaluation, err);
    if (status == STATUS_OK && (outcome.method == SAMPLE_ATTRIBUTE || outcome.method == SAMPLE_STRATIFIED))
        status = bound_rate(&evaluation, criteria, err);
    free(evaluation.result_of);
    if (status == STATUS_OK)
        *ret_outcome = outcome;
    return status;
}
