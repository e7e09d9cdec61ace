/*
 * A book whose files are at hand: the gate in this process, and what lies beside the journal. Whoever reads it could also
 * write it, so nobody is asked who they are.
 */
#include <stdlib.h>
#include <time.h>

#include "cli/book_parts.h"
#include "controls/erasure.h"
#include "controls/facts.h"
#include "controls/judge.h"
#include "ledger/tables.h"

enum { LOOK_EVERY_MS = 50 }; /* how often a waiting reader looks for entries of others */

struct directory {
    struct gate *gate;
    struct gate_options options;
};

static enum status open_again(struct book *book, struct err *err)
{
    struct directory *directory = book->self;
    gate_close(directory->gate);
    directory->gate = NULL;
    book->books = NULL;
    enum status status = gate_open(book->address, &directory->options, &directory->gate, err);
    if (status == STATUS_OK)
        book->books = gate_books(directory->gate);
    return status;
}

/* A reader that finds the books behind the journal has them brought in step, which takes a writer. */
static enum status open_first(struct book *book, struct err *err)
{
    struct directory *directory = book->self;
    enum status status = open_again(book, err);
    if (status == STATUS_BUSY && directory->options.read_only) {
        directory->options.read_only = false;
        status = open_again(book, err);
    }
    return status;
}

static void directory_close(void *self)
{
    struct directory *directory = self;
    gate_close(directory->gate);
    free(directory);
}

/* The first commit left it open what came of it. The same bytes again: what is recorded answers, the rest is let in. */
static enum status submit_again(struct book *book, struct slice bytes, const struct signature_list *signatures,
                                struct gate_answer *ret_answer, struct err *err)
{
    struct directory *directory = book->self;
    struct gate_answer answer = {.seq = ret_answer->seq};
    uint64_t seq = ret_answer->seq;
    enum status status = open_again(book, err);
    if (status == STATUS_OK) {
        status = gate_submit(directory->gate, bytes, signatures, &answer, err);
        if (status == STATUS_UNKNOWN && answer.seq != UINT64_MAX)
            seq = answer.seq;
    }
    if (status == STATUS_OK)
        *ret_answer = answer;
    else if (seq != UINT64_MAX)
        err_prefix(err,
                   "entry %llu is recorded: do not send it again, the books will show it when they can be written: ",
                   (unsigned long long)seq);
    else if (status == STATUS_UNKNOWN)
        err_prefix(err, "look with 'countersign log' before you send it again: ");
    return status;
}

static enum status directory_submit(struct book *book, struct slice bytes, const struct signature_list *signatures,
                                    struct gate_answer *ret_answer, struct err *err)
{
    struct directory *directory = book->self;
    enum status status = gate_submit(directory->gate, bytes, signatures, ret_answer, err);
    return status == STATUS_UNKNOWN ? submit_again(book, bytes, signatures, ret_answer, err) : status;
}

static enum status directory_try(struct book *book, struct slice bytes, json_t **ret_decision, struct err *err)
{
    struct directory *directory = book->self;
    return gate_dry_run(directory->gate, bytes, ret_decision, err);
}

static enum status look(struct book *book, struct journal_head *ret_head, struct err *err)
{
    struct journal_snapshot *snapshot = NULL;
    enum status status = journal_read_begin(book->books->journal, &snapshot, err);
    if (status != STATUS_OK)
        return status;
    status = journal_head(snapshot, ret_head, err);
    journal_read_end(snapshot);
    return status;
}

static enum status directory_wait(struct book *book, uint64_t size, uint32_t wait_ms, struct journal_head *ret_head,
                                  struct err *err)
{
    const struct timespec pause = {.tv_nsec = LOOK_EVERY_MS * 1000000L};
    enum status status = look(book, ret_head, err);
    for (uint32_t waited = 0; status == STATUS_OK && ret_head->size <= size && waited < wait_ms;
         waited += LOOK_EVERY_MS) {
        (void)nanosleep(&pause, NULL);
        status = look(book, ret_head, err);
    }
    return status;
}

static enum status directory_checkpoint(struct book *book, char **ret_note, uint64_t *ret_size, struct err *err)
{
    (void)ret_note;
    (void)ret_size;
    return err_set(err, STATUS_INPUT, "%s is a directory, whose checkpoints are signed with a key at hand: give --key",
                   book->address);
}

