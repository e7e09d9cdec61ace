/*
 * The words of a compiled policy that stand for an enum, in both directions.
 */
#ifndef CONTROLS_POLICY_WORDS_H
#define CONTROLS_POLICY_WORDS_H

#include "controls/policy.h"

/* The word for a value, NULL outside the enum. Lends for ever. */
const char *account_class_word(int class);
const char *conflict_mode_word(int mode);
const char *required_word(int value); /* of what is demanded, or not spoken of */
const char *window_by_word(int by);
const char *window_span_word(int span);
const char *precondition_word(int precondition);
const char *release_rule_word(int rule); /* "record" is 0, "deny" 1 */
const char *window_reversed_word(int reversed);
const char *yes_word(int value);

/* The value whose word it is; -1 when there is none. */
int word_value(const char *(*word)(int), const char *text);

#endif
