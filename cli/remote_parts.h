/*
 * Inside of a conversation, for remote_open.c (asking) and remote_hello.c (its beginning) only.
 */
#ifndef CLI_REMOTE_PARTS_H
#define CLI_REMOTE_PARTS_H

#include "cli/book.h"
#include "cli/remote.h"
#include "cli/wire.h"

/* What was read of the line and is not taken yet. */
struct remote_input {
    char *bytes;
    size_t used, size;
    size_t scanned; /* so many hold no LF */
};

struct remote {
    struct cli *cli;
    const struct remote_dial *dial;
    const struct book_options *options;
    struct remote_line line;
    struct remote_input input;
    unsigned generation;
    bool greeted;
    bool lost;
    struct err why; /* it was lost */

    int64_t last_id;
    int64_t forgotten[WIRE_OUTSTANDING_MAX];
    size_t forgotten_count;
    size_t outstanding; /* asked and not taken, the forgotten ones included */
    struct remote_counts counts;
    uint64_t error_seq;

    char book[HASH_HEX_CHARS + 1]; /* "" until known */
    struct hash book_hash, nonce;  /* nonce: the server's */
    bool simulated;
    json_t *reads;
};

/* Connects and says hello. errors as remote_open. */
MUST_USE enum status remote_begin(struct remote *remote, struct err *err);

/* The next message, or what the server said when it ended the line. errors IO, and what such a message says. */
MUST_USE enum status remote_hear(struct remote *remote, uint32_t wait_ms, json_t **ret_message, struct err *err);

/* Ends the line, remembering why, and fills err with it. Returns its status. */
MUST_USE enum status remote_lose(struct remote *remote, enum status status, struct err *err, const char *format, ...)
    PRINTF_LIKE(4, 5);

#endif
