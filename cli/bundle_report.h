/*
 * What a verification says of a bundle besides the checks: who packed it, what it is of, what the auditor still has to
 * confirm, and what could not be checked.
 */
#ifndef CLI_BUNDLE_REPORT_H
#define CLI_BUNDLE_REPORT_H

#include <jansson.h>

#include "audit/verify/verify.h"
#include "cli/table.h"

enum { BUNDLE_TEXT_BYTES = 256 };

/* The words of a good bundle: scope and files. */
void bundle_report_text(const struct verify_bundle_told *bundle, char ret_text[static BUNDLE_TEXT_BYTES]);

/* Rows under the checks. table: of the columns label, what, verdict, note. */
void bundle_report_rows(struct table *table, const struct verify_result *result);

/* The same for --json. Gives; NULL without memory. */
json_t *bundle_report_json(const struct verify_result *result);

#endif
