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

/*
 * Submits the documents (stolen) for a second officer; the options ref and supersedes apply where there is one document.
 * Returns an exit status; errors are printed.
 */
int rates_submit(struct session *session, json_t *documents);

/* The policy's base currency and the day of the book's clock, for what the command line leaves out; ret_date as text. */
MUST_USE enum status rates_defaults(struct session *session, char ret_base[static 4], char ret_date[static 11],
                                    struct err *err);

#endif
