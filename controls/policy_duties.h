/*
 * Roles, duties and conflicts of a policy, and the floors that no policy can lower.
 */
#ifndef CONTROLS_POLICY_DUTIES_H
#define CONTROLS_POLICY_DUTIES_H

#include "controls/policy_finding.h"

/*
 * in      policy as policy_build gives it, borrowed.
 * source  DESIGN 7 "Floors"; DOMAIN C-01, C-20, C-32, 3.1.
 */
void policy_duties_check(const struct policy *policy, struct policy_findings *findings);

#endif
