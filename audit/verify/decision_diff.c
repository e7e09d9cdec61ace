/*
 * Where two decisions differ, in words for an auditor. The order is that of weight: whether it took effect at all, who has to
 * sign, which control said what, which numbers and lines. Decisions come from a file that may hold anything: every member
 * is looked at before it is believed to be there.
 */
#include "audit/verify/decision_diff.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "ledger/schema.h"
#include "ledger/statement.h"

enum { LEVELS_TEXT_BYTES = 64, NAME_BYTES = 80 };

struct pair {
    const json_t *stored, *again;
    const char *name; /* of the document */
};

static bool differ(const struct pair *pair, const char *member)
{
    const json_t *a = json_object_get(pair->stored, member), *b = json_object_get(pair->again, member);
    return a == NULL || b == NULL ? a != b : !json_equal(a, b);
}

static const char *text_of(const json_t *object, const char *member)
{
    const char *text = member_text(object, member);
    return text != NULL ? text : "none";
}

/* "level 2", "levels 1, 3", "no level". */
static void levels_text(const json_t *levels, char ret_text[static LEVELS_TEXT_BYTES])
{
    size_t count = json_array_size(levels);
    size_t used = (size_t)snprintf(ret_text, LEVELS_TEXT_BYTES, "%s",
                                   count == 0   ? "no level"
                                   : count == 1 ? "level"
                                                : "levels");
    for (size_t i = 0; i < count && used < LEVELS_TEXT_BYTES; i++)
        used += (size_t)snprintf(ret_text + used, LEVELS_TEXT_BYTES - used, "%s %lld", i > 0 ? "," : "",
                                 (long long)json_integer_value(json_array_get(levels, i)));
}

static void diff_levels(const struct pair *pair, char *ret_text)
{
    char stored[LEVELS_TEXT_BYTES], again[LEVELS_TEXT_BYTES];
    levels_text(json_object_get(pair->stored, "levels"), stored);
    levels_text(json_object_get(pair->again, "levels"), again);
    snprintf(ret_text, DECISION_DIFF_BYTES, "%s needs %s, decided with %s", pair->name, again, stored);
}

/* The first denial names the reason. */
static const json_t *first_denial(const json_t *decision)
{
    const json_t *controls = json_object_get(decision, "controls");
    for (size_t i = 0; i < json_array_size(controls); i++)
        if (strcmp(text_of(json_array_get(controls, i), "answer"), "deny") == 0)
            return json_array_get(controls, i);
    return NULL;
}

static void diff_outcome(const struct pair *pair, char *ret_text)
{
    const char *stored = text_of(pair->stored, "outcome"), *again = text_of(pair->again, "outcome");
    const json_t *denial = first_denial(pair->again);
    if (denial != NULL)
        snprintf(ret_text, DECISION_DIFF_BYTES, "%s has to be refused by %s (%s), decided as %s", pair->name,
                 text_of(denial, "control"), text_of(denial, "code"), stored);
    else if (strcmp(again, "waiting") == 0 || strcmp(again, "approved") == 0)
        diff_levels(pair, ret_text);
    else
        snprintf(ret_text, DECISION_DIFF_BYTES, "%s has to be %s, decided as %s", pair->name, again, stored);
}

static void diff_controls(const struct pair *pair, char *ret_text)
{
    const json_t *stored = json_object_get(pair->stored, "controls"), *again = json_object_get(pair->again, "controls");
    size_t i = 0;
    while (i < json_array_size(stored) && i < json_array_size(again) &&
           json_equal(json_array_get(stored, i), json_array_get(again, i)))
        i++;
    const json_t *a = json_array_get(stored, i), *b = json_array_get(again, i);
    if (a == NULL)
        snprintf(ret_text, DECISION_DIFF_BYTES, "%s: %s (%s) is missing among its controls", pair->name,
                 text_of(b, "control"), text_of(b, "code"));
    else if (b == NULL)
        snprintf(ret_text, DECISION_DIFF_BYTES, "%s: %s (%s) stands among its controls and did not apply", pair->name,
                 text_of(a, "control"), text_of(a, "code"));
    else if (strcmp(text_of(a, "control"), text_of(b, "control")) == 0 &&
             strcmp(text_of(a, "code"), text_of(b, "code")) != 0)
        snprintf(ret_text, DECISION_DIFF_BYTES, "%s: %s answered %s, recorded is %s", pair->name, text_of(b, "control"),
                 text_of(b, "code"), text_of(a, "code"));
    else if (strcmp(text_of(a, "control"), text_of(b, "control")) == 0)
        snprintf(ret_text, DECISION_DIFF_BYTES, "%s: %s answered on other numbers than those recorded", pair->name,
                 text_of(a, "control"));
    else
        snprintf(ret_text, DECISION_DIFF_BYTES, "%s: %s answered, recorded is %s", pair->name, text_of(b, "control"),
                 text_of(a, "control"));
}

