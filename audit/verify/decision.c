/*
 * Form of a stored decision, as FORMAT.md section 6 has it. Folding believes decisions, so whatever it reads must be there
 * and of its type before anything is folded; that the decision is right is for the replay.
 */
#include <stdio.h>
#include <string.h>

#include "audit/verify/decision_form.h"
#include "audit/verify/parts.h"
#include "ledger/canon.h"
#include "ledger/money.h"
#include "ledger/schema.h"

enum { RESULT_PATH_BYTES = 32 };

static const struct field policy_fields[] = {
    {.name = "hash", .type = FIELD_HASH},
    {.name = "seq", .type = FIELD_INTEGER, .min = 0, .max = CANON_INTEGER_MAX},
};
static const struct schema policy_schema = SCHEMA("policy", policy_fields, NULL);

static const char *const whole_outcomes[] = {"done", "refused", NULL};

static const struct field decision_fields[] = {
    {.name = "controls", .type = FIELD_LIST},
    {.name = "engine", .type = FIELD_INTEGER, .min = 0, .max = 1000000},
    {.name = "outcome", .type = FIELD_WORD, .words = whole_outcomes},
    {.name = "policy", .type = FIELD_OBJECT, .schema = &policy_schema},
    {.name = "results", .type = FIELD_LIST},
};
const struct schema decision_schema = SCHEMA("decision", decision_fields, NULL);

static const char *const sides[] = {"cr", "dr", NULL};
static const char *const differences[] = {"fx", "rounding", NULL};

static const struct field line_fields[] = {
    {.name = "account", .type = FIELD_CODE},
    {.name = "amount", .type = FIELD_AMOUNT},
    {.name = "currency", .type = FIELD_CURRENCY},
    {.name = "customer", .type = FIELD_ID, .optional = true},
    {.name = "difference", .type = FIELD_WORD, .words = differences, .optional = true},
    {.name = "functional", .type = FIELD_AMOUNT, .optional = true},
    {.name = "invoice", .type = FIELD_ID, .optional = true},
    {.name = "side", .type = FIELD_WORD, .words = sides},
    {.name = "tax", .type = FIELD_CODE, .optional = true},
};
static const struct schema line_schema = SCHEMA("ledger line", line_fields, NULL);

static const char *const submit_outcomes[] = {"posted", "in-force", "waiting", "refused", "repeat", NULL};
static const char *const approve_outcomes[] = {"approved", "posted", "in-force", "refused", NULL};
static const char *const withdraw_outcomes[] = {"withdrawn", "refused", NULL};
static const char *const reject_outcomes[] = {"rejected", "refused", NULL};
static const char *const return_outcomes[] = {"returned", "refused", NULL};
static const char *const whole_act_outcomes[] = {"in-force", NULL};
static const char *const feed_outcomes[] = {"open", "closed", "refused", NULL};

static const struct field rate_fields[] = {
    {.name = "base", .type = FIELD_CURRENCY},
    {.name = "date", .type = FIELD_DATE},
    {.name = "document", .type = FIELD_ID},
    {.name = "rate", .type = FIELD_TEXT, .min = 1, .max = MONEY_TEXT_MAX},
};
static const struct schema rate_schema = SCHEMA("rate", rate_fields, NULL);

/* Members of a result beside `outcome` and `levels`, of all verbs together. */
static const struct field exposure_fields[] = {
    {.name = "account", .type = FIELD_AMOUNT},
    {.name = "held", .type = FIELD_AMOUNT},
    {.name = "limit", .type = FIELD_AMOUNT},
    {.name = "open", .type = FIELD_AMOUNT},
    {.name = "temporary", .type = FIELD_AMOUNT, .optional = true},
};
static const struct schema exposure_schema = SCHEMA("exposure", exposure_fields, NULL);

