/*
 * Letting statements in: who, seen before, time, judge, write. The one caller of append.h besides the birth of a book.
 * Guarantees that a group is durable by one commit, journal before books, and that what fails in it leaves no trace.
 *
 * A refusal by controls is an entry too; what is refused before that (form, foreign keys, skew, a used id) is an error and
 * leaves no trace in the journal (FORMAT.md; DESIGN 4 "Refusals").
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "controls/control.h"
#include "controls/gate_parts.h"
#include "controls/judge.h"
#include "controls/policy.h"
#include "controls/release.h"
#include "ledger/append.h"
#include "ledger/books.h"
#include "ledger/fold.h"
#include "ledger/instant.h"
#include "ledger/journal.h"
#include "ledger/schema.h"
#include "ledger/sshkey.h"
#include "ledger/sshsig.h"

enum { REFUSALS_PER_DAY_MAX = 1000 }; /* entries that are nothing but refusals, for each user and UTC day */

/* New officers and a clock may come from the recovery keys alone. */
static bool signs_by_recovery(const struct gate *gate, const struct statement *statement, const char *key)
{
    const json_t *keys = json_object_get(json_object_get(gate->charter, "recovery"), "keys");
    if (statement->verb != VERB_RECOVER && statement->verb != VERB_CLOCK)
        return false;
    for (size_t i = 0; i < json_array_size(keys); i++)
        if (strcmp(json_string_value(json_array_get(keys, i)), key) == 0)
            return true;
    return false;
}

/* One of the signers has to be a key that was ever enrolled for the actor; whether it is valid now is C-52's. */
static enum status actor_known(const struct gate *gate, struct tables_txn *txn, const struct statement *statement,
                               const struct signature_list *signatures, struct err *err)
{
    char signer[SSHKEY_FINGERPRINT_CHARS + 1] = "nobody";
    for (size_t i = 0; i < signatures->count; i++) {
        struct sshsig sshsig;
        char text[PUBLIC_KEY_TEXT_MAX];
        json_t *key_record = NULL;
        enum status status = sshsig_parse(signatures->items[i].bytes, signatures->items[i].length, &sshsig, err);
        if (status != STATUS_OK)
            return status;
        sshkey_format(&sshsig.key, text);
        sshkey_fingerprint(&sshsig.key, signer);
        struct books_key key = books_key(text);
        status = books_look(txn, BOOKS_KEYS, &key, &key_record, err);
        bool found = (status == STATUS_OK && strcmp(member_text(key_record, "user"), statement->actor) == 0) ||
                     signs_by_recovery(gate, statement, text);
        json_decref(key_record);
        if (found)
            return STATUS_OK;
        if (status != STATUS_OK && status != STATUS_NOT_FOUND)
            return status;
    }
    return err_set(err, STATUS_PERMISSION,
                   "the statement is not signed by a key of %s, but by %s; sign with one that is enrolled for %s",
                   statement->actor, signer, statement->actor);
}

static enum status first_answer(struct journal_snapshot *snapshot, uint64_t seq, struct gate_answer *ret_answer,
                                struct err *err)
{
    struct entry entry;
    enum status status = entry_at(snapshot, seq, &entry, err);
    if (status != STATUS_OK)
        return status;
    *ret_answer = (struct gate_answer){.seq = seq,
                                       .leaf = entry.leaf,
                                       .time_ms = entry.time_ms,
                                       .decision = json_incref(entry.decision),
                                       .repeated = true};
    entry_done(&entry);
    return STATUS_OK;
}

/* Whether the statement's id was used. ret_seen: it was, for the same bytes, and the answer is filled. */
static enum status seen_before(struct tables_txn *txn, struct journal_snapshot *snapshot,
                               const struct statement *statement, struct gate_answer *ret_answer, bool *ret_seen,
                               struct err *err)
{
    json_t *record = NULL;
    char hex[HASH_HEX_CHARS + 1];
    struct books_key key = books_key_pair(statement->actor, statement->id);
    *ret_seen = false;
    enum status status = books_get(txn, BOOKS_IDS, &key, &record, err);
    if (status == STATUS_NOT_FOUND)
        return STATUS_OK;
    if (status != STATUS_OK)
        return status;
    hash_to_hex(&statement->hash, hex);
    uint64_t seq = (uint64_t)member_integer(record, "seq");
    bool same = strcmp(member_text(record, "hash"), hex) == 0;
    json_decref(record);
    if (!same)
        return err_set(err, STATUS_EXISTS, "the id %s was used by %s for other bytes in entry %llu; take a new one",
                       statement->id, statement->actor, (unsigned long long)seq);
    *ret_seen = true;
    return first_answer(snapshot, seq, ret_answer, err);
}

