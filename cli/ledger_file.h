/*
 * A ledger file from the ERP: CSV with number (legal number), account, debit, credit, currency, columns and lines in any order.
 */
#ifndef CLI_LEDGER_FILE_H
#define CLI_LEDGER_FILE_H

#include "ledger/status.h"

/*
 * Reads one into the list that audit/completeness.h asks for.
 *
 * out     *ret_list: gives (free), JSON.
 * errors  those of csv_open and csv_next; INPUT with file:line:column (no number or account, an amount on both sides or on none,
 *         an amount that is none of its currency); LIMIT (COMPLETENESS_LEDGER_LINES_MAX); MEMORY.
 */
MUST_USE enum status ledger_file_read(const char *path, char **ret_list, struct err *err);

#endif
