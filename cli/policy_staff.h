/*
 * Whether the people of a book can work under a policy: who would prepare, and who could sign what its authority table
 * asks, each level by another person.
 */
#ifndef CLI_POLICY_STAFF_H
#define CLI_POLICY_STAFF_H

#include "controls/facts.h"
#include "controls/policy.h"
#include "ledger/status.h"

/* One thing that is missing: "US01, credit-note", "level 3 of row BILLING, above 25,000.00: nobody may sign it". */
typedef void policy_gap(void *context, const char *where, const char *gap);

/*
 * Asks, for each entity and each kind that a reason serves there, who prepares it and whether the levels of each tier can
 * be signed by different persons; and which roles nobody holds, which roles are held and not in the policy.
 *
 * in      facts: of the book; its policy is not read. report: called for each gap.
 * errors  of the facts, MEMORY.
 * cost    users x entities x functions that the table asks for.
 */
MUST_USE enum status policy_staff(const struct facts *facts, const struct policy *policy, policy_gap *report,
                                  void *context, struct err *err);

#endif
