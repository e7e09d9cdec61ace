/*
 * Inside of the journal, for journal, append and birth only: its tables and what a handle holds.
 *
 *     entries      seq (8 bytes, big-endian)     the entry's bytes as they are, nothing round them
 *     nodes        seq                           hashes of the subtrees that entry seq completed, 32 bytes each, from
 *                                                its own leaf (level 0) up: 1 + the number of trailing one bits of seq
 *     checkpoints  number                        size (8 bytes, big-endian), root, signed note
 *     meta         name                          "format" (decimal), "map_bytes" (decimal), "lost" (journal_lost.c)
 *
 * So each of the first three grows at its right edge only, and the subtree (level, index) stands at entry
 * ((index + 1) << level) - 1, offset 32 * level.
 */
#ifndef LEDGER_JOURNAL_LAYOUT_H
#define LEDGER_JOURNAL_LAYOUT_H

#include <stdbool.h>
#include <stdint.h>

#include "ledger/durable.h"
#include "ledger/hash.h"
#include "ledger/store.h"

enum journal_table { JOURNAL_ENTRIES, JOURNAL_NODES, JOURNAL_CHECKPOINTS, JOURNAL_META, JOURNAL_TABLES };

enum { JOURNAL_NUMBER_BYTES = 8, JOURNAL_CHECKPOINT_HEAD_BYTES = JOURNAL_NUMBER_BYTES + HASH_BYTES };

extern const char *const journal_table_names[JOURNAL_TABLES];

struct journal {
    struct path dir;
    struct store *store;
    /* The head last seen by a writer of this handle: the next must extend it. Used under the writer's lock only. */
    uint64_t seen_size;
    struct hash seen_leaf;
    bool hashed; /* the last entry of that head was hashed by this handle, as it was written or looked at */
    bool remote; /* somebody else answers for it, and may not let every entry be read */
};

struct journal_snapshot {
    struct journal *journal;
    struct store_txn *txn;
};

/* A number as a key, so that byte order is number order. */
struct journal_key {
    uint8_t bytes[JOURNAL_NUMBER_BYTES];
};

struct journal_key journal_key_of(uint64_t number);
uint64_t journal_number_of(const uint8_t bytes[static JOURNAL_NUMBER_BYTES]);

/* Opens without asking what it holds; a birth makes the tables. journal_layout_close accepts NULL. */
MUST_USE enum status journal_layout_open(const char *book_dir, const struct store_options *options,
                                         struct journal **ret_journal, struct err *err);
void journal_layout_close(struct journal *journal);

#endif
