/*
 * A file of corrections: its rows made documents, sent in as few statements as may be, answered row by row.
 */
#ifndef CLI_BATCH_H
#define CLI_BATCH_H

#include "cli/session.h"

/*
 * Posts the rows of a CSV file. Bad rows are told with their place; the good ones are posted all the same, or with
 * --atomic nothing is. A row without a `ref` gets one from its content, so that the file can be sent again whole after
 * some rows were mended: what was posted is not posted again.
 *
 * in      session: open for writing. Prints results and errors.
 * out     the exit status: EXIT_USAGE when a row could not be read, else EXIT_REFUSED when one was refused.
 */
int batch_post(struct session *session, const char *path);

#endif
