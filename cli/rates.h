/*
 * Exchange rates from the command line: rates collected into documents, one for each base and date.
 */
#ifndef CLI_RATES_H
#define CLI_RATES_H

#include <jansson.h>

#include "cli/session.h"
#include "ledger/status.h"

struct rate_entry {
    const char *base, *date, *currency, *rate; /* as typed */
};

/*
 * Adds a rate to the document of its base and date in documents, which is begun with json_array(); the canonical form of
 * the rate is made here, so 1.10 becomes 1.1.
 *
 * errors  INPUT (a currency, date or rate; one that stands twice), MEMORY.
 */
MUST_USE enum status rates_add(json_t *documents, const struct rate_entry *entry, struct err *err);

/* Adds the rates that a command was given to documents; entry: base and date where they are not said with a rate. */
typedef enum status rates_collect(const struct options *options, struct rate_entry entry, json_t *documents,
                                  struct err *err);

/*
 * A whole command that submits rates for a second officer: --base and --date, else the policy's base and the day of the
 * book's clock, are the entry that collect begins with; --ref and --supersedes apply where there is one document.
 *
 * out     the exit status; errors are printed.
 */
int rates_run(struct cli *cli, const struct options *options, rates_collect *collect);

#endif
