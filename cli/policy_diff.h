/*
 * What would change from one policy to another, in a controller's words.
 */
#ifndef CLI_POLICY_DIFF_H
#define CLI_POLICY_DIFF_H

#include "controls/policy.h"
#include "ledger/status.h"

/* One change: "row BILLING", "level 2 from above 2,500.00 to above 3,000.00". Lent during the call. */
typedef void policy_change(void *context, const char *what, const char *change);

/* Calls report for each change, section by section. Two policies of the same meaning have none. */
void policy_diff(const struct policy *before, const struct policy *after, policy_change *report, void *context);

#endif
