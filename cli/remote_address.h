/*
 * Addresses of books that a server answers for: `unix:/path` and `ssh://[user@]host[:port]/name`. What stands in one ends
 * up in a program's arguments and in paths, so the grammar is narrow.
 */
#ifndef CLI_REMOTE_ADDRESS_H
#define CLI_REMOTE_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>

#include "ledger/status.h"

enum {
    REMOTE_PATH_BYTES_MAX = 107, /* of a Unix socket: what sockaddr_un holds */
    REMOTE_HOST_BYTES_MAX = 255,
    REMOTE_USER_BYTES_MAX = 64,
    REMOTE_NAME_BYTES_MAX = 64
};

struct remote_address {
    bool ssh;
    char path[REMOTE_PATH_BYTES_MAX + 1]; /* unix: of the socket */
    char user[REMOTE_USER_BYTES_MAX + 1]; /* ssh: "" when ssh decides */
    char host[REMOTE_HOST_BYTES_MAX + 1]; /* without the brackets of an IPv6 address */
    unsigned port;                        /* 0: ssh decides */
    char name[REMOTE_NAME_BYTES_MAX + 1]; /* of the book on that host */
};

/* Whether an address begins as one of these, and not as a path. */
bool remote_address_is(const char *text);

/* errors INPUT: of no such form, with what one looks like. */
MUST_USE enum status remote_address_parse(const char *text, struct remote_address *ret_address, struct err *err);

/* Whether a text is a book's name on a host: a letter or digit, then letters, digits and . _ -, at most 64. */
bool remote_name_is_good(const char *text, size_t length);

#endif
