/*
 * What tests of periods, entities and changes in flight share: closers, period documents, policies that differ from the
 * tests' own in a few words.
 */
#ifndef TESTS_SUPPORT_CLOSING_H
#define TESTS_SUPPORT_CLOSING_H

#include <jansson.h>

#include "tests/support/company.h"

enum { VARIANT_PATH_BYTES = 64 };

struct edit {
    const char *old, *new; /* old stands in the text; its first place is replaced. NULL ends a list */
};

/* tests/policies/rules.yaml with edits, in a file of its own; variant_done removes it. */
void variant_make(const struct edit *edits, char ret_path[static VARIANT_PATH_BYTES]);
/* The same of another policy file. */
void variant_make_of(const char *policy, const struct edit *edits, char ret_path[static VARIANT_PATH_BYTES]);
void variant_done(const char *path);

/* A user enrolled by two officers, with a role for all entities of the test's policy. */
void closing_hire(struct company *company, const char *user, const char *person, const char *role, const char *entity);
/* cleo (P-51) and clive (P-52), period closers of US01. */
void closing_closers(struct company *company);

/* A period document; until NULL: no exception. */
json_t *closing_period(struct company *company, const char *month, const char *state);
json_t *closing_exception(struct company *company, const char *month, const char *user, const char *until);
/* A credit note of 100.00 USD, or another amount, on an invoice, with a date. */
json_t *closing_note(struct company *company, const char *invoice, const char *amount, const char *date);

/* A variant proposed and approved, for an instant that is to come. */
void closing_policy_ahead(struct company *company, const char *policy, const struct edit *edits, const char *effective);
/* In force from that instant on; the clock stands there afterwards. */
void closing_policy(struct company *company, const struct edit *edits, const char *effective);
void closing_policy_of(struct company *company, const char *policy, const struct edit *edits, const char *effective);

#endif
