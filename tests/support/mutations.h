/*
 * One thing changed in a statement: a member, a value, a list, an amount that stands twice, a byte. What values are exchanged for are
 * those that the same members had in statements before.
 */
#ifndef TESTS_SUPPORT_MUTATIONS_H
#define TESTS_SUPPORT_MUTATIONS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/statement.h"

enum { MUTATION_BYTES = 200 /* of what says what was changed */ };

struct mutations {
    uint64_t random;
    json_t *pool;   /* member -> values that it had */
    json_t *policy; /* the charter's, with the tiers that amounts are moved to; NULL: not known */
    char changed[MUTATION_BYTES];
};

void mutations_init(struct mutations *mutations, uint64_t seed);
void mutations_done(struct mutations *mutations);

uint64_t mutations_below(struct mutations *mutations, uint64_t bound);

/* Values that members had before are what others may be exchanged for. */
void mutations_learn(struct mutations *mutations, const json_t *value);

/* The bytes of the changed statement, canonical where the value has that form; gives. ->changed says what. */
char *mutations_statement(struct mutations *mutations, const struct statement *genuine, size_t *ret_length);

/* Bytes that are not those of any value: spelled otherwise, cut, or with one of them changed. Gives. */
char *mutations_bytes(struct mutations *mutations, const struct statement *genuine, size_t *ret_length);

/* An amount that stands twice, in a document and in its one allocation, is one thing too. False: there is none. */
bool mutations_amount(struct mutations *mutations, json_t *statement);

#endif
