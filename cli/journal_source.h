/*
 * A journal to be read by itself, wherever the book is: for what auditors take home. Of a directory nothing but the journal
 * is opened, so that it can be read when the books cannot.
 */
#ifndef CLI_JOURNAL_SOURCE_H
#define CLI_JOURNAL_SOURCE_H

#include "cli/cli.h"
#include "cli/options.h"
#include "ledger/status.h"

struct journal;
struct session;

struct journal_source {
    struct journal *journal;
    struct session *session; /* with a server; NULL for a directory */
};

/*
 * Opens the journal of the book that the options name.
 *
 * in      unchecked: its content is not looked at first.
 * errors  those of journal_open and session_open.
 */
MUST_USE enum status journal_source_open(struct cli *cli, const struct options *options, bool unchecked,
                                         struct journal_source *ret_source, struct err *err);
void journal_source_close(struct journal_source *source);

#endif
