/*
 * countersign audit completeness: whether the book is complete and ties out, with itself and with a ledger file from the ERP.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "audit/completeness.h"
#include "audit/report/period.h"
#include "audit/sql/sql.h"
#include "cli/commands.h"
#include "cli/ledger_file.h"
#include "cli/output.h"
#include "cli/report_book.h"
#include "cli/table.h"
#include "cli/terminal.h"

enum { SHOWN_MAX = 40 }; /* findings of a check; --json has them all */

/* What a check said so far. */
struct checking {
    struct cli *cli;
    struct table *table;
    const char *check, *items, *units;
    uint64_t lines, count, wrong, shown;
    uint64_t missing, differing; /* over all checks */
};

static const char *verdict_word(enum completeness_verdict verdict)
{
    static const char *const words[] = {
        [COMPLETENESS_TIES] = "ok", [COMPLETENESS_MISSING] = "MISSING", [COMPLETENESS_DIFFERS] = "DIFFERS"};
    return words[verdict];
}

/* What is said of a check as a whole, once all of it was heard. */
static void check_end(struct checking *checking)
{
    char lines[GROUPED_BYTES], count[GROUPED_BYTES];
    const bool counted = checking->check != NULL && checking->items != NULL;
    if (counted || checking->wrong > checking->shown) {
        const char *const cells[] = {checking->check, NULL, checking->wrong == 0 ? "ok" : NULL};
        table_row(checking->table, cells);
    }
    terminal_group_integer((int64_t)checking->lines, lines);
    terminal_group_integer((int64_t)checking->count, count);
    if (counted && checking->units != NULL)
        table_cell(checking->table, 1, "%s %s of %s %s", lines, checking->items, count, checking->units);
    else if (counted)
        table_cell(checking->table, 1, "%s %s", lines, checking->items);
    if (checking->wrong > checking->shown)
        table_cell(checking->table, 2, "%" PRIu64 " more", checking->wrong - checking->shown);
    if (counted && checking->wrong == 0)
        table_style(checking->table, 2, STYLE_GOOD);
    checking->check = NULL;
    checking->lines = checking->count = checking->wrong = checking->shown = 0;
}

static enum status heard(void *context, const struct completeness_line *line, struct err *err)
{
    struct checking *checking = context;
    const bool wrong = line->verdict != COMPLETENESS_TIES;
    (void)err;
    if (checking->check != NULL && strcmp(checking->check, line->check) != 0 && !checking->cli->json)
        check_end(checking);
    checking->check = line->check;
    checking->items = line->items;
    checking->units = line->units;
    checking->lines++;
    checking->count += line->count;
    checking->wrong += wrong;
    checking->missing += line->verdict == COMPLETENESS_MISSING;
    checking->differing += line->verdict == COMPLETENESS_DIFFERS;
    if (checking->cli->json) {
        if (wrong || line->items == NULL)
            (void)out_json(checking->cli,
                           json_pack("{s:s, s:I, s:s, s:s}", "check", line->check, "count", (json_int_t)line->count,
                                     "text", line->text, "verdict", verdict_word(line->verdict)));
        return STATUS_OK;
    }
    if ((!wrong && line->items != NULL) || checking->shown == SHOWN_MAX)
        return STATUS_OK;
    const char *const cells[] = {line->check, line->text, verdict_word(line->verdict)};
    table_row(checking->table, cells);
    table_style(checking->table, 2, wrong ? STYLE_BAD : STYLE_GOOD);
    checking->shown += wrong;
    return STATUS_OK;
}

static enum status period_take(struct report_book *book, const char *text, const char *entity,
                               struct audit_period *ret_period, struct err *err)
{
    const struct sql_binding bindings[] = {{":entity", sql_text(entity)}, {NULL, {.type = SQL_NULL}}};
    int64_t known = 0;
    int month = FISCAL_UNKNOWN;
    enum status status =
        sql_number(book->sql, "SELECT :entity IS NULL OR EXISTS (SELECT 1 FROM entity WHERE entity = :entity)",
                   bindings, &known, err);
    if (status == STATUS_OK && known == 0)
        return err_set(err, STATUS_INPUT, "--entity: the book has no entity %s", entity);
    if (status == STATUS_OK && text != NULL)
        status = report_fiscal_month(&book->rows, entity, &month, err);
    if (status == STATUS_OK && text != NULL) {
        status = audit_period_parse(text, month, ret_period, err);
        if (status != STATUS_OK)
            err_prefix(err, "--period: ");
    }
    return status;
}

