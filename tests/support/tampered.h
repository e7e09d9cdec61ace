/*
 * A book in the hands of somebody who writes its files: who is asked about what he did, what must come of it, and how often it was.
 *
 * TAMPER=all takes every case (make tampering), else a sample.
 */
#ifndef TESTS_SUPPORT_TAMPERED_H
#define TESTS_SUPPORT_TAMPERED_H

#include <jansson.h>
#include <stdbool.h>

#include "tests/support/flipped_book.h"

struct tampered {
    struct flipped_book flipped;
    unsigned long cases, asked, outcomes[ASK_COUNT][OUTCOME_COUNT];
};

/* Whether this case is one of the sample, of which there is one in so many (under a sanitizer a twelfth of it). */
bool tampered_takes(unsigned long number, unsigned long each);

/* Prints what was answered last. */
void tampered_tell(const struct tampered *tampered, const char *title, enum flipped_question question);

/* Asks verification about what lies there, and whether it names seq (below 0: any finding will do). */
bool tampered_verify_finds(struct tampered *tampered, const char *title, long seq);

/*
 * Asks everybody else; exports: whoever writes what is stored too. rewritten: the gate may answer otherwise if verification finds
 * what it left behind.
 */
bool tampered_readers_say(struct tampered *tampered, const char *title, bool exports, bool rewritten);

/* The n-th scalar below a value, in the order of its bytes; changed in place. False: there are not so many. */
bool tampered_scalar_change(json_t *value, size_t *left);

/* Prints how often what came of it. */
void tampered_tally(const struct tampered *tampered);

#endif
