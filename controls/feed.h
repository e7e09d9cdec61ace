/*
 * Feeds: the form of their records, and whether a part may enter (FORMAT.md 5.4; C-44 for completeness).
 */
#ifndef CONTROLS_FEED_H
#define CONTROLS_FEED_H

#include <jansson.h>

#include "controls/control.h"
#include "ledger/status.h"

struct statement;

/* Form of a feed statement's records and manifest. errors INPUT, LIMIT: names the member. */
MUST_USE enum status feed_check_form(const struct statement *statement, struct err *err);

/*
 * Judges one part: order, totals, references.
 *
 * out     *ret_result: gives, the statement's one result.
 */
MUST_USE enum status feed_judge(const struct request *request, const struct facts *facts, json_t **ret_result,
                                struct err *err);

#endif