static bool wholly_refused(const json_t *decision)
{
    const json_t *results = json_object_get(decision, "results");
    for (size_t i = 0; i < json_array_size(results); i++)
        if (strcmp(member_text(json_array_get(results, i), "outcome"), "refused") != 0)
            return false;
    return true;
}

/* Refusals are evidence, but not a way to fill the disk. */
static enum status refusals_check(struct tables_txn *txn, const struct statement *statement, int64_t time_ms,
                                  const json_t *decision, struct err *err)
{
    json_t *counter = NULL;
    char day[DATE_TEXT_BYTES];
    if (!wholly_refused(decision))
        return STATUS_OK;
    date_format(date_from_instant(time_ms, 0), day);
    struct books_key key = books_key_pair(statement->actor, day);
    enum status status = books_look(txn, BOOKS_COUNTERS, &key, &counter, err);
    if (status == STATUS_NOT_FOUND)
        return STATUS_OK;
    if (status == STATUS_OK && member_integer(counter, "refusals") >= REFUSALS_PER_DAY_MAX)
        status = err_set(err, STATUS_REFUSED, "refused, and not recorded: %s has %d refusals in the journal today",
                         statement->actor, REFUSALS_PER_DAY_MAX);
    json_decref(counter);
    return status;
}

/* A group while it is under way. */
struct letting {
    struct gate *gate;
    struct append *append;
    struct tables_txn *txn;
    struct journal_head before; /* where the group began */
    struct journal_head head;   /* with the entries that it made */
    bool touched;               /* the transaction may hold part of a statement that came to nothing */
};

/* A policy may shut out releases that nobody has approved; what the gate is made of is no part of a decision. */
static enum status release_check(const struct letting *letting, const struct statement *statement, int64_t time_ms,
                                 struct err *err)
{
    const struct policy *policy = NULL;
    uint64_t policy_seq = 0;
    struct release_standing standing = {.admitted = true};
    const struct gate_facts *facts = letting->gate->options.facts;
    enum status status = judge_policy(letting->gate->judge, letting->txn, time_ms, &policy, &policy_seq, err);
    if (status == STATUS_OK && policy->releases_deny)
        status = release_look(letting->txn, policy, statement, facts->exe, &standing, err);
    return status == STATUS_OK && !standing.admitted
               ? err_set(err, STATUS_REFUSED,
                         "the policy lets in approved releases only, and %s (%s) is none: 'countersign release "
                         "propose' by one "
                         "officer and 'approve' by another are what this program may still bring",
                         facts->release, facts->exe)
               : status;
}

/* Only a clock that is let in may go back: its refusal would be an entry before the one it follows, so it is none. */
static enum status clock_check(const json_t *decision, struct err *err)
{
    const json_t *answer = json_array_get(json_object_get(decision, "controls"), 0);
    char text[SENTENCE_BYTES];
    if (strcmp(member_text(decision, "outcome"), "refused") != 0)
        return STATUS_OK;
    answer_sentence(answer, text);
    return err_set(err, STATUS_REFUSED, "refused, and not recorded (%s): %s", member_text(answer, "control"), text);
}

/* Folds again what the group has put into the journal so far: the books of a new transaction know none of it. */
static enum status fold_group(void *context, struct tables_txn *txn, struct err *err)
{
    const struct letting *letting = context;
    enum status status = STATUS_OK;
    for (uint64_t seq = letting->before.size; status == STATUS_OK && seq < letting->head.size; seq++) {
        struct entry entry;
        status = entry_at(append_snapshot(letting->append), seq, &entry, err);
        if (status != STATUS_OK)
            break;
        status = fold_entry(txn, &entry, err);
        entry_done(&entry);
    }
    return status;
}

/* Rids the books of a statement that came to nothing. */
static enum status step_back(struct letting *letting, struct err *err)
{
    if (!letting->touched)
        return STATUS_OK;
    tables_abort(letting->txn);
    letting->txn = NULL;
    letting->touched = false;
    enum status status = tables_write_begin(letting->gate->books->tables, &letting->txn, err);
    return status == STATUS_OK ? fold_group(letting, letting->txn, err) : status;
}

