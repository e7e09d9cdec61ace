/*
 * The part of C-11 about corrected meter reads: a document's charges and allocations are exactly what its reads make.
 */
#ifndef CONTROLS_RULES_METER_H
#define CONTROLS_RULES_METER_H

#include "controls/control.h"

/* Documents without reads: nothing. */
MUST_USE enum status meter_judge(const struct request *request, const struct facts *facts, struct answers *answers,
                                 struct err *err);

void meter_sentence(const json_t *answer, char ret_text[static SENTENCE_BYTES]);

#endif
