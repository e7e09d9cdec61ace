/*
 * Re-performance, result by result; see the header. Takes each decision from the replay as it is made, holds it against the
 * stored one, and hands on what the filter asks for. Keeps counts alone, of a number that is bounded by the catalogue, so a
 * book of any length takes the same memory. Stored decisions come from a file that may hold anything: texts in them are cut
 * where a row would grow without bound, and what was cut is counted.
 */
#include "audit/verify/reperform.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/verify/decision_diff.h"
#include "audit/verify/parts.h"
#include "ledger/instant.h"
#include "ledger/schema.h"

enum { CONTROLS = 100, WORD_BYTES = 33, NAME_BYTES = 160 };

static const char *const outcomes[] = {"posted",    "in-force", "waiting",  "approved", "refused", "repeat",
                                       "withdrawn", "rejected", "returned", "open",     "closed",  "other"};
enum { OUTCOMES = sizeof outcomes / sizeof outcomes[0] };

struct counts {
    uint64_t then, now;
};

struct reperform {
    const struct reperform_filter *filter;
    reperform_report *report;
    void *context;
    uint64_t entries, decisions, differ, selected;
    uint64_t first; /* entry that differs, where any does */
    struct counts outcomes[OUTCOMES];
    struct counts controls[CONTROLS]; /* C-00 to C-99: the first is what has no such name */
};

/* One result of a decision on both sides; a decision without results stands for itself. */
struct side {
    const json_t *then, *now;
    size_t index;
    bool same;
    char why[DECISION_DIFF_BYTES];
};

enum status reperform_new(const struct reperform_filter *filter, reperform_report *report, void *context,
                          struct reperform **ret_reperform, struct err *err)
{
    struct reperform *reperform = calloc(1, sizeof *reperform);
    if (reperform == NULL)
        return err_set(err, STATUS_MEMORY, "no memory to compare decisions");
    reperform->filter = filter;
    reperform->report = report;
    reperform->context = context;
    *ret_reperform = reperform;
    return STATUS_OK;
}

void reperform_free(struct reperform *reperform)
{
    free(reperform);
}

static size_t outcome_index(const char *outcome)
{
    size_t i = 0;
    while (i + 1 < OUTCOMES && (outcome == NULL || strcmp(outcomes[i], outcome) != 0))
        i++;
    return i;
}

static size_t control_index(const char *control)
{
    if (control == NULL || strncmp(control, "C-", 2) != 0 || strlen(control) != 4 ||
        strspn(control + 2, "0123456789") != 2)
        return 0;
    return (size_t)(control[2] - '0') * 10 + (size_t)(control[3] - '0');
}

/* Each control once a result, however often it answers. */
static void count_controls(const json_t *result, struct counts counts[static CONTROLS], bool now)
{
    bool seen[CONTROLS] = {false};
    const json_t *answers = json_object_get(result, "controls");
    for (size_t i = 0; i < json_array_size(answers); i++) {
        size_t control = control_index(member_text(json_array_get(answers, i), "control"));
        if (!seen[control] && now)
            counts[control].now++;
        else if (!seen[control])
            counts[control].then++;
        seen[control] = true;
    }
}

static bool has_control(const json_t *result, const char *control)
{
    const json_t *answers = json_object_get(result, "controls");
    for (size_t i = 0; i < json_array_size(answers); i++) {
        const char *name = member_text(json_array_get(answers, i), "control");
        if (name != NULL && strcmp(name, control) == 0)
            return true;
    }
    return false;
}

/* The document that a result is about: as decided, or as the statement names it. */
static const char *document_of(const struct statement *statement, const struct side *side, char room[static NAME_BYTES])
{
    const json_t *file = json_object_get(statement->body, "file");
    const char *number = member_text(side->then, "document");
    if (number == NULL)
        number = member_text(side->now, "document");
    if (number == NULL)
        number = member_text(json_array_get(statement_list(statement), side->index), "document");
    if (number != NULL || statement->verb != VERB_FEED)
        return number;
    snprintf(room, NAME_BYTES, "%.64s/%.32s/%lld", member_text(statement->body, "entity"),
             member_text(statement->body, "feed"), (long long)member_integer(file, "sequence"));
    return room;
}

static bool is_selected(const struct reperform *reperform, const struct verify_item *item, const struct side *side)
{
    const struct reperform_filter *filter = reperform->filter;
    char room[NAME_BYTES];
    if (item->seq < filter->from || item->seq > filter->to)
        return false;
    if (filter->control != NULL && !has_control(side->then, filter->control) &&
        !has_control(side->now, filter->control))
        return false;
    if (filter->document == NULL)
        return true;
    const char *document = document_of(&item->entry.statement, side, room);
    return document != NULL && strcmp(document, filter->document) == 0;
}

static json_t *word(const json_t *object, const char *name)
{
    char text[WORD_BYTES];
    const char *whole = member_text(object, name);
    snprintf(text, sizeof text, "%s", whole == NULL ? "none" : whole);
    json_t *json = json_string(text);
    return json != NULL ? json : json_string("unreadable"); /* cut inside a character */
}

static json_t *side_json(const json_t *result)
{
    const json_t *answers = json_object_get(result, "controls");
    size_t count = json_array_size(answers);
    json_t *list = json_array();
    for (size_t i = 0; i < count && i < REPERFORM_ANSWERS_MAX; i++) {
        const json_t *answer = json_array_get(answers, i);
        json_array_append_new(list, json_pack("{s:o, s:o, s:o}", "answer", word(answer, "answer"), "code",
                                              word(answer, "code"), "control", word(answer, "control")));
    }
    json_t *json = json_pack("{s:o, s:o}", "answers", list, "outcome", word(result, "outcome"));
    if (json != NULL && count > REPERFORM_ANSWERS_MAX)
        json_object_set_new(json, "more", json_integer((json_int_t)(count - REPERFORM_ANSWERS_MAX)));
    return json;
}

