/*
 * What a verification came to, as TOUR has it: a line for each check, the findings under it, and how it ends.
 */
#ifndef CLI_AUDIT_REPORT_H
#define CLI_AUDIT_REPORT_H

#include <stddef.h>
#include <stdint.h>

#include "audit/findings.h"
#include "audit/verify/verify.h"
#include "cli/cli.h"
#include "ledger/status.h"

struct audit_report {
    const struct verify_options *options;
    const struct verify_result *result;
    const struct finding *findings; /* those that were told */
    size_t count;
    int64_t took_us;
};

/*
 * Prints it; with --json as one object.
 *
 * out     *ret_exit: EXIT_DONE, or EXIT_INTEGRITY when there is any finding or it did not come to its end.
 */
MUST_USE enum status audit_report_print(struct cli *cli, const struct audit_report *report, int *ret_exit,
                                        struct err *err);

#endif
