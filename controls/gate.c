/*
 * The gate: form, signatures, who, seen before, time, judge, write. The one caller of append.h besides the birth of a book.
 * A refusal by controls is an entry too; what is refused before that (form, foreign keys, skew, a used id) is an error and
 * leaves no trace in the journal (FORMAT.md; DESIGN 4 "Refusals").
 */
#include "controls/gate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "controls/control.h"
#include "controls/judge.h"
#include "controls/policy.h"
#include "controls/release.h"
#include "ledger/append.h"
#include "ledger/books.h"
#include "ledger/instant.h"
#include "ledger/journal.h"
#include "ledger/schema.h"
#include "ledger/sshkey.h"
#include "ledger/sshsig.h"
#include "ledger/statement.h"
#include "ledger/tables.h"

enum {
    BEHIND_MS_MAX = 5000,       /* FORMAT.md section 4: the gate's clock may be so far behind the entry before */
    REFUSALS_PER_DAY_MAX = 1000 /* entries that are nothing but refusals, for each user and UTC day */
};

struct gate {
    struct gate_options options;
    char dir[4096];
    struct journal *journal;
    struct books *books;
    struct judge *judge;
    json_t *charter;
    char book_id[HASH_HEX_CHARS + 1];
};

static enum status charter_load(struct gate *gate, struct err *err)
{
    struct tables_txn *txn = NULL;
    json_t *book = NULL;
    struct books_key key = books_key("charter");
    enum status status = tables_read_begin(gate->books->tables, &txn, err);
    if (status != STATUS_OK)
        return status;
    status = books_get(txn, BOOKS_META, &key, &gate->charter, err);
    key = books_key("book");
    if (status == STATUS_OK)
        status = books_get(txn, BOOKS_META, &key, &book, err);
    if (status == STATUS_OK)
        snprintf(gate->book_id, sizeof gate->book_id, "%s", member_text(book, "id"));
    if (status == STATUS_NOT_FOUND)
        status = err_set(err, STATUS_CORRUPT, "%s: the books hold no charter; run rebuild", gate->dir);
    json_decref(book);
    tables_abort(txn);
    return status;
}

/*
 * Opens the books and what a gate keeps of them. Damage that no checksum could tell, since the tree above the records was
 * hit, shows as a missing charter: then they are made again, once.
 */
static enum status gate_open_books(struct gate *gate, const struct gate_options *options, struct err *err)
{
    struct books_options books_options = {.read_only = options->read_only,
                                          .rebuild = options->rebuild,
                                          .wait_ms = options->wait_ms,
                                          .progress = options->progress,
                                          .progress_context = options->progress_context};
    enum status status = books_open(gate->dir, gate->journal, &books_options, &gate->books, err);
    if (status == STATUS_OK)
        status = charter_load(gate, err);
    if (status != STATUS_CORRUPT || gate->books == NULL || gate->books->rebuilt)
        return status;
    books_close(gate->books, false);
    gate->books = NULL;
    books_options.rebuild = true;
    status = books_open(gate->dir, gate->journal, &books_options, &gate->books, err);
    return status == STATUS_OK ? charter_load(gate, err) : status;
}

enum status gate_open(const char *book_dir, const struct gate_options *options, struct gate **ret_gate, struct err *err)
{
    const struct journal_options journal_options = {.read_only = options->read_only};
    struct gate *gate = calloc(1, sizeof *gate);
    if (gate == NULL)
        return err_set(err, STATUS_MEMORY, "no memory");
    gate->options = *options;
    enum status status = STATUS_OK;
    if (snprintf(gate->dir, sizeof gate->dir, "%s", book_dir) >= (int)sizeof gate->dir)
        status = err_set(err, STATUS_LIMIT, "%s: the path is too long", book_dir);
    if (status == STATUS_OK)
        status = journal_open(book_dir, &journal_options, &gate->journal, err);
    if (status == STATUS_OK)
        status = gate_open_books(gate, options, err);
    if (status == STATUS_OK)
        status = judge_new(&gate->judge, err);
    if (status == STATUS_OK)
        *ret_gate = gate;
    else
        gate_close(gate);
    return status;
}

