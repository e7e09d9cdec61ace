/*
 * The gate's frame: opening a book, what a statement has to be before the books are asked, its time, and what would be
 * decided. Statements are let in by gate_submit.c.
 */
#include "controls/gate_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "controls/judge.h"
#include "ledger/books.h"
#include "ledger/instant.h"
#include "ledger/journal.h"
#include "ledger/schema.h"
#include "ledger/statement.h"
#include "ledger/tables.h"

enum { STEP_PAUSE_MS = 2, STEP_WAIT_MS = 5000 }; /* for a server's books to reach its journal */
enum { BEHIND_MS_MAX = 5000 }; /* FORMAT.md section 4: the gate's clock may be so far behind the entry before */

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
                                          .whole = options->serves,
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

/*
 * A server commits the journal, then the books: who looks in between finds them behind for a moment, and cannot bring them in
 * step himself.
 */
static enum status open_books_in_step(struct gate *gate, struct err *err)
{
    const struct timespec pause = {.tv_nsec = STEP_PAUSE_MS * 1000000L};
    enum status status = gate_open_books(gate, &gate->options, err);
    for (uint32_t waited = 0;
         status == STATUS_BUSY && gate->options.read_only && waited < STEP_WAIT_MS && served_is(gate->dir);
         waited += STEP_PAUSE_MS) {
        (void)nanosleep(&pause, NULL);
        status = gate_open_books(gate, &gate->options, err);
    }
    return status;
}

enum status gate_open(const char *book_dir, const struct gate_options *options, struct gate **ret_gate, struct err *err)
{
    const struct journal_options journal_options = {.read_only = options->read_only, .whole = options->serves};
    struct gate *gate = calloc(1, sizeof *gate);
    if (gate == NULL)
        return err_set(err, STATUS_MEMORY, "no memory");
    gate->options = *options;
    gate->served.fd = -1;
    enum status status = STATUS_OK;
    if (snprintf(gate->dir, sizeof gate->dir, "%s", book_dir) >= (int)sizeof gate->dir)
        status = err_set(err, STATUS_LIMIT, "%s: the path is too long", book_dir);
    if (status == STATUS_OK)
        status = journal_open(book_dir, &journal_options, &gate->journal, err);
    if (status == STATUS_OK && !options->read_only && !options->serves)
        status = served_join(book_dir, &gate->served, err);
    if (status == STATUS_OK)
        status = open_books_in_step(gate, err);
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
    served_release(&gate->served);
    json_decref(gate->charter);
    free(gate);
}

struct books *gate_books(struct gate *gate)
{
    return gate->books;
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

enum status gate_time(const struct gate *gate, struct tables_txn *txn, uint64_t size, const struct statement *statement,
                      int64_t *ret_head_ms, int64_t *ret_ms, struct err *err)
{
    char head[INSTANT_TEXT_BYTES];
    enum status status = head_time(txn, size, ret_head_ms, err);
    if (status != STATUS_OK)
        return status;
    if (!gate_is_simulated(gate))
        return real_time(gate, statement, *ret_head_ms, ret_ms, err);
    if (statement->at_ms < *ret_head_ms && statement->verb != VERB_CLOCK) {
        instant_format(*ret_head_ms, head);
        return err_set(err, STATUS_CLOCK, "the simulated time may not go back: the last entry is of %s", head);
    }
    *ret_ms = statement->at_ms;
    return STATUS_OK;
}

enum status gate_check(const struct gate *gate, struct slice bytes, const struct signature_list *signatures,
                       struct statement *ret_statement, struct err *err)
{
    struct statement statement;
    enum status status = statement_admit(gate, bytes, &statement, err);
    if (status != STATUS_OK)
        return status;
    status = signature_list_verify(signatures, &statement, err);
    if (status == STATUS_OK)
        *ret_statement = statement;
    else
        statement_done(&statement);
    return status;
}

enum status gate_dry_run(struct gate *gate, struct slice bytes, json_t **ret_decision, struct err *err)
{
    struct statement statement = {.bytes = NULL};
    struct tables_txn *txn = NULL;
    struct journal_snapshot *snapshot = NULL;
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
        status = gate_time(gate, txn, mark.size, &statement, &head_ms, &time_ms, err);
    if (status == STATUS_OK)
        status = journal_read_begin(gate->journal, &snapshot, err);
    if (status == STATUS_OK)
        status = gate_restore_check(snapshot, txn, mark.size, &statement, err);
    if (status == STATUS_OK) {
        const struct judged judged = {
            .tables = gate->books->tables, .txn = &txn, .statement = &statement, .seq = mark.size, .time_ms = time_ms};
        status = judge_statement(gate->judge, &judged, ret_decision, err);
    }
    tables_abort(txn);
    journal_read_end(snapshot);
    statement_done(&statement);
    return status;
}
