/*
 * What an entry does to the books. The gate folds each result as it decides it, so that the next document of the same
 * statement is judged against books that know the one before; catching up, rebuilding and the auditor's replay fold
 * whole entries. Folding knows no rules: it believes the decision.
 *
 * A document's record (BOOKS_DOCUMENTS):
 *   number, kind, entity, state, version
 *   seq, index, time           of the current version
 *   first {seq, index}         of the first
 *   content, document          the whole of the current version
 *   base_text?, rate?          its amount in base currency, and the rate by which it was converted
 *   preparer (user), makers [{as, person, user}]
 *   levels [needed], until?
 *   approvals [{behalf? {person, user}, index, level, person, seen, seq, time, user}]
 *   aside? [the same, no longer counting]
 *   due?                       by when a case is to be resolved
 *   exposure?                  what the customer stood for, as the decision told it
 *   consumed? {order, seq, time}  a hold release: by whose delivery
 *   legal?, lines?, posted? {seq, time}, reversed_by?, reversed_for?
 *   ended? {reason, seq, time, user}  withdrawn, rejected, or returned, also after an amendment
 *   shares? {invoice: [net, tax, ...]}  what a posting took of net and tax
 *   recovering? {invoice: n}   of a write-off: what living recoveries take
 *   rebilled? {invoice, seq}   of a rebill: the invoice that came
 * state: waiting, returned, posted, in-force, withdrawn, rejected, lapsed, reversed, superseded, consumed.
 */
#ifndef LEDGER_FOLD_H
#define LEDGER_FOLD_H

#include <jansson.h>
#include <stdint.h>

#include "ledger/hash.h"
#include "ledger/status.h"

struct entry;
struct signature_list;
struct statement;
struct tables_txn;

struct fold {
    struct tables_txn *txn;
    const struct statement *statement;
    const struct signature_list *signatures; /* for fold_end; borrowed */
    uint64_t seq;
    int64_t time_ms;
    uint64_t known_seq; /* of the version that takes effect; 0: the entry itself */
};

/*
 * Begins an entry: documents whose time is over lapse (FORMAT.md 6.1).
 *
 * in      fold: all members set.
 * errors  CORRUPT, FULL, IO, MEMORY.
 */
MUST_USE enum status fold_begin(const struct fold *fold, struct err *err);

/* Folds the result of list member index (0 for charter and feed). result: borrowed. errors as fold_begin. */
MUST_USE enum status fold_result(const struct fold *fold, size_t index, const json_t *result, struct err *err);

/* Ends the entry: ids, the entry's line, the watermark. decision: borrowed. errors as fold_begin. */
MUST_USE enum status fold_end(const struct fold *fold, const json_t *decision, const struct hash *leaf,
                              struct err *err);

/* All three for an entry that was read from the journal. errors CORRUPT names the seq. */
MUST_USE enum status fold_entry(struct tables_txn *txn, const struct entry *entry, struct err *err);

/*
 * What a document allocates to each invoice, over all its lines: an object, invoice -> minor units of its currency, in order of
 * first appearance; empty where it allocates nothing.
 *
 * out     *ret_sums: gives.
 * errors  LIMIT (a sum leaves 64 bits), CORRUPT (amounts without their currency), MEMORY.
 * cost    O(allocations).
 */
MUST_USE enum status allocations_sum(const json_t *document, json_t **ret_sums, struct err *err);

/* The key under which two allocations are duplicates of each other: customer, invoice, line, amount, reason, and the receipt
 * of a recovery (C-38). */
struct books_key;
void duplicate_key(const json_t *document, const json_t *allocation, struct books_key *ret_key);

/* The key under which living reversals of one document are duplicates of each other (C-43). */
void reversal_key(const char *reversed_number, struct books_key *ret_key);

/* The prefix of BOOKS_REVERSALS under which reversed documents of the same entity, currency and amount stand (C-43). */
void reposting_key(const json_t *document, struct books_key *ret_key);
/* Keys of meters: of BOOKS_METER_READS without date and read; of BOOKS_BILL_READS without read, line NULL for none; and what
 * follows that one in BOOKS_SETTLED: the device or pool, and the meter, of a term or charge. */
void meter_reads_key(struct books_key *ret_key, const char *entity, const char *contract, const char *device,
                     const char *meter);
void meter_bill_key(struct books_key *ret_key, const char *entity, const char *contract, const char *invoice,
                    const char *line);
void meter_term_key(struct books_key *key, const json_t *term);

/* Members of documents, besides links, that name another document (C-22); closed by NULL. */
extern const char *const document_naming[];

/* Prefixes of BOOKS_WINDOWS, without the position. */
void window_key_invoice(struct books_key *ret_key, const char *entity, const char *invoice);
void window_key_customer(struct books_key *ret_key, const char *group);
void window_key_preparer(struct books_key *ret_key, const char *person);  /* made by, at submission */
void window_key_automatic(struct books_key *ret_key, const char *person); /* made by, posted without approval */
void window_key_approver(struct books_key *ret_key, const char *person);  /* approved by, at the approval */
void window_key_approved(struct books_key *ret_key, const char *person);  /* made by and approved by somebody */
void window_key_pair(struct books_key *ret_key, const char *person, const char *approver);

#endif
