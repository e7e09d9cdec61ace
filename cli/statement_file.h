/*
 * A statement in a file, on its way from signer to signer: {"signatures": [...], "statement": {...}}, canonical JSON and
 * one line feed.
 */
#ifndef CLI_STATEMENT_FILE_H
#define CLI_STATEMENT_FILE_H

#include <stdbool.h>

#include "ledger/entry.h"
#include "ledger/statement.h"
#include "ledger/status.h"

/*
 * in      path: a regular file.
 * out     fills *ret_statement (statement_done) and *ret_signatures, which may be empty.
 * errors  NOT_FOUND, INPUT, LIMIT (form), SIGNATURE (a signature does not verify), IO.
 */
MUST_USE enum status statement_file_read(const char *path, struct statement *ret_statement,
                                         struct signature_list *ret_signatures, struct err *err);

/*
 * Writes it whole, mode 0600; with replace over what is there.
 *
 * errors  EXISTS (without replace), FULL, PERMISSION, IO.
 */
MUST_USE enum status statement_file_write(const char *path, const struct statement *statement,
                                          const struct signature_list *signatures, bool replace, struct err *err);

#endif
