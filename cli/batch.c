/*
 * The flow of a batch. The file is read twice: once to know that every row can be read at all, since a quote that never
 * closes would otherwise be met after half of the file was posted; then row by row into statements of one entity and one
 * time, up to the limits of a statement.
 */
#include "cli/batch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/batch_parts.h"
#include "cli/compose_options.h"
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
    struct batch_reader reader;
    struct batch_report report;
    struct batch_row rows[DOCUMENTS_MAX]; /* of the statement that is being filled */
    size_t count;
    size_t bytes;
    struct progress progress;
    const struct facts *facts; /* open while rows are read */
    struct path base_dir;
};

static enum status count_rows(struct batch *batch, struct err *err)
{
    struct csv *csv = NULL;
    struct csv_row row;
    bool more = true;
    enum status status = csv_open(batch->path, NULL, batch_columns, &csv, err);
    while (status == STATUS_OK && more) {
        status = csv_next(csv, &row, &more, err);
        if (status == STATUS_OK && more)
            batch->report.rows++;
    }
    csv_close(csv);
    return status;
}

static void forget_rows(struct batch *batch)
{
    for (size_t i = 0; i < batch->count; i++)
        json_decref(batch->rows[i].document);
    batch->count = 0;
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

static enum status send(struct batch *batch, struct err *err)
{
    struct gate_answer answer = {.decision = NULL};
    json_t *documents = json_array();
    bool left = false;
    if (batch->count == 0) {
        json_decref(documents);
        return STATUS_OK;
    }
    for (size_t i = 0; i < batch->count; i++)
        json_array_append(documents, batch->rows[i].document);
    json_t *body = json_pack("{s:b, s:o}", "atomic", batch->atomic, "documents", documents);
    facts_close(batch);
    progress_end(&batch->progress);
    enum status status = body != NULL ? session_submit(batch->session, VERB_SUBMIT, body, false, &answer, &left, err)
                                      : err_set(err, STATUS_MEMORY, "no memory for a statement");
    json_decref(body);
    if (status == STATUS_OK)
        batch_report_answer(&batch->report, batch->rows, batch->count, &answer);
    gate_answer_done(&answer);
    forget_rows(batch);
    return status;
}

/* Whether the row can travel with those before it. */
static bool fits(const struct batch *batch, const struct batch_row *row, size_t bytes)
{
    const struct batch_row *last = batch->count > 0 ? &batch->rows[batch->count - 1] : NULL;
    if (last == NULL)
        return true;
    if (batch->count == DOCUMENTS_MAX || batch->bytes + bytes > STATEMENT_ROOM_BYTES)
        return false;
    if (row->has_time != last->has_time || (row->has_time && row->time_ms != last->time_ms))
        return false;
    return strcmp(member_text(row->document, "entity"), member_text(last->document, "entity")) == 0;
}

static enum status no_room(const struct batch *batch, const struct batch_row *row, struct err *err)
{
    return err_set(err, STATUS_LIMIT,
                   "%s:%lld: --atomic: all rows have to fit one statement: one entity, one time, %d rows and %d bytes "
                   "at most; nothing was posted",
                   batch->path, (long long)row->line, DOCUMENTS_MAX, STATEMENT_ROOM_BYTES);
}

/* Takes the row's document over. */
static enum status add_row(struct batch *batch, const struct batch_row *row, struct err *err)
{
    char *text = json_dumps(row->document, JSON_COMPACT);
    size_t bytes = text != NULL ? strlen(text) + 1 : 0;
    enum status status = STATUS_OK;
    free(text);
    if (!fits(batch, row, bytes))
        status = batch->atomic ? no_room(batch, row, err) : send(batch, err);
    if (status != STATUS_OK) {
        json_decref(row->document);
        return status;
    }
    batch->rows[batch->count++] = *row;
    batch->bytes += bytes;
    return STATUS_OK;
}

static bool is_of_the_row(enum status status)
{
    return status == STATUS_INPUT || status == STATUS_LIMIT || status == STATUS_NOT_FOUND;
}

/* Sets the statement's time from the row; what was collected at another time goes first. */
static enum status take_time(struct batch *batch, const struct batch_row *row, struct err *err)
{
    const struct batch_row *last = batch->count > 0 ? &batch->rows[batch->count - 1] : NULL;
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

static enum status read_row(struct batch *batch, const struct csv_row *csv, struct err *err)
{
    struct batch_row row = {.number = csv->number, .line = csv->line};
    struct batch_trouble trouble = {.column = 0};
    enum status status = batch_row_time(&batch->reader, csv, &row, &trouble);
    if (status == STATUS_OK) {
        status = take_time(batch, &row, err);
        if (status == STATUS_OK)
            status = facts_open(batch, err);
        if (status != STATUS_OK)
            return status;
        status = batch_row_read(&batch->reader, batch->facts, csv, &row, &trouble);
    }
    if (status == STATUS_OK)
        return add_row(batch, &row, err);
    if (!is_of_the_row(status)) {
        *err = trouble.err;
        err_prefix(err, "%s:%lld: ", batch->path, (long long)row.line);
        return status;
    }
    batch_report_trouble(&batch->report, row.line, &trouble);
    return STATUS_OK;
}

static enum status read_rows(struct batch *batch, struct err *err)
{
    struct csv *csv = NULL;
    struct csv_row row;
    bool more = true;
    enum status status = csv_open(batch->path, NULL, batch_columns, &csv, err);
    while (status == STATUS_OK && more) {
        status = csv_next(csv, &row, &more, err);
        if (status != STATUS_OK || !more)
            break;
        status = read_row(batch, &row, err);
        progress_step(&batch->progress, row.number);
    }
    csv_close(csv);
    if (status == STATUS_OK && batch->atomic && batch->report.bad > 0)
        return STATUS_OK; /* all or none: the bad rows are told, nothing is sent */
    return status == STATUS_OK ? send(batch, err) : status;
}

static enum status begin(struct batch *batch, struct err *err)
{
    const char *slash = strrchr(batch->path, '/');
    batch->reader = (struct batch_reader){.session = batch->session, .seen = json_object(), .known = json_object()};
    enum status status = batch->reader.seen != NULL && batch->reader.known != NULL
                             ? STATUS_OK
                             : err_set(err, STATUS_MEMORY, "no memory");
    if (status == STATUS_OK)
        status = batch_report_init(&batch->report, batch->session, batch->path, err);
    if (status == STATUS_OK && slash != NULL) {
        status = path_set(&batch->base_dir, err, "%.*s", (int)(slash - batch->path + 1), batch->path);
        batch->reader.base_dir = batch->base_dir.text;
    }
    if (status == STATUS_OK)
        status = facts_open(batch, err);
    if (status == STATUS_OK)
        status = compose_channel(batch->facts, session_user(batch->session), &batch->reader.channel, err);
    if (status == STATUS_OK && strcmp(batch->reader.channel, "cli") == 0)
        batch->reader.channel = "batch";
    return status == STATUS_OK ? count_rows(batch, err) : status;
}

/* A failure in the middle leaves statements that are in: the report says which, before the error. */
static int end(struct batch *batch, enum status status, const struct err *failure)
{
    struct err err = {0};
    int answered = EXIT_DONE;
    progress_end(&batch->progress);
    bool tell = status == STATUS_OK || batch->report.statements > 0 || batch->report.bad > 0;
    if (tell && batch_report_print(&batch->report, &answered, &err) != STATUS_OK)
        return cli_error(batch->cli, &err);
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
    progress_begin(&batch->progress, batch->cli, "posting rows", batch->report.rows);
    if (status == STATUS_OK)
        status = read_rows(batch, &err);
    facts_close(batch);
    int answered = end(batch, status, &err);
    forget_rows(batch);
    batch_report_done(&batch->report);
    json_decref(batch->reader.seen);
    json_decref(batch->reader.known);
    free(batch);
    return answered;
}
