/*
 * Replies of time-stamping authorities beside the journal: timestamps/<size>-<first 16 hex of the note's SHA-256>.tsr, one for
 * an issued checkpoint's signed note. Bytes only; what they prove is audit/timestamp's. Source: RFC 3161.
 */
#ifndef LEDGER_TIMESTAMPS_H
#define LEDGER_TIMESTAMPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/slice.h"
#include "ledger/status.h"

enum {
    TIMESTAMP_NAME_BYTES = 64,        /* digits, '-', 16 hex, ".tsr" */
    TIMESTAMP_REPLY_BYTES_MAX = 65536 /* a reply with its certificates takes 2 to 8 kB */
};

/* The name of the reply about a note of a checkpoint of that size. */
void timestamps_name(uint64_t size, struct slice note, char ret_name[static TIMESTAMP_NAME_BYTES]);

/* Whether a text is such a name: it can be no path, and no name of anything else. */
bool timestamps_is_name(const char *text);

/*
 * Puts a reply there; the folder is made when it is the first.
 *
 * after   on OK durable.
 * errors  EXISTS (that note has one), PERMISSION, FULL, IO, LIMIT.
 */
MUST_USE enum status timestamps_put(const char *book_dir, const char *name, struct slice reply, struct err *err);

/* Reads one into ret_reply[0..*ret_length). errors NOT_FOUND, LIMIT, PERMISSION, IO. */
MUST_USE enum status timestamps_get(const char *book_dir, const char *name,
                                    uint8_t ret_reply[static TIMESTAMP_REPLY_BYTES_MAX], size_t *ret_length,
                                    struct err *err);

/* Calls step for each name there; a book without the folder has none. errors of step, PERMISSION, IO. */
typedef enum status timestamps_step(void *context, const char *name, struct err *err);
MUST_USE enum status timestamps_each(const char *book_dir, timestamps_step *step, void *context, struct err *err);

#endif
