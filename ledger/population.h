/*
 * The population of an access review: who may do what at a moment, as rows, and the hash over them that says later which
 * rows there were (FORMAT.md 5.6; C-30). Controls ask for count and hash, folding keeps the rows.
 */
#ifndef LEDGER_POPULATION_H
#define LEDGER_POPULATION_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/hash.h"
#include "ledger/status.h"

struct tables_txn;

struct population {
    json_t *
        rows; /* sorted by grant: of grants {entities, from?, grant, keys, person, role, sort, to?, user}, of delegations
                     {currency?, from, from_person, from_user, functions, grant, keys, limit?, person, sort, to, user}, whose
                     person, user, sort and keys are those of who received it */
    struct hash hash;
};

/* Whether a row is about a delegation. */
bool population_delegated(const json_t *row);

/*
 * The grants that stand at time_ms or will, for one of entities, and the delegations by who has such a grant; with "*" all
 * delegations.
 *
 * in      entities: codes, or the single "*"; borrowed.
 * out     fills *ret_population; population_done releases it.
 * errors  CORRUPT, IO, MEMORY.
 * cost    O(grants and delegations of the book).
 */
MUST_USE enum status population_read(struct tables_txn *txn, int64_t time_ms, const json_t *entities,
                                     struct population *ret_population, struct err *err);
void population_done(struct population *population);

#endif
