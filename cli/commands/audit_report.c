/*
 * countersign audit report: the reports that auditors ask for, in the formats they take, and whether one is still what was written.
 */
#include <string.h>

#include "audit/period.h"
#include "audit/report/header.h"
#include "audit/report/page.h"
#include "audit/report/write.h"
#include "cli/commands.h"
#include "cli/outlet.h"
#include "cli/output.h"
#include "cli/report_book.h"
#include "cli/report_checked.h"
#include "cli/report_text.h"
#include "cli/table.h"
#include "cli/terminal.h"
#include "ledger/durable.h"
#include "ledger/text.h"

enum { PARAMETERS_BYTES = 128 };

/* "--period --entity". */
static const char *parameters_of(const struct report *report, char ret_text[static PARAMETERS_BYTES])
{
    ret_text[0] = '\0';
    for (const struct report_filter *filter = report->filters; filter->parameter != NULL; filter++)
        text_add(ret_text, PARAMETERS_BYTES, "%s--%s", ret_text[0] != '\0' ? " " : "", filter->parameter);
    return ret_text;
}

static int list(struct cli *cli)
{
    static const struct column columns[] = {
        {"REPORT", 0}, {"TITLE", 0}, {"ANSWERS", COLUMN_WRAP}, {"TAKES", COLUMN_WRAP}, {0}};
    char parameters[PARAMETERS_BYTES];
    struct table *table = table_new(cli, columns);
    struct err err = {0};
    for (size_t i = 0; i < report_count; i++) {
        const struct report *report = reports[i];
        const char *cells[] = {report->id, report->title, report->question, parameters_of(report, parameters)};
        if (cli->json)
            (void)out_json(cli, json_pack("{s:s, s:s, s:s, s:i}", "answers", report->question, "id", report->id,
                                          "title", report->title, "version", report->version));
        else
            table_row(table, cells);
    }
    enum status status = cli->json ? STATUS_OK : table_print(table, &err);
    table_free(table);
    return status == STATUS_OK ? EXIT_DONE : cli_error(cli, &err);
}

static enum status find(const char *id, const struct report **ret_report, struct err *err)
{
    *ret_report = id != NULL ? report_find(id) : NULL;
    if (*ret_report != NULL)
        return STATUS_OK;
    if (id == NULL)
        return err_set(err, STATUS_INPUT, "which report: countersign audit report --list names them");
    return err_set(err, STATUS_INPUT, "no such report: countersign audit report --list names them");
}

static enum status book_given(const struct cli *cli, const struct options *options, struct err *err)
{
    return cli_book(cli, options) != NULL
               ? STATUS_OK
               : err_set(err, STATUS_INPUT, "which book? give --book BOOK or set COUNTERSIGN_BOOK");
}

/* text, or a format of report_write. */
struct shape {
    bool text;
    enum report_format format;
};

static enum status shape_read(const struct cli *cli, const struct options *options, struct shape *ret_shape,
                              struct err *err)
{
    const char *name = options_flag(options, "html") ? "html" : options_text(options, "format");
    if (options_flag(options, "html") && options_flag(options, "format"))
        return err_set(err, STATUS_INPUT, "--html is --format html: one of them is enough");
    *ret_shape = (struct shape){.text = !cli->json, .format = REPORT_JSON};
    if (name == NULL)
        return STATUS_OK;
    ret_shape->text = strcmp(name, "text") == 0;
    if (ret_shape->text)
        return STATUS_OK;
    for (int format = 0; format < REPORT_FORMAT_COUNT; format++)
        if (strcmp(name, report_format_name((enum report_format)format)) == 0) {
            ret_shape->format = (enum report_format)format;
            return STATUS_OK;
        }
    return err_set(err, STATUS_INPUT, "--format: text, csv, json, xlsx or html");
}

