/*
 * The tables that the form of a stored decision is held to, by tree (decision.c) and where it lies (decision_look.c).
 */
#ifndef AUDIT_VERIFY_DECISION_FORM_H
#define AUDIT_VERIFY_DECISION_FORM_H

#include <stdbool.h>

#include "ledger/schema.h"
#include "ledger/statement.h"

struct outline_node;

extern const struct schema decision_schema;
extern const struct schema decision_result_schema; /* but for `outcome` and `levels` */

/* The outcomes that results of a verb may have, closed by NULL; NULL: it has no results. */
const char *const *decision_outcomes(enum verb verb);

/* True where verify_decision_form says OK; false may also mean that it takes a tree to tell. */
bool decision_holds(const struct statement_look *look, const struct outline_node *decision);

#endif
