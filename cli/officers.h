/*
 * Officers as a command line names them: --officer USER:PERSON:PUBKEYFILE, for charters and recoveries.
 */
#ifndef CLI_OFFICERS_H
#define CLI_OFFICERS_H

#include <jansson.h>

#include "cli/options.h"
#include "ledger/status.h"

/* The list that a statement holds, sorted by user; gives. errors INPUT (too few, form), those of keys_read_public. */
MUST_USE enum status officers_read(const struct options *options, json_t **ret_officers, struct err *err);

#endif