/* The header beside a CSV: FILE.header.json, or on err where the rows go to the output. */
static enum status sidecar(struct cli *cli, const char *out, const json_t *header, struct err *err)
{
    struct path path;
    struct outlet outlet = {.file = NULL};
    if (strcmp(out, "-") == 0)
        return STATUS_OK;
    enum status status = path_set(&path, err, "%s.header.json", out);
    if (status == STATUS_OK)
        status = outlet_open_whole(cli, path.text, &outlet, err);
    if (status != STATUS_OK)
        return status;
    const struct export_sink sink = {.write = report_to_outlet, .context = &outlet};
    status = report_write_sidecar(header, &sink, err);
    return outlet_close(cli, &outlet, status, err);
}

static enum status text_out(struct cli *cli, FILE *file, struct report_made *made, struct err *err)
{
    struct cli to = *cli;
    const struct report_rows rows = report_made_rows(made);
    to.out = file;
    if (file != cli->out) {
        to.out_is_terminal = false;
        to.width = 0;
    }
    return report_text_print(&to, report_made_header(made), &rows, err);
}

static enum status write_out(struct cli *cli, const struct options *options, const struct shape *shape,
                             struct report_made *made, struct err *err)
{
    const char *out = options_text(options, "out") != NULL ? options_text(options, "out") : "-";
    struct outlet outlet = {.file = NULL};
    const struct export_sink sink = {.write = report_to_outlet, .context = &outlet};
    const struct report_rows rows = report_made_rows(made);
    if (!shape->text && shape->format == REPORT_XLSX && strcmp(out, "-") == 0 && cli->out_is_terminal)
        return err_set(err, STATUS_INPUT, "--out: a workbook is not for a terminal, name a file");
    enum status status = outlet_open_whole(cli, out, &outlet, err);
    if (status != STATUS_OK)
        return status;
    status = shape->text ? text_out(cli, outlet.file, made, err)
                         : report_write(shape->format, report_made_header(made), &rows, &sink, err);
    status = outlet_close(cli, &outlet, status, err);
    if (status == STATUS_OK && !shape->text && shape->format == REPORT_CSV)
        status = sidecar(cli, out, report_made_header(made), err);
    return status;
}

static void told(struct cli *cli, const char *out, const json_t *header)
{
    if (out == NULL || strcmp(out, "-") == 0)
        return;
    if (cli->json) {
        (void)out_json(cli,
                       json_pack("{s:s, s:s, s:O, s:s}", "body_sha256", report_header_member(header, "body_sha256"),
                                 "out", out, "rows", json_object_get(header, "rows"), "report",
                                 report_header_member(header, "report")));
        return;
    }
    terminal_printf(cli->out, "%s: %s %s, %lld rows, body %s", out, report_header_member(header, "report"),
                    report_header_member(header, "title"),
                    (long long)json_integer_value(json_object_get(header, "rows")),
                    report_header_member(header, "body_sha256"));
    fputc('\n', cli->out);
}

static int make(struct cli *cli, const struct options *options)
{
    struct err err = {0};
    struct shape shape = {.text = true};
    struct report_book book = {.sql = NULL};
    struct report_made *made = NULL;
    struct report_ask ask = {.report = NULL};
    int answer = EXIT_DONE;
    enum status status = find(options_argument(options, 0), &ask.report, &err);
    if (status == STATUS_OK)
        status = book_given(cli, options, &err);
    for (size_t i = 0; report_parameters[i] != NULL; i++)
        ask.values[i] = options_text(options, report_parameters[i]);
    if (status == STATUS_OK)
        status = shape_read(cli, options, &shape, &err);
    if (status == STATUS_OK)
        status = ask.report->certify != NULL ? report_book_verify(cli, options, &book, &err)
                                             : report_book_open(cli, options, &book, &err);
    if (status == STATUS_OK) {
        ask.now_ms = book.now_ms;
        ask.by = book.by;
        ask.verified = book.result != NULL ? &book.verified : NULL;
        status = report_make(&ask, &book.rows, &book.facts, &made, &err);
    }
    if (status == STATUS_OK)
        status = write_out(cli, options, &shape, made, &err);
    if (status == STATUS_OK) {
        told(cli, options_text(options, "out"), report_made_header(made));
        answer = report_book_exit(&book);
    }
    report_made_free(made);
    report_book_close(&book);
    return status == STATUS_OK ? answer : cli_error(cli, &err);
}

