/*
 * A FIDO authenticator in the open: a signer of the type sk-ssh-ed25519@openssh.com that a test tells what to say of its
 * user.
 */
#ifndef TESTS_SUPPORT_SOFT_FIDO_H
#define TESTS_SUPPORT_SOFT_FIDO_H

#include <stdint.h>

#include "ledger/signer.h"

struct soft_fido {
    uint8_t secret[64];
    uint8_t flags; /* of what it signs next; SIGNATURE_USER_PRESENT and so on */
};

/* From a seed that begins with this byte. The signer borrows soft; closing it does nothing. */
struct signer soft_fido_signer(struct soft_fido *soft, uint8_t seed, uint8_t flags);

#endif
