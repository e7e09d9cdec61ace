/*
 * A directory's journal, or a server's; see the header.
 */
#include "cli/journal_source.h"

#include "cli/book.h"
#include "cli/session.h"
#include "ledger/journal.h"

enum status journal_source_open(struct cli *cli, const struct options *options, bool unchecked,
                                struct journal_source *ret_source, struct err *err)
{
    const struct journal_options read_only = {.read_only = true, .unchecked = unchecked};
    const char *address = cli_book(cli, options);
    *ret_source = (struct journal_source){.session = NULL};
    if (!book_is_remote(address))
        return journal_open(address, &read_only, &ret_source->journal, err);
    enum status status = session_open(cli, options, SESSION_READ, &ret_source->session, err);
    if (status == STATUS_OK)
        ret_source->journal = session_books(ret_source->session)->journal;
    return status;
}

void journal_source_close(struct journal_source *source)
{
    if (source->session != NULL)
        session_close(source->session);
    else
        journal_close(source->journal);
    *source = (struct journal_source){.session = NULL};
}
