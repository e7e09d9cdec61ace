/*
 * What a client is told of an error. Rooms below name the file that failed, which is for whoever runs the server: its paths,
 * and what the system said, go to the log. Every error leaves through here (job_fail), but for those about a connection's own
 * bytes.
 */
#ifndef CLI_SERVER_OUTWARD_H
#define CLI_SERVER_OUTWARD_H

#include <stdbool.h>

#include "ledger/status.h"

/*
 * The error as a client may have it: the same status, and a sentence that says what to do. Text that names no file stays as it
 * is; where the fault is the book's files the sentence is that of the status; else the path gives way to "the book".
 *
 * in      dir: of the book, as the texts have it (absolute); NULL or "/": none is known.
 * out     *ret_told. Answers whether it differs from err, so that the log has to have that.
 */
bool outward_tell(const struct err *err, const char *dir, struct err *ret_told);

#endif
