/*
 * How samples are shown: what a draw came to, which sizes there are, what results bound; and the worksheet for testing.
 */
#ifndef CLI_SAMPLE_SHOW_H
#define CLI_SAMPLE_SHOW_H

#include "audit/sample/evaluate.h"
#include "audit/sample/file.h"
#include "cli/cli.h"
#include "cli/csv.h"
#include "ledger/status.h"

/* The columns of a worksheet: what a draw writes and an evaluation reads. */
extern const struct csv_column sample_worksheet_columns[];

/* Prints a draw for people. table: the items too. errors MEMORY, IO. */
MUST_USE enum status sample_show_draw(struct cli *cli, const struct sample_draft *draft,
                                      const struct sample_written *written, bool table, struct err *err);

/* Writes the worksheet as CSV on file. errors MEMORY, IO. */
MUST_USE enum status sample_worksheet_write(FILE *file, const struct sample_draft *draft, struct err *err);

/* Prints an evaluation; with --json one object. errors MEMORY, IO. */
MUST_USE enum status sample_show_outcome(struct cli *cli, const struct sample_file *file,
                                         const struct sample_outcome *outcome, struct err *err);

#endif
