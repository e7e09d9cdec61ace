/*
 * What the commands of periods share: their arguments, and the document that they make.
 */
#ifndef CLI_PERIOD_H
#define CLI_PERIOD_H

#include <jansson.h>

#include "cli/options.h"
#include "ledger/status.h"

/*
 * A period document from ENTITY and YYYY-MM, the first two arguments, and --reason.
 *
 * out     *ret_document: gives.
 * errors  INPUT (no entity's code, no month), MEMORY.
 */
MUST_USE enum status period_document(const struct options *options, const char *state, json_t **ret_document,
                                     struct err *err);

#endif
