/*
 * What the entries of a bundle name, against the files beside them: each policy that decides is here, with the text that was
 * approved; evidence that documents name is here or said to be missing; and no file is here that nothing names (BUNDLE.md 1, 2).
 */
#ifndef AUDIT_VERIFY_NAMED_H
#define AUDIT_VERIFY_NAMED_H

#include "audit/bundle/manifest.h"
#include "audit/findings.h"
#include "audit/verify/parts.h"
#include "ledger/status.h"

struct named;

/* in: manifest and findings, kept until named_free. errors MEMORY. */
MUST_USE enum status named_new(const struct bundle_manifest *manifest, struct finding_list *findings,
                               struct named **ret_named, struct err *err);
void named_free(struct named *named);

/* Takes in what one entry names. cost: O(documents log files). errors MEMORY. */
MUST_USE enum status named_entry(struct named *named, const struct verify_item *item, struct err *err);

/* After all of them: files that no entry has named. Where some entries could not be read, or were not (they were verified
 * before), nobody can say so, and nothing is said. */
void named_end(struct named *named, bool all_read);

#endif
