/*
 * The answer about one thing: a line of big facts, then labelled lines.
 */
#ifndef CLI_BLOCK_H
#define CLI_BLOCK_H

#include "cli/cli.h"
#include "cli/terminal.h"
#include "ledger/status.h"

/*
 * A block: a head line with the big facts, then indented label and text, texts aligned.
 *
 *     CN-42   credit note  1,200.00 USD
 *       waits for    level 1, level 2
 *       entry 8841   signed by maria.lopez
 *
 * block_head's words and block_line's texts are escaped. Additions remember a lack of memory; block_print
 * reports it.
 */
struct block;

/* gives; NULL only where memory is short, which every other call here accepts and block_print reports. */
struct block *block_new(const struct cli *cli);
void block_head(struct block *block, enum style style, const char *id, const char *format, ...) PRINTF_LIKE(4, 5);
void block_line(struct block *block, const char *label, const char *format, ...) PRINTF_LIKE(3, 4);

/* Prints on cli->out and empties the block; lines are broken between words where the terminal ends. errors MEMORY, IO. */
MUST_USE enum status block_print(struct block *block, struct err *err);
void block_free(struct block *block);

#endif
