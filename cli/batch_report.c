/*
 * What came of a batch: as each statement is answered, a line for each row that a person has to look at, or with --json for
 * every row; counts at the end.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/batch_parts.h"
#include "cli/output.h"
#include "cli/present.h"
#include "cli/table.h"
#include "cli/terminal.h"
#include "controls/control.h"
#include "ledger/schema.h"

enum status batch_report_init(struct batch_report *ret_report, struct session *session, const char *path,
                              struct err *err)
{
    *ret_report =
        (struct batch_report){.session = session, .path = path, .entries = json_array(), .lines = json_array()};
    return ret_report->entries != NULL && ret_report->lines != NULL ? STATUS_OK
                                                                    : err_set(err, STATUS_MEMORY, "no memory");
}

void batch_report_done(struct batch_report *report)
{
    json_decref(report->entries);
    json_decref(report->lines);
}

static void add_line(struct batch_report *report, const char *place, const char *word, const char *text)
{
    char *escaped = terminal_escape(text); /* JSON holds valid UTF-8 only, and these texts may quote a file */
    json_array_append_new(report->lines, json_pack("[s, s, s]", place, word, escaped != NULL ? escaped : ""));
    free(escaped);
}

/* A row that could not be read. */
static void trouble_lines(struct batch_report *report, const struct batch_row *row)
{
    char place[64];
    struct cli *cli = session_cli(report->session);
    const struct batch_trouble *trouble = row->trouble;
    report->bad++;
    if (cli->json) {
        char *text = terminal_escape(trouble->err.text);
        (void)out_json(cli, json_pack("{s:s, s:s, s:I, s:I, s:I, s:s, s:s}", "outcome", "bad", "file", report->path,
                                      "row", (json_int_t)row->number, "line", (json_int_t)row->line, "column",
                                      (json_int_t)trouble->column, "field", trouble->field, "text",
                                      text != NULL ? text : ""));
        free(text);
        return;
    }
    if (trouble->column > 0)
        snprintf(place, sizeof place, ":%lld:%lld", (long long)row->line, (long long)trouble->column);
    else
        snprintf(place, sizeof place, ":%lld", (long long)row->line);
    add_line(report, place, trouble->field, trouble->err.text);
}

/* result NULL: the statement was refused as a whole. */
static void row_json(struct batch_report *report, const struct batch_row *row, const json_t *result,
                     const struct gate_answer *answer)
{
    json_t *object = result != NULL ? json_copy((json_t *)(uintptr_t)result) : json_pack("{s:s}", "outcome", "refused");
    const json_t *answers = json_object_get(result != NULL ? result : answer->decision, "controls");
    if (object != NULL) {
        json_object_set_new(object, "row", json_integer(row->number));
        json_object_set_new(object, "line", json_integer(row->line));
        json_object_set(object, "ref", json_object_get(row->document, "ref"));
        json_object_set_new(object, "controls", present_controls_json(answers));
        if (answer->seq != UINT64_MAX)
            json_object_set_new(object, "seq", json_integer((json_int_t)answer->seq));
    }
    (void)out_json(session_cli(report->session), object);
}

/* Each answer of this sort has a line of its own; control NULL: of any. */
static void answer_lines(struct batch_report *report, const char *place, const json_t *answers, const char *sort,
                         const char *control)
{
    for (size_t i = 0; i < json_array_size(answers); i++) {
        const json_t *answer = json_array_get(answers, i);
        const char *what = member_text(answer, "answer");
        char sentence[SENTENCE_BYTES];
        if (what == NULL || strcmp(what, sort) != 0 ||
            (control != NULL && strcmp(member_text(answer, "control"), control) != 0))
            continue;
        answer_sentence(answer, sentence);
        add_line(report, place, member_text(answer, "control"), sentence);
    }
}

static void waiting_line(struct batch_report *report, const char *place, const json_t *result)
{
    char text[SENTENCE_BYTES + 128];
    const json_t *levels = json_object_get(result, "levels");
    const char *document = member_text(result, "document");
    bool dry = session_cli(report->session)->dry_run;
    size_t used = (size_t)snprintf(text, sizeof text, "%s", dry ? "would wait for" : "waits for");
    for (size_t i = 0; i < json_array_size(levels); i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "%s level %d", i > 0 ? "," : "",
                                 (int)json_integer_value(json_array_get(levels, i)));
    const json_t *answers = json_object_get(result, "controls");
    for (size_t i = 0; i < json_array_size(answers) && used < sizeof text; i++) {
        const json_t *answer = json_array_get(answers, i);
        char sentence[SENTENCE_BYTES];
        if (strcmp(member_text(answer, "answer"), "need") != 0)
            continue;
        answer_sentence(answer, sentence);
        snprintf(text + used, sizeof text - used, "   %s   %s", sentence, member_text(answer, "control"));
        break;
    }
    add_line(report, place, dry || document == NULL ? "waits" : document, text);
}

