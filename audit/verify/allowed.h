/*
 * allowed_signers of a bundle (BUNDLE.md section 1) against the register of keys that its entries make: whoever follows README.txt
 * asks ssh-keygen by this file, so it may say nothing else.
 */
#ifndef AUDIT_VERIFY_ALLOWED_H
#define AUDIT_VERIFY_ALLOWED_H

#include "ledger/status.h"

struct bundle;
struct verify;

/*
 * After the last entry. Of the whole book the file has to be exactly what the entries make. Of what came since, where the keys of
 * before are known, each line has to be; of a part none may contradict them. Keys that signed here have to be there, and no
 * others. A bundle without the file has nothing to hold against them.
 *
 * errors  MEMORY.
 */
MUST_USE enum status verify_allowed(struct verify *verify, const struct bundle *bundle, struct err *err);

#endif
