/*
 * A book for reports. The tables are built anew for each run, from entries whose hashes are compared, so that a report never
 * rests on what somebody left lying about.
 */
#include "cli/report_book.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/report/sql.h"
#include "audit/sql/sql.h"
#include "audit/verify/verify.h"
#include "cli/book.h"
#include "cli/far_stamps.h"
#include "cli/outlet.h"
#include "cli/progress.h"
#include "cli/session.h"
#include "cli/verifying.h"
#include "ledger/durable.h"
#include "ledger/journal.h"

static void step(void *context, uint64_t done, uint64_t total)
{
    struct progress *progress = context;
    progress->total = (int64_t)total;
    progress_step(progress, (int64_t)done);
}

/* Run at: the clock; on a simulated book --at, which is how a run is repeated to the byte. */
static enum status moment(struct cli *cli, const struct options *options, struct report_book *book, struct err *err)
{
    const char *at = options_text(options, "at");
    book->now_ms = cli->now_ms(cli->clock_context);
    book->by = cli_user(cli, options) != NULL ? cli_user(cli, options) : book->program.os_user;
    if (at == NULL)
        return STATUS_OK;
    if (!book->facts.simulated)
        return err_set(err, STATUS_INPUT,
                       "--at is for books with a simulated clock; here the clock says when a report is run");
    enum status status = session_read_time(at, &book->now_ms, err);
    if (status != STATUS_OK)
        err_prefix(err, "--at: ");
    return status;
}

static enum status tables(struct cli *cli, struct report_book *book, struct err *err)
{
    struct progress progress;
    const struct sql_options sql_options = {
        .release = book->program.facts.release, .exe = book->program.exe, .progress = step, .context = &progress};
    progress_begin(&progress, cli, "reading the journal", 0);
    enum status status = sql_build(book->source.journal, &sql_options, &book->sql, err);
    progress_end(&progress);
    return status;
}

enum status report_book_open(struct cli *cli, const struct options *options, struct report_book *book, struct err *err)
{
    *book = (struct report_book){.sql = NULL};
    enum status status = program_identify(&book->program, true, err);
    if (status == STATUS_OK)
        status = journal_source_open(cli, options, false, &book->source, err);
    if (status == STATUS_OK)
        status = tables(cli, book, err);
    if (status != STATUS_OK)
        return status;
    book->rows = report_source_sql(book->sql);
    status = report_facts_query(&book->rows, &book->facts, err);
    if (status == STATUS_OK)
        status = report_facts_checkpoints(&book->facts, book->source.journal, err);
    return status == STATUS_OK ? moment(cli, options, book, err) : status;
}

static void hear(void *context, const struct finding *finding)
{
    report_verified_hear(context, finding);
}

/* A server is asked over the line of the source, which the child uses and which is made anew afterwards; a directory the child opens. */
static enum status verify(struct cli *cli, const struct options *options, struct report_book *book, struct err *err)
{
    struct verify_stamps stamps;
    struct verify_options verifying = {.book_dir = cli_book(cli, options), .report = hear, .context = &book->verified};
    enum status status = STATUS_OK;
    if (book_is_remote(verifying.book_dir))
        status = journal_source_open(cli, options, true, &book->source, err);
    struct session *session = book->source.session;
    if (session != NULL && status == STATUS_OK)
        status = book_read_all(session_book(session), "audit report", err);
    if (session != NULL && status == STATUS_OK) {
        stamps = far_stamps(session_book(session));
        verifying.stamps = &stamps;
        verifying.books = session_books(session);
    }
    (void)fflush(cli->out); /* what waits in the buffers is this process's, not the child's */
    (void)fflush(cli->err);
    if (status == STATUS_OK)
        status = verifying_in_child(&verifying, verify_book, book->result, err);
    if (session != NULL)
        book_used_by_child(session_book(session));
    return status;
}

enum status report_book_verify(struct cli *cli, const struct options *options, struct report_book *book,
                               struct err *err)
{
    struct err unread = {.status = STATUS_OK};
    *book = (struct report_book){.result = calloc(1, sizeof *book->result)};
    if (book->result == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for a verification");
    book->verified.result = book->result;
    enum status status = program_identify(&book->program, true, err);
    if (status == STATUS_OK)
        status = verify(cli, options, book, err);
    if (status != STATUS_OK)
        return status;
    report_facts_verified(book->result, &book->facts);
    snprintf(book->facts.release, sizeof book->facts.release, "%s", book->program.facts.release);
    snprintf(book->facts.exe, sizeof book->facts.exe, "%s", book->program.exe);
    /* A journal that cannot be read any more names no checkpoints; the certificate says what is wrong with it. */
    if (book->source.session != NULL || journal_source_open(cli, options, true, &book->source, &unread) == STATUS_OK)
        report_facts_journal(&book->facts, book->source.journal);
    return moment(cli, options, book, err);
}

void report_book_close(struct report_book *book)
{
    report_facts_done(&book->facts);
    sql_close(book->sql);
    if (book->source.journal != NULL || book->source.session != NULL)
        journal_source_close(&book->source);
    free(book->result);
    *book = (struct report_book){.sql = NULL};
}

int report_book_exit(const struct report_book *book)
{
    const struct verify_result *result = book->result;
    return result == NULL || (result->complete && result->finding_count == 0) ? EXIT_DONE : EXIT_INTEGRITY;
}

enum status report_to_outlet(void *context, struct slice bytes, struct err *err)
{
    const struct outlet *outlet = context;
    if (fwrite(bytes.bytes, 1, bytes.length, outlet->file) == bytes.length)
        return STATUS_OK;
    return durable_fail(errno, outlet->name, "write", err);
}
