/*
 * Every maximum of the command line, with its reason; those of the format are in ledger/limits.h.
 */
#ifndef CLI_LIMITS_H
#define CLI_LIMITS_H

#include <assert.h>

#include "ledger/limits.h"

enum {
    CSV_COLUMNS_MAX = 64,            /* the widest feed has under thirty */
    CSV_FIELD_BYTES_MAX = 64 << 10,  /* a note is 2,000; a list of evidence a few kilobytes */
    CSV_ROW_BYTES_MAX = 256 << 10,   /* all fields of a row together: bounds the reader's memory */
    CSV_ROWS_MAX = 10 * 1000 * 1000, /* a year of invoices of a large biller */
    CSV_CHUNK_BYTES = 64 << 10,      /* read at a time */
    COMMANDS_MAX = 256,              /* rows of the command table */
    COMMAND_WORD_BYTES_MAX = 64,     /* commands and options are far shorter; suggestions look no further */
    PROMPT_TRIES_MAX = 3             /* how often a question is asked again */
};

static_assert(CSV_FIELD_BYTES_MAX <= CSV_ROW_BYTES_MAX, "a row holds its longest field");
static_assert((int)NOTE_BYTES_MAX <= (int)CSV_FIELD_BYTES_MAX, "a note can come from a file");

#endif
