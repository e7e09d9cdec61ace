/*
 * Meter reads and bills for people: of a recomputation, and of a document.
 */
#ifndef CLI_PRESENT_METER_H
#define CLI_PRESENT_METER_H

#include <jansson.h>

#include "cli/block.h"
#include "cli/cli.h"
#include "ledger/status.h"

struct meter_outcome;

/* Two tables: the reads up to the next actual one, and the bills that come to another amount. With --json one object. */
MUST_USE enum status present_meter_outcome(struct cli *cli, const char *currency, const struct meter_outcome *outcome,
                                           struct err *err);

/* The reads and charges of a correction, a line each; other documents: nothing. */
void present_meter_lines(struct block *block, const json_t *document);

#endif