void gate_close(struct gate *gate)
{
    if (gate == NULL)
        return;
    judge_free(gate->judge);
    books_close(gate->books, !gate->options.read_only);
    journal_close(gate->journal);
    json_decref(gate->charter);
    free(gate);
}

struct books *gate_books(struct gate *gate)
{
    return gate->books;
}

struct judge *gate_judge(struct gate *gate)
{
    return gate->judge;
}

const char *gate_book_id(const struct gate *gate)
{
    return gate->book_id;
}

const json_t *gate_charter(const struct gate *gate)
{
    return gate->charter;
}

bool gate_is_simulated(const struct gate *gate)
{
    return strcmp(member_text(gate->charter, "clock"), "simulated") == 0;
}

void gate_answer_done(struct gate_answer *answer)
{
    if (answer == NULL)
        return;
    json_decref(answer->decision);
    *answer = (struct gate_answer){.seq = 0};
}

static enum status statement_admit(const struct gate *gate, struct slice bytes, struct statement *ret_statement,
                                   struct err *err)
{
    struct statement statement;
    enum status status = statement_read(bytes, &statement, err);
    if (status != STATUS_OK)
        return status;
    if (statement.verb == VERB_CHARTER)
        status = err_set(err, STATUS_INPUT, "a charter makes a book; it is no statement in one");
    else if (strcmp(statement.book, gate->book_id) != 0)
        status = err_set(err, STATUS_INPUT, "the statement is for book %.16s..., this is %.16s...", statement.book,
                         gate->book_id);
    else
        status = judge_check_form(&statement, err);
    if (status == STATUS_OK)
        *ret_statement = statement;
    else
        statement_done(&statement);
    return status;
}

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
        status = books_get(txn, BOOKS_KEYS, &key, &key_record, err);
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

