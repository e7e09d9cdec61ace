/*
 * Opening a book for a command: where it is, who acts, at what time, and whether it is still the book that this user saw
 * last. Statements are made, signed and let in by session_sign.c.
 */
#include "cli/session.h"

#include <stdlib.h>
#include <string.h>

#include "cli/book.h"
#include "cli/session_parts.h"
#include "cli/terminal.h"
#include "controls/judge.h"
#include "ledger/instant.h"
#include "ledger/schema.h"
#include "ledger/statement.h"
#include "ledger/tables.h"
#include "ledger/text.h"

struct receipt_owner session_receipt_owner(const struct session *session)
{
    return (struct receipt_owner){.book = session->book_id, .user = session->user};
}

enum status session_open_book(struct session *session, struct err *err)
{
    bool writes = (session->flags & SESSION_WRITE) != 0;
    struct book_options options = {.facts = &session->program.facts,
                                   .writes = writes,
                                   .user = session->user,
                                   .offer = session_offer_keys,
                                   .choose = session_choose_key,
                                   .key_context = session};
    enum status status = cli_wait(session->options, &options.wait_ms, err);
    if (status == STATUS_OK)
        status = program_identify(&session->program, writes && !session->cli->dry_run, err);
    if (status != STATUS_OK)
        return status;
    return book_open(session->cli, cli_book(session->cli, session->options), &options, &session->book, err);
}

enum status session_head(struct session *session, struct journal_head *ret_head, struct err *err)
{
    struct tables_txn *txn = NULL;
    struct tables_watermark mark;
    enum status status = tables_read_begin(session_books(session)->tables, &txn, err);
    if (status != STATUS_OK)
        return status;
    status = tables_watermark_get(txn, &mark, err);
    tables_abort(txn);
    if (status == STATUS_OK)
        *ret_head = (struct journal_head){.size = mark.size, .leaf = mark.leaf};
    return status;
}

static enum status head_time(struct session *session, uint64_t seq, int64_t *ret_ms, struct err *err)
{
    struct tables_txn *txn = NULL;
    json_t *record = NULL;
    struct books_key key = books_key(NULL);
    books_key_add_number(&key, seq);
    enum status status = tables_read_begin(session_books(session)->tables, &txn, err);
    if (status != STATUS_OK)
        return status;
    status = books_get(txn, BOOKS_ENTRIES, &key, &record, err);
    if (status == STATUS_NOT_FOUND)
        status = err_set(err, STATUS_CORRUPT, "entry %llu is not in the books; run rebuild", (unsigned long long)seq);
    const char *time = member_text(record, "time");
    if (status == STATUS_OK)
        status = time == NULL
                     ? err_set(err, STATUS_CORRUPT, "entry %llu has no time in the books", (unsigned long long)seq)
                     : instant_parse(time, strlen(time), ret_ms, err);
    json_decref(record);
    tables_abort(txn);
    return status;
}

enum status session_read_time(const char *text, int64_t *ret_ms, struct err *err)
{
    char whole[INSTANT_TEXT_BYTES];
    size_t length = strlen(text);
    int32_t days;
    if (length == DATE_TEXT_BYTES - 1) {
        enum status status = date_parse(text, length, &days, err);
        if (status == STATUS_OK)
            *ret_ms = date_begins(days, 0);
        return status;
    }
    if (length == INSTANT_TEXT_BYTES - 5 && text[length - 1] == 'Z') {
        snprintf(whole, sizeof whole, "%.*s.000Z", (int)length - 1, text);
        return instant_parse(whole, strlen(whole), ret_ms, err);
    }
    return instant_parse(text, length, ret_ms, err);
}

enum status session_set_time(struct session *session, int64_t time_ms, struct err *err)
{
    if (!session->simulated)
        return err_set(err, STATUS_INPUT, "the clock of this book is real: statements take the time of day");
    session->time_given = true;
    session->time_ms = time_ms;
    return STATUS_OK;
}

static enum status set_time_option(struct session *session, struct err *err)
{
    const char *at = options_has(session->options, "at") ? options_text(session->options, "at") : NULL;
    int64_t time_ms;
    if (at == NULL)
        return STATUS_OK;
    enum status status = session_read_time(at, &time_ms, err);
    if (status == STATUS_OK)
        status = session_set_time(session, time_ms, err);
    if (status != STATUS_OK)
        err_prefix(err, "--at: ");
    return status;
}

/* What a reader of anything printed from this book has to know. */
static void say_what_book(const struct session *session)
{
    const json_t *charter = book_charter(session->book);
    const uint64_t strayed = book_books(session->book)->strayed;
    if (strayed > 0)
        fprintf(
            session->cli->err,
            "WARNING: the books stood at entry %llu, which is not in this journal any more: it was cut off, put back "
            "or "
            "rewritten. They were made anew of what is there; run 'countersign audit verify' with a checkpoint or a "
            "receipt from outside\n",
            (unsigned long long)strayed - 1);
    if (session->simulated)
        fputs("SIMULATED: the clock of this book is what statements say\n", session->cli->err);
    if (member_integer(charter, "engine") == ENGINE_DRAFT)
        fputs("draft: engine 0 is not frozen, its decisions may be read otherwise later\n", session->cli->err);
}