static void diff_text(const struct pair *pair, const char *member, const char *what, char *ret_text)
{
    snprintf(ret_text, DECISION_DIFF_BYTES, "%s has the %s %s, recorded is %s", pair->name, what,
             text_of(pair->again, member), text_of(pair->stored, member));
}

static void diff_lines(const struct pair *pair, char *ret_text)
{
    const json_t *stored = json_object_get(pair->stored, "lines"), *again = json_object_get(pair->again, "lines");
    size_t i = 0;
    while (i < json_array_size(stored) && i < json_array_size(again) &&
           json_equal(json_array_get(stored, i), json_array_get(again, i)))
        i++;
    const json_t *a = json_array_get(stored, i), *b = json_array_get(again, i);
    if (a == NULL || b == NULL)
        snprintf(ret_text, DECISION_DIFF_BYTES, "%s posts %zu ledger lines, recorded are %zu", pair->name,
                 json_array_size(again), json_array_size(stored));
    else
        snprintf(ret_text, DECISION_DIFF_BYTES, "%s: ledger line %zu is %s %s %s, recorded is %s %s %s", pair->name,
                 i + 1, text_of(b, "side"), text_of(b, "account"), text_of(b, "amount"), text_of(a, "side"),
                 text_of(a, "account"), text_of(a, "amount"));
}

/* Answers whether something with a name differs. */
static bool diff_result(const struct pair *pair, char *ret_text)
{
    static const struct {
        const char *member, *what;
    } texts[] = {{"document", "request number"}, {"number", "legal number"}, {"until", "deadline"},
                 {"content", "content hash"},    {"total", "total"},         {"base", "amount in base currency"}};
    if (differ(pair, "outcome")) {
        diff_outcome(pair, ret_text);
        return true;
    }
    if (differ(pair, "levels")) {
        diff_levels(pair, ret_text);
        return true;
    }
    if (differ(pair, "controls")) {
        diff_controls(pair, ret_text);
        return true;
    }
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (differ(pair, texts[i].member)) {
            diff_text(pair, texts[i].member, texts[i].what, ret_text);
            return true;
        }
    if (differ(pair, "lines")) {
        diff_lines(pair, ret_text);
        return true;
    }
    if (json_equal(pair->stored, pair->again))
        return false;
    snprintf(ret_text, DECISION_DIFF_BYTES, "%s is decided in other members", pair->name);
    return true;
}

static void name_document(const struct statement *statement, size_t index, const struct pair *pair,
                          char ret_name[static NAME_BYTES])
{
    const char *number = member_text(pair->again, "document");
    const char *ref = member_text(statement_document(statement, index), "ref");
    if (number == NULL)
        number = member_text(pair->stored, "document");
    if (number != NULL)
        snprintf(ret_name, NAME_BYTES, "%.64s", number);
    else if (ref != NULL)
        snprintf(ret_name, NAME_BYTES, "document %.64s", ref);
    else
        snprintf(ret_name, NAME_BYTES, "%s %zu", statement->verb == VERB_FEED ? "the file" : "item", index + 1);
}

bool decision_result_difference(const struct statement *statement, size_t index, const json_t *stored,
                                const json_t *again, char ret_text[static DECISION_DIFF_BYTES])
{
    char name[NAME_BYTES];
    struct pair pair = {.stored = stored, .again = again, .name = name};
    name_document(statement, index, &pair, name);
    return diff_result(&pair, ret_text);
}

static bool diff_results(const struct statement *statement, const struct pair *whole, char *ret_text)
{
    const json_t *stored = json_object_get(whole->stored, "results"), *again = json_object_get(whole->again, "results");
    size_t count = json_array_size(stored) < json_array_size(again) ? json_array_size(stored) : json_array_size(again);
    for (size_t i = 0; i < count; i++)
        if (decision_result_difference(statement, i, json_array_get(stored, i), json_array_get(again, i), ret_text))
            return true;
    return false;
}

void decision_difference(const struct statement *statement, const json_t *stored, const json_t *again,
                         char ret_text[static DECISION_DIFF_BYTES])
{
    const struct pair whole = {.stored = stored, .again = again, .name = "the statement"};
    const json_t *policy = json_object_get(again, "policy");
    if (differ(&whole, "outcome"))
        diff_outcome(&whole, ret_text);
    else if (diff_results(statement, &whole, ret_text))
        return;
    else if (differ(&whole, "controls"))
        diff_controls(&whole, ret_text);
    else if (differ(&whole, "policy"))
        snprintf(ret_text, DECISION_DIFF_BYTES, "the policy of entry %lld was in force, recorded is that of entry %lld",
                 (long long)member_integer(policy, "seq"),
                 (long long)member_integer(json_object_get(stored, "policy"), "seq"));
    else if (differ(&whole, "engine"))
        snprintf(ret_text, DECISION_DIFF_BYTES, "decided by engine %lld, recorded is engine %lld",
                 (long long)member_integer(again, "engine"), (long long)member_integer(stored, "engine"));
    else
        snprintf(ret_text, DECISION_DIFF_BYTES, "decided in other bytes");
}
