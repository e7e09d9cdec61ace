/*
 * Why each entry of a part is there (BUNDLE.md section 2, `why`), held against the entries. Nobody can see from a part what was
 * left out of it; that nothing was put into it for a false reason can be seen.
 */
#ifndef AUDIT_VERIFY_WHY_H
#define AUDIT_VERIFY_WHY_H

#include "ledger/status.h"

struct bundle_manifest;
struct verify;
struct verify_item;
struct why;

/* in: manifest, of a part; both are kept. errors MEMORY. */
MUST_USE enum status why_new(struct verify *verify, const struct bundle_manifest *manifest, struct why **ret_why,
                             struct err *err);
void why_free(struct why *why);

/* The next entry, its signers known to the verification's register. errors MEMORY. */
MUST_USE enum status why_entry(struct why *why, const struct verify_item *item, struct err *err);

/* After the last: what only all of them show. */
void why_end(struct why *why);

#endif
