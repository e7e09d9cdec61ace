/*
 * Where two decisions on one statement differ, in words.
 */
#ifndef AUDIT_DECISION_DIFF_H
#define AUDIT_DECISION_DIFF_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct statement;

enum { DECISION_DIFF_BYTES = 256 };

/*
 * Names the document and the first member that differs: "CN-42 needs level 3, decided with level 2".
 *
 * in      stored: what the journal says; again: what judging it again says. Both decisions of statement, or nearly so.
 * out     ret_text: never empty; "decided in other bytes" when nothing with a name differs.
 */
void decision_difference(const struct statement *statement, const json_t *stored, const json_t *again,
                         char ret_text[static DECISION_DIFF_BYTES]);

/* The same for one result, of the list member at index. Answers false, ret_text untouched, where they are equal. */
bool decision_result_difference(const struct statement *statement, size_t index, const json_t *stored,
                                const json_t *again, char ret_text[static DECISION_DIFF_BYTES]);

#endif