static const struct field result_fields[] = {
    {.name = "base", .type = FIELD_AMOUNT, .optional = true},
    {.name = "content", .type = FIELD_HASH, .optional = true},
    {.name = "controls", .type = FIELD_LIST},
    {.name = "count", .type = FIELD_INTEGER, .min = 0, .max = CANON_INTEGER_MAX, .optional = true},
    {.name = "document", .type = FIELD_ID, .optional = true},
    {.name = "level", .type = FIELD_INTEGER, .min = 1, .max = LEVELS_MAX, .optional = true},
    {.name = "delegation", .type = FIELD_ID, .optional = true},
    {.name = "lines", .type = FIELD_LIST, .schema = &line_schema, .optional = true},
    {.name = "number", .type = FIELD_ID, .optional = true},
    {.name = "officers", .type = FIELD_LIST_ID, .min = 2, .max = SIGNATURES_MAX, .optional = true},
    {.name = "rate", .type = FIELD_OBJECT, .schema = &rate_schema, .optional = true},
    {.name = "total", .type = FIELD_AMOUNT, .optional = true},
    {.name = "until", .type = FIELD_INSTANT, .optional = true},
    {.name = "due", .type = FIELD_INSTANT, .optional = true},
    {.name = "epoch", .type = FIELD_INTEGER, .min = 1, .max = CANON_INTEGER_MAX, .optional = true},
    {.name = "exposure", .type = FIELD_OBJECT, .schema = &exposure_schema, .optional = true},
    {.name = "version", .type = FIELD_INTEGER, .min = 1, .max = 1000000, .optional = true},
};
const struct schema decision_result_schema = SCHEMA("result", result_fields, NULL);

const char *const *decision_outcomes(enum verb verb)
{
    switch (verb) {
    case VERB_SUBMIT:
    case VERB_AMEND:
        return submit_outcomes;
    case VERB_APPROVE:
        return approve_outcomes;
    case VERB_WITHDRAW:
        return withdraw_outcomes;
    case VERB_REJECT:
        return reject_outcomes;
    case VERB_RETURN:
        return return_outcomes;
    case VERB_FEED:
        return feed_outcomes;
    case VERB_RECOVER:
    case VERB_CLOCK:
    case VERB_RESTORE:
        return whole_act_outcomes;
    case VERB_CHARTER:
    case VERB_COUNT:
        break;
    }
    return NULL;
}

static bool is_word(const char *text, const char *const *words)
{
    for (size_t i = 0; text != NULL && words[i] != NULL; i++)
        if (strcmp(text, words[i]) == 0)
            return true;
    return false;
}

static bool is(const char *text, const char *wanted)
{
    return strcmp(text, wanted) == 0;
}

static enum status check_levels(const json_t *levels, const char *path, struct err *err)
{
    int64_t before = 0;
    if (!json_is_array(levels) || json_array_size(levels) > LEVELS_MAX)
        return err_set(err, STATUS_INPUT, "%s.levels: has to be a list of levels", path);
    for (size_t i = 0; i < json_array_size(levels); i++) {
        const json_t *level = json_array_get(levels, i);
        if (!json_is_integer(level) || json_integer_value(level) <= before || json_integer_value(level) > LEVELS_MAX)
            return err_set(err, STATUS_INPUT, "%s.levels: has to be a sorted list of levels", path);
        before = json_integer_value(level);
    }
    return STATUS_OK;
}

static enum status check_answers(const json_t *answers, const char *path, struct err *err)
{
    static const char *const words[] = {"deny", "flag", "need", NULL};
    for (size_t i = 0; i < json_array_size(answers); i++) {
        const json_t *answer = json_array_get(answers, i);
        if (!is_word(member_text(answer, "answer"), words) || member_text(answer, "code") == NULL ||
            member_text(answer, "control") == NULL)
            return err_set(err, STATUS_INPUT, "%scontrols[%zu]: has to be an answer of a control", path, i);
    }
    return STATUS_OK;
}

/* Amounts above zero, but for differences, whose functional amount is. */
static enum status check_amounts(const json_t *lines, const char *path, struct err *err)
{
    for (size_t i = 0; i < json_array_size(lines); i++) {
        const json_t *line = json_array_get(lines, i);
        bool difference = member_text(line, "difference") != NULL;
        const char *text = member_text(line, difference ? "functional" : "amount");
        if (text == NULL || text[0] == '-' || strspn(text, "0.") == strlen(text))
            return err_set(err, STATUS_INPUT, "%s.lines[%zu]: has to have an amount above zero", path, i);
    }
    return STATUS_OK;
}