static void count_result(struct batch_report *report, const struct batch_row *row, const json_t *result)
{
    char place[64], text[256];
    const char *outcome = member_text(result, "outcome"), *document = member_text(result, "document");
    const char *number = member_text(result, "number");
    bool lists = !session_cli(report->session)->json;
    bool few = report->total <= BATCH_LINES_OF_GOOD && row->number <= BATCH_LINES_OF_GOOD &&
               !session_cli(report->session)->dry_run;
    snprintf(place, sizeof place, ":%lld", (long long)row->line);
    if (outcome != NULL && strcmp(outcome, "waiting") == 0) {
        report->waiting++;
        if (lists)
            waiting_line(report, place, result);
    } else if (outcome != NULL && strcmp(outcome, "refused") == 0) {
        report->refused++;
        if (lists)
            answer_lines(report, place, json_object_get(result, "controls"), "deny", NULL);
    } else {
        bool repeat = outcome != NULL && strcmp(outcome, "repeat") == 0;
        report->repeated += repeat ? 1 : 0;
        report->posted += repeat ? 0 : 1;
        snprintf(text, sizeof text, "%s%s%s",
                 repeat            ? "was there already"
                 : outcome != NULL ? outcome
                                   : "",
                 number != NULL ? " as " : "", number != NULL ? number : "");
        if (lists && few)
            add_line(report, place, document != NULL ? document : "", text);
    }
    /* The maker is who knows whether it was meant. Other flags are for others, and a batch has many. */
    if (lists && outcome != NULL && strcmp(outcome, "refused") != 0)
        answer_lines(report, place, json_object_get(result, "controls"), "flag", "C-38");
}

/* The statement as a whole was refused: its controls say why, for every row. */
static void all_refused(struct batch_report *report, const struct batch_row *rows, size_t count,
                        const struct gate_answer *answer)
{
    for (size_t i = 0; i < count; i++) {
        if (rows[i].document == NULL) {
            trouble_lines(report, &rows[i]);
            continue;
        }
        report->refused++;
        if (session_cli(report->session)->json)
            row_json(report, &rows[i], NULL, answer);
    }
    if (!session_cli(report->session)->json)
        answer_lines(report, "all", json_object_get(answer->decision, "controls"), "deny", NULL);
}

static void rows_answered(struct batch_report *report, const struct batch_row *rows, size_t count,
                          const struct gate_answer *answer)
{
    const json_t *results = answer != NULL ? json_object_get(answer->decision, "results") : NULL;
    for (size_t i = 0, n = 0; i < count; i++) {
        if (rows[i].document == NULL) {
            trouble_lines(report, &rows[i]);
            continue;
        }
        const json_t *result = json_array_get(results, n++);
        invariant(answer != NULL); /* a row with a document was sent */
        if (session_cli(report->session)->json)
            row_json(report, &rows[i], result, answer);
        count_result(report, &rows[i], result);
    }
}

static enum status print_lines(const struct batch_report *report, struct err *err)
{
    static const struct column columns[] = {{"", 0}, {"", 0}, {"", COLUMN_WRAP}, {NULL, 0}};
    struct table *table = NULL;
    if (json_array_size(report->lines) == 0)
        return STATUS_OK;
    table = table_new(session_cli(report->session), columns);
    for (size_t i = 0; i < json_array_size(report->lines); i++) {
        const json_t *line = json_array_get(report->lines, i);
        char place[80];
        snprintf(place, sizeof place, "  %s", json_string_value(json_array_get(line, 0)));
        const char *const cells[] = {place, json_string_value(json_array_get(line, 1)),
                                     json_string_value(json_array_get(line, 2))};
        table_row(table, cells);
    }
    enum status status = table_print(table, err);
    table_free(table);
    return status;
}

