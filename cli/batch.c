/*
 * The flow of a batch. A file is read twice: once to know that every row can be read at all, since a quote that never closes
 * would otherwise be met after half of the file was posted; a stream only once. Rows go into statements of one entity and
 * one time, up to the limits of a statement; each is answered before the next is sent, and what it came to is told before
 * more is read. So memory is that of one statement, and whoever stops in between has told what is settled.
 */
#include "cli/batch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/batch_parts.h"
#include "cli/compose_options.h"
#include "cli/interrupt.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "ledger/durable.h"
#include "ledger/schema.h"

/* What a statement holds beside its documents: envelope, body, commas. */
enum { STATEMENT_ROOM_BYTES = STATEMENT_BYTES_MAX - 4096 };

struct batch {
    struct session *session;
    struct cli *cli;
    const char *path;
    bool atomic;
    size_t rows_max; /* of a statement */
    struct batch_reader reader;
    struct batch_report report;
    struct batch_row rows[DOCUMENTS_MAX]; /* of the statement that is being filled, bad ones among them */
    size_t count;
    size_t good;
    size_t bytes;
    struct progress progress;
    const struct facts *facts; /* open while rows are read */
    struct path base_dir;
    struct interrupt interrupt;
    bool interruptible; /* since the first statement: before, nothing is lost by ending at once */
};

static enum status count_rows(struct batch *batch, struct err *err)
{
    struct batch_source *source = NULL;
    struct batch_cells *cells = NULL;
    bool more = true;
    if (batch_source_is_stream(batch->path))
        return STATUS_OK;
    enum status status = batch_source_open(batch->cli, batch->path, &source, err);
    if (status != STATUS_OK)
        return status;
    cells = malloc(sizeof *cells);
    if (cells == NULL)
        status = err_set(err, STATUS_MEMORY, "no memory for a row");
    while (status == STATUS_OK && more) {
        status = batch_source_next(source, cells, &more, err);
        if (status == STATUS_OK && more)
            batch->report.total++;
    }
    free(cells);
    batch_source_close(source);
    return status;
}

static void forget_rows(struct batch *batch)
{
    for (size_t i = 0; i < batch->count; i++) {
        json_decref(batch->rows[i].document);
        free(batch->rows[i].trouble);
    }
    batch->count = 0;
    batch->good = 0;
    batch->bytes = 0;
}

static enum status facts_open(struct batch *batch, struct err *err)
{
    return batch->facts != NULL ? STATUS_OK : session_begin_facts(batch->session, &batch->facts, err);
}

static void facts_close(struct batch *batch)
{
    session_end_facts(batch->session);
    batch->facts = NULL;
}

/* Any passphrase is asked before signals are only noted. */
static enum status prepare(struct batch *batch, struct err *err)
{
    const struct signer *signer = NULL;
    if (batch->interruptible || batch->cli->dry_run)
        return STATUS_OK;
    enum status status = session_signer(batch->session, &signer, err);
    if (status != STATUS_OK)
        return status;
    interrupt_begin(&batch->interrupt);
    batch->interruptible = true;
    return STATUS_OK;
}

static enum status submit(struct batch *batch, struct gate_answer *ret_answer, struct err *err)
{
    bool left = false;
    json_t *documents = json_array();
    for (size_t i = 0; i < batch->count; i++)
        if (batch->rows[i].document != NULL)
            json_array_append(documents, batch->rows[i].document);
    json_t *body = json_pack("{s:b, s:o}", "atomic", batch->atomic, "documents", documents);
    enum status status = body != NULL ? prepare(batch, err) : err_set(err, STATUS_MEMORY, "no memory for a statement");
    if (status == STATUS_OK) {
        interrupt_hold(true);
        status = session_submit(batch->session, VERB_SUBMIT, body, false, ret_answer, &left, err);
        interrupt_hold(false);
    }
    json_decref(body);
    return status;
}

/* Sends the good rows, when there are any, and tells what came of all. */
static enum status send(struct batch *batch, struct err *err)
{
    struct gate_answer answer = {.decision = NULL};
    enum status status = STATUS_OK;
    if (batch->count == 0)
        return STATUS_OK;
    facts_close(batch);
    progress_end(&batch->progress);
    if (batch->good > 0)
        status = submit(batch, &answer, err);
    if (status == STATUS_OK)
        status = batch_report_rows(&batch->report, batch->rows, batch->count, batch->good > 0 ? &answer : NULL, err);
    gate_answer_done(&answer);
    if (status == STATUS_OK)
        forget_rows(batch);
    return status;
}

