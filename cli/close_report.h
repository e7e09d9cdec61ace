/*
 * What closing a month would leave behind: for the controller before the close, and for the accrual.
 */
#ifndef CLI_CLOSE_REPORT_H
#define CLI_CLOSE_REPORT_H

#include "cli/session.h"
#include "ledger/status.h"

/*
 * Prints what waits with a date up to the month's end, whose turn it is, what it comes to by kind and account, the entity's
 * feeds, and the exceptions that hold; with --json one object a row. Of an entity that is not for the user to read it says so on
 * err, and nothing else.
 *
 * in      month: YYYY-MM, checked. No facts are open.
 * errors  NOT_FOUND (the policy has no such entity), of the facts.
 */
MUST_USE enum status close_report(struct session *session, const char *entity, const char *month, struct err *err);

#endif
