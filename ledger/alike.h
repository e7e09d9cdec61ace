/*
 * Which documents of a customer look alike (C-38, the soft half): the keys of BOOKS_ALIKE, under which those that live stand at
 * the place of their current version. Two documents are alike by amount when entity, customer, currency, gross amount and
 * direction are the same; by reference when entity and customer are, and what is left of the customer's reference.
 */
#ifndef LEDGER_ALIKE_H
#define LEDGER_ALIKE_H

#include <jansson.h>
#include <stdbool.h>

struct books_key;

/* Of a customer's own reference, in bytes; what is left of one is no longer. */
enum { CUSTOMER_REF_BYTES_MAX = 64 };

/*
 * What is left of a reference as two people may write it (FORMAT.md 5.2): letters A to Z small, digits without the zeros that
 * lead a run of them, bytes from 0x80 on as they are, and nothing else.
 *
 * in      text: at most CUSTOMER_REF_BYTES_MAX bytes.
 */
void alike_reference(const char *text, char ret_text[static CUSTOMER_REF_BYTES_MAX + 1]);

/* The prefix of those alike by amount; false for what has no part in it: reversals, recoveries, cases, what is no money. */
bool alike_amount_key(const json_t *document, struct books_key *ret_key);
/* The prefix of those alike by reference; false for a document without one, or of whose reference nothing is left. Disputes
 * stand beside disputes, money documents beside money documents; an inquiry may be about either. */
bool alike_reference_key(const json_t *document, struct books_key *ret_key);

#endif
