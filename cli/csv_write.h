/*
 * CSV out, for spreadsheets: cells that one would run as a formula are defused.
 */
#ifndef CLI_CSV_WRITE_H
#define CLI_CSV_WRITE_H

#include <stddef.h>
#include <stdio.h>

#include "ledger/status.h"

/*
 * Writes one row and CRLF. Quotes what needs quotes. A cell that begins with = + - @, their full-width forms, tab, CR or
 * LF gets a ' in front, which spreadsheets show as text, unless it is a plain decimal number.
 *
 * in      cells[0..count), NULL is empty, borrowed.
 * errors  IO.
 */
MUST_USE enum status csv_write_row(FILE *out, const char *const cells[], size_t count, struct err *err);

#endif
