/*
 * Which denials emergency access may turn into flags (C-51). A closed list, beneath what any policy can say: maker and
 * checker, governance, keys, ledger lines and a hard-closed period are not on it.
 */
#ifndef CONTROLS_RELAXABLE_H
#define CONTROLS_RELAXABLE_H

#include <stdbool.h>

/* Whether a policy may name the control under break_glass.controls. */
bool control_relaxable(const char *control);
/* Whether this denial of the control may become a flag. */
bool code_relaxable(const char *control, const char *code);
/* Whether it may when an approval asks it again: it is about the document. What is about who signs is never relaxed. */
bool code_relaxed_at_approval(const char *control, const char *code);

#endif