/* What a result with this outcome cannot be without. */
static enum status check_needed(enum verb verb, const json_t *result, const char *path, struct err *err)
{
    const char *outcome = member_text(result, "outcome");
    bool submits = verb == VERB_SUBMIT || verb == VERB_AMEND;
    if (verb == VERB_RECOVER || verb == VERB_CLOCK)
        return STATUS_OK;
    if (verb == VERB_RESTORE)
        return json_object_get(result, "epoch") != NULL && json_object_get(result, "officers") != NULL
                   ? STATUS_OK
                   : err_set(err, STATUS_INPUT, "%s: has to have epoch and officers", path);
    if (verb == VERB_FEED)
        return json_object_get(result, "count") != NULL ? STATUS_OK
                                                        : err_set(err, STATUS_INPUT, "%s.count: is missing", path);
    if (json_object_get(result, "document") == NULL && !(submits && is(outcome, "refused")))
        return err_set(err, STATUS_INPUT, "%s.document: is missing", path);
    if (json_object_get(result, "content") == NULL)
        return err_set(err, STATUS_INPUT, "%s.content: is missing", path);
    if (submits && !is(outcome, "refused") && !is(outcome, "repeat") && json_object_get(result, "version") == NULL)
        return err_set(err, STATUS_INPUT, "%s.version: is missing", path);
    if ((is(outcome, "waiting") || is(outcome, "approved")) &&
        (json_object_get(result, "levels") == NULL || json_object_get(result, "until") == NULL))
        return err_set(err, STATUS_INPUT, "%s: waits, but has no levels or until", path);
    return STATUS_OK;
}

static enum status check_members(const json_t *result, const char *path, struct err *err)
{
    json_t *rest = json_copy((json_t *)(uintptr_t)result);
    if (rest == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for a result");
    json_object_del(rest, "outcome");
    json_object_del(rest, "levels");
    enum status status = schema_check(&decision_result_schema, rest, path, err);
    json_decref(rest);
    return status;
}

static enum status check_result(enum verb verb, const json_t *result, size_t index, struct err *err)
{
    char path[RESULT_PATH_BYTES], prefix[RESULT_PATH_BYTES + 1];
    const char *const *outcomes = decision_outcomes(verb);
    const json_t *levels = json_object_get(result, "levels");
    snprintf(path, sizeof path, "results[%zu]", index);
    snprintf(prefix, sizeof prefix, "%s.", path);
    if (outcomes == NULL)
        return verb == VERB_CHARTER ? STATUS_OK
                                    : err_set(err, STATUS_INPUT, "%s: %s has no results", path, verb_name(verb));
    if (!is_word(member_text(result, "outcome"), outcomes))
        return err_set(err, STATUS_INPUT, "%s.outcome: is none that %s can have", path, verb_name(verb));
    enum status status = check_members(result, path, err);
    if (status == STATUS_OK)
        status = check_amounts(json_object_get(result, "lines"), path, err);
    if (status == STATUS_OK)
        status = check_answers(json_object_get(result, "controls"), prefix, err);
    if (status == STATUS_OK && levels != NULL)
        status = check_levels(levels, path, err);
    return status == STATUS_OK ? check_needed(verb, result, path, err) : status;
}

enum status verify_decision_form(const struct statement *statement, const json_t *decision, struct err *err)
{
    const json_t *results = json_object_get(decision, "results");
    const json_t *list = statement_list(statement);
    size_t wanted = list == NULL ? 1 : json_array_size(list);
    enum status status = schema_check(&decision_schema, decision, "", err);
    if (status == STATUS_OK)
        status = check_answers(json_object_get(decision, "controls"), "", err);
    if (status == STATUS_OK && is(member_text(decision, "outcome"), "refused"))
        wanted = 0;
    if (status == STATUS_OK && json_array_size(results) != wanted)
        status = err_set(err, STATUS_INPUT, "results: %zu for %zu members of the statement", json_array_size(results),
                         wanted);
    for (size_t i = 0; status == STATUS_OK && i < json_array_size(results); i++)
        status = check_result(statement->verb, json_array_get(results, i), i, err);
    if (status != STATUS_OK)
        err_prefix(err, "decision: ");
    return status;
}
