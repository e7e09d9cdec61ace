/*
 * Where the policy asks that the key which signs has verified its user: part of C-52. The flags that say so are inside the
 * signatures, so that an auditor judges the same from the journal.
 */
#ifndef CONTROLS_RULES_VERIFICATION_H
#define CONTROLS_RULES_VERIFICATION_H

#include "controls/control.h"

struct policy;

/* Of one document or approval, by the function that it takes. In a dry run, where nothing is signed, it is told as a flag. */
MUST_USE enum status verification_judge(const struct request *request, const struct facts *facts,
                                        struct answers *answers, struct err *err);

/* Whether what officers do is asked for verification; then `recover` and `clock` are, too. */
bool verification_of_officers(const struct policy *policy);

/* Denies a statement for signature index where that is asked and its key has not verified its user. */
MUST_USE enum status verification_of_officer(const struct request *request, const struct facts *facts, size_t index,
                                             struct answers *answers, struct err *err);

/* Whether the answer is one of these; then its sentence. */
bool verification_sentence(const json_t *answer, char ret_text[static SENTENCE_BYTES]);

#endif
