/*
 * A report looked at again. By itself: hashes, and bytes against its own header and rows. With a book: run again with what its
 * header says was asked, when and by whom, and compared to the last byte.
 */
#include "cli/report_checked.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/report/check.h"
#include "audit/report/header.h"
#include "audit/report/page.h"
#include "audit/report/read.h"
#include "cli/output.h"
#include "cli/report_book.h"
#include "cli/report_text.h"
#include "cli/terminal.h"
#include "ledger/durable.h"
#include "ledger/instant.h"

struct looking {
    struct cli *cli;
    json_t *findings;
};

static void hear(void *context, const char *text)
{
    struct looking *looking = context;
    json_array_append_new(looking->findings, json_string(text));
}

/* A file whole; gives. */
static enum status file_read(const char *path, struct slice *ret_bytes, struct err *err)
{
    FILE *file = fopen(path, "rb");
    uint8_t *bytes = NULL;
    size_t length = 0, room = 1 << 16;
    if (file == NULL)
        return durable_fail(errno, path, "read", err);
    enum status status = STATUS_OK;
    for (size_t got = 1; status == STATUS_OK && got > 0; length += got) {
        uint8_t *grown = bytes == NULL || length == room ? realloc(bytes, room *= 2) : bytes;
        got = 0;
        if (grown == NULL) {
            status = err_set(err, STATUS_MEMORY, "no memory for %s", path);
            continue;
        }
        bytes = grown;
        got = fread(bytes + length, 1, room - length, file);
        if (ferror(file))
            status = durable_fail(errno, path, "read", err);
        else if (length + got > REPORT_FILE_BYTES_MAX)
            status = err_set(err, STATUS_LIMIT, "%s: more than %d bytes", path, REPORT_FILE_BYTES_MAX);
    }
    fclose(file);
    *ret_bytes = slice_of(bytes, length);
    return status;
}

static void release(struct slice *bytes)
{
    free((void *)(uintptr_t)bytes->bytes);
    *bytes = slice_of(NULL, 0);
}

/* What the header says was asked. */
static enum status ask_of(const json_t *header, struct report_ask *ret_ask, struct err *err)
{
    const char *at = report_header_member(header, "run_at");
    const json_t *parameters = json_object_get(header, "parameters");
    *ret_ask = (struct report_ask){.report = report_find(report_header_member(header, "report")),
                                   .by = report_header_member(header, "run_by")};
    for (size_t i = 0; report_parameters[i] != NULL; i++)
        ret_ask->values[i] = json_string_value(json_object_get(parameters, report_parameters[i]));
    if (ret_ask->report == NULL && strcmp(report_header_member(header, "report"), REPORT_PAGE_ID) != 0)
        return err_set(err, STATUS_INPUT, "it says it is a report that this program does not make");
    return instant_parse(at, strlen(at), &ret_ask->now_ms, err);
}

/* The period report is made by other means. */
static enum status compare_page(const struct report_ask *ask, const struct report_checking *checking,
                                struct report_book *book, struct err *err)
{
    struct report_page *made = NULL;
    struct report_compare compared = {.file = checking->file};
    const struct export_sink sink = report_compare_sink(&compared);
    enum status status = report_page_make(ask, &book->rows, &book->facts, &made, err);
    if (status == STATUS_OK)
        status = report_page_write(made, &sink, err);
    if (status == STATUS_OK)
        report_compare_end(&compared, "the book gives when it is run again", checking);
    report_page_free(made);
    return status;
}

static enum status compare(const struct report_ask *ask, const struct report_checking *checking,
                           struct report_book *book, struct err *err)
{
    struct report_made *made = NULL;
    struct report_compare compared = {.file = checking->file}, beside = {.file = checking->sidecar};
    const struct export_sink sink = report_compare_sink(&compared), beside_sink = report_compare_sink(&beside);
    enum status status = report_make(ask, &book->rows, &book->facts, &made, err);
    const struct report_rows rows = report_made_rows(made);
    if (status == STATUS_OK)
        status = report_write(checking->format, report_made_header(made), &rows, &sink, err);
    if (status == STATUS_OK && checking->format == REPORT_CSV)
        status = report_write_sidecar(report_made_header(made), &beside_sink, err);
    if (status == STATUS_OK)
        report_compare_end(&compared, "the book gives when it is run again", checking);
    if (status == STATUS_OK && checking->format == REPORT_CSV)
        report_compare_end(&beside, "the header block is when it is run again", checking);
    report_made_free(made);
    return status;
}