static enum status tell(const struct reperform *reperform, const struct verify_item *item, const struct side *side,
                        struct err *err)
{
    const struct statement *statement = &item->entry.statement;
    char time[INSTANT_TEXT_BYTES], room[NAME_BYTES];
    const char *document = document_of(statement, side, room);
    const char *ref = member_text(statement_document(statement, side->index), "ref");
    instant_format(item->entry.time_ms, time);
    json_t *row = json_pack("{s:s, s:s, s:I, s:I, s:b, s:o, s:s}", "actor", statement->actor, "do",
                            verb_name(statement->verb), "entry", (json_int_t)item->seq, "index",
                            (json_int_t)side->index, "same", side->same, "then", side_json(side->then), "time", time);
    if (row == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for a decision");
    if (side->now != NULL)
        json_object_set_new(row, "now", side_json(side->now));
    if (document != NULL)
        json_object_set_new(row, "document", json_string(document));
    else if (ref != NULL)
        json_object_set_new(row, "ref", json_string(ref));
    if (!side->same) {
        json_t *why = json_string(side->why);
        json_object_set_new(row, "why", why != NULL ? why : json_string("decided in other bytes"));
    }
    reperform->report(reperform->context, row);
    json_decref(row);
    return STATUS_OK;
}

static enum status take_side(struct reperform *reperform, const struct verify_item *item, const struct side *side,
                             struct err *err)
{
    reperform->decisions++;
    if (!side->same && reperform->differ++ == 0)
        reperform->first = item->seq;
    if (!is_selected(reperform, item, side))
        return STATUS_OK;
    reperform->selected++;
    reperform->outcomes[outcome_index(member_text(side->then, "outcome"))].then++;
    count_controls(side->then, reperform->controls, false);
    if (side->now != NULL)
        reperform->outcomes[outcome_index(member_text(side->now, "outcome"))].now++;
    count_controls(side->now, reperform->controls, true);
    return reperform->filter->all || !side->same ? tell(reperform, item, side, err) : STATUS_OK;
}

static const json_t *result_at(const json_t *decision, size_t index)
{
    const json_t *results = json_object_get(decision, "results");
    return json_array_size(results) > 0 ? json_array_get(results, index) : decision;
}

static void compare(const struct verify_item *item, const char *trouble, bool whole, struct side *side)
{
    side->same = false;
    if (side->now == NULL)
        snprintf(side->why, sizeof side->why, "cannot be decided again: %s", trouble);
    else
        side->same =
            whole || !decision_result_difference(&item->entry.statement, side->index, side->then, side->now, side->why);
}

enum status reperform_take(struct reperform *reperform, const struct verify_item *item, const json_t *again,
                           const char *trouble, struct err *err)
{
    const json_t *stored = item->entry.decision;
    size_t then = json_array_size(json_object_get(stored, "results"));
    size_t now = json_array_size(json_object_get(again, "results")), count = then > now ? then : now;
    bool told = false;
    enum status status = STATUS_OK;
    reperform->entries++;
    for (size_t i = 0; status == STATUS_OK && i < (count > 0 ? count : 1); i++) {
        struct side side = {.then = result_at(stored, i), .now = result_at(again, i), .index = i};
        bool last = i + 1 >= count;
        compare(item, trouble, count == 0, &side);
        /* What concerns the whole statement is told with its last result, where nothing of a result has differed. */
        if (last && side.same && !told && again != NULL && !json_equal(stored, again)) {
            side.same = false;
            decision_difference(&item->entry.statement, stored, again, side.why);
        }
        told = told || !side.same;
        status = take_side(reperform, item, &side, err);
    }
    return status;
}

static json_t *counts_json(const struct counts *counts)
{
    return json_pack("{s:I, s:I}", "now", (json_int_t)counts->now, "then", (json_int_t)counts->then);
}

enum status reperform_end(struct reperform *reperform, struct err *err)
{
    json_t *by_control = json_object(), *by_outcome = json_object();
    for (size_t i = 0; i < CONTROLS; i++) {
        char name[8];
        snprintf(name, sizeof name, "C-%02zu", i % CONTROLS);
        if (reperform->controls[i].then + reperform->controls[i].now > 0)
            json_object_set_new(by_control, i == 0 ? "other" : name, counts_json(&reperform->controls[i]));
    }
    for (size_t i = 0; i < OUTCOMES; i++)
        if (reperform->outcomes[i].then + reperform->outcomes[i].now > 0)
            json_object_set_new(by_outcome, outcomes[i], counts_json(&reperform->outcomes[i]));
    json_t *row =
        json_pack("{s:{s:o, s:I, s:I, s:I, s:o, s:I}}", "totals", "controls", by_control, "decisions",
                  (json_int_t)reperform->decisions, "differ", (json_int_t)reperform->differ, "entries",
                  (json_int_t)reperform->entries, "outcomes", by_outcome, "selected", (json_int_t)reperform->selected);
    if (row == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for totals");
    if (reperform->differ > 0)
        json_object_set_new(json_object_get(row, "totals"), "first", json_integer((json_int_t)reperform->first));
    reperform->report(reperform->context, row);
    json_decref(row);
    return STATUS_OK;
}
