/*
 * Text on a terminal: data that cannot steer it, colour that only says again what words say, numbers in
 * groups, and blocks of labelled lines. Nothing that came from outside is printed by any other way than this,
 * cli/block.h, cli/table.h or JSON.
 */
#ifndef CLI_TERMINAL_H
#define CLI_TERMINAL_H

#include <stdio.h>

#include "cli/cli.h"
#include "ledger/status.h"

enum style { STYLE_PLAIN, STYLE_STRONG, STYLE_DIM, STYLE_GOOD, STYLE_WARN, STYLE_BAD };

/*
 * Prints data with everything that is no plain character made visible: controls, line and paragraph
 * separators, bidirectional marks, overrides and isolates, invisible characters and tags as <U+202E>, bytes
 * that are no UTF-8 as <0xFF>. A line feed is a control too.
 */
void terminal_print_text(FILE *out, const char *text);

/* The same with a printf format; the formatted whole is escaped, format included. Ends the program where there is no memory. */
void terminal_printf(FILE *out, const char *format, ...) PRINTF_LIKE(2, 3);

/* The same as a string: gives, free() it; NULL: no memory. */
char *terminal_escape(const char *text);

/* Prints the text in a style where out (which is cli->out or cli->err) is a terminal and NO_COLOR is unset.
 */
void terminal_print_styled(const struct cli *cli, FILE *out, enum style style, const char *text);

/* The escape sequences around styled text on that stream; "" where there is no colour. Lends for ever. */
const char *terminal_style_begin(const struct cli *cli, FILE *out, enum style style);
const char *terminal_style_end(const struct cli *cli, FILE *out, enum style style);

enum { GROUPED_BYTES = 48 };

/* 12418 -> "12,418". */
const char *terminal_group_integer(int64_t number, char ret_text[static GROUPED_BYTES]);

/* "6469.60" -> "6,469.60", "-1200" -> "-1,200". Text that is no plain decimal, or too long, is copied as it
 * stands. */
const char *terminal_group_decimal(const char *decimal, char ret_text[static GROUPED_BYTES]);

/* How many columns a plain or escaped text takes: wide characters two, combining ones none. */
size_t terminal_columns(const char *text);

#endif
