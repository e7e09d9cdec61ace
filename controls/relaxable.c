/*
 * The table behind relaxable.h. A row stands here only when nothing that is computed after the denial relies on it, so
 * that a relaxed document can still be judged and posted.
 */
#include "controls/relaxable.h"

#include <stddef.h>
#include <string.h>

static const struct {
    const char *control, *code;
} rows[] = {
    {"C-22", "same-person"}, {"C-37", "evidence"}, {"C-37", "note"}, {"C-38", "duplicate"}, {"C-43", "same-approver"},
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
