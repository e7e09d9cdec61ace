/*
 * A book made a second time: the statements of one are let in by another gate, several by one commit.
 */
#ifndef TESTS_SUPPORT_COMPANY_AGAIN_H
#define TESTS_SUPPORT_COMPANY_AGAIN_H

#include <stdint.h>

#include "tests/support/company.h"

struct entry;
struct journal_snapshot;

/* An entry of a journal, read; entry_done. */
struct entry company_entry(struct journal_snapshot *snapshot, uint64_t seq);

/*
 * Lets entries 0..size-1 of a company's journal in again, in groups of changing sizes, among statements that have to fail or
 * were let in before. Each has to become the entry that it was, byte by byte.
 *
 * out     gives the other gate, in a directory of the company's; gate_close.
 */
struct gate *company_again(struct company *company, struct journal_snapshot *snapshot, uint64_t size);

#endif