/* Time, and whether this is the book that the user knows. */
static enum status session_settle(struct session *session, struct err *err)
{
    struct journal_head head;
    const struct receipt_owner owner = session_receipt_owner(session);
    bool looks = (session->flags & SESSION_RESTORED) == 0;
    enum status status =
        looks ? receipts_check(session->cli, &owner, session_books(session), &session->keeps, err) : STATUS_OK;
    if (status == STATUS_OK)
        status = session_head(session, &head, err);
    if (status != STATUS_OK)
        return status;
    struct err lost = {0};
    if (session->keeps && receipts_keep(session->cli, &owner, head.size - 1, &head.leaf, &lost) != STATUS_OK) {
        terminal_printf(session->cli->err, "countersign: no receipt kept: %s", lost.text);
        fputc('\n', session->cli->err);
    }
    if (session->simulated)
        status = head_time(session, head.size - 1, &session->time_ms, err);
    return status == STATUS_OK ? set_time_option(session, err) : status;
}

enum status session_open(struct cli *cli, const struct options *options, unsigned flags, struct session **ret_session,
                         struct err *err)
{
    struct session *session = calloc(1, sizeof *session);
    if (session == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for a session");
    session->cli = cli;
    session->options = options;
    session->flags = flags;
    session->user = cli_user(cli, options);
    enum status status = STATUS_OK;
    if (session->user == NULL && (flags & SESSION_WRITE) != 0 && (flags & SESSION_ANY_TIME) == 0)
        status = err_set(err, STATUS_INPUT, "who acts? give --as USER or set COUNTERSIGN_USER");
    if (status == STATUS_OK && session->user != NULL && !text_is_id(session->user, strlen(session->user)))
        status =
            err_set(err, STATUS_INPUT, "--as: a user is letters, digits and . _ : / @ -, at most %d", ID_BYTES_MAX);
    if (status == STATUS_OK)
        status = session_open_book(session, err);
    if (status == STATUS_OK)
        status = judge_new(&session->judge, err);
    if (status == STATUS_OK) {
        snprintf(session->book_id, sizeof session->book_id, "%s", book_id(session->book));
        session->simulated = book_is_simulated(session->book);
        say_what_book(session);
        status = session_settle(session, err);
    }
    if (status != STATUS_OK)
        session_close(session);
    else
        *ret_session = session;
    return status;
}

void session_close(struct session *session)
{
    if (session == NULL)
        return;
    if (session->has_statement)
        statement_done(&session->statement);
    session_end_facts(session);
    hand_close(session->hand);
    free(session->offered);
    judge_free(session->judge);
    book_close(session->book);
    free(session);
}

struct book *session_book(struct session *session)
{
    return session->book;
}

struct books *session_books(struct session *session)
{
    return book_books(session->book);
}

struct judge *session_judge(struct session *session)
{
    return session->judge;
}

struct cli *session_cli(struct session *session)
{
    return session->cli;
}

const struct options *session_options(const struct session *session)
{
    return session->options;
}

const char *session_user(const struct session *session)
{
    return session->user;
}

bool session_is_simulated(const struct session *session)
{
    return session->simulated;
}

int64_t session_time(const struct session *session)
{
    return session->simulated ? session->time_ms : session->cli->now_ms(session->cli->clock_context);
}

enum status session_begin_facts(struct session *session, const struct facts **ret_facts, struct err *err)
{
    invariant(!session->facts_begun);
    struct facts facts = {.book = session->book_id,
                          .engine = (int)member_integer(book_charter(session->book), "engine"),
                          .time_ms = session_time(session)};
    struct tables_watermark mark;
    enum status status = tables_read_begin(session_books(session)->tables, &facts.books, err);
    if (status != STATUS_OK)
        return status;
    status = tables_watermark_get(facts.books, &mark, err);
    if (status == STATUS_OK)
        status = judge_policy(session->judge, facts.books, facts.time_ms, &facts.policy, &facts.policy_seq, err);
    if (status != STATUS_OK) {
        tables_abort(facts.books);
        return status;
    }
    facts.seq = mark.size;
    session->facts = facts;
    session->facts_begun = true;
    session->has_seen = true;
    session->seen = (struct journal_head){.size = mark.size, .leaf = mark.leaf};
    *ret_facts = &session->facts;
    return STATUS_OK;
}

void session_end_facts(struct session *session)
{
    if (session == NULL || !session->facts_begun)
        return;
    tables_abort(session->facts.books);
    session->facts_begun = false;
}
