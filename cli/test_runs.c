/*
 * A run on record says what was asked (its note), up to which entry, and the hash of what was found. So it can be run again, by
 * anybody, over the same entries; and where none stands for a time in which it was due, somebody did not look.
 */
#include "cli/test_runs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/analytics/scope.h"
#include "audit/report/period.h"
#include "audit/sql/sql.h"
#include "cli/output.h"
#include "cli/report_book.h"
#include "cli/table.h"
#include "cli/terminal.h"
#include "ledger/instant.h"

enum { NOTE_BYTES = 512, ID_BYTES = 80, MONTH_CHARS = 7 };

/* A test-run document, as far as it takes to make it again. */
struct recorded_run {
    char control[ID_BYTES], note[NOTE_BYTES], result[HASH_HEX_CHARS + 1];
    uint64_t size; /* entries that it looked at */
    bool found;
};

static void take_text(char *room, size_t bytes, const struct sql_cell *cell)
{
    snprintf(room, bytes, "%s", cell->type == SQL_TEXT ? cell->text : "");
}

static enum status run_row(void *context, const struct sql_row *row, bool *ret_more, struct err *err)
{
    struct recorded_run *run = context;
    (void)err;
    *ret_more = false;
    take_text(run->control, sizeof run->control, &row->cells[0]);
    take_text(run->note, sizeof run->note, &row->cells[1]);
    take_text(run->result, sizeof run->result, &row->cells[2]);
    run->size = (uint64_t)row->cells[3].integer + 1;
    run->found = true;
    return STATUS_OK;
}

static enum status run_find(struct sql *sql, const char *number, struct recorded_run *ret_run, struct err *err)
{
    const struct sql_binding bindings[] = {{":number", sql_text(number)}, {NULL, {.type = SQL_NULL}}};
    const struct sql_question question = {
        .text = "SELECT t.control, d.note, t.result, t.to_seq FROM test_run t JOIN document d "
                "ON d.number = t.number WHERE t.number = :number",
        .bindings = bindings,
        .step = run_row,
        .context = ret_run};
    enum status status = sql_query(sql, &question, err);
    if (status == STATUS_OK && !ret_run->found)
        status = err_set(err, STATUS_NOT_FOUND, "%s is no run of a test", number);
    return status;
}

/* The tables as they were when the run was made. */
static enum status run_again(struct report_book *book, const struct recorded_run *run, const struct analytic *analytic,
                             struct analytic_result *ret_result, struct err *err)
{
    const struct sql_options options = {
        .release = book->program.facts.release, .exe = book->program.exe, .size = run->size};
    struct analytic_asking asking;
    struct sql *sql = NULL;
    enum status status = sql_build(book->source.journal, &options, &sql, err);
    if (status == STATUS_OK)
        status = analytic_asking_parse(sql, analytic, run->note, &asking, err);
    if (status == STATUS_OK)
        status = analytic_run(sql, analytic, &asking.scope, NULL, NULL, ret_result, err);
    sql_close(sql);
    return status;
}

static int tell(struct cli *cli, const char *number, const struct recorded_run *run,
                const struct analytic_result *result)
{
    char found[HASH_HEX_CHARS + 1];
    hash_to_hex(&result->hash, found);
    const bool same = strcmp(found, run->result) == 0;
    if (cli->json) {
        int status = out_json(cli, json_pack("{s:s, s:s, s:I, s:s, s:s, s:b}", "control", run->control, "document",
                                             number, "exceptions", (json_int_t)result->exceptions, "found", found,
                                             "result", run->result, "same", same));
        return status == EXIT_DONE && !same ? EXIT_INTEGRITY : status;
    }
    terminal_printf(cli->out, "%s  %s  %s, entries 0 to %llu", number, run->control, run->note,
                    (unsigned long long)(run->size - 1));
    if (same)
        terminal_printf(cli->out, ": found again, %llu exceptions, result %.16s",
                        (unsigned long long)result->exceptions, found);
    else
        terminal_printf(cli->out, ": on record is the result %.16s, found is %.16s, %llu exceptions", run->result,
                        found, (unsigned long long)result->exceptions);
    fputc('\n', cli->out);
    return same ? EXIT_DONE : EXIT_INTEGRITY;
}

int test_run_check(struct cli *cli, const struct options *options, const char *number)
{
    struct report_book book;
    struct recorded_run run = {.found = false};
    struct analytic_result result = {.exceptions = 0};
    const struct analytic *analytic = NULL;
    struct err err = {0};
    enum status status = report_book_open(cli, options, &book, &err);
    if (status == STATUS_OK)
        status = run_find(book.sql, number, &run, &err);
    if (status == STATUS_OK) {
        analytic = analytic_find(run.control);
        if (analytic == NULL)
            status =
                err_set(&err, STATUS_INPUT, "%s is a run of %s, which is no test of this program", number, run.control);
    }
    if (status == STATUS_OK)
        status = run_again(&book, &run, analytic, &result, &err);
    report_book_close(&book);
    return status == STATUS_OK ? tell(cli, number, &run, &result) : cli_error(cli, &err);
}

/* ---------------------------------------------------------------- missed */

