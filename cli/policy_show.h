/*
 * A compiled policy for people: section by section, as tables.
 */
#ifndef CLI_POLICY_SHOW_H
#define CLI_POLICY_SHOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cli/cli.h"
#include "controls/policy.h"
#include "ledger/status.h"

/* The sections there are, in the order in which they are shown; NULL beyond the last. Lends for ever. */
const char *policy_section_name(size_t index);

/* Prints one section under its heading. errors NOT_FOUND (no such section: names them), MEMORY, IO. */
MUST_USE enum status policy_show_section(struct cli *cli, const struct policy *policy, const char *section,
                                         struct err *err);

/* All of them. errors MEMORY, IO. */
MUST_USE enum status policy_show(struct cli *cli, const struct policy *policy, struct err *err);

/* Pieces that policy_diff words too. Each into the caller's storage, cut to fit. */
enum { POLICY_WORDS_BYTES = 6144 }; /* every function of the closed list, with room */
void policy_words_kinds(uint64_t kinds, char ret_text[static POLICY_WORDS_BYTES]);
void policy_words_list(const char *const *list, size_t count, char ret_text[static POLICY_WORDS_BYTES]);
/* What bots are bound to: an amount or "no bound", what stands in a list or "all". */
const char *policy_words_bot_sum(const struct policy *policy, char ret_text[static POLICY_WORDS_BYTES]);
const char *policy_words_bot_kinds(const struct policy *policy, char ret_text[static POLICY_WORDS_BYTES]);
const char *policy_words_bot_reasons(const struct policy *policy, char ret_text[static POLICY_WORDS_BYTES]);
/* "customer, 30 days: credit-note, write-off" */
void policy_words_window(const struct policy_window *window, char ret_text[static POLICY_WORDS_BYTES]);

/*
 * Above which amount a row asks for a level, in base currency.
 *
 * out     *ret_above: 0 from any amount on, the bound of the tier below it else.
 * after   answers false when the row never asks for it.
 */
bool policy_row_level(const struct policy_row *row, int level, int64_t *ret_above);

#endif