/* The last row that is to be sent; NULL: none yet. */
static const struct batch_row *last_good(const struct batch *batch)
{
    for (size_t i = batch->count; i > 0; i--)
        if (batch->rows[i - 1].document != NULL)
            return &batch->rows[i - 1];
    return NULL;
}

/* Whether the row can travel with those before it. */
static bool fits(const struct batch *batch, const struct batch_row *row, size_t bytes)
{
    const struct batch_row *last = last_good(batch);
    if (last == NULL)
        return true;
    if (batch->good == batch->rows_max || batch->bytes + bytes > STATEMENT_ROOM_BYTES)
        return false;
    if (row->has_time != last->has_time || (row->has_time && row->time_ms != last->time_ms))
        return false;
    return strcmp(member_text(row->document, "entity"), member_text(last->document, "entity")) == 0;
}

static enum status no_room(const struct batch *batch, const struct batch_row *row, struct err *err)
{
    return err_set(err, STATUS_LIMIT,
                   "%s:%lld: --atomic: all rows have to fit one statement: one entity, one time, %zu rows and %d bytes "
                   "at most; nothing was posted",
                   batch->path, (long long)row->line, batch->rows_max, STATEMENT_ROOM_BYTES);
}

static void put_row(struct batch *batch, const struct batch_row *row, size_t bytes)
{
    invariant(batch->count < DOCUMENTS_MAX);
    batch->rows[batch->count++] = *row;
    batch->good += row->document != NULL ? 1 : 0;
    batch->bytes += bytes;
}

/* Takes the row's document over. */
static enum status add_row(struct batch *batch, const struct batch_row *row, struct err *err)
{
    char *text = json_dumps(row->document, JSON_COMPACT);
    size_t bytes = text != NULL ? strlen(text) + 1 : 0;
    enum status status = STATUS_OK;
    free(text);
    if (batch->atomic && batch->report.bad > 0) { /* nothing will be sent */
        json_decref(row->document);
        return STATUS_OK;
    }
    if (!fits(batch, row, bytes))
        status = batch->atomic ? no_room(batch, row, err) : send(batch, err);
    else if (batch->count == DOCUMENTS_MAX)
        status = send(batch, err);
    if (status != STATUS_OK) {
        json_decref(row->document);
        return status;
    }
    put_row(batch, row, bytes);
    return batch->good == batch->rows_max && !batch->atomic ? send(batch, err) : STATUS_OK;
}

/* All or none, and a row is bad: those that were read so far are not sent, and from now on only bad ones are told. */
static enum status add_bad(struct batch *batch, const struct batch_row *row, struct err *err)
{
    if (batch->atomic)
        forget_rows(batch);
    enum status status = batch->count == DOCUMENTS_MAX ? send(batch, err) : STATUS_OK;
    if (status != STATUS_OK) {
        free(row->trouble);
        return status;
    }
    put_row(batch, row, 0);
    return batch->atomic || batch->good == 0 ? send(batch, err) : STATUS_OK;
}

static bool is_of_the_row(enum status status)
{
    return status == STATUS_INPUT || status == STATUS_LIMIT || status == STATUS_NOT_FOUND;
}

/* Sets the statement's time from the row; what was collected at another time goes first. */
static enum status take_time(struct batch *batch, const struct batch_row *row, struct err *err)
{
    const struct batch_row *last = last_good(batch);
    if (!row->has_time || (last != NULL && last->has_time && last->time_ms == row->time_ms))
        return STATUS_OK;
    enum status status = STATUS_OK;
    if (last != NULL)
        status = batch->atomic ? no_room(batch, row, err) : send(batch, err);
    if (status != STATUS_OK)
        return status;
    facts_close(batch);
    return session_set_time(batch->session, row->time_ms, err);
}

/* Gives the row a place among the bad ones. */
static enum status keep_trouble(struct batch *batch, struct batch_row *row, const struct batch_trouble *trouble,
                                struct err *err)
{
    row->trouble = malloc(sizeof *row->trouble);
    if (row->trouble == NULL)
        return err_set(err, STATUS_MEMORY, "no memory for a row");
    *row->trouble = *trouble;
    return add_bad(batch, row, err);
}