static enum status entry_write(struct letting *letting, struct gate_submission *submission, struct err *err)
{
    char *bytes = NULL;
    size_t length = 0;
    struct gate_answer *answer = &submission->answer;
    const struct entry_parts parts = {.decision = answer->decision,
                                      .gate =
                                          submission->facts != NULL ? submission->facts : letting->gate->options.facts,
                                      .prev = &letting->head.leaf,
                                      .seq = letting->head.size,
                                      .signatures = submission->signatures,
                                      .statement = submission->statement,
                                      .time_ms = answer->time_ms};
    enum status status = entry_make(&parts, &bytes, &length, err);
    if (status == STATUS_OK)
        status = append_entry(letting->append, slice_of(bytes, length), &answer->seq, &answer->leaf, err);
    free(bytes);
    if (status != STATUS_OK)
        return status;
    invariant(answer->seq == letting->head.size);
    const struct fold fold = {.txn = letting->txn,
                              .statement = submission->statement,
                              .signatures = submission->signatures,
                              .seq = answer->seq,
                              .time_ms = answer->time_ms};
    status = fold_end(&fold, answer->decision, &answer->leaf, err);
    letting->head = (struct journal_head){.size = answer->seq + 1, .leaf = answer->leaf};
    return status;
}

static enum status judge_and_write(struct letting *letting, struct gate_submission *submission, struct err *err)
{
    int64_t head_ms = 0;
    struct gate_answer *answer = &submission->answer;
    enum status status = gate_time(letting->gate, letting->txn, letting->head.size, submission->statement, &head_ms,
                                   &answer->time_ms, err);
    if (status == STATUS_OK)
        status = gate_restore_check(append_snapshot(letting->append), letting->txn, letting->head.size,
                                    submission->statement, err);
    if (status == STATUS_OK)
        status = release_check(letting, submission->statement, answer->time_ms, err);
    if (status != STATUS_OK)
        return status;
    const struct judged judged = {.tables = letting->gate->books->tables,
                                  .txn = &letting->txn,
                                  .restore = fold_group,
                                  .restore_context = letting,
                                  .statement = submission->statement,
                                  .signatures = submission->signatures,
                                  .seq = letting->head.size,
                                  .time_ms = answer->time_ms};
    letting->touched = true;
    status = judge_statement(letting->gate->judge, &judged, &answer->decision, err);
    if (status == STATUS_OK && answer->time_ms < head_ms)
        status = clock_check(answer->decision, err);
    if (status == STATUS_OK)
        status = refusals_check(letting->txn, submission->statement, answer->time_ms, answer->decision, err);
    if (status == STATUS_OK)
        status = entry_write(letting, submission, err);
    letting->touched = status != STATUS_OK;
    return status;
}

static enum status let_one_in(struct letting *letting, struct gate_submission *submission, struct err *err)
{
    bool seen = false;
    enum status status = step_back(letting, err);
    if (status == STATUS_OK)
        status = actor_known(letting->gate, letting->txn, submission->statement, submission->signatures, err);
    if (status == STATUS_OK)
        status = seen_before(letting->txn, append_snapshot(letting->append), submission->statement, &submission->answer,
                             &seen, err);
    return status == STATUS_OK && !seen ? judge_and_write(letting, submission, err) : status;
}

/* The books have to stand exactly at the head before anything is judged against them. */
static enum status books_at_head(const struct letting *letting, struct err *err)
{
    struct tables_watermark mark = {.size = 0};
    enum status status = tables_watermark_get(letting->txn, &mark, err);
    if (status != STATUS_OK && status != STATUS_NOT_FOUND)
        return status;
    if (mark.size != letting->head.size || !hash_equal(&mark.leaf, &letting->head.leaf))
        return err_set(err, STATUS_CORRUPT, "the books stand at entry %llu, the journal at %llu; run rebuild",
                       (unsigned long long)mark.size, (unsigned long long)letting->head.size);
    return STATUS_OK;
}

static enum status letting_begin(struct letting *letting, struct err *err)
{
    const struct gate *gate = letting->gate;
    const struct append_options append_options = {.wait_ms = gate->options.wait_ms};
    enum status status = append_begin(gate->journal, &append_options, &letting->append, err);
    if (status == STATUS_OK)
        status = books_catch_up(gate->books, NULL, err);
    if (status == STATUS_OK)
        status = tables_write_begin(gate->books->tables, &letting->txn, err);
    if (status == STATUS_OK)
        status = journal_head(append_snapshot(letting->append), &letting->head, err);
    letting->before = letting->head;
    return status == STATUS_OK ? books_at_head(letting, err) : status;
}

/*
 * Journal first, then the books: an entry that is durable is the truth, and books that lag behind catch up.
 *
 * out     *ret_recorded: the entries are durable, though the books are not.
 */