static enum status ask_all(struct checking *checking, const struct options *options, struct report_book *book,
                           struct err *err)
{
    struct audit_period period;
    const char *text = options_text(options, "period"), *path = options_text(options, "ledger");
    char *ledger = NULL;
    struct completeness_ask ask = {.entity = options_text(options, "entity"), .name = path};
    enum status status = period_take(book, text, ask.entity, &period, err);
    if (status == STATUS_OK && path != NULL)
        status = ledger_file_read(path, &ledger, err);
    if (status == STATUS_OK) {
        ask.from = text != NULL ? period.from : NULL;
        ask.to = text != NULL ? period.to : NULL;
        ask.ledger = ledger;
        status = completeness_check(book->sql, &ask, heard, checking, err);
    }
    free(ledger);
    return status;
}

static int answer(struct checking *checking, struct err *err)
{
    struct cli *cli = checking->cli;
    const bool whole = checking->missing + checking->differing == 0;
    if (cli->json) {
        (void)out_json(cli, json_pack("{s:I, s:I}", "differs", (json_int_t)checking->differing, "missing",
                                      (json_int_t)checking->missing));
    } else {
        check_end(checking);
        if (table_print(checking->table, err) != STATUS_OK)
            return cli_error(cli, err);
        if (whole)
            fprintf(cli->out, "complete: everything ties\n");
        else
            fprintf(cli->out, "NOT COMPLETE: %" PRIu64 " missing, %" PRIu64 " different\n", checking->missing,
                    checking->differing);
    }
    return whole ? EXIT_DONE : checking->differing > 0 ? EXIT_INTEGRITY : EXIT_REFUSED;
}

static int run(struct cli *cli, const struct options *options)
{
    static const struct column columns[] = {{"CHECK", 0}, {"WHAT", COLUMN_WRAP}, {"VERDICT", 0}, {0}};
    struct checking checking = {.cli = cli, .table = table_new(cli, columns)};
    struct report_book book = {.sql = NULL};
    struct err err = {0};
    enum status status = report_book_open(cli, options, &book, &err);
    if (status == STATUS_OK)
        status = ask_all(&checking, options, &book, &err);
    const int exit_status = status == STATUS_OK ? answer(&checking, &err) : cli_error(cli, &err);
    table_free(checking.table);
    report_book_close(&book);
    return exit_status;
}

static const struct option_spec options_of_audit_completeness[] = {
    {"period", 0, "PERIOD", "effective dates: " AUDIT_PERIOD_FORMS, 0},
    {"entity", 0, "ENTITY", "only this legal entity", 0},
    {"ledger", 0, "FILE", "a ledger file from the ERP: CSV with number, account, debit, credit, currency", 0},
    {0},
};

const struct command command_audit_completeness = {
    .name = "audit completeness",
    .summary = "says whether the book is complete and ties out, also with a ledger file from the ERP",
    .arguments = "",
    .text =
        "Holds two sides of the same thing against each other: numbers of every series against how many there are; "
        "feed "
        "files against what they brought; ledger lines against their documents, which have to balance; receivables "
        "rolled forward from invoices, cash and documents against the balances of the books; lines of receivable "
        "accounts against what documents move; deliveries to the ERP against lines. Numbers and feeds are looked at "
        "whole, the others for the period and the entity.\n\n"
        "--ledger FILE: every line of it has to be one that was posted, and every line that was posted has to be in "
        "it, "
        "as often as in the book: number is the legal number, amounts stand in the document's currency, lines in any "
        "order, no other columns. Each difference is named with the file's line.\n\n"
        "Exit status 0 when everything ties; 1 when a ledger file lacks lines, or has those of another period; 3 when "
        "two sides contradict each other: a line that is altered, doubled or was never posted, or the book itself.",
    .example = "countersign audit completeness --period 2026-Q3 --entity US01 --ledger gl-2026-q3.csv",
    .group = GROUP_AUDITORS,
    .flags = COMMAND_LOOKS,
    .options = options_of_audit_completeness,
    .run = run,
};
