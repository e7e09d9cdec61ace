/*
 * Re-performance: every decision made again, by the same judge, over books that this replay makes for itself from entry 0,
 * and held against the stored bytes (DESIGN P4). Guarantees that nothing of the live books is read.
 *
 * After a wrong decision it goes on with what the journal says, since that is what took effect and what later decisions
 * stood on; an entry that cannot be folded is left out, and later findings say that they may follow from it.
 */
#include <stdlib.h>
#include <string.h>

#include "audit/verify/decision_diff.h"
#include "audit/verify/parts.h"
#include "audit/verify/reperform.h"
#include "controls/judge.h"
#include "controls/policy.h"
#include "controls/release.h"
#include "ledger/books.h"
#include "ledger/canon.h"
#include "ledger/fold.h"
#include "ledger/schema.h"
#include "ledger/tables.h"

struct replay {
    struct tables *tables;
    struct tables_txn *txn; /* NULL between chunks */
    struct judge *judge;
    size_t committed; /* items of the chunk before this one are in the tables for good */
};

/* Tables of an earlier verification have to be those of the entry at which it ended. */
static enum status open_kept(const struct verify *verify, const struct tables_options *options,
                             struct tables **ret_tables, struct err *err)
{
    struct tables_watermark mark = {.size = 0};
    struct tables_txn *txn = NULL;
    struct tables *tables = NULL;
    enum status status = tables_open(verify->tables_dir, options, &tables, err);
    if (status != STATUS_OK || verify->before == 0) {
        *ret_tables = tables;
        return status;
    }
    bool same = tables_trust(tables) == TABLES_OK && tables_read_begin(tables, &txn, NULL) == STATUS_OK &&
                tables_watermark_get(txn, &mark, NULL) == STATUS_OK && mark.size == verify->before &&
                hash_equal(&mark.leaf, &verify->previous_leaf);
    tables_abort(txn);
    if (!same) {
        tables_close(tables);
        return err_set(err, STATUS_INPUT, "%s: is not what was verified up to entry %llu: begin with an empty state",
                       verify->tables_dir, (unsigned long long)verify->before - 1);
    }
    *ret_tables = tables;
    return STATUS_OK;
}