static enum status letting_commit(struct letting *letting, bool *ret_recorded, struct err *err)
{
    if (letting->head.size == letting->before.size)
        return STATUS_OK; /* no entry: both transactions are left as they are, to be given up */
    enum status status = step_back(letting, err);
    if (status != STATUS_OK)
        return status;
    status = append_commit(letting->append, err);
    letting->append = NULL;
    if (status != STATUS_OK)
        return status;
    struct tables_txn *txn = letting->txn;
    letting->txn = NULL;
    status = tables_commit(txn, err);
    if (status == STATUS_OK)
        return STATUS_OK;
    *ret_recorded = true;
    err_prefix(err, "the entry is recorded, but the books could not follow: ");
    err->status = STATUS_UNKNOWN;
    return STATUS_UNKNOWN;
}

/* What all of the group met: an answer that is durable already, since it was given before, stands. */
static void fail_all(const struct letting *letting, struct gate_submission *submissions, size_t count, bool recorded,
                     const struct err *what)
{
    for (size_t i = 0; i < count; i++) {
        struct gate_submission *submission = &submissions[i];
        uint64_t seq = submission->answer.seq;
        if (submission->status != STATUS_OK || (submission->answer.repeated && seq < letting->before.size))
            continue;
        gate_answer_done(&submission->answer);
        if (what->status == STATUS_UNKNOWN)
            submission->answer.seq = recorded ? seq : UINT64_MAX;
        submission->status = what->status;
        submission->err = *what;
    }
}

/* Whether the others of the group go on: what the machine or the books refuse, they refuse to all. */
static bool is_of_statement(enum status status)
{
    return status == STATUS_OK || status == STATUS_INPUT || status == STATUS_LIMIT || status == STATUS_EXISTS ||
           status == STATUS_REFUSED || status == STATUS_SIGNATURE || status == STATUS_CLOCK ||
           status == STATUS_PERMISSION;
}

void gate_submit_group(struct gate *gate, struct gate_submission *submissions, size_t count)
{
    struct letting letting = {.gate = gate};
    struct err what = {.status = STATUS_OK};
    bool recorded = false;
    invariant(count > 0 && count <= GATE_GROUP_MAX);
    for (size_t i = 0; i < count; i++) {
        submissions[i].status = STATUS_OK;
        submissions[i].answer = (struct gate_answer){.seq = 0};
    }
    enum status status = letting_begin(&letting, &what);
    for (size_t i = 0; status == STATUS_OK && i < count; i++) {
        struct gate_submission *submission = &submissions[i];
        submission->status = let_one_in(&letting, submission, &submission->err);
        if (submission->status != STATUS_OK)
            gate_answer_done(&submission->answer);
        if (!is_of_statement(submission->status)) {
            what = submission->err;
            status = what.status;
        }
    }
    if (status == STATUS_OK)
        status = letting_commit(&letting, &recorded, &what);
    if (status != STATUS_OK)
        fail_all(&letting, submissions, count, recorded, &what);
    tables_abort(letting.txn);
    append_abort(letting.append);
}

enum status gate_submit(struct gate *gate, struct slice bytes, const struct signature_list *signatures,
                        struct gate_answer *ret_answer, struct err *err)
{
    struct statement statement = {.bytes = NULL};
    struct gate_submission submission = {.statement = &statement, .signatures = signatures};
    enum status status = gate_check(gate, bytes, signatures, &statement, err);
    if (status != STATUS_OK)
        return status;
    gate_submit_group(gate, &submission, 1);
    statement_done(&statement);
    if (submission.status == STATUS_OK || submission.status == STATUS_UNKNOWN)
        *ret_answer = submission.answer;
    return submission.status == STATUS_OK ? STATUS_OK : err_set(err, submission.status, "%s", submission.err.text);
}

enum status gate_record_checkpoint(struct gate *gate, uint64_t size, const struct hash *root, struct slice note,
                                   struct err *err)
{
    const struct append_options append_options = {.wait_ms = gate->options.wait_ms};
    const struct journal_checkpoint checkpoint = {.size = size, .root = *root, .note = note};
    struct append *append = NULL;
    enum status status = append_begin(gate->journal, &append_options, &append, err);
    if (status == STATUS_OK)
        status = append_checkpoint(append, &checkpoint, err);
    if (status == STATUS_OK) {
        struct append *whole = append;
        append = NULL;
        status = append_commit(whole, err);
    }
    append_abort(append);
    return status;
}
