/*
 * The population of an access review: who may do what at a moment, as rows, and the hash over them that says later which
 * rows there were (FORMAT.md 5.6; C-30). Controls ask for count and hash, folding keeps the rows.
 */
#ifndef LEDGER_POPULATION_H
#define LEDGER_POPULATION_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/hash.h"
#include "ledger/status.h"

struct tables_txn;

struct population {
    json_t *rows; /* {entities, from?, grant, keys, person, role, sort, to?, user}, sorted by grant */
    struct hash hash;
};

/*
 * The grants that stand at time_ms or will, for one of entities.
 *
 * in      entities: codes, or the single "*"; borrowed.
 * out     fills *ret_population; population_done releases it.
 * errors  CORRUPT, IO, MEMORY.
 * cost    O(grants of the book).
 */
MUST_USE enum status population_read(struct tables_txn *txn, int64_t time_ms, const json_t *entities,
                                     struct population *ret_population, struct err *err);
void population_done(struct population *population);

#endif
