/*
 * Judging a statement: facts, controls, decision, step by step, each result folded into the books before the next is
 * judged. Pure but for the transaction it works in: the same statement, time and books give the same decision. The gate
 * and the auditor's replay both come through here.
 */
#ifndef CONTROLS_JUDGE_H
#define CONTROLS_JUDGE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "ledger/fold.h"
#include "ledger/status.h"

struct judge;
struct policy;
struct signature_list;
struct statement;
struct tables;
struct tables_txn;

/* Remembers policies once read. One thread at a time. */
MUST_USE enum status judge_new(struct judge **ret_judge, struct err *err);
void judge_free(struct judge *judge);

/* The policy in force at a time. Lends until judge_free. errors CORRUPT. */
MUST_USE enum status judge_policy(struct judge *judge, struct tables_txn *txn, int64_t time_ms,
                                  const struct policy **ret_policy, uint64_t *ret_seq, struct err *err);

struct judged {
    struct tables *tables;
    /* A writing transaction; a refused atomic statement, or totals that are too large, make a new one. */
    struct tables_txn **txn;
    /* Brings back into the new one what the old one held before this statement; NULL: it held nothing. */
    enum status (*restore)(void *context, struct tables_txn *txn, struct err *err);
    void *restore_context;
    const struct statement *statement;
    const struct signature_list *signatures; /* verified already; NULL in a dry run */
    uint64_t seq;
    int64_t time_ms;
};

/*
 * Form of everything that the statement holds, beyond statement_read: each document by its kind, feed records.
 *
 * errors  INPUT, LIMIT: names the member. Such a statement is no entry.
 */
MUST_USE enum status judge_check_form(const struct statement *statement, struct err *err);

/*
 * Decides, and folds the results: fold_begin and each fold_result have been done on return, fold_end is the caller's.
 *
 * in      judged: the statement has passed judge_check_form.
 * out     *ret_decision: gives, FORMAT.md section 6.
 * errors  CORRUPT, IO, FULL, MEMORY: nothing may be committed then.
 */
MUST_USE enum status judge_statement(struct judge *judge, const struct judged *judged, json_t **ret_decision,
                                     struct err *err);

/*
 * One document of a submit or amend statement judged as if another policy were in force. Nothing is folded.
 *
 * in      judged: as for judge_statement; its transaction knows the members before index. policy: borrowed.
 * out     *ret_result: gives, FORMAT.md section 6.
 * errors  CORRUPT, IO, MEMORY.
 */
MUST_USE enum status judge_under(struct judge *judge, const struct judged *judged, const struct policy *policy,
                                 size_t index, json_t **ret_result, struct err *err);

/* The decision on a charter, by fixed rules. errors REFUSED (names the rule), INPUT. */
MUST_USE enum status judge_charter(const struct statement *statement, const struct signature_list *signatures,
                                   json_t **ret_decision, struct err *err);

#endif