static enum status read_row(struct batch *batch, const struct batch_cells *cells, struct err *err)
{
    struct batch_row row = {.number = cells->number, .line = cells->line};
    struct batch_trouble trouble = {.column = cells->bad ? cells->bad_column : 0};
    if (cells->bad) {
        trouble.err = cells->err;
        return keep_trouble(batch, &row, &trouble, err);
    }
    enum status status = batch_row_time(&batch->reader, cells, &row, &trouble);
    if (status == STATUS_OK) {
        status = take_time(batch, &row, err);
        if (status == STATUS_OK)
            status = facts_open(batch, err);
        if (status != STATUS_OK)
            return status;
        status = batch_row_read(&batch->reader, batch->facts, cells, &row, &trouble);
    }
    if (status == STATUS_OK)
        return add_row(batch, &row, err);
    if (is_of_the_row(status))
        return keep_trouble(batch, &row, &trouble, err);
    *err = trouble.err;
    err_prefix(err, "%s:%lld: ", batch->path, (long long)row.line);
    return status;
}

static enum status interrupted(struct err *err)
{
    return err_set(err, STATUS_IO, "interrupted");
}

static enum status read_rows(struct batch *batch, struct err *err)
{
    struct batch_source *source = NULL;
    struct batch_cells *cells = malloc(sizeof *cells);
    bool more = true;
    enum status status = cells != NULL ? batch_source_open(batch->cli, batch->path, &source, err)
                                       : err_set(err, STATUS_MEMORY, "no memory for a row");
    while (status == STATUS_OK && more) {
        status = batch_source_next(source, cells, &more, err);
        if (batch->interruptible && interrupt_seen())
            status = interrupted(err);
        if (status != STATUS_OK || !more)
            break;
        batch->report.rows++;
        status = read_row(batch, cells, err);
        progress_step(&batch->progress, cells->number);
    }
    if (status == STATUS_OK)
        status = send(batch, err);
    batch_source_close(source);
    free(cells);
    return status;
}

static enum status rows_option(struct batch *batch, struct err *err)
{
    int64_t rows = DOCUMENTS_MAX;
    enum status status = options_number(session_options(batch->session), "rows", 1, DOCUMENTS_MAX, &rows, err);
    batch->rows_max = (size_t)rows;
    return status;
}

static enum status begin(struct batch *batch, struct err *err)
{
    const char *slash = strrchr(batch->path, '/');
    batch->reader = (struct batch_reader){.session = batch->session, .known = json_object()};
    enum status status = batch->reader.known != NULL ? STATUS_OK : err_set(err, STATUS_MEMORY, "no memory");
    if (status == STATUS_OK)
        status = batch_report_init(&batch->report, batch->session, batch->path, err);
    if (status == STATUS_OK)
        status = rows_option(batch, err);
    if (status == STATUS_OK && slash != NULL && !batch_source_is_stream(batch->path)) {
        status = path_set(&batch->base_dir, err, "%.*s", (int)(slash - batch->path + 1), batch->path);
        batch->reader.base_dir = batch->base_dir.text;
    }
    if (status == STATUS_OK)
        status = facts_open(batch, err);
    if (status == STATUS_OK)
        status = compose_channel(batch->facts, session_user(batch->session), &batch->reader.channel, err);
    if (status == STATUS_OK)
        status = compose_bot_run(batch->session, batch->reader.channel, &batch->reader.run, err);
    if (status == STATUS_OK && strcmp(batch->reader.channel, "cli") == 0)
        batch->reader.channel = "batch";
    return status == STATUS_OK ? count_rows(batch, err) : status;
}

/* A failure in the middle leaves statements that are in: the summary says which, before the error. */
static int end(struct batch *batch, enum status status, const struct err *failure)
{
    int answered = EXIT_DONE;
    progress_end(&batch->progress);
    batch->report.stopped = status != STATUS_OK;
    if (status == STATUS_OK || batch->report.settled > 0)
        answered = batch_report_print(&batch->report);
    return status == STATUS_OK ? answered : cli_error(batch->cli, failure);
}

int batch_post(struct session *session, const char *path)
{
    struct err err = {0};
    struct batch *batch = calloc(1, sizeof *batch);
    if (batch == NULL)
        return cli_fail(session_cli(session), STATUS_MEMORY, "no memory for a batch");
    batch->session = session;
    batch->cli = session_cli(session);
    batch->path = path;
    batch->atomic = options_flag(session_options(session), "atomic");
    enum status status = begin(batch, &err);
    progress_begin(&batch->progress, batch->cli, "posting rows", batch->report.total);
    if (status == STATUS_OK)
        status = read_rows(batch, &err);
    facts_close(batch);
    interrupt_end(batch->interruptible ? &batch->interrupt : NULL);
    int answered = end(batch, status, &err);
    forget_rows(batch);
    batch_report_done(&batch->report);
    batch_seen_done(&batch->reader.seen);
    json_decref(batch->reader.known);
    free(batch);
    return answered;
}