/* Whether somebody ran the test over all of some days, after they were over. */
struct covering {
    struct sql *sql;
    const struct analytic *analytic;
    const char *from, *to;
    bool covered;
};

static enum status covering_row(void *context, const struct sql_row *row, bool *ret_more, struct err *err)
{
    struct covering *covering = context;
    struct analytic_asking asking;
    struct err unread;
    (void)err;
    /* A note that cannot be read says nothing about any time. */
    if (row->cells[0].type != SQL_TEXT ||
        analytic_asking_parse(covering->sql, covering->analytic, row->cells[0].text, &asking, &unread) != STATUS_OK)
        return STATUS_OK;
    const struct analytic_scope *scope = &asking.scope;
    covering->covered = scope->entity == NULL && (scope->from == NULL || strcmp(scope->from, covering->from) <= 0) &&
                        (scope->to == NULL || strcmp(scope->to, covering->to) >= 0);
    *ret_more = !covering->covered;
    return STATUS_OK;
}

static enum status look(struct covering *covering, struct err *err)
{
    const struct sql_binding bindings[] = {
        {":control", sql_text(covering->analytic->id)}, {":to", sql_text(covering->to)}, {NULL, {.type = SQL_NULL}}};
    const struct sql_question question = {
        .text = "SELECT d.note FROM test_run t JOIN document d ON d.number = t.number WHERE t.control = :control "
                "AND substr(t.time, 1, 10) > :to ORDER BY t.seq DESC",
        .bindings = bindings,
        .step = covering_row,
        .context = covering};
    covering->covered = false;
    return sql_query(covering->sql, &question, err);
}

/* Months since the year 0, of the date part of an instant. */
static int months_of(const char *instant)
{
    return (int)(strtol(instant, NULL, 10) * 12 + strtol(instant + 5, NULL, 10) - 1);
}

static void last_day(int month, char ret_text[static DATE_TEXT_BYTES])
{
    char first[DATE_TEXT_BYTES];
    int32_t days = 0;
    snprintf(first, sizeof first, "%04d-%02d-01", (month + 1) / 12 % 10000, (month + 1) % 12 + 1);
    if (date_parse(first, strlen(first), &days, NULL) == STATUS_OK)
        date_format(days - 1, ret_text);
}

struct due {
    int first, next;   /* months since the year 0: of the book's first entry, and the one in which it stands */
    int quarters_from; /* months from January to where a quarter begins: 0 to 2 */
};

static enum status due_row(void *context, const struct sql_row *row, bool *ret_more, struct err *err)
{
    struct due *due = context;
    (void)err;
    *ret_more = false;
    due->first = months_of(row->cells[0].text);
    due->next = months_of(row->cells[1].text);
    return STATUS_OK;
}

static enum status missed_of(struct sql *sql, const struct analytic *analytic, const struct due *due,
                             struct table *table, uint64_t *missed, struct err *err)
{
    const int length = analytic->cadence == ANALYTIC_MONTHLY ? 1 : 3;
    const int into = (due->first + length - due->quarters_from) % length; /* the quarter it stands in */
    enum status status = STATUS_OK;
    for (int month = due->first - into; status == STATUS_OK && month + length <= due->next; month += length) {
        char from[DATE_TEXT_BYTES], to[DATE_TEXT_BYTES], label[32];
        snprintf(from, sizeof from, "%04d-%02d-01", month / 12 % 10000, month % 12 + 1);
        last_day(month + length - 1, to);
        struct covering covering = {.sql = sql, .analytic = analytic, .from = from, .to = to};
        status = look(&covering, err);
        if (status != STATUS_OK || covering.covered)
            continue;
        snprintf(label, sizeof label, length == 1 ? "%.7s" : "%.10s to %.10s", from, to);
        const char *const cells[] = {analytic->id, analytic->title, label};
        table_row(table, cells);
        (*missed)++;
    }
    return status;
}

/* Where entities begin their years differently, quarters are those of the calendar. */
static enum status quarters_read(struct report_book *book, struct due *due, struct err *err)
{
    int month = 1;
    enum status status = report_fiscal_month(&book->rows, NULL, &month, err);
    due->quarters_from = month > 0 ? (month - 1) % 3 : 0;
    return status;
}

enum status test_runs_missed(struct cli *cli, struct report_book *book, uint64_t *ret_missed, struct err *err)
{
    static const struct column columns[] = {{"TEST", 0}, {"TITLE", 0}, {"NOT RUN FOR", 0}, {0}};
    struct due due = {0};
    uint64_t missed = 0;
    const struct sql_question span = {
        .text = "SELECT first_time, last_time FROM book", .step = due_row, .context = &due};
    struct table *table = table_new(cli, columns);
    enum status status = sql_query(book->sql, &span, err);
    if (status == STATUS_OK)
        status = quarters_read(book, &due, err);
    for (size_t i = 0; status == STATUS_OK && i < analytic_count; i++)
        status = missed_of(book->sql, analytics[i], &due, table, &missed, err);
    if (status == STATUS_OK && cli->json)
        (void)out_json(cli, json_pack("{s:I}", "missed", (json_int_t)missed));
    else if (status == STATUS_OK)
        status = table_print(table, err);
    table_free(table);
    if (status == STATUS_OK)
        *ret_missed = missed;
    return status;
}
