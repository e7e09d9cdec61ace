/*
 * countersign audit extract: the ledger lines of a month for the general ledger, and such a file against the book.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/gl_extract.h"
#include "cli/outlet.h"
#include "cli/output.h"
#include "cli/reading.h"
#include "cli/session.h"
#include "cli/terminal.h"
#include "ledger/instant.h"
#include "ledger/schema.h"

enum { FINDINGS_SHOWN = 40 };

static enum status period_read(const struct options *options, const char **ret_period, struct err *err)
{
    const char *period = options_text(options, "period");
    char first[DATE_TEXT_BYTES];
    int32_t days;
    *ret_period = period;
    if (period == NULL)
        return err_set(err, STATUS_INPUT, "which month? give --period YYYY-MM");
    snprintf(first, sizeof first, "%.7s-01", period);
    if (strlen(period) != 7 || date_parse(first, strlen(first), &days, NULL) != STATUS_OK)
        return err_set(err, STATUS_INPUT, "--period: '%s' is no month, as in 2026-11", period);
    return STATUS_OK;
}

static enum status rows_out(struct cli *cli, const char *path, const json_t *rows, struct err *err)
{
    struct outlet outlet;
    enum status status = outlet_open_whole(cli, path, &outlet, err);
    return status == STATUS_OK ? outlet_close(cli, &outlet, gl_write(rows, outlet.file, err), err) : status;
}

static void say_totals(FILE *to, const json_t *rows, const char *verdict)
{
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i);
        const char *cells[GL_CELLS];
        for (size_t cell = 0; cell < GL_CELLS; cell++)
            cells[cell] = json_string_value(json_array_get(row, cell));
        if (strcmp(cells[GL_RECORD], "total") == 0)
            fprintf(to, "%s %s   %s lines   Dr %s   Cr %s %s   up to entry %s   %s\n", cells[GL_ENTITY],
                    cells[GL_PERIOD], cells[GL_LINE], cells[GL_DR], cells[GL_CR], cells[GL_CURRENCY], cells[GL_ENTRY],
                    verdict);
    }
}

static int extract(struct cli *cli, const struct options *options, const struct facts *facts, struct err *err)
{
    struct gl_asked asked = {.entries = facts->seq};
    const char *out = options_text(options, "out");
    json_t *rows = NULL;
    enum status status = reading_code_option(options, "entity", &asked.entity, err);
    if (status == STATUS_OK && asked.entity == NULL)
        status = err_set(err, STATUS_INPUT, "of which entity? give --entity CODE");
    if (status == STATUS_OK)
        status = period_read(options, &asked.period, err);
    if (status == STATUS_OK)
        status = gl_rows(facts, &asked, &rows, err);
    if (status == STATUS_OK)
        status = rows_out(cli, out, rows, err);
    if (status == STATUS_OK && !cli->json)
        say_totals(strcmp(out, "-") == 0 ? cli->err : cli->out, rows, out);
    size_t count = json_array_size(rows);
    json_decref(rows);
    if (status != STATUS_OK)
        return cli_error(cli, err);
    return cli->json && strcmp(out, "-") != 0
               ? out_json(cli, json_pack("{s:s, s:I}", "out", out, "rows", (json_int_t)count))
               : EXIT_DONE;
}

static int findings_show(struct cli *cli, const char *path, const json_t *rows, json_t *findings)
{
    size_t count = json_array_size(findings);
    if (cli->json) {
        int exit_status =
            out_json(cli, json_pack("{s:o, s:I}", "findings", findings, "rows", (json_int_t)json_array_size(rows)));
        return exit_status != EXIT_DONE ? exit_status : count == 0 ? EXIT_DONE : EXIT_INTEGRITY;
    }
    for (size_t i = 0; i < count && i < FINDINGS_SHOWN; i++) {
        const json_t *finding = json_array_get(findings, i);
        int64_t line = member_integer(finding, "line");
        if (json_object_get(finding, "line") != NULL)
            terminal_printf(cli->out, "%s:%" PRId64 ": ", path, line);
        else
            terminal_printf(cli->out, "%s: ", path);
        terminal_printf(cli->out, "%s", member_text(finding, "text"));
        fputc('\n', cli->out);
    }
    if (count > FINDINGS_SHOWN)
        fprintf(cli->out, "and %zu more\n", count - FINDINGS_SHOWN);
    if (count > 0)
        fprintf(cli->out, "%zu %s: this is not what the book has\n", count, count == 1 ? "difference" : "differences");
    else
        say_totals(cli->out, rows, "as the book has it");
    json_decref(findings);
    return count == 0 ? EXIT_DONE : EXIT_INTEGRITY;
}

static int check(struct cli *cli, const char *path, const struct facts *facts, struct err *err)
{
    struct gl_file file = {.rows = NULL};
    json_t *rows = NULL, *findings = NULL;
    enum status status = gl_read(path, &file, err);
    if (status == STATUS_OK && file.asked.entries > facts->seq)
        status = err_set(err, STATUS_CORRUPT,
                         "%s: was made up to entry %" PRIu64 ", and this book ends at entry %" PRIu64
                         ": it is of another book, or this one was put back",
                         path, file.asked.entries - 1, facts->seq - 1);
    if (status == STATUS_OK)
        status = gl_rows(facts, &file.asked, &rows, err);
    if (status == STATUS_OK)
        status = gl_compare(&file, rows, &findings, err);
    int exit_status = status == STATUS_OK ? findings_show(cli, path, rows, findings) : cli_error(cli, err);
    gl_file_done(&file);
    json_decref(rows);
    return exit_status;
}

static int run(struct cli *cli, const struct options *options)
{
    const char *path = options_text(options, "check"), *out = options_text(options, "out");
    const struct facts *facts = NULL;
    struct session *session = NULL;
    struct err err = {0};
    enum status status =
        (path == NULL) == (out == NULL)
            ? err_set(&err, STATUS_INPUT, "give --out FILE to write an extract, or --check FILE to compare one")
            : session_open(cli, options, SESSION_READ, &session, &err);
    if (status == STATUS_OK)
        status = session_begin_facts(session, &facts, &err);
    int exit_status = status != STATUS_OK ? cli_error(cli, &err)
                      : path != NULL      ? check(cli, path, facts, &err)
                                          : extract(cli, options, facts, &err);
    session_end_facts(session);
    session_close(session);
    return exit_status;
}

static const struct option_spec options_of_audit_extract[] = {
    {"entity", 0, "CODE", "the legal entity", 0},
    {"period", 0, "YYYY-MM", "the month of the effective date", 0},
    {"out", 0, "FILE", "where the lines go, a new CSV file; - is the output", 0},
    {"check", 0, "FILE", "compare such a file with the book; its last rows say what it is of", 0},
    {0},
};

const struct command command_audit_extract = {
    .name = "audit extract",
    .summary = "writes the ledger lines of a month for the general ledger, or compares such a file",
    .arguments = "",
    .text =
        "One row a line that a document posted, with the entry that posted it; at the end a row 'total' for each "
        "currency. "
        "The same book gives the same rows again, so --check finds what was changed, left out, added or doubled in a "
        "file "
        "that went through other hands, wherever its rows stand now. What was posted after the file was made is no "
        "difference. That the books are what the journal says is for audit verify.",
    .example = "countersign audit extract --entity US01 --period 2026-11 --out gl-2026-11.csv",
    .group = GROUP_AUDITORS,
    .flags = COMMAND_BOOK,
    .options = options_of_audit_extract,
    .run = run,
};
