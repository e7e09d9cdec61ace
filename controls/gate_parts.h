/*
 * What the rooms of the gate share: gate_open.c opens it, checks form and clock, and asks; gate_submit.c lets statements in;
 * gate_restore.c knows what a restored book waits for.
 */
#ifndef CONTROLS_GATE_PARTS_H
#define CONTROLS_GATE_PARTS_H

#include "controls/gate.h"
#include "ledger/hash.h"
#include "ledger/served.h"
#include "ledger/statement.h"
#include "ledger/tables.h"

struct gate {
    struct gate_options options;
    char dir[4096];
    struct journal *journal;
    struct books *books;
    struct judge *judge;
    struct served served;
    json_t *charter;
    char book_id[HASH_HEX_CHARS + 1];
};

/*
 * The time of the entry that a statement makes after `size` entries, and that of the last one.
 *
 * errors  CLOCK, CORRUPT, IO.
 */
MUST_USE enum status gate_time(const struct gate *gate, struct tables_txn *txn, uint64_t size,
                               const struct statement *statement, int64_t *ret_head_ms, int64_t *ret_ms,
                               struct err *err);

struct journal_snapshot;

/*
 * Whether a statement may come in now, as far as that goes; and whether a `restore` names what this journal of size entries
 * does not hold.
 *
 * errors  REFUSED, CORRUPT, IO, MEMORY.
 */
MUST_USE enum status gate_restore_check(struct journal_snapshot *snapshot, struct tables_txn *txn, uint64_t size,
                                        const struct statement *statement, struct err *err);

#endif
