/*
 * The month in which fiscal years begin: a question to the policy in force at the head of a book, so that a quarter is the same days
 * to every command. Reports ask it through their source (report/period.h), who has only a journal asks it there.
 */
#ifndef AUDIT_FISCAL_H
#define AUDIT_FISCAL_H

#include <jansson.h>
#include <stddef.h>

#include "audit/period.h"
#include "ledger/status.h"

struct journal;

/* The entities that somebody asks for; count 0: all that the policy has. Borrowed. */
struct fiscal_entities {
    const char *const *entities;
    size_t count;
};

/*
 * The month, 1..12, by a compiled policy; FISCAL_DIFFER: not the same for all of them; FISCAL_UNKNOWN: the policy has one of them
 * not.
 */
int fiscal_month(const json_t *compiled, const struct fiscal_entities *entities);

/*
 * The same by the policy in force at the head of a journal.
 *
 * out     *ret_month: as fiscal_month.
 * errors  CORRUPT (the policy is not in the journal), those of the journal.
 * cost    O(entries since the policy was written).
 */
MUST_USE enum status fiscal_month_of_journal(struct journal *journal, const struct fiscal_entities *entities,
                                             int *ret_month, struct err *err);

/* Reads a period by it: audit_period_parse. errors those of both. */
MUST_USE enum status fiscal_period_of_journal(struct journal *journal, const struct fiscal_entities *entities,
                                              const char *text, struct audit_period *ret_period, struct err *err);

#endif
