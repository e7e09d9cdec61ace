/*
 * Whether a report is still what was written: its two hashes, and each byte against what its own header and rows give. That shows
 * every change but one by somebody who makes all of it anew: against that there is the book, from which it can be run again.
 */
#ifndef AUDIT_REPORT_CHECK_H
#define AUDIT_REPORT_CHECK_H

#include <jansson.h>

#include "audit/report/compare.h"
#include "ledger/status.h"

/*
 * Checks a file by itself.
 *
 * out     *ret_header: gives; what the file says of itself.
 * errors  INPUT (no report), LIMIT, MEMORY, IO (the scratch file of a workbook).
 */
MUST_USE enum status report_check(const struct report_checking *checking, json_t **ret_header, struct err *err);

#endif
