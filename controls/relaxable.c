/*
 * The table behind relaxable.h. A row stands here only when nothing that is computed after the denial relies on it, so
 * that a relaxed document can still be judged and posted.
 *
 * C-39 is here for a month that is closed softly, which its closers can open anyhow; never for one that is closed for good.
 * Not here: C-05 speaks of approvals, and approvals are never relaxed; C-18 denies nothing; C-28 refuses the statement
 * before there is a document, and waking an account takes two persons in an emergency too; C-01 and C-31 never.
 */
#include "controls/relaxable.h"

#include <stddef.h>
#include <string.h>

static const struct {
    const char *control, *code;
    bool asked_again; /* of the document, not of who signs, when it is approved */
} rows[] = {
    {"C-22", "same-person", false}, {"C-37", "evidence", false},   {"C-37", "note", false},
    {"C-38", "duplicate", false},   {"C-39", "soft-closed", true},
};

bool control_relaxable(const char *control)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (strcmp(rows[i].control, control) == 0)
            return true;
    return false;
}

bool code_relaxable(const char *control, const char *code)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (strcmp(rows[i].control, control) == 0 && strcmp(rows[i].code, code) == 0)
            return true;
    return false;
}

bool code_relaxed_at_approval(const char *control, const char *code)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (rows[i].asked_again && strcmp(rows[i].control, control) == 0 && strcmp(rows[i].code, code) == 0)
            return true;
    return false;
}
