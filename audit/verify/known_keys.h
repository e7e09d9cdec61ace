/*
 * The keys that signed what was read here: each is put into words once, however often it signs. Grows with keys, not entries.
 */
#ifndef AUDIT_VERIFY_KNOWN_KEYS_H
#define AUDIT_VERIFY_KNOWN_KEYS_H

#include <stdbool.h>

#include "ledger/sshkey.h"

struct known_keys;

struct known_key {
    char fingerprint[SSHKEY_FINGERPRINT_CHARS + 1];
    char text[]; /* as the register has it */
};

MUST_USE enum status known_keys_new(struct known_keys **ret_keys, struct err *err);
void known_keys_free(struct known_keys *keys);

/*
 * out     *ret_known: lends until known_keys_free. *ret_first: it was not known before.
 * errors  MEMORY.
 */
MUST_USE enum status known_keys_get(struct known_keys *keys, const struct public_key *key,
                                    const struct known_key **ret_known, bool *ret_first, struct err *err);

#endif