static enum status directory_checkpoint_add(struct book *book, struct slice note, uint64_t *ret_size, bool *ret_known,
                                            struct err *err)
{
    (void)note;
    (void)ret_size;
    (void)ret_known;
    return err_set(err, STATUS_INPUT, "%s is a directory, where a checkpoint is recorded by whoever writes it",
                   book->address);
}

static enum status directory_timestamp_put(struct book *book, uint64_t size, struct slice note, struct slice reply,
                                           struct err *err)
{
    char name[TIMESTAMP_NAME_BYTES];
    timestamps_name(size, note, name);
    return timestamps_put(book->address, name, reply, err);
}

static enum status directory_timestamp_get(struct book *book, const char *name,
                                           uint8_t ret_reply[static TIMESTAMP_REPLY_BYTES_MAX], size_t *ret_length,
                                           struct err *err)
{
    return timestamps_get(book->address, name, ret_reply, ret_length, err);
}

static enum status directory_timestamps_each(struct book *book, timestamps_step *step, void *context, struct err *err)
{
    return timestamps_each(book->address, step, context, err);
}

static enum status directory_evidence_put(struct book *book, const char *source, struct evidence *ret_evidence,
                                          struct err *err)
{
    return evidence_put(book->address, source, EVIDENCE_BYTES_MAX, ret_evidence, err);
}

static enum status directory_evidence_exists(struct book *book, const struct hash *hash, bool *ret_there,
                                             struct err *err)
{
    (void)err;
    *ret_there = evidence_exists(book->address, hash);
    return STATUS_OK;
}

static enum status directory_evidence_copy(struct book *book, const struct hash *hash, int out, struct err *err)
{
    return evidence_copy(book->address, hash, out, err);
}

static enum status directory_personal_put(struct book *book, const uint8_t salt[static PERSONAL_SALT_BYTES],
                                          struct slice payload, struct hash *ret_hash, struct err *err)
{
    return personal_put(book->address, salt, payload, ret_hash, err);
}

static enum status directory_personal_get(struct book *book, const struct hash *hash, struct personal *ret_personal,
                                          struct err *err)
{
    return personal_get(book->address, hash, ret_personal, err);
}

/* Under the policy in force: whose entities have the customers that a hold names. */
static enum status directory_erase(struct book *book, const char *number, int64_t time_ms, size_t *ret_gone,
                                   struct err *err)
{
    struct facts facts = {.book = book->id, .time_ms = time_ms};
    struct judge *judge = NULL;
    enum status status = judge_new(&judge, err);
    if (status == STATUS_OK)
        status = tables_read_begin(book->books->tables, &facts.books, err);
    if (status == STATUS_OK)
        status = judge_policy(judge, facts.books, time_ms, &facts.policy, &facts.policy_seq, err);
    if (status == STATUS_OK)
        status = erasure_run(&facts, book->address, number, ret_gone, err);
    tables_abort(facts.books);
    judge_free(judge);
    return status;
}

static const struct book_adapter adapter = {
    .close = directory_close,
    .submit = directory_submit,
    .try = directory_try,
    .wait = directory_wait,
    .checkpoint = directory_checkpoint,
    .checkpoint_add = directory_checkpoint_add,
    .timestamp_put = directory_timestamp_put,
    .timestamp_get = directory_timestamp_get,
    .timestamps_each = directory_timestamps_each,
    .evidence_put = directory_evidence_put,
    .evidence_exists = directory_evidence_exists,
    .evidence_copy = directory_evidence_copy,
    .personal_put = directory_personal_put,
    .personal_get = directory_personal_get,
    .erase = directory_erase,
};

enum status book_directory_open(struct book *book, const char *dir, struct err *err)
{
    struct directory *directory = calloc(1, sizeof *directory);
    if (directory == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for a book");
    book->adapter = &adapter;
    book->self = directory;
    directory->options = (struct gate_options){.facts = book->options.facts,
                                               .now_ms = book->cli->now_ms,
                                               .clock_context = book->cli->clock_context,
                                               .wait_ms = book->options.wait_ms,
                                               .read_only = !book->options.writes};
    (void)dir;
    enum status status = open_first(book, err);
    if (status != STATUS_OK)
        return status;
    snprintf(book->id, sizeof book->id, "%s", gate_book_id(directory->gate));
    book->charter = json_incref((json_t *)(uintptr_t)gate_charter(directory->gate));
    return STATUS_OK;
}