enum status batch_report_rows(struct batch_report *report, const struct batch_row *rows, size_t count,
                              const struct gate_answer *answer, struct err *err)
{
    size_t good = 0;
    for (size_t i = 0; i < count; i++)
        good += rows[i].document != NULL ? 1 : 0;
    if (answer != NULL) {
        report->statements++;
        if (answer->seq != UINT64_MAX)
            json_array_append_new(report->entries, json_integer((json_int_t)answer->seq));
    }
    if (answer != NULL && json_array_size(json_object_get(answer->decision, "results")) != good)
        all_refused(report, rows, count, answer);
    else
        rows_answered(report, rows, count, answer);
    enum status status = print_lines(report, err);
    (void)json_array_clear(report->lines);
    report->settled += (int64_t)count;
    if (status == STATUS_OK && fflush(session_cli(report->session)->out) != 0 && errno != EPIPE)
        status = err_set(err, STATUS_IO, "cannot write what the rows came to: %s", strerror(errno));
    return status;
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

static void add_count(char *text, size_t size, bool *first, int64_t count, const char *words)
{
    char grouped[GROUPED_BYTES];
    size_t used = strlen(text);
    if (count == 0)
        return;
    snprintf(text + used, size - used, "%s%s %s", *first ? "" : ", ", terminal_group_integer(count, grouped), words);
    *first = false;
}

static void print_summary(const struct batch_report *report)
{
    const struct cli *cli = session_cli(report->session);
    char text[512] = "", rows[GROUPED_BYTES], grouped[GROUPED_BYTES];
    int64_t count = report->total > 0 ? report->total : report->rows;
    bool first = true, dry = cli->dry_run;
    add_count(text, sizeof text, &first, report->posted, dry ? "would post" : "posted");
    add_count(text, sizeof text, &first, report->waiting, dry ? "would wait for approval" : "wait for approval");
    add_count(text, sizeof text, &first, report->refused, dry ? "would be refused" : "refused");
    add_count(text, sizeof text, &first, report->repeated, "there already");
    add_count(text, sizeof text, &first, report->bad, "not read");
    terminal_printf(cli->out, "%s: %s row%s%s%s", base_name(report->path), terminal_group_integer(count, rows),
                    count == 1 ? "" : "s", first ? "" : ": ", text);
    fputc('\n', cli->out);
    if (json_array_size(report->entries) > 0) {
        const json_t *from = json_array_get(report->entries, 0);
        const json_t *to = json_array_get(report->entries, json_array_size(report->entries) - 1);
        char upto[GROUPED_BYTES];
        terminal_printf(cli->out, "  entr%s %s%s%s   signed by %s%s", from == to ? "y" : "ies",
                        terminal_group_integer(json_integer_value(from), grouped), from == to ? "" : " to ",
                        from == to ? "" : terminal_group_integer(json_integer_value(to), upto),
                        session_user(report->session), session_is_simulated(report->session) ? "   SIMULATED" : "");
        fputc('\n', cli->out);
    }
    if (report->stopped) {
        terminal_printf(cli->out,
                        "  stopped: %s row%s settled; the same command again goes on from there, nothing is "
                        "posted twice",
                        terminal_group_integer(report->settled, grouped), report->settled == 1 ? " is" : "s are");
        fputc('\n', cli->out);
    }
    if (dry && report->statements > 1) {
        terminal_printf(cli->out, "  asked in %lld parts, each as if the others were not there",
                        (long long)report->statements);
        fputc('\n', cli->out);
    }
}

int batch_report_print(struct batch_report *report)
{
    struct cli *cli = session_cli(report->session);
    if (cli->json)
        (void)out_json(cli, json_pack("{s:{s:b, s:O, s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:b, s:b}}", "batch",
                                      "dry_run", cli->dry_run, "entries", report->entries, "file", report->path, "rows",
                                      (json_int_t)(report->total > 0 ? report->total : report->rows), "settled",
                                      (json_int_t)report->settled, "posted", (json_int_t)report->posted, "waiting",
                                      (json_int_t)report->waiting, "refused", (json_int_t)report->refused, "repeated",
                                      (json_int_t)report->repeated, "bad", (json_int_t)report->bad, "simulated",
                                      session_is_simulated(report->session), "stopped", report->stopped));
    else
        print_summary(report);
    return report->bad > 0 ? EXIT_USAGE : report->refused > 0 ? EXIT_REFUSED : EXIT_DONE;
}
