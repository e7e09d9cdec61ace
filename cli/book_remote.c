/*
 * A book behind a server; see PROTOCOL.md.
 */
#include "cli/book_parts.h"

enum status book_remote_open(struct book *book, const char *address, struct err *err)
{
    (void)book;
    return err_set(err, STATUS_INPUT, "--book %.128s: servers are not in this release yet; name the directory",
                   address);
}