/* *ret_notice: why it was not compared; NULL: it was. */
static enum status against_book(struct cli *cli, const struct options *options, const struct report_checking *checking,
                                const json_t *header, const char **ret_notice, struct err *err)
{
    struct report_ask ask;
    struct report_book book = {.sql = NULL};
    *ret_notice = NULL;
    enum status status = ask_of(header, &ask, err);
    if (status == STATUS_OK)
        status = ask.report != NULL && ask.report->certify != NULL ? report_book_verify(cli, options, &book, err)
                                                                   : report_book_open(cli, options, &book, err);
    const char *id = report_header_member(json_object_get(header, "book"), "id");
    if (status == STATUS_OK && strcmp(id, book.facts.book) != 0) {
        checking->found(checking->context, "it says it is about another book");
    } else if (status == STATUS_OK && strcmp(report_header_member(header, "head"), book.facts.head) != 0) {
        *ret_notice =
            "the book has another head now, so the report was not run again: a backup as of then can be compared";
    } else if (status == STATUS_OK) {
        /* Another program may have written it: that is no difference of the book's. */
        const json_t *tool = json_object_get(header, "tool");
        snprintf(book.facts.release, sizeof book.facts.release, "%s", report_header_member(tool, "release"));
        snprintf(book.facts.exe, sizeof book.facts.exe, "%s", report_header_member(tool, "exe"));
        ask.verified = book.result != NULL ? &book.verified : NULL;
        status = ask.report != NULL ? compare(&ask, checking, &book, err) : compare_page(&ask, checking, &book, err);
    }
    report_book_close(&book);
    return status;
}

static int tell(struct looking *looking, const char *path, const json_t *header, const char *notice)
{
    struct cli *cli = looking->cli;
    const size_t count = json_array_size(looking->findings);
    if (cli->json) {
        (void)out_json(cli, json_pack("{s:s, s:s, s:O, s:s*, s:s}", "body_sha256",
                                      report_header_member(header, "body_sha256"), "file", path, "findings",
                                      looking->findings, "notice", notice, "report",
                                      report_header_member(header, "report")));
        return count == 0 ? EXIT_DONE : EXIT_INTEGRITY;
    }
    terminal_printf(cli->out, "%s: %s %s, run %s by %s", path, report_header_member(header, "report"),
                    report_header_member(header, "title"), report_header_member(header, "run_at"),
                    report_header_member(header, "run_by"));
    fputc('\n', cli->out);
    for (size_t i = 0; i < count; i++) {
        terminal_printf(cli->out, "ALTERED: %s", json_string_value(json_array_get(looking->findings, i)));
        fputc('\n', cli->out);
    }
    if (notice != NULL)
        fprintf(cli->out, "%s\n", notice);
    if (count == 0)
        fputs(notice == NULL ? "unaltered, and what the book gives\n" : "unaltered\n", cli->out);
    return count == 0 ? EXIT_DONE : EXIT_INTEGRITY;
}

int report_checked(struct cli *cli, const struct options *options)
{
    struct err err = {0};
    const char *path = options_text(options, "check"), *notice = NULL;
    struct looking looking = {.cli = cli, .findings = json_array()};
    struct report_checking checking = {.found = hear, .context = &looking};
    struct path beside;
    json_t *header = NULL;
    int answer = EXIT_DONE;
    enum status status = file_read(path, &checking.file, &err);
    if (status == STATUS_OK && report_text_is(checking.file))
        status =
            err_set(&err, STATUS_INPUT,
                    "%s is text, for reading: its rows cannot be read back. Compare its Body SHA-256 with that of the "
                    "same report as csv, json, xlsx or html, which is the same in every format, and check that one",
                    path);
    checking.format = report_sniff(checking.file);
    if (status == STATUS_OK && checking.format == REPORT_CSV) {
        status = path_set(&beside, &err, "%s.header.json", path);
        if (status == STATUS_OK)
            status = file_read(beside.text, &checking.sidecar, &err);
    }
    if (status == STATUS_OK) {
        status = report_check(&checking, &header, &err);
        if (status != STATUS_OK)
            err_prefix(&err, "%s: ", path);
    }
    const bool book = cli_book(cli, options) != NULL;
    if (status == STATUS_OK && book)
        status = against_book(cli, options, &checking, header, &notice, &err);
    else
        notice = "checked by itself; with --book it is run again and compared";
    answer = status == STATUS_OK ? tell(&looking, path, header, notice) : cli_error(cli, &err);
    json_decref(header);
    json_decref(looking.findings);
    release(&checking.file);
    release(&checking.sidecar);
    return answer;
}
