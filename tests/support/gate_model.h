/*
 * What was let into a book, told by its entries alone, and what could never be right to let in after it: a second, smaller reading
 * of FORMAT.md that shares nothing with the gate but canonical JSON and hashes. It says less than the gate (what it takes may
 * still be refused), but what it calls wrong must not be in any book.
 *
 * It knows persons and keys, documents with their versions, makers, levels and who signed them, references and ids, what invoices
 * have open, the rows of the policy and the totals of files.
 */
#ifndef TESTS_SUPPORT_GATE_MODEL_H
#define TESTS_SUPPORT_GATE_MODEL_H

#include <stddef.h>

#include "ledger/slice.h"

struct gate_model;

struct gate_model *gate_model_new(void);
void gate_model_free(struct gate_model *model);

/*
 * Why the entry must not stand next; NULL when nothing speaks against it. Only what it admits is looked at: a refusal is never
 * wrong here.
 *
 * in      entry: as it is, or would be, in the journal. Lends until the next call.
 */
const char *gate_model_wrong(struct gate_model *model, struct slice entry);

/* Takes an entry that stands in the journal. */
void gate_model_take(struct gate_model *model, struct slice entry);

/* Whether anything in the entry's decision was admitted. */
int gate_model_admits(struct slice entry);

#endif
