/*
 * The form of a compiled policy: which members there are, of which type, how long and in which order.
 */
#ifndef CONTROLS_POLICY_FORM_H
#define CONTROLS_POLICY_FORM_H

#include <jansson.h>

#include "controls/policy_finding.h"

/*
 * Reports everything in the form that is not as POLICY.md says. What passes can be read without further checks of type,
 * range or grammar; references and order of the lists are policy_meaning's.
 *
 * in      compiled, any JSON value, borrowed.
 */
void policy_form_check(const json_t *compiled, struct policy_findings *findings);

#endif
