/*
 * The meaning of a policy: what it says about entities, accounts, reasons, authority and windows must fit together.
 */
#ifndef CONTROLS_POLICY_MEANING_H
#define CONTROLS_POLICY_MEANING_H

#include "controls/policy_finding.h"

/*
 * in      policy as policy_build gives it, borrowed; positions in its lists are those of the compiled form.
 * source  DOMAIN C-02, C-06, C-07, C-27; POLICY.md "What is checked".
 */
void policy_meaning_check(const struct policy *policy, struct policy_findings *findings);

#endif
