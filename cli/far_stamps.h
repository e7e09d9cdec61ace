/*
 * Time stamps of a book behind a server, for who verifies it. Apart from verifying.h, which countersign-verify has too: that
 * program has no way to a book.
 */
#ifndef CLI_FAR_STAMPS_H
#define CLI_FAR_STAMPS_H

#include "audit/verify/verify.h"

struct book;

/* For verify_options. Lends from book. */
struct verify_stamps far_stamps(struct book *book);

#endif