static enum status first_answer(struct gate *gate, struct journal_snapshot *snapshot, uint64_t seq,
                                struct gate_answer *ret_answer, struct err *err)
{
    const char *bytes;
    size_t length;
    struct entry entry;
    (void)gate;
    enum status status = journal_entry_checked(snapshot, seq, &bytes, &length, err);
    if (status == STATUS_OK)
        status = entry_read(slice_of(bytes, length), &entry, err);
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
static enum status seen_before(struct gate *gate, struct tables_txn *txn, struct journal_snapshot *snapshot,
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
    return first_answer(gate, snapshot, seq, ret_answer, err);
}

static enum status head_time(struct tables_txn *txn, uint64_t size, int64_t *ret_ms, struct err *err)
{
    json_t *record = NULL;
    struct books_key key = books_key(NULL);
    books_key_add_number(&key, size - 1);
    enum status status = books_get(txn, BOOKS_ENTRIES, &key, &record, err);
    if (status == STATUS_NOT_FOUND)
        return err_set(err, STATUS_CORRUPT, "the books do not hold entry %llu; run rebuild",
                       (unsigned long long)size - 1);
    if (status == STATUS_OK) {
        const char *text = member_text(record, "time");
        status = instant_parse(text, strlen(text), ret_ms, err);
    }
    json_decref(record);
    return status;
}

static enum status real_time(const struct gate *gate, const struct statement *statement, int64_t head_ms,
                             int64_t *ret_ms, struct err *err)
{
    int64_t now = gate->options.now_ms(gate->options.clock_context);
    int64_t skew_ms = member_integer(gate->charter, "skew_seconds") * 1000;
    int64_t off = statement->at_ms > now ? statement->at_ms - now : now - statement->at_ms;
    if (off > skew_ms)
        return err_set(
            err, STATUS_CLOCK,
            "the statement's time is %lld s from the gate's clock, %lld s are permitted; set the clock and sign again",
            (long long)(off / 1000), (long long)(skew_ms / 1000));
    if (statement->verb == VERB_CLOCK) { /* what it is for; C-31 asks whether there is need of it */
        *ret_ms = now;
        return STATUS_OK;
    }
    if (head_ms - now > BEHIND_MS_MAX)
        return err_set(
            err, STATUS_CLOCK,
            "the clock is %lld s behind the last entry; set it right, nothing is written until it has caught up",
            (long long)((head_ms - now) / 1000));
    *ret_ms = now > head_ms ? now : head_ms;
    return STATUS_OK;
}

static enum status entry_time(const struct gate *gate, const struct statement *statement, int64_t head_ms,
                              int64_t *ret_ms, struct err *err)
{
    char head[INSTANT_TEXT_BYTES];
    if (!gate_is_simulated(gate))
        return real_time(gate, statement, head_ms, ret_ms, err);
    if (statement->at_ms < head_ms && statement->verb != VERB_CLOCK) {
        instant_format(head_ms, head);
        return err_set(err, STATUS_CLOCK, "the simulated time may not go back: the last entry is of %s", head);
    }
    *ret_ms = statement->at_ms;
    return STATUS_OK;
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
    enum status status = books_get(txn, BOOKS_COUNTERS, &key, &counter, err);
    if (status == STATUS_NOT_FOUND)
        return STATUS_OK;
    if (status == STATUS_OK && member_integer(counter, "refusals") >= REFUSALS_PER_DAY_MAX)
        status = err_set(err, STATUS_REFUSED, "refused, and not recorded: %s has %d refusals in the journal today",
                         statement->actor, REFUSALS_PER_DAY_MAX);
    json_decref(counter);
    return status;
}

/* What one submission holds while it is under way. */
struct letting {
    struct gate *gate;
    const struct statement *statement;
    const struct signature_list *signatures;
    struct append *append;
    struct tables_txn *txn;
    struct journal_head head;
    struct gate_answer answer;
    bool recorded; /* the entry is durable, though the books are not */
};

static enum status entry_append(struct letting *letting, struct err *err)
{
    char *bytes = NULL;
    size_t length = 0;
    uint64_t seq;
    const struct entry_parts parts = {.decision = letting->answer.decision,
                                      .gate = letting->gate->options.facts,
                                      .prev = &letting->head.leaf,
                                      .seq = letting->head.size,
                                      .signatures = letting->signatures,
                                      .statement = letting->statement,
                                      .time_ms = letting->answer.time_ms};
    enum status status = entry_make(&parts, &bytes, &length, err);
    if (status == STATUS_OK)
        status = append_entry(letting->append, slice_of(bytes, length), &seq, &letting->answer.leaf, err);
    free(bytes);
    if (status != STATUS_OK)
        return status;
    invariant(seq == letting->head.size);
    letting->answer.seq = seq;
    const struct fold fold = {.txn = letting->txn,
                              .statement = letting->statement,
                              .signatures = letting->signatures,
                              .seq = seq,
                              .time_ms = letting->answer.time_ms};
    return fold_end(&fold, letting->answer.decision, &letting->answer.leaf, err);
}

/* Journal first, then the books: an entry that is durable is the truth, and books that lag behind catch up. */
static enum status letting_commit(struct letting *letting, struct err *err)
{
    enum status status = append_commit(letting->append, err);
    letting->append = NULL;
    if (status != STATUS_OK)
        return status;
    struct tables_txn *txn = letting->txn;
    letting->txn = NULL;
    status = tables_commit(txn, err);
    if (status == STATUS_OK)
        return STATUS_OK;
    letting->recorded = true;
    err_prefix(err,
               "entry %llu is recorded, but the books could not follow: ", (unsigned long long)letting->answer.seq);
    if (err != NULL)
        err->status = STATUS_UNKNOWN;
    return STATUS_UNKNOWN;
}

/* A policy may shut out releases that nobody has approved; what the gate is made of is no part of a decision. */
static enum status release_check(const struct letting *letting, struct err *err)
{
    const struct policy *policy = NULL;
    uint64_t policy_seq = 0;
    struct release_standing standing = {.admitted = true};
    const struct gate_facts *facts = letting->gate->options.facts;
    enum status status =
        judge_policy(letting->gate->judge, letting->txn, letting->answer.time_ms, &policy, &policy_seq, err);
    if (status == STATUS_OK && policy->releases_deny)
        status = release_look(letting->txn, policy, letting->statement, facts->exe, &standing, err);
    return status == STATUS_OK && !standing.admitted
               ? err_set(err, STATUS_REFUSED, "the policy lets in approved releases only, and %s (%s) is none",
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

static enum status judge_and_write(struct letting *letting, struct err *err)
{
    int64_t head_ms;
    enum status status = head_time(letting->txn, letting->head.size, &head_ms, err);
    if (status == STATUS_OK)
        status = entry_time(letting->gate, letting->statement, head_ms, &letting->answer.time_ms, err);
    if (status != STATUS_OK)
        return status;
    const struct judged judged = {.tables = letting->gate->books->tables,
                                  .txn = &letting->txn,
                                  .statement = letting->statement,
                                  .signatures = letting->signatures,
                                  .seq = letting->head.size,
                                  .time_ms = letting->answer.time_ms};
    status = release_check(letting, err);
    if (status == STATUS_OK)
        status = judge_statement(letting->gate->judge, &judged, &letting->answer.decision, err);
    if (status == STATUS_OK && letting->answer.time_ms < head_ms)
        status = clock_check(letting->answer.decision, err);
    if (status == STATUS_OK)
        status =
            refusals_check(letting->txn, letting->statement, letting->answer.time_ms, letting->answer.decision, err);
    if (status == STATUS_OK)
        status = entry_append(letting, err);
    return status == STATUS_OK ? letting_commit(letting, err) : status;
}

/* The books have to stand exactly at the head before anything is judged against them. */
static enum status books_at_head(struct letting *letting, struct err *err)
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

enum status gate_submit(struct gate *gate, struct slice bytes, const struct signature_list *signatures,
                        struct gate_answer *ret_answer, struct err *err)
{
    struct statement statement = {.bytes = NULL};
    const struct append_options append_options = {.wait_ms = gate->options.wait_ms};
    struct letting letting = {.gate = gate, .statement = &statement, .signatures = signatures};
    bool seen = false;

    enum status status = statement_admit(gate, bytes, &statement, err);
    if (status == STATUS_OK)
        status = signature_list_verify(signatures, &statement, err);
    if (status == STATUS_OK)
        status = append_begin(gate->journal, &append_options, &letting.append, err);
    if (status == STATUS_OK)
        status = books_catch_up(gate->books, NULL, err);
    if (status == STATUS_OK)
        status = tables_write_begin(gate->books->tables, &letting.txn, err);
    if (status == STATUS_OK)
        status = journal_head(append_snapshot(letting.append), &letting.head, err);
    if (status == STATUS_OK)
        status = books_at_head(&letting, err);
    if (status == STATUS_OK)
        status = actor_known(gate, letting.txn, &statement, signatures, err);
    if (status == STATUS_OK)
        status =
            seen_before(gate, letting.txn, append_snapshot(letting.append), &statement, &letting.answer, &seen, err);
    if (status == STATUS_OK && !seen)
        status = judge_and_write(&letting, err);
    tables_abort(letting.txn);
    append_abort(letting.append);
    statement_done(&statement);
    if (status == STATUS_OK) {
        *ret_answer = letting.answer;
        return STATUS_OK;
    }
    if (status == STATUS_UNKNOWN)
        *ret_answer = (struct gate_answer){.seq = letting.recorded ? letting.answer.seq : UINT64_MAX};
    gate_answer_done(&letting.answer);
    return status;
}

enum status gate_dry_run(struct gate *gate, struct slice bytes, json_t **ret_decision, struct err *err)
{
    struct statement statement = {.bytes = NULL};
    struct tables_txn *txn = NULL;
    struct tables_watermark mark = {.size = 0};
    int64_t head_ms, time_ms;
    enum status status = statement_admit(gate, bytes, &statement, err);
    if (status == STATUS_OK)
        status = books_catch_up(gate->books, NULL, err);
    if (status == STATUS_OK)
        status = tables_write_begin(gate->books->tables, &txn, err);
    if (status == STATUS_OK)
        status = tables_watermark_get(txn, &mark, err);
    if (status == STATUS_OK)
        status = head_time(txn, mark.size, &head_ms, err);
    if (status == STATUS_OK)
        status = entry_time(gate, &statement, head_ms, &time_ms, err);
    if (status == STATUS_OK) {
        const struct judged judged = {
            .tables = gate->books->tables, .txn = &txn, .statement = &statement, .seq = mark.size, .time_ms = time_ms};
        status = judge_statement(gate->judge, &judged, ret_decision, err);
    }
    tables_abort(txn);
    statement_done(&statement);
    return status;
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
