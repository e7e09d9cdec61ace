/*
 * Locked and wiped memory for secrets, on libsodium's guarded heap. Guarantees zeroed storage and a wipe at
 * release; what is copied elsewhere on the way is the caller's to wipe with secret_wipe.
 */
#include "ledger/secret.h"

#include <sodium.h>

void *secret_new(size_t size)
{
    if (size == 0 || size > SECRET_BYTES_MAX || sodium_init() < 0)
        return NULL;
    void *secret = sodium_malloc(size);
    if (secret != NULL)
        sodium_memzero(secret, size);
    return secret;
}

void secret_free(void *secret)
{
    sodium_free(secret);
}

void secret_wipe(void *bytes, size_t length)
{
    sodium_memzero(bytes, length);
}
