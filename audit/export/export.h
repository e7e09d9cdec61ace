/*
 * Export: what others need to check a book without this program. Entries as the exact stored bytes, the register of keys as
 * OpenSSH reads it, checkpoints as signed notes.
 */
#ifndef AUDIT_EXPORT_H
#define AUDIT_EXPORT_H

#include <stddef.h>
#include <stdint.h>

#include "ledger/slice.h"
#include "ledger/status.h"

struct journal;

/* Takes bytes in order. errors IO, FULL. */
struct export_sink {
    enum status (*write)(void *context, struct slice bytes, struct err *err);
    void *context;
};

/* What was written. */
struct export_told {
    uint64_t count;
    uint64_t changed;       /* of them: with other bytes than those that were hashed, or with none before them */
    uint64_t first_changed; /* the first of those */
};

/*
 * Writes entries from..to, both included, one a line: the stored bytes and one LF, whatever they are.
 *
 * in      to: UINT64_MAX for all to the end.
 * out     *ret_told.
 * errors  INPUT (from lies behind the end, or to before from), CORRUPT (the file cannot be read), IO, those of the sink.
 */
MUST_USE enum status export_entries(struct journal *journal, uint64_t from, uint64_t to, const struct export_sink *sink,
                                    struct export_told *ret_told, struct err *err);

/*
 * Writes an allowed_signers file: every key that ever was, with its user and the time in which it could sign.
 *
 * errors  CORRUPT (an entry cannot be read), IO, MEMORY, those of the sink.
 */
MUST_USE enum status export_signers(struct journal *journal, const struct export_sink *sink, uint64_t *ret_count,
                                    struct err *err);

/* Hands on each issued checkpoint in order: its number, size, and signed note. */
typedef enum status export_note(void *context, uint64_t number, uint64_t size, struct slice note, struct err *err);
MUST_USE enum status export_checkpoints(struct journal *journal, export_note *step, void *context, uint64_t *ret_count,
                                        struct err *err);

#endif
