/*
 * What the entries of a part say of one another, as far as reasons for their being there need it. For why.c only.
 */
#ifndef AUDIT_VERIFY_WHY_FACTS_H
#define AUDIT_VERIFY_WHY_FACTS_H

#include <jansson.h>
#include <stdbool.h>

#include "audit/bundle/manifest.h"
#include "ledger/status.h"

struct entry;

enum { WHY_REASON_BYTES = 256 };

struct why_facts {
    const struct bundle_manifest *manifest;
    int32_t from, to; /* of a period */
    json_t *asked;    /* documents that the scope names -> true */
    json_t *linked;   /* documents that name one of these, or that one of these names -> true */
    json_t *inside;   /* of a period: documents on which something was done in it -> true */
    json_t *users;    /* who acts, and for whom -> true */
    json_t *named;    /* documents that a decision names as what it rested on -> true */
    json_t *governs;  /* number -> document, of kinds that reasons are about */
    json_t *removed;  /* "AR-1 signer joe": reasons of what attestations of a review removed -> true */
};

MUST_USE enum status why_facts_init(struct why_facts *facts, const struct bundle_manifest *manifest, struct err *err);
void why_facts_done(struct why_facts *facts);

/* Takes an entry in. errors MEMORY. */
MUST_USE enum status why_facts_add(struct why_facts *facts, const struct entry *entry, struct err *err);

/* Whether an entry is of the period's days. */
bool why_is_inside(const struct why_facts *facts, const struct entry *entry);

/* Whether the part is about a document by that number, after all entries. */
bool why_is_about(const struct why_facts *facts, const char *number);

/* Whether a document of that number is of this kind; whether it is, or affirms one that is. */
bool why_is_kind(const struct why_facts *facts, const char *number, const char *kind);
bool why_is_of_kind(const struct why_facts *facts, const char *number, const char *kind);

/* Whether what a number stands for is about a user's keys and roles; about another document, itself included. */
bool why_is_of_user(const struct why_facts *facts, const char *number, const char *user);
bool why_is_of_document(const struct why_facts *facts, const char *number, const char *other);

/* Whether an attestation of the review removed what the reason speaks of, after all entries. */
bool why_has_removed(const struct why_facts *facts, const char *review, const char *reason);

/* Whether an affirmation is of a document of the part, or of one of its entries, after all entries. */
bool why_is_affirmed(const struct why_facts *facts, const char *number);

#endif
