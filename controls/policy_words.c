/*
 * Words and enums of a compiled policy (POLICY.md). One table for each enum, so that reading, checking and showing
 * cannot differ.
 */
#include "controls/policy_words.h"

#include <string.h>

enum { WORDS_MAX = 64 };

const char *account_class_word(int class)
{
    static const char *const words[ACCOUNT_CLASS_COUNT] = {
        [ACCOUNT_RECEIVABLE] = "receivable",
        [ACCOUNT_REVENUE] = "revenue",
        [ACCOUNT_TAX] = "tax",
        [ACCOUNT_ALLOWANCE] = "allowance",
        [ACCOUNT_EXPENSE] = "expense",
        [ACCOUNT_LIABILITY] = "liability",
        [ACCOUNT_CASH] = "cash",
        [ACCOUNT_FX] = "fx",
        [ACCOUNT_ROUNDING] = "rounding",
    };
    return class >= 0 && class < ACCOUNT_CLASS_COUNT ? words[class] : NULL;
}

const char *conflict_mode_word(int mode)
{
    static const char *const words[] = {
        [CONFLICT_NEVER] = "never",
        [CONFLICT_DOCUMENT] = "document",
        [CONFLICT_MITIGATED] = "mitigated",
    };
    return mode >= 0 && mode <= CONFLICT_MITIGATED ? words[mode] : NULL;
}

const char *required_word(int value)
{
    return value == 0 ? "required" : NULL;
}

const char *window_by_word(int by)
{
    static const char *const words[] = {
        [WINDOW_BY_INVOICE] = "invoice",
        [WINDOW_BY_CUSTOMER] = "customer",
        [WINDOW_BY_PREPARER] = "preparer",
    };
    return by >= 0 && by <= WINDOW_BY_PREPARER ? words[by] : NULL;
}

const char *window_span_word(int span)
{
    static const char *const words[] = {
        [WINDOW_LIFE] = "life",
        [WINDOW_DAYS] = "days",
        [WINDOW_QUARTER] = "quarter",
    };
    return span >= 0 && span <= WINDOW_QUARTER ? words[span] : NULL;
}

const char *precondition_word(int precondition)
{
    static const char *const words[PRECONDITION_COUNT] = {
        [PRECONDITION_NONE] = "none",
        [PRECONDITION_BAD_DEBT] = "bad-debt",
        [PRECONDITION_SMALL_BALANCE] = "small-balance",
        [PRECONDITION_CASE] = "case",
    };
    return precondition >= 0 && precondition < PRECONDITION_COUNT ? words[precondition] : NULL;
}

const char *release_rule_word(int rule)
{
    static const char *const words[] = {"record", "deny"};
    return rule >= 0 && rule <= 1 ? words[rule] : NULL;
}

const char *window_reversed_word(int reversed)
{
    static const char *const words[] = {
        [WINDOW_REVERSED_COUNT] = "count",
        [WINDOW_REVERSED_LEAVE_OUT] = "leave-out",
    };
    return reversed >= 0 && reversed <= WINDOW_REVERSED_LEAVE_OUT ? words[reversed] : NULL;
}

const char *yes_word(int value)
{
    static const char *const words[] = {"no", "yes"};
    return value >= 0 && value <= 1 ? words[value] : NULL;
}

int word_value(const char *(*word)(int), const char *text)
{
    for (int value = 0; value < WORDS_MAX; value++) {
        const char *candidate = word(value);
        if (candidate == NULL)
            return -1;
        if (strcmp(candidate, text) == 0)
            return value;
    }
    return -1;
}
