/*
 * The part of C-44 that asks whether an entity's books are whole: opening balances tied out, feeds fresh. For
 * c44_balanced.c only.
 */
#ifndef CONTROLS_RULES_C44_OPENING_H
#define CONTROLS_RULES_C44_OPENING_H

#include <stdbool.h>

#include "controls/control.h"

/* Documents of an entity, and the `entity` document itself. errors of the facts, MEMORY. */
MUST_USE enum status opening_judge(const struct request *request, const struct facts *facts, struct answers *answers,
                                   struct err *err);
/* Tells one of its answers; false when it is none of them. */
bool opening_sentence(const json_t *answer, char ret_text[static SENTENCE_BYTES]);

#endif
