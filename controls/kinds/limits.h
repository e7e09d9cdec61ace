/*
 * What the kinds about credit share: reading a limit, and the exposure that their results tell.
 */
#ifndef CONTROLS_KINDS_LIMITS_H
#define CONTROLS_KINDS_LIMITS_H

#include "controls/kinds/common.h"

/* limit and previous: in the currency's digits, not below zero. errors INPUT. */
MUST_USE enum status limit_check(const json_t *document, struct err *err);

/* Places, and what the authority table is asked about: the new total when it rises; a fall is C-13's own. */
MUST_USE enum status limit_measure(const json_t *document, const struct facts *facts, struct measure *ret_measure,
                                   struct err *err);

/* Puts `exposure` into a result (FORMAT.md section 6); nothing for an unknown customer. */
MUST_USE enum status exposure_tell(const json_t *document, const struct facts *facts, json_t *result, struct err *err);

#endif
