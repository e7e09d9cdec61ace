/*
 * From the compiled form to the shape in which the rules ask it.
 */
#ifndef CONTROLS_POLICY_BUILD_H
#define CONTROLS_POLICY_BUILD_H

#include <jansson.h>

#include "controls/policy.h"

/*
 * in      compiled, whose form has passed policy_form_check; borrowed, copied.
 * out     *ret_policy, given; free with policy_free. A conflict whose duty does not exist has NULL for it, everything
 *         else is as in the compiled form, in its order; hash is left zero.
 * errors  MEMORY.
 */
MUST_USE enum status policy_build(const json_t *compiled, struct policy **ret_policy, struct err *err);

#endif