enum status replay_open(struct verify *verify, struct err *err)
{
    const struct tables_options options = books_layout(verify->source->map_bytes);
    struct replay *replay = calloc(1, sizeof *replay);
    if (replay == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for the replay");
    enum status status = verify->tables_dir != NULL
                             ? open_kept(verify, &options, &replay->tables, err)
                             : tables_create_scratch(verify->options->scratch_dir, &options, &replay->tables, err);
    if (status == STATUS_OK)
        status = judge_new(&replay->judge, err);
    if (status != STATUS_OK) {
        replay_close(replay);
        return status;
    }
    verify->replay = replay;
    return verify->options->reperform == NULL ? STATUS_OK
                                              : reperform_new(verify->options->reperform, verify->options->decided,
                                                              verify->options->context, &verify->reperform, err);
}

void replay_close(struct replay *replay)
{
    if (replay == NULL)
        return;
    tables_abort(replay->txn);
    judge_free(replay->judge);
    tables_close(replay->tables);
    free(replay);
}

enum status replay_keep(struct replay *replay, struct err *err)
{
    struct tables *tables = replay->tables;
    tables_abort(replay->txn);
    judge_free(replay->judge);
    free(replay);
    return tables_sync_close(tables, err);
}

struct tables *replay_tables(struct replay *replay)
{
    return replay->tables;
}

/* Trouble of the machine; everything else that a replay meets is trouble of the book. */
static bool is_fatal(enum status status)
{
    return status == STATUS_MEMORY || status == STATUS_FULL || status == STATUS_IO || status == STATUS_UNKNOWN ||
           status == STATUS_BUSY;
}

static bool is_usable(const struct verify_item *item)
{
    return item->sound && item->facts.seq == item->seq;
}

static enum status txn_begin(struct replay *replay, struct err *err)
{
    return replay->txn != NULL ? STATUS_OK : tables_write_begin(replay->tables, &replay->txn, err);
}

static enum status txn_commit(struct replay *replay, size_t upto, struct err *err)
{
    struct tables_txn *txn = replay->txn;
    replay->txn = NULL;
    replay->committed = upto;
    return txn == NULL ? STATUS_OK : tables_commit(txn, err);
}

/* Folds what the journal says of one item in a transaction of its own; what does not fold is left out. */
static enum status fold_stored(struct verify *verify, struct verify_item *item, size_t index, struct err *err)
{
    struct replay *replay = verify->replay;
    struct err what = {.status = STATUS_OK};
    enum status status = txn_begin(replay, err);
    if (status == STATUS_OK)
        status = entry_decision(&item->entry, err);
    if (status != STATUS_OK)
        return status;
    status = fold_entry(replay->txn, &item->entry, &what);
    if (is_fatal(status))
        return err_set(err, status, "%s", what.text);
    if (status == STATUS_OK)
        return txn_commit(replay, index + 1, err);
    tables_abort(replay->txn);
    replay->txn = NULL;
    replay->committed = index + 1;
    finding_after(&verify->findings, CHECK_DECISIONS, item->seq, "%s", what.text);
    finding_lose(&verify->findings, item->seq);
    return STATUS_OK;
}

/* Items of a chunk that the transaction held before the one at index. */
struct held {
    struct verify *verify;
    struct verify_item *items;
    size_t index;
};

static enum status fold_held(void *context, struct tables_txn *txn, struct err *err)
{
    const struct held *held = context;
    enum status status = STATUS_OK;
    for (size_t i = held->verify->replay->committed; status == STATUS_OK && i < held->index; i++) {
        struct verify_item *item = &held->items[i];
        if (!is_usable(item))
            continue;
        status = entry_decision(&item->entry, err);
        if (status == STATUS_OK)
            status = fold_entry(txn, &item->entry, err);
    }
    return status;
}

/* The transaction holds something wrong: drops it, and brings back what of this chunk was right in it. */
static enum status step_back(struct verify *verify, struct verify_item *items, size_t index, struct err *err)
{
    struct replay *replay = verify->replay;
    struct held held = {.verify = verify, .items = items, .index = index};
    tables_abort(replay->txn);
    replay->txn = NULL;
    enum status status = txn_begin(replay, err);
    if (status == STATUS_OK)
        status = fold_held(&held, replay->txn, err);
    return status == STATUS_OK ? txn_commit(replay, index, err) : status;
}

static enum status judge_again(struct verify *verify, struct verify_item *items, size_t index, json_t **ret_decision,
                               struct err *err)
{
    struct replay *replay = verify->replay;
    const struct verify_item *item = &items[index];
    struct held held = {.verify = verify, .items = items, .index = index};
    const struct judged judged = {.tables = replay->tables,
                                  .txn = &replay->txn,
                                  .restore = fold_held,
                                  .restore_context = &held,
                                  .statement = &item->entry.statement,
                                  .signatures = item->entry.signatures,
                                  .seq = item->seq,
                                  .time_ms = item->entry.time_ms};
    if (item->entry.statement.verb == VERB_CHARTER)
        return judge_charter(&item->entry.statement, item->entry.signatures, ret_decision, err);
    return judge_statement(replay->judge, &judged, ret_decision, err);
}

static enum status same_decision(const struct verify_item *item, const json_t *decision, bool *ret_same,
                                 struct err *err)
{
    char *bytes = NULL;
    size_t length = 0;
    enum status status = canon_encode(decision, &bytes, &length, err);
    if (status == STATUS_OK)
        *ret_same =
            length == item->entry.decision_bytes.length && memcmp(bytes, item->entry.decision_bytes.bytes, length) == 0;
    free(bytes);
    return status;
}

static enum status end_entry(struct verify *verify, const struct verify_item *item, const json_t *decision,
                             struct err *err)
{
    const struct fold fold = {.txn = verify->replay->txn,
                              .statement = &item->entry.statement,
                              .signatures = item->entry.signatures,
                              .seq = item->seq,
                              .time_ms = item->entry.time_ms};
    return fold_end(&fold, decision, &item->entry.leaf, err);
}

static enum status check_id(struct verify *verify, const struct verify_item *item, struct err *err)
{
    const struct statement *statement = &item->entry.statement;
    struct books_key key = books_key_pair(statement->actor, statement->id);
    bool has = false;
    enum status status = books_has(verify->replay->txn, BOOKS_IDS, &key, &has, err);
    if (status == STATUS_OK && has)
        finding_after(&verify->findings, CHECK_NUMBERS, item->seq, "%s's statement id %s stands in an earlier entry",
                      statement->actor, statement->id);
    return status;
}

/* A policy may shut out releases that were not approved: then nothing may have come in through such a gate. */
static enum status check_release(struct verify *verify, const struct verify_item *item, struct err *err)
{
    struct replay *replay = verify->replay;
    const struct policy *policy = NULL;
    struct release_standing standing = {.admitted = true};
    uint64_t policy_seq = 0;
    const char *exe = item->facts.exe;
    /* Trouble with the policy is told where the decision is made again. */
    if (judge_policy(replay->judge, replay->txn, item->entry.time_ms, &policy, &policy_seq, NULL) != STATUS_OK)
        return STATUS_OK;
    enum status status = STATUS_OK;
    if (policy->releases_deny)
        status = release_look(replay->txn, policy, &item->entry.statement, exe, &standing, err);
    if (status == STATUS_OK && !standing.admitted)
        finding_after(&verify->findings, CHECK_DECISIONS, item->seq,
                      "came in through a gate (%s) whose release nobody had approved, which the policy shuts out", exe);
    return status;
}

/*
 * A refused atomic statement makes a new transaction, losing what else the old one held: such a statement gets one of its
 * own.
 */
static bool is_atomic(const struct statement *statement)
{
    return json_is_true(json_object_get(statement->body, "atomic"));
}

static enum status replay_item(struct verify *verify, struct verify_item *items, size_t index, struct err *err)
{
    struct replay *replay = verify->replay;
    struct verify_item *item = &items[index];
    struct err what = {.status = STATUS_OK};
    char text[DECISION_DIFF_BYTES];
    json_t *decision = NULL;
    bool same = false;
    enum status status = is_atomic(&item->entry.statement) ? txn_commit(replay, index, err) : STATUS_OK;
    if (status == STATUS_OK)
        status = txn_begin(replay, err);
    if (status == STATUS_OK)
        status = check_id(verify, item, err);
    if (status != STATUS_OK)
        return status;
    bool charter = item->entry.statement.verb == VERB_CHARTER;
    status = charter ? STATUS_OK : check_release(verify, item, err);
    if (status != STATUS_OK)
        return status;
    status = judge_again(verify, items, index, &decision, &what);
    if (status == STATUS_OK)
        status = same_decision(item, decision, &same, &what);
    if (status == STATUS_OK && same && !charter)
        status = end_entry(verify, item, decision, &what);
    if (is_fatal(status)) {
        status = err_set(err, status, "%s", what.text);
        goto done;
    }
    enum status looked = STATUS_OK;
    if (verify->reperform != NULL)
        looked = reperform_take(verify->reperform, item, status == STATUS_OK ? decision : NULL, what.text, err);
    if (looked != STATUS_OK || (status == STATUS_OK && same && !charter)) {
        status = looked;
        goto done;
    }
    if (status != STATUS_OK) {
        finding_after(&verify->findings, CHECK_DECISIONS, item->seq, "cannot be decided again: %s", what.text);
    } else if (!same) {
        enum status made = entry_decision(&item->entry, err);
        if (made != STATUS_OK) {
            status = made;
            goto done;
        }
        decision_difference(&item->entry.statement, item->entry.decision, decision, text);
        finding_after(&verify->findings, CHECK_DECISIONS, item->seq, "%s", text);
    }
    if (status != STATUS_OK || !same)
        finding_lose(&verify->findings, item->seq);
    status = step_back(verify, items, index, err);
    if (status == STATUS_OK)
        status = fold_stored(verify, item, index, err);
done:
    json_decref(decision);
    return status;
}

enum status replay_chunk(struct verify *verify, struct verify_item *items, size_t count, struct err *err)
{
    struct replay *replay = verify->replay;
    enum status status = STATUS_OK;
    replay->committed = 0;
    for (size_t i = 0; status == STATUS_OK && i < count; i++)
        if (is_usable(&items[i]))
            status = replay_item(verify, items, i, err);
    return status == STATUS_OK ? txn_commit(replay, count, err) : status;
}

enum status replay_count_waiting(struct verify *verify, struct err *err)
{
    struct tables_txn *txn = NULL;
    enum status status = tables_read_begin(verify->replay->tables, &txn, err);
    if (status == STATUS_OK)
        status = tables_count(txn, BOOKS_WAITING, &verify->result->waiting, err);
    tables_abort(txn);
    return status;
}
