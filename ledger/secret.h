/*
 * Memory for secrets: locked against swapping, between guard pages, wiped before it is given back.
 */
#ifndef LEDGER_SECRET_H
#define LEDGER_SECRET_H

#include <stddef.h>

/*
 * Gives size bytes of zeroed memory for a secret, or NULL when there is none.
 *
 * in      1 <= size <= SECRET_BYTES_MAX.
 * cost    at least three pages and a system call or more: for keys and passphrases, not for loops.
 * source  libsodium's sodium_malloc. The lock is best effort: a tight RLIMIT_MEMLOCK is not an error.
 */
void *secret_new(size_t size);

/* Wipes and releases what secret_new gave; NULL is nothing to do. */
void secret_free(void *secret);

/* Wipes bytes[0..length) of any storage in a way that the compiler does not drop. */
void secret_wipe(void *bytes, size_t length);

enum { SECRET_BYTES_MAX = 1 << 20 }; /* the largest secret is a passphrase; more is a mistake */

#endif
