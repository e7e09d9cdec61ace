/*
 * Whether two sets of tables walk alike.
 */
#ifndef TESTS_SUPPORT_WALKS_H
#define TESTS_SUPPORT_WALKS_H

#include "ledger/tables.h"

/* Backwards, and from each key on and back to it, within what begins with its first byte. Fails the test. */
void walks_have_to_equal(struct tables_txn *here, struct tables_txn *there, size_t table);

#endif
