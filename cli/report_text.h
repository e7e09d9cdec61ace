/*
 * A report for people at a terminal: header block, aligned table, footer.
 */
#ifndef CLI_REPORT_TEXT_H
#define CLI_REPORT_TEXT_H

#include <jansson.h>
#include <stdbool.h>

#include "audit/report/run.h"
#include "cli/cli.h"
#include "ledger/slice.h"
#include "ledger/status.h"

/* Prints it on cli->out. errors MEMORY, IO, those of rows. */
MUST_USE enum status report_text_print(struct cli *cli, const json_t *header, const struct report_rows *rows,
                                       struct err *err);

/* Whether bytes begin as it does. Rows of text cannot be read back: their cells are cut, grouped and wrapped. */
bool report_text_is(struct slice bytes);

#endif
