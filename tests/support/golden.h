/*
 * Golden answers: for each control and code one result as it was decided, and the sentence that it is told in, kept under
 * tests/golden and compared byte for byte. COUNTERSIGN_GOLDEN=write makes them anew; look at the difference before you
 * commit it.
 */
#ifndef TESTS_SUPPORT_GOLDEN_H
#define TESTS_SUPPORT_GOLDEN_H

#include <jansson.h>

#define GOLDEN_DIR "tests/golden"

/* Has to have this outcome. Returns the result. */
json_t *expect(json_t *result, const char *outcome);
/* The same, and releases it. */
void expect_done(json_t *result, const char *outcome);
/* Has to hold this answer; releases the result. */
void expect_answer(json_t *result, const char *outcome, const char *control, const char *code);
/* Has not to hold this answer; releases the result. */
void expect_no_answer(json_t *result, const char *outcome, const char *control, const char *code);

/* expect_answer against the golden result. Takes decisions, too, that refuse a whole statement. */
void golden(json_t *result, const char *outcome, const char *control, const char *code);

#endif
