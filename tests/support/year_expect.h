/*
 * What a whole year has to bring beyond kinds of document.
 */
#ifndef TESTS_SUPPORT_YEAR_EXPECT_H
#define TESTS_SUPPORT_YEAR_EXPECT_H

#include <stdbool.h>

#include "tests/support/year.h"

/* True when every verb, feed, account and control had its part, but those named as not expected. Prints what is missing. */
bool year_complete(struct year *year);

#endif
