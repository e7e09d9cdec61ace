/*
 * Approved releases: whether a gate made of this executable may let a statement in. What a gate is made of is no part of a
 * decision, so this is asked beside the controls, by the gate and again by whoever verifies its entries.
 */
#ifndef CONTROLS_RELEASE_H
#define CONTROLS_RELEASE_H

#include <stdbool.h>

#include "ledger/status.h"

struct policy;
struct statement;
struct tables_txn;

struct release_standing {
    bool approved; /* a release document with this executable is in force */
    bool admitted; /* so the statement may come in, or the policy only records, or it is what approves releases */
};

/* in exe: the first 16 hex of the executable's SHA-256, as in an entry's gate. errors CORRUPT, IO, MEMORY. */
MUST_USE enum status release_look(struct tables_txn *books, const struct policy *policy,
                                  const struct statement *statement, const char *exe,
                                  struct release_standing *ret_standing, struct err *err);

#endif
