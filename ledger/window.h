/*
 * Rows of the books' windows: what one document adds to a group, at its place. Sums go over many of them at each decision,
 * so a row is a few bytes and no JSON.
 */
#ifndef LEDGER_WINDOW_H
#define LEDGER_WINDOW_H

#include <stdbool.h>
#include <stdint.h>

#include "ledger/books.h"
#include "ledger/limits.h"
#include "ledger/money.h"
#include "ledger/row_list.h"
#include "ledger/slice.h"
#include "ledger/status.h"

enum {
    WINDOW_TIME_BYTES = 8,
    WINDOW_ROW_BYTES_MAX = WINDOW_TIME_BYTES + MONEY_TEXT_MAX + 3 * (ID_BYTES_MAX + 1) /* as it is stored */
};

struct window_row {
    int64_t time_ms;         /* of the submitting entry */
    const char *amount_text; /* base currency */
    const char *kind;
    const char *number;
    const char *reversal; /* the reason of its reversal; "": it stands */
};

/* Puts a row under its whole key: group, seq, index. errors FULL, IO. */
MUST_USE enum status window_row_put(struct tables_txn *txn, const struct books_key *key, const struct window_row *row,
                                    struct err *err);

/* The rows of a group before a place, down to the last one that is of a later time than after_ms. */
struct window_part {
    const struct books_key *group; /* window_key_customer and its kin, fold.h */
    uint64_t before_seq, before_index;
    int64_t after_ms;
};

/* One row, at its place. Lends for the call. */
typedef enum status window_step(void *context, const struct row_place *place, const struct window_row *row,
                                struct err *err);

/* Walks them, the latest first. In a writing transaction they are kept in memory for the next walk. errors of the step, CORRUPT, IO. */
MUST_USE enum status window_walk(struct tables_txn *txn, const struct window_part *part, window_step *step,
                                 void *context, struct err *err);

/* Takes a stored row apart. Lends from value. errors CORRUPT. */
MUST_USE enum status window_row_read(struct slice value, struct window_row *ret_row, struct err *err);

#endif
