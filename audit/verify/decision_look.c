/*
 * Form of a stored decision where it lies, without a tree: yes where decision.c says so. Implements FORMAT.md section 6 as that room
 * does; tests/fuzz/fuzz_entry.c holds the two together.
 */
#include <string.h>

#include "audit/verify/decision_form.h"
#include "ledger/limits.h"
#include "ledger/outline.h"

static bool has(const struct outline *outline, const struct outline_node *object, const char *name)
{
    return outline_get(outline, object, name) != NULL;
}

static bool is_text(const struct outline_node *node)
{
    return node != NULL && node->type == OUTLINE_TEXT;
}

static bool answers_hold(const struct outline *outline, const struct outline_node *answers)
{
    static const char *const words[] = {"deny", "flag", "need", NULL};
    for (const struct outline_node *one = outline_first(outline, answers); one != NULL;
         one = outline_after(outline, answers, one))
        if (!outline_is_one_of(outline, outline_get(outline, one, "answer"), words) ||
            !is_text(outline_get(outline, one, "code")) || !is_text(outline_get(outline, one, "control")))
            return false;
    return true;
}

static bool levels_hold(const struct outline *outline, const struct outline_node *levels)
{
    int64_t before = 0, level = 0;
    if (levels == NULL)
        return true;
    if (levels->type != OUTLINE_LIST)
        return false;
    for (const struct outline_node *one = outline_first(outline, levels); one != NULL;
         one = outline_after(outline, levels, one), before = level)
        if (!outline_integer(outline, one, &level) || level <= before || level > LEVELS_MAX)
            return false;
    return true;
}

/* An amount is above zero, but for a difference, whose functional amount is. */
static bool line_is_above_zero(const struct outline *outline, const struct outline_node *line)
{
    struct slice text;
    const char *name = has(outline, line, "difference") ? "functional" : "amount";
    bool zero = true;
    if (!outline_text(outline, outline_get(outline, line, name), &text) || text.length == 0 || text.bytes[0] == '-')
        return false;
    for (size_t i = 0; zero && i < text.length; i++)
        zero = text.bytes[i] == '0' || text.bytes[i] == '.';
    return !zero;
}

static bool lines_hold(const struct outline *outline, const struct outline_node *lines)
{
    for (const struct outline_node *line = lines == NULL ? NULL : outline_first(outline, lines); line != NULL;
         line = outline_after(outline, lines, line))
        if (!line_is_above_zero(outline, line))
            return false;
    return true;
}

/* What a result with this outcome cannot be without. */
static bool needed_is_there(const struct statement_look *look, const struct outline_node *result,
                            const struct outline_node *outcome)
{
    const struct outline *outline = look->outline;
    const bool submits = look->verb == VERB_SUBMIT || look->verb == VERB_AMEND;
    const bool refused = outline_is(outline, outcome, "refused");
    if (look->verb == VERB_FEED)
        return has(outline, result, "count");
    if (!has(outline, result, "content") || (!has(outline, result, "document") && !(submits && refused)))
        return false;
    if (submits && !refused && !outline_is(outline, outcome, "repeat") && !has(outline, result, "version"))
        return false;
    return (!outline_is(outline, outcome, "waiting") && !outline_is(outline, outcome, "approved")) ||
           (has(outline, result, "levels") && has(outline, result, "until"));
}

static bool result_holds(const struct statement_look *look, const struct outline_node *result,
                         const char *const *outcomes)
{
    static const char *const but[] = {"levels", "outcome", NULL};
    const struct outline *outline = look->outline;
    const struct outline_node *outcome = outline_get(outline, result, "outcome");
    return outline_is_one_of(outline, outcome, outcomes) &&
           schema_holds(&decision_result_schema, outline, result, but) &&
           lines_hold(outline, outline_get(outline, result, "lines")) &&
           answers_hold(outline, outline_get(outline, result, "controls")) &&
           levels_hold(outline, outline_get(outline, result, "levels")) && needed_is_there(look, result, outcome);
}

bool decision_holds(const struct statement_look *look, const struct outline_node *decision)
{
    const struct outline *outline = look->outline;
    const char *const *outcomes = decision_outcomes(look->verb);
    if (outcomes == NULL || !schema_holds(&decision_schema, outline, decision, NULL) ||
        !answers_hold(outline, outline_get(outline, decision, "controls")))
        return false;
    const bool refused = outline_is(outline, outline_get(outline, decision, "outcome"), "refused");
    const struct outline_node *results = outline_get(outline, decision, "results");
    if (outline_count(outline, results) != (refused ? 0 : look->list == NULL ? 1 : outline_count(outline, look->list)))
        return false;
    for (const struct outline_node *one = outline_first(outline, results); one != NULL;
         one = outline_after(outline, results, one))
        if (!result_holds(look, one, outcomes))
            return false;
    return true;
}