/* The period report, a page. */
static int page(struct cli *cli, const struct options *options)
{
    const char *out = options_text(options, "out") != NULL ? options_text(options, "out") : "-";
    struct err err = {0};
    struct report_book book = {.sql = NULL};
    struct report_page *made = NULL;
    struct outlet outlet = {.file = NULL};
    const struct export_sink sink = {.write = report_to_outlet, .context = &outlet};
    struct report_ask ask = {.report = NULL};
    for (size_t i = 0; report_parameters[i] != NULL; i++)
        ask.values[i] = options_text(options, report_parameters[i]);
    enum status status = book_given(cli, options, &err);
    if (status == STATUS_OK)
        status = report_book_open(cli, options, &book, &err);
    if (status == STATUS_OK) {
        ask.now_ms = book.now_ms;
        ask.by = book.by;
        status = report_page_make(&ask, &book.rows, &book.facts, &made, &err);
    }
    if (status == STATUS_OK)
        status = outlet_open_whole(cli, out, &outlet, &err);
    if (status == STATUS_OK) {
        status = report_page_write(made, &sink, &err);
        status = outlet_close(cli, &outlet, status, &err);
    }
    if (status == STATUS_OK)
        told(cli, out, report_page_header(made));
    report_page_free(made);
    report_book_close(&book);
    return status == STATUS_OK ? EXIT_DONE : cli_error(cli, &err);
}

static int run(struct cli *cli, const struct options *options)
{
    const char *format = options_text(options, "format");
    const bool html = options_flag(options, "html") || (format != NULL && strcmp(format, "html") == 0);
    if (options_argument(options, 0) == NULL && html && !options_flag(options, "list") &&
        !options_flag(options, "check"))
        return page(cli, options);
    if (options_flag(options, "list"))
        return list(cli);
    if (options_flag(options, "check"))
        return report_checked(cli, options);
    return make(cli, options);
}

static const struct option_spec options_of_audit_report[] = {
    {"format", 0, "FORMAT", "text, csv, json, xlsx or html (text)", 0},
    {"html", 0, NULL, "as --format html; without REPORT the period report", 0},
    {"out", 0, "FILE", "where it goes, a new file (the output)", 0},
    {"period", 0, "PERIOD", AUDIT_PERIOD_FORMS, 0},
    {"entity", 0, "ENTITY", "only this legal entity", 0},
    {"kind", 0, "KIND", "only this kind of document", 0},
    {"customer", 0, "CUSTOMER", "only this customer", 0},
    {"user", 0, "USER", "only this user", 0},
    {"control", 0, "CONTROL", "only this control, C-07", 0},
    {"list", 0, NULL, "name the reports and what each answers", 0},
    {"check", 0, "FILE", "see whether a report is still what was written", 0},
    {0},
};

const struct command command_audit_report = {
    .name = "audit report",
    .summary = "writes the reports that auditors ask for, and checks them",
    .arguments = "[REPORT]",
    .text =
        "Without REPORT and with --html: the period report, one page with figures, charts and tables about a time.\n\n"
        "Every report says first what was asked of which book, when, up to which entry and head hash, which "
        "checkpoints "
        "cover it, how much there is and what was left out. The same question at the same head and clock gives the "
        "same "
        "bytes; the SHA-256 of the body, its rows as CSV, is the same in every format. A CSV file is the rows alone: "
        "the "
        "header block stands beside it in FILE.header.json.\n\n"
        "--check finds a report altered: its hashes, and every byte against what its own header and rows give. With a "
        "book it is run again and compared, which nobody can forge. Text is for reading and is refused: the SHA-256 "
        "that it shows is that of its body in every format. Exit status 3 "
        "when "
        "anything differs, or when R-01 certifies findings.",
    .example = "countersign audit report R-02 --period 2026-Q3 --entity US01 --format xlsx --out corrections.xlsx",
    .group = GROUP_AUDITORS,
    .flags = COMMAND_LOOKS,
    .arguments_max = 1,
    .options = options_of_audit_report,
    .run = run,
};
